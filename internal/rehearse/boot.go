package rehearse

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/lab"
)

// bootSlack is what starting may take beyond what the arithmetic says.
const bootSlack = 8 * time.Second

// boot starts the daemons and waits until all is well.
func (p *play) boot() error {
	for _, g := range p.groups {
		p.states = append(p.states, g.Start())
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
func (p *play) untilChecked() error {
	var all []string
	longest := bootSlack
	for _, b := range p.site.Backends {
		if unseen(p.site, b) != "" || p.drill.backend != "" && p.drill.backend != b.Name {
			continue
		}
		for _, s := range checked(p.site, b) {
			if slices.ContainsFunc(p.plan.Servers, func(l lab.Server) bool { return l.Name == serverName(b, s) }) {
				c, _ := checkOf(p.site, b, s)
				all, longest = append(all, serverName(b, s)), max(longest, c.Inter+c.Check)
			}
		}
	}
	if p.await(longest, func(events []lab.Event) bool { _, ok := p.allSee(events, all, "UP"); return ok }) {
		return nil
	}
	for _, name := range all {
		if _, ok := p.allSee(p.lab.Events(), []string{name}, "UP"); !ok {
			return &trouble{why: fmt.Sprintf("HAProxy does not find %s well although it answers: its check asks for more than the stand-in knows to say", name)}
		}
	}
	return nil
}

// startHAProxy starts it on every node and waits until it can be asked.
func (p *play) startHAProxy() error {
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
func (p *play) untilHAProxyAnswers(node string, started time.Duration) error {
	return p.poll(&trouble{
		why: fmt.Sprintf("HAProxy on %s does not answer on its runtime socket", node), remedy: "lbgen check asks it what is wrong with its configuration",
	}, func() (bool, error) {
		if _, err := p.lab.AskHAProxy(node, "show info"); err == nil {
			return true, nil
		}
		if e, ok := p.ended(node, lab.HAProxy, started); ok {
			return false, p.neverStarted(node, e)
		}
		return false, nil
	})
}

// poll asks for what no event tells, until it is so. It returns late when the
// time that starting may take is over.
func (p *play) poll(late error, done func() (bool, error)) error {
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

// ended returns how a daemon has ended since a moment, if it has.
func (p *play) ended(node, daemon string, since time.Duration) (lab.Event, bool) {
	events := p.lab.Events()
	i := slices.IndexFunc(events, func(e lab.Event) bool {
		return e.Kind == lab.Ended && e.Host == node && e.What == daemon && e.At >= since
	})
	if i < 0 {
		return lab.Event{}, false
	}
	return events[i], true
}

// startKeepalived starts it on the preferred masters first, as an admin does
// with a pair that may not move back by itself, and waits until every virtual
// IP is where it belongs.
func (p *play) startKeepalived() error {
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
		if n == 0 && !p.await(p.startTime(), func(events []lab.Event) bool { return p.holdsAnything(events, node) }) {
			return p.explainBoot()
		}
	}
	if !p.await(p.startTime(), func(events []lab.Event) bool { return p.ready(events) && p.asForeseen(events) }) {
		if err := p.bringBack(); err != nil {
			return err
		}
	}
	return nil
}

// bringBack restarts Keepalived where a virtual IP has stayed on another node
// than the preferred one: of two nodes with nopreempt whoever is first keeps it.
func (p *play) bringBack() error {
	held := holders(p.lab.Events())
	for i, g := range p.groups {
		now := held[g.vips[0].String()]
		if len(now) != 1 || slices.Equal(now, g.Names(p.states[i])) {
			continue
		}
		if _, err := p.lab.Stop(now[0], lab.Keepalived); err != nil {
			return err
		}
		if err := p.lab.Start(now[0], lab.Keepalived); err != nil {
			return err
		}
	}
	if !p.await(p.startTime(), func(events []lab.Event) bool { return p.ready(events) && p.asForeseen(events) }) {
		return p.explainBoot()
	}
	return nil
}

// startTime is how long Keepalived may take from its start to its place: the
// checks must have passed, and nobody been heard of for three advert intervals.
func (p *play) startTime() time.Duration {
	most := bootSlack
	for _, g := range p.groups {
		d := 4*g.AdvertInt + g.Delay + time.Second
		for _, n := range g.Nodes {
			for _, t := range n.Trackers {
				d = max(d, 4*g.AdvertInt+g.Delay+time.Duration(t.Rise+1)*t.Interval)
			}
		}
		most = max(most, bootSlack+d)
	}
	return most + time.Duration(p.site.Keepalived.StartupDelay)
}

// await waits for something in what has happened.
func (p *play) await(most time.Duration, done func([]lab.Event) bool) bool {
	return p.lab.Await(p.ctx, most, done)
}

func (p *play) holdsAnything(events []lab.Event, node int) bool {
	name := p.site.Nodes[node].Name
	for _, nodes := range holders(events) {
		if slices.Contains(nodes, name) {
			return true
		}
	}
	return false
}

// ready says whether every Keepalived has said that it takes part: one whose
// checks have not passed yet would not take over.
func (p *play) ready(events []lab.Event) bool {
	var all []string
	for _, n := range p.site.Nodes {
		for _, v := range p.site.VRRP {
			all = append(all, n.Name+" "+v.Name)
		}
	}
	in := map[string]bool{}
	for _, e := range events {
		if e.Kind == lab.Said {
			if instance, state, ok := stateLine(e.Text); ok {
				in[e.Host+" "+instance] = state == "MASTER" || state == "BACKUP"
			}
		}
	}
	return !slices.ContainsFunc(all, func(key string) bool { return !in[key] })
}

// stateLine reads what Keepalived says of a change of state, such as
// "(VI_1) Entering BACKUP STATE" (2.2 to 2.4).
func stateLine(text string) (instance, state string, ok bool) {
	name, rest, ok := strings.Cut(strings.TrimPrefix(text, "("), ") Entering ")
	if !ok {
		return "", "", false
	}
	state, _, ok = strings.Cut(rest, " STATE")
	return name, state, ok
}

// neverStarted says why a daemon has ended at once.
func (p *play) neverStarted(node string, e lab.Event) error {
	var said []string
	for _, line := range p.lab.Events() {
		if line.Kind == lab.Said && line.Host == node && line.What == e.What && (strings.Contains(line.Text, "[ALERT]") || strings.Contains(line.Text, "annot")) {
			said = append(said, line.Text)
		}
	}
	t := &trouble{why: fmt.Sprintf("%s on %s does not start (%s)", title(e.What), node, e.Text)}
	if len(said) > 0 {
		t.why += ": " + strings.TrimSpace(said[0])
	}
	if strings.Contains(t.why, "annot assign requested address") || strings.Contains(t.why, "annot bind socket") {
		t.why += fmt.Sprintf(": %s does not hold the address, and the kernel lets nobody bind one that is not there", node)
		t.remedy = "net.ipv4.ip_nonlocal_bind (net.ipv6.ip_nonlocal_bind) must be 1 on every node: it belongs into etc/sysctl.d/99-nonlocal_bind.conf"
	}
	return t
}
