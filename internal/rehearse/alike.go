package rehearse

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/lbgen/lbgen/internal/alike"
	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/lab"
)

// Side is one of two sites, or a pair as it is, of which the answers are compared.
type Side struct {
	*Subject
	Sets []artifact.Set
	// Configs are the nodes' haproxy.cfg, in the order of Sets.
	Configs []*haproxy.Config
}

// AlikeOptions says how answers are compared.
type AlikeOptions struct {
	Lab   lab.Options
	Known alike.Excuses
	// Progress is told what is being done.
	Progress func(string)
}

// Alike runs the HAProxy of two sides, each in a lab of its own with the same servers,
// and asks both the same. Keepalived does not run: the node that is asked has all
// virtual IPs. A further node is asked where its haproxy.cfg is another one. What was
// not as on the nodes is returned, too.
func Alike(ctx context.Context, before, after Side, o AlikeOptions) (alike.Result, []string, error) {
	var r alike.Result
	var stubs []string
	for i, set := range before.Sets {
		k := slices.IndexFunc(after.Sets, func(s artifact.Set) bool { return s.Node == set.Node })
		if k < 0 {
			return r, stubs, fmt.Errorf("the site has no node %s", set.Node)
		}
		if i > 0 && sameHAProxy(before.Sets[0], set) && sameHAProxy(after.Sets[0], after.Sets[k]) {
			continue
		}
		c, err := newComparison(ctx, before, after, [2]int{i, k}, o)
		if err != nil {
			return r, stubs, err
		}
		err = c.all()
		c.down()
		r.Asked, r.Alike = r.Asked+c.result.Asked, r.Alike+c.result.Alike
		r.Differences = append(r.Differences, c.result.Differences...)
		r.Notes = append(r.Notes, c.result.Notes...)
		stubs = append(stubs, c.stubs()...)
		if err != nil {
			return r, stubs, err
		}
	}
	slices.Sort(stubs)
	return r, slices.Compact(stubs), nil
}

func sameHAProxy(a, b artifact.Set) bool {
	one, _ := a.File(a.Host.ConfigFile())
	other, _ := b.File(b.Host.ConfigFile())
	return bytes.Equal(one.Data, other.Data)
}

// comparison is that of one node.
type comparison struct {
	ctx      context.Context
	node     string
	sides    [2]*standing
	requests []lab.Request
	options  AlikeOptions
	result   alike.Result
	patience int // how many more differences are looked at closely that may be chance
}

func newComparison(ctx context.Context, before, after Side, number [2]int, o AlikeOptions) (*comparison, error) {
	c := &comparison{ctx: ctx, node: before.Sets[number[0]].Node, options: o, patience: 3}
	o.Progress(fmt.Sprintf("rehearsing: starting both HAProxys of %s", c.node))
	stages := [2]*stage{newStage(before.Subject, before.Sets, nil), newStage(after.Subject, after.Sets, nil)}
	here := stages[0].alone(number[0])
	stages[1].alone(number[1])
	stages[1].plan.Client = stages[0].plan.Client
	names := slices.Concat(stages[0].plan.Names, stages[1].plan.Names)
	slices.Sort(names)
	names = slices.Compact(names)
	old, made := before.Configs[number[0]], after.Configs[number[1]]
	entries, unreached := alike.Entries(old, made, here)
	for _, u := range unreached {
		c.note("no client is asked to come to %s: it is not an address that clients have a way to", u)
	}
	for _, e := range entries {
		wanted := (alike.Least + len(entries) - 1) / len(entries)
		c.requests = append(c.requests, alike.Requests(e, old, made, wanted)...)
	}
	var g errgroup.Group
	for k, s := range stages {
		s.plan.Names = names
		g.Go(func() (err error) {
			c.sides[k], err = stand(ctx, s, o.Lab)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		c.down()
		return nil, err
	}
	return c, nil
}

// alone leaves one node in the plan, and gives it the virtual IPs. It returns the
// addresses that clients reach it at, those first.
func (s *stage) alone(i int) []netip.Addr {
	s.plan.Nodes = s.plan.Nodes[i : i+1]
	n := &s.plan.Nodes[0]
	n.StatsSocket = "" // the master's, by which everything may be asked
	var here []netip.Addr
	for _, g := range s.groups {
		for k, vip := range g.vips {
			network := s.roles[g.nics[min(k, len(g.nics)-1)]]
			for j := range n.Links {
				if link := &n.Links[j]; link.Network == network && !slices.Contains(here, vip) {
					here = append(here, vip)
					link.Addresses = append(slices.Clone(link.Addresses), netip.PrefixFrom(vip, vip.BitLen()))
				}
			}
		}
	}
	for _, role := range s.site.Roles {
		for _, a := range s.site.Nodes[i].Addresses[role] {
			if s.reached(a) {
				here = append(here, a)
			}
		}
	}
	for k := range s.plan.Servers {
		s.plan.Servers[k].Echoes = true
	}
	return here
}

func (c *comparison) down() {
	for _, s := range c.sides {
		if s != nil {
			s.lab.Down()
		}
	}
}

// stubs are what is not as on the node.
func (c *comparison) stubs() []string {
	var all []string
	for _, s := range c.sides {
		all = append(all, s.lab.Stubs()...)
		all = append(all, s.stage.bad...)
	}
	return all
}

func (c *comparison) note(format string, args ...any) {
	if n := fmt.Sprintf(format, args...); !slices.Contains(c.result.Notes, n) {
		c.result.Notes = append(c.result.Notes, n)
	}
}

// moment is which servers are down while requests are sent.
type moment struct {
	while string
	down  func(*lab.Server, *stage) bool
}

// moments are when all is well, when the backup servers are left, and when none is.
func (c *comparison) moments() []moment {
	all := []moment{{"all servers are up", nil}}
	backups := c.sides[0].stage.backups()
	if len(backups) > 0 {
		all = append(all, moment{"only backup servers are up", func(s *lab.Server, _ *stage) bool {
			return !slices.Contains(backups, s.Address.Addr())
		}})
	}
	return append(all, moment{"all servers are down", func(*lab.Server, *stage) bool { return true }})
}

// backups are the addresses of servers that are asked where no other is left.
func (s *stage) backups() []netip.Addr {
	var all []netip.Addr
	for i := range s.site.Backends {
		b := &s.site.Backends[i]
		for _, server := range b.Servers {
			if b.Backup(&server.ServerOptions) {
				all = append(all, server.Address.Addr())
			}
		}
		if b.Sorry != nil && b.Sorry.Remote != nil {
			all = append(all, b.Sorry.Remote.Address.Addr())
		}
	}
	return all
}

// all asks everything at every moment.
func (c *comparison) all() error {
	for _, m := range c.moments() {
		requests := c.requests
		if m.down != nil {
			c.options.Progress("rehearsing: waiting until " + m.while)
			unchecked, err := c.takeDown(m)
			if err != nil {
				return err
			}
			const few = 60 // each takes as long as HAProxy tries
			if unchecked && len(requests) > few {
				requests = requests[:few]
				c.note("servers that nobody checks are down: %d requests were sent, not all %d", few, len(c.requests))
			}
		}
		if err := c.ask(m, requests); err != nil {
			return err
		}
	}
	return nil
}

// takeDown takes servers of both sides down, and waits until both have seen it. It
// says whether one of them is not checked.
func (c *comparison) takeDown(m moment) (unchecked bool, err error) {
	for _, s := range c.sides {
		for i := range s.stage.plan.Servers {
			if server := &s.stage.plan.Servers[i]; m.down(server, s.stage) {
				if _, err := s.lab.Behave(server.Name, lab.Behaviour{Refuses: true}); err != nil {
					return false, err
				}
			}
		}
	}
	for _, s := range c.sides {
		last, err := s.untilSettled(c.ctx, func(v view) bool { return v.seen(m, s) })
		if err != nil {
			return false, err
		}
		unchecked = unchecked || last.unchecked
		if !last.seen(m, s) {
			c.note("HAProxy did not see that %s: %s", m.while, strings.Join(last.up, ", "))
		}
	}
	return unchecked, nil
}
