package rehearse

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/recording"
)

// bootSlack is what starting may take beyond what the arithmetic says.
const bootSlack = 8 * time.Second

// boot starts the daemons and waits until all is well.
func (p *attempt) boot() error {
	if p.machines != nil {
		return p.install()
	}
	if err := p.startHAProxy(); err != nil {
		return err
	}
	if err := p.startKeepalived(); err != nil {
		return err
	}
	if err := p.untilChecked(); err != nil {
		return err
	}
	return p.choose()
}

// untilChecked waits until every node has checked every server once: until then
// one bad check brings a server down, whatever fall says.
func (p *attempt) untilChecked() error {
	var well, waiting []string
	longest := bootSlack
	for i := range p.site.Backends {
		b := &p.site.Backends[i]
		if unseen(p.site, b) != "" || p.drill.backend != "" && p.drill.backend != b.Name {
			continue
		}
		passing := passing(p.site, b)
		for _, s := range checked(b) {
			name := serverName(b, s)
			if !slices.ContainsFunc(p.plan.Servers, func(l lab.Server) bool { return l.Name == name }) {
				continue
			}
			c, _ := checkOf(b, s)
			if slices.ContainsFunc(passing, func(m model.Server) bool { return m.Name == s.Name }) {
				well, longest = append(well, name), max(longest, c.Inter+c.Check)
			} else if p.drill.backend == b.Name {
				waiting, longest = append(waiting, name), max(longest, bootSlack+c.Inter+c.Check)
			}
		}
	}
	if p.await(longest, func(events []recording.Event) bool { return p.seesUp(events, waiting, well...) }) {
		return nil
	}
	for _, name := range well {
		if events := p.lab.Events(); !p.seesUp(events, nil, name) {
			if why := fromElsewhere(p.site, events, name); why != "" {
				return impossible("%s", why)
			}
			return impossible("HAProxy does not find %s well although it answers: its check asks for more than the stub knows to say%s",
				name, p.reason(name))
		}
	}
	return nil
}

// reason is why HAProxy has taken a server out, in its own words.
func (p *attempt) reason(server string) string {
	for _, e := range slices.Backward(p.lab.Events()) {
		if _, why, ok := strings.Cut(e.Text, "Server "+server+" is DOWN, reason: "); ok && e.Kind == recording.Said {
			return ": " + why
		}
	}
	return ""
}

// seesUp says whether every node has found all the servers well, and those that
// wait to become primary not.
func (p *attempt) seesUp(events []recording.Event, waiting []string, servers ...string) bool {
	_, ok := (&judge.Sight{Nodes: names(p.site), Servers: servers, State: "UP", Others: waiting}).Seen(events, 0)
	return ok
}

// startHAProxy starts it on every node and waits until it can be asked.
func (p *attempt) startHAProxy() error {
	for _, name := range names(p.site) {
		if err := p.lab.Start(name, lab.HAProxy); err != nil {
			return err
		}
	}
	for _, name := range names(p.site) {
		if err := p.untilHAProxyAnswers(name, 0); err != nil {
			return err
		}
	}
	return nil
}

// untilHAProxyAnswers waits for the HAProxy of a node that was started at a moment.
func (p *attempt) untilHAProxyAnswers(node string, started time.Duration) error {
	late := notStarted(node, lab.HAProxy)
	return p.poll(late, func() (bool, error) {
		if _, err := p.lab.AskHAProxy(node, "show info"); err == nil {
			return true, nil
		}
		if p.ended(node, lab.HAProxy, started) {
			return false, late
		}
		return false, nil
	})
}

func notStarted(node, daemon string) error {
	return &stuck{recording.Event{Kind: recording.Stuck, What: recording.NotStarted, Host: node, Text: daemon}}
}

// poll asks for what no event tells, until it is so. It returns late when the
// time that starting may take is over.
func (p *attempt) poll(late error, done func() (bool, error)) error {
	for end := p.lab.Now() + bootSlack; p.lab.Now() < end; {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-p.ctx.Done():
			return context.Cause(p.ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
	return late
}

// ended says whether a daemon has ended since a moment.
func (p *attempt) ended(node, daemon string, since time.Duration) bool {
	return slices.ContainsFunc(p.lab.Events(), func(e recording.Event) bool {
		return e.Kind == recording.Ended && e.Host == node && e.What == daemon && e.At >= since
	})
}

// startKeepalived starts it on the preferred masters first, as an admin does
// with a pair that may not move back by itself, and waits until every virtual
// IP is where it belongs.
func (p *attempt) startKeepalived() error {
	if len(p.groups) == 0 {
		return nil
	}
	order := masters(p.site)
	for i := range p.site.Nodes {
		if !slices.Contains(order, i) {
			order = append(order, i)
		}
	}
	for n, node := range order {
		if err := p.lab.Start(p.site.Nodes[node].Name, lab.Keepalived); err != nil {
			return err
		}
		if n > 0 || len(masters(p.site)) > 1 { // each is to have its own: they are elected together
			continue
		}
		if ok, err := p.untilKeepalived(func(events []recording.Event) bool { return p.hasVIP(events, node) }); err != nil {
			return err
		} else if !ok {
			return errNotInPlace()
		}
	}
	if ok, err := p.untilKeepalived(func(events []recording.Event) bool { return p.atHome(events) || p.stays(events) }); err != nil {
		return err
	} else if !ok || !p.atHome(p.lab.Events()) {
		if err := p.bringBack(); err != nil {
			return err
		}
	}
	if d := p.startupDelay(); d > 0 && p.drill.moves() {
		end := p.lab.Now() + d
		p.await(d+time.Second, func([]recording.Event) bool { return p.lab.Now() >= end })
	}
	return nil
}

// untilKeepalived waits until what has happened is so, for as long as Keepalived may
// take to its place. It returns an error where a Keepalived has ended instead.
func (p *attempt) untilKeepalived(done func([]recording.Event) bool) (bool, error) {
	var gone string
	ok := p.await(p.startTime(), func(events []recording.Event) bool {
		for _, n := range names(p.site) {
			if p.ended(n, lab.Keepalived, 0) {
				gone = n
			}
		}
		return gone != "" || done(events)
	})
	if gone != "" {
		return false, notStarted(gone, lab.Keepalived)
	}
	return ok, nil
}

// atHome says whether every Keepalived takes part, and every virtual IP is where it belongs.
func (p *attempt) atHome(events []recording.Event) bool {
	return p.ready(events) && p.forecast.Home(events)
}

// stays says whether every Keepalived takes part, and a virtual IP is on one node
// from which the preferred one will not take it back by itself.
func (p *attempt) stays(events []recording.Event) bool {
	if !p.ready(events) {
		return false
	}
	astray := false
	have := judge.Masters(events)
	for i, g := range p.forecast.Groups {
		now := have[g.VIPs[0]]
		if len(now) != 1 || len(g.Home) != 1 {
			return false
		}
		home := slices.IndexFunc(p.groups[i].Nodes, func(n failover.Node) bool { return n.Name == g.Home[0] })
		if now[0] != g.Home[0] {
			if !p.groups[i].Nodes[home].NoPreempt {
				return false
			}
			astray = true
		}
	}
	return astray
}

// startupDelay is vrrp_startup_delay.
func (s *stage) startupDelay() time.Duration { return time.Duration(s.site.Keepalived.StartupDelay) }

// bringBack restarts Keepalived where a virtual IP has stayed on another node
// than the preferred one: of two nodes with nopreempt whoever is first keeps it.
func (p *attempt) bringBack() error {
	masters := judge.Masters(p.lab.Events())
	for _, g := range p.forecast.Groups {
		now := masters[g.VIPs[0]]
		if len(now) != 1 || slices.Equal(now, g.Home) {
			continue
		}
		if _, err := p.lab.Stop(now[0], lab.Keepalived); err != nil {
			return err
		}
		if err := p.lab.Start(now[0], lab.Keepalived); err != nil {
			return err
		}
	}
	if !p.await(p.startTime(), p.atHome) {
		return errNotInPlace()
	}
	return nil
}

// startTime is how long Keepalived may take from its start to its place: the
// checks must have passed, and nobody been heard of for three advert intervals.
func (p *attempt) startTime() time.Duration {
	most := bootSlack
	for _, g := range p.groups {
		d := 4*g.Slowest() + g.Delay + time.Second
		for _, n := range g.Nodes {
			for _, t := range n.Trackers {
				d = max(d, 4*g.Slowest()+g.Delay+time.Duration(t.Rise+1)*t.Interval)
			}
		}
		most = max(most, bootSlack+d)
	}
	return most + p.startupDelay()
}

// await waits for something in what has happened.
func (p *attempt) await(most time.Duration, done func([]recording.Event) bool) bool {
	return p.lab.Await(p.ctx, most, done)
}

func (p *attempt) hasVIP(events []recording.Event, node int) bool {
	name := p.site.Nodes[node].Name
	for _, nodes := range judge.Masters(events) {
		if slices.Contains(nodes, name) {
			return true
		}
	}
	return false
}

// ready says whether every Keepalived has said that it takes part: one whose
// checks have not passed yet would not take over.
func (p *attempt) ready(events []recording.Event) bool {
	var all []string
	for _, n := range p.site.Nodes {
		for _, v := range p.site.VRRP {
			all = append(all, n.Name+" "+v.Name)
		}
	}
	in := map[string]bool{}
	for _, e := range events {
		if e.Kind == recording.Said {
			if instance, state, ok := judge.State(e.Text); ok {
				in[e.Host+" "+instance] = state == "MASTER" || state == "BACKUP"
			}
		}
	}
	return !slices.ContainsFunc(all, func(key string) bool { return !in[key] })
}

func errNotInPlace() error {
	return &stuck{recording.Event{Kind: recording.Stuck, What: recording.NotInPlace}}
}
