package rehearse

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// A check that asks who is primary is passed by one server of a cluster alone.
// Which one that is belongs to the machine: backends that share machines see the
// same primary.

// machine is what the servers of one machine have in common.
func machine(e model.ServerAddress) string { return cmp.Or(e.Host, e.Addr().String()) }

// primaries are the machines that are primary while all is well: the first of each
// backend that looks for one, and of those that look for the others alone.
func primaries(s *Subject) map[string]bool {
	all := map[string]bool{}
	for _, wanted := range []lab.Role{lab.Primary, lab.Replica} {
		for i := range s.Backends {
			b := &s.Backends[i]
			servers := checked(b)
			if checkedBy(b).role != wanted || len(servers) < 2 && wanted == lab.Replica || len(servers) == 0 {
				continue
			}
			if !slices.ContainsFunc(servers, func(m model.Server) bool { return all[machine(m.Address)] }) && !known(s, servers, wanted) {
				all[machine(servers[0].Address)] = true
			}
		}
	}
	return all
}

// known says whether servers that are to be replicas belong to a cluster whose
// primary is known by another backend, which shares some of them.
func known(s *Subject, servers []model.Server, wanted lab.Role) bool {
	if wanted != lab.Replica {
		return false
	}
	return slices.ContainsFunc(s.Backends, func(b site.Backend) bool {
		return checkedBy(&b).role == lab.Primary && slices.ContainsFunc(b.Servers, func(m model.Server) bool {
			return slices.ContainsFunc(servers, func(o model.Server) bool { return machine(o.Address) == machine(m.Address) })
		})
	})
}

// passing are the servers of a backend that pass its check while all is well.
func passing(s *Subject, b *site.Backend) []model.Server {
	r := checkedBy(b).role
	if r == lab.AnyRole {
		return checked(b)
	}
	first := primaries(s)
	return slices.DeleteFunc(checked(b), func(m model.Server) bool { return first[machine(m.Address)] != (r == lab.Primary) })
}

// begins is how a server behaves while all is well.
func begins(s *Subject, b *site.Backend, server model.Server) lab.Behaviour {
	return lab.Behaviour{Replica: checkedBy(b).role != lab.AnyRole && !primaries(s)[machine(server.Address)]}
}

// primaryMoves is the drill in which another server of the cluster becomes the
// primary, and then the first one again.
func primaryMoves(s *Subject, b *site.Backend) []Drill {
	all, now := checked(b), passing(s, b)
	if checkedBy(b).role != lab.Primary || len(all) < 2 || len(now) != 1 {
		return nil
	}
	from := now[0]
	to := all[slices.IndexFunc(all, func(m model.Server) bool { return m.Name != from.Name })]
	move := func(from, to model.Server, what string) step {
		c, _ := checkOf(b, from)
		d, _ := checkOf(b, to)
		w := longer(c.Detection(demotion(b)), d.Return())
		return step{
			title: what, window: &w, wants: &judge.Wants{Server: true},
			do:   action{op: doPromote, servers: stubsOf(s, to), demoted: stubsOf(s, from)},
			sees: &judge.Sight{Nodes: names(s), Servers: []string{serverName(b, to)}, State: "UP", Others: []string{serverName(b, from)}},
		}
	}
	return []Drill{{
		Name: "primary-moves-" + b.Name, Title: fmt.Sprintf("%s becomes the primary in place of %s, and that one again", serverName(b, to),
			from.Name),
		Must: "HAProxy follows: the new primary serves, and the old one does not", backend: b.Name,
		steps: []step{
			move(from, to, fmt.Sprintf("%s is the primary now, and %s is not", serverName(b, to), from.Name)),
			move(to, from, fmt.Sprintf("%s is the primary again", serverName(b, from))),
		},
	}}
}

// demotion is how a server fails that is no longer primary: a page says so at once;
// where a text is expected, HAProxy waits for more until timeout check.
func demotion(b *site.Backend) failover.Lapse {
	if checkedBy(b).health.Path != "" {
		return failover.Refuses
	}
	return failover.Slow
}

// stubsOf are the names of all servers on the machine of one.
func stubsOf(s *Subject, server model.Server) []string {
	var all []string
	for i := range s.Backends {
		for _, m := range s.Backends[i].Servers {
			if machine(m.Address) == machine(server.Address) {
				all = append(all, serverName(&s.Backends[i], m))
			}
		}
	}
	return all
}
