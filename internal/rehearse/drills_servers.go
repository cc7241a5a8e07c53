package rehearse

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// serverDrills are those of each backend: one server fails in each way that its
// checks can see, then all do.
func serverDrills(site *Subject) []Drill {
	var all []Drill
	for i := range site.Backends {
		b := &site.Backends[i]
		if len(b.Servers) == 0 {
			continue
		}
		all = append(all, backendDrills(site, b)...)
	}
	return all
}

func backendDrills(site *Subject, b *site.Backend) []Drill {
	if why := unseen(site, b); why != "" {
		return []Drill{{Name: "all-servers-down-" + b.Name, Title: "every server of " + b.Name + " fails", Must: "clients are told",
			Unable: why, backend: b.Name}}
	}
	victims := inTurn(site, b)
	var all []Drill
	if len(victims) > 1 {
		all = append(all, failing(site, b, victims[0], "server-refuses-", "refuses connections", failover.Refuses, lab.Behaviour{Refuses: true}))
		if checkedBy(b).answers {
			all = append(all, failing(site, b, victims[0], "server-hangs-", "accepts and does not answer", failover.Slow,
				lab.Behaviour{Delay: time.Hour}))
		}
		if b.Health.HTTP != nil {
			all = append(all, failing(site, b, victims[0], "server-503-", "answers with status 503", failover.Refuses, lab.Behaviour{Status: 503}))
		}
	}
	return append(append(all, primaryMoves(site, b)...), allDown(site, b))
}

// unseen says why the failure of a backend's servers cannot be tried.
func unseen(s *Subject, b *site.Backend) string {
	if len(checked(b)) == 0 {
		return "its servers are not checked: they count as well whatever they do"
	}
	for _, server := range checked(b) {
		for _, from := range []model.HostAddress{server.Source, b.ServerDefaults.Source} {
			if addr := from.Addr; addr.IsValid() && !onEveryNode(s, addr) {
				return fmt.Sprintf("they are asked from %s, which is an address of one node at most: the others find them down", addr)
			}
		}
	}
	return checkedBy(b).why
}

// onEveryNode says whether HAProxy on each node can ask from an address: any is one
// of those.
func onEveryNode(s *Subject, addr netip.Addr) bool {
	return addr.IsUnspecified() || addr.IsLoopback() || len(s.Nodes) == 1 && slices.ContainsFunc(s.Roles, func(role string) bool {
		return slices.Contains(s.Nodes[0].Addresses[role], addr)
	})
}

// checked are the servers of a backend whose failure HAProxy looks for.
func checked(b *site.Backend) []model.Server {
	return slices.DeleteFunc(slices.Clone(b.Servers), func(s model.Server) bool {
		_, is := checkOf(b, s)
		return !is || b.Disabled(&s.ServerOptions)
	})
}

// inTurn are those that serve while all is well.
func inTurn(site *Subject, b *site.Backend) []model.Server {
	return slices.DeleteFunc(passing(site, b), func(s model.Server) bool { return !getsRequests(b, s) })
}

// failing is the drill of one server that fails in one way.
func failing(site *Subject, b *site.Backend, s model.Server, name, how string, lapse failover.Lapse, as lab.Behaviour) Drill {
	c, _ := checkOf(b, s)
	full := serverName(b, s)
	gone, back := c.Detection(lapse), c.Return()
	return Drill{
		Name: name + b.Name, Title: fmt.Sprintf("server %s %s, and is well again", full, how),
		Must: "HAProxy takes it out of rotation in time, the others serve, and it comes back", backend: b.Name,
		steps: []step{
			servers(site, full+" "+how, as, "DOWN", gone, full),
			servers(site, full+" is well again", lab.Behaviour{}, "UP", back, full),
		},
	}
}

// servers is the step of making servers behave so, until every node's HAProxy
// sees each of them in the state, and clients are served.
func servers(site *Subject, title string, as lab.Behaviour, state string, w failover.Window, all ...string) step {
	return step{
		title: title, window: &w, wants: &judge.Wants{Server: true},
		do:   action{op: doBehave, servers: all, as: as},
		sees: &judge.Sight{Nodes: names(site), Servers: all, State: state},
	}
}

// allDown is the drill in which no server is left: backup servers first, then
// what the site has to say.
func allDown(site *Subject, b *site.Backend) Drill {
	d := Drill{
		Name: "all-servers-down-" + b.Name, Title: "every server of " + b.Name + " refuses connections, and all are well again",
		Must: "backup servers serve when the others are down; with none left clients get what sorry says, or status 503", backend: b.Name,
	}
	var main, backup, all []string
	var gone, back failover.Window
	for _, s := range passing(site, b) {
		c, _ := checkOf(b, s)
		gone, back = longer(gone, c.Detection(failover.Refuses)), longer(back, c.Return())
		all = append(all, serverName(b, s))
		if b.Backup(&s.ServerOptions) {
			backup = append(backup, serverName(b, s))
		} else {
			main = append(main, serverName(b, s))
		}
	}
	refuse := lab.Behaviour{Refuses: true}
	if len(main) > 0 && len(backup) > 0 {
		d.steps = append(d.steps, servers(site, "the servers of "+b.Name+" refuse, but for the backup", refuse, "DOWN", gone, main...))
		main = backup
	} else {
		main = all
	}
	none := servers(site, "every server of "+b.Name+" refuses", refuse, "DOWN", gone, main...)
	none.asks, none.wants = askOnce, &judge.Wants{Sorry: sorry(b)}
	well := servers(site, "every server of "+b.Name+" is well again", lab.Behaviour{}, "UP", back, all...)
	none.do.servers, well.do.servers = everyServer(b), everyServer(b)
	d.steps = append(d.steps, none, well)
	return d
}

// everyServer are the names of the servers that are checked, those too that wait
// to become primary.
func everyServer(b *site.Backend) []string {
	var all []string
	for _, s := range checked(b) {
		all = append(all, serverName(b, s))
	}
	return all
}

// longer joins the windows of two servers: the last of both is waited for.
func longer(a, b failover.Window) failover.Window {
	if a.Terms == nil || b.Worst > a.Worst {
		if a.Terms != nil {
			b.Best = max(a.Best, b.Best)
		}
		return b
	}
	a.Best = max(a.Best, b.Best)
	return a
}

// sorry is what clients get when no server of a backend is left. The page's
// digest is that of the file which is rehearsed: see expectation.
func sorry(b *site.Backend) *judge.Sorry {
	switch s := b.Sorry; {
	case b.Mode == model.ModeTCP:
		return &judge.Sorry{Nothing: true}
	case s == nil:
		return &judge.Sorry{Status: 503}
	case s.Remote != nil:
		return &judge.Sorry{Server: sorryServer(b), Instead: s.Remote.Address.String()}
	case s.Redirect != "":
		return &judge.Sorry{Location: s.Redirect}
	default:
		return &judge.Sorry{Status: s.Status, Page: s.Page}
	}
}

// often is the time between two requests while HAProxy is reloaded.
const often = 10 * time.Millisecond

func reloadDrills(site *Subject) []Drill {
	nodes := masters(site)
	if len(nodes) == 0 {
		nodes = []int{0}
	}
	name := site.Nodes[nodes[0]].Name
	return []Drill{{
		Name: "haproxy-reloaded", Title: fmt.Sprintf("HAProxy on %s reads its configuration again while a hundred requests a second come", name),
		Must: "no request fails", every: often,
		steps: []step{{
			title: "HAProxy on " + name + " is reloaded", served: true,
			do: action{op: doReload, node: name, daemon: lab.HAProxy},
		}},
	}}
}

// stickyDrills are for backends whose clients come back to the same server.
func stickyDrills(site *Subject) []Drill {
	var all []Drill
	for i := range site.Backends {
		b := &site.Backends[i]
		if b.Persist == nil || b.Persist.Cookie == nil || b.Persist.Cookie.PostOnly || len(inTurn(site, b)) < 2 || unseen(site, b) != "" {
			continue
		}
		all = append(all, cookieKept(site, b))
	}
	return all
}

// cookieKept shows that a cookie leads to the same server whatever node it
// comes to.
func cookieKept(site *Subject, b *site.Backend) Drill {
	name := b.Persist.Cookie.Name
	get := step{title: "a client is given the cookie " + name, asks: askCookie, wants: &judge.Wants{Cookie: name}}
	first := site.Nodes[0].Name
	move := step{title: "HAProxy on " + first + " is reloaded", do: action{op: doReload, node: first, daemon: lab.HAProxy}}
	if nodes := masters(site); len(nodes) > 0 && len(site.Nodes) > 1 {
		move = stop(site, nodes[0], lab.Keepalived, failover.Keepalived)
	}
	move.asks, move.wants = askWithCookie, &judge.Wants{Kept: name}
	return Drill{
		Name: "cookie-kept-" + b.Name, Title: "a client with the cookie " + name + " comes back after " + move.title,
		Must: "it is served by the same server as before", backend: b.Name,
		steps: []step{get, move},
	}
}
