package rehearse

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/model"
)

// play is one drill on its way: a lab of its own, and where the arithmetic says
// that it stands.
type play struct {
	*stage
	ctx    context.Context
	drill  Drill
	lab    *lab.Lab
	states []failover.State // of each group
	probes []probe
	begin  time.Duration // of the first act, in the lab's time
	marks  []Mark
	// What acts keep for those that come later: the process that serves, a
	// client's cookie and the server that it belongs to.
	worker, cookie, server string
}

// probe is a request that is sent all the time.
type probe struct {
	lab.Request
	group int // index of the group whose VIP it goes to; -1 for none
	vip   string
}

// trouble is why a site does not come up, or why a drill cannot go on.
type trouble struct{ why, remedy string }

func (t *trouble) Error() string { return t.why }

// defaultEvery is the time between two requests to one address.
const defaultEvery = 50 * time.Millisecond

// holders returns which nodes hold each virtual IP, in the order in which they
// were given it.
func holders(events []lab.Event) map[string][]string {
	held := map[string][]string{}
	for _, e := range events {
		switch e.Kind {
		case lab.Holds:
			if !slices.Contains(held[e.What], e.Host) {
				held[e.What] = append(held[e.What], e.Host)
			}
		case lab.Drops:
			held[e.What] = slices.DeleteFunc(slices.Clone(held[e.What]), func(n string) bool { return n == e.Host })
		default: // of no virtual IP
		}
	}
	return held
}

// asForeseen says whether every virtual IP is where the arithmetic has it.
func (p *play) asForeseen(events []lab.Event) bool {
	held := holders(events)
	for i, g := range p.groups {
		want := g.Names(p.states[i])
		for _, vip := range g.vips {
			if !sameNodes(held[vip.String()], want) {
				return false
			}
		}
	}
	return true
}

func sameNodes(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// choose finds the requests that are sent all the time: for each virtual IP one
// that a server behind it answers, or for a drill of a backend one that its
// servers do.
func (p *play) choose() error {
	for _, e := range p.entries() {
		i, vip := p.groupOf(e.address.Addr())
		if i < 0 && len(p.groups) > 0 {
			continue // a node's own address, which ends with the node
		}
		if slices.ContainsFunc(p.probes, func(q probe) bool { return q.vip == vip }) || len(p.probes) > 0 && p.drill.backend != "" {
			continue
		}
		r, ok, err := p.served(e)
		if err != nil {
			return err
		}
		if ok {
			p.probes = append(p.probes, probe{r, i, vip})
		}
		if len(p.groups) == 0 && len(p.probes) > 0 {
			break
		}
	}
	if len(p.probes) == 0 {
		return p.nobodyAnswers()
	}
	return p.probe()
}

// groupOf returns the group that the address belongs to and the address; for
// one that is no virtual IP -1.
func (p *play) groupOf(addr netip.Addr) (int, string) {
	i := slices.IndexFunc(p.groups, func(g group) bool { return slices.Contains(g.vips, addr) })
	return i, addr.String()
}

// served returns the first request for the entry that a server answers.
func (p *play) served(e entry) (lab.Request, bool, error) {
	for _, c := range p.candidates(e) {
		a, err := p.lab.Request(c)
		if err != nil {
			return c, false, err
		}
		if a.OK() && (p.drill.backend == "" || strings.HasPrefix(a.Server, p.drill.backend+"/")) {
			return c, true, nil
		}
	}
	return lab.Request{}, false, nil
}

// probe begins to send the requests.
func (p *play) probe() error {
	every := p.drill.every
	if every == 0 {
		every = defaultEvery
	}
	var requests []lab.Request
	for _, q := range p.probes {
		requests = append(requests, q.Request)
	}
	if err := p.lab.Probe(every, requests...); err != nil {
		return err
	}
	if !p.await(5*time.Second, func(events []lab.Event) bool { return p.allServed(events, 0, 10) }) {
		return &trouble{why: "the client is not served all the time although nothing has been broken"}
	}
	return nil
}

// allServed says whether the last so many requests to every address, of those
// that began after since, were answered well.
func (p *play) allServed(events []lab.Event, since time.Duration, count int) bool {
	for _, q := range p.probes {
		s := samples(events, q.Name, since)
		if len(s) < count || slices.ContainsFunc(s[len(s)-count:], func(x Sample) bool { return !x.OK }) {
			return false
		}
	}
	return true
}

// powerOn starts a node that was lost.
func (p *play) powerOn(name string) (time.Duration, error) {
	if err := p.lab.PowerOn(name); err != nil {
		return 0, err
	}
	started := p.lab.Now()
	if err := p.lab.Start(name, lab.HAProxy); err != nil {
		return 0, err
	}
	if err := p.untilHAProxyAnswers(name, started); err != nil { // its unit comes before Keepalived's
		return 0, err
	}
	return p.lab.Now(), p.lab.Start(name, lab.Keepalived)
}

// worksAs returns the process that serves requests on a node.
func (p *play) worksAs(node string) (string, error) {
	info, err := p.lab.AskHAProxy(node, "show info")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(info) {
		if pid, ok := strings.CutPrefix(line, "Pid: "); ok {
			return strings.TrimSpace(pid), nil
		}
	}
	return "", fmt.Errorf("HAProxy on %s does not say which process it is", node)
}

// everythingAnswers asks every address once, and looks whether every server
// gets requests.
func (p *play) everythingAnswers() string {
	for _, e := range p.entries() {
		r := p.candidates(e)[0]
		a, err := p.lab.Request(r)
		if err != nil {
			return err.Error()
		}
		if a.Problem != "" && p.site.FrontendMode(e.frontend) == model.ModeHTTP && !p.turnsAway(e) {
			return fmt.Sprintf("%s: %s", r.Name, a.Problem)
		}
	}
	return p.balance()
}

// turnsAway says whether the frontend closes some connections without an answer.
func (p *play) turnsAway(e entry) bool {
	return slices.ContainsFunc(e.frontend.Routes, func(r model.Route) bool { return r.Reject || r.SilentDrop }) ||
		e.bind.TLS != nil && (e.bind.TLS.StrictSNI || e.bind.TLS.ClientCA != "")
}

// balance says which server of a backend that serves in turn gets nothing.
func (p *play) balance() string {
	got := map[string]int{}
	for _, e := range p.lab.Events() {
		if e.Kind == lab.Probe && e.Answer != nil && e.Answer.OK() {
			got[e.Answer.Server]++
		}
	}
	for _, b := range p.site.Backends {
		if balance := b.Balance.Algorithm; balance != "" && balance != "roundrobin" && balance != "static-rr" || b.Persist != nil {
			continue
		}
		used := slices.ContainsFunc(slices.Collect(maps.Keys(got)), func(n string) bool { return strings.HasPrefix(n, b.Name+"/") })
		for _, server := range b.Servers {
			name := serverName(b, server)
			if used && p.inRotation(b, server) && got[name] == 0 {
				return fmt.Sprintf("server %s gets no request although its backend serves in turn", name)
			}
		}
	}
	return ""
}

// inRotation says whether the server is one that gets requests while all is well.
func (p *play) inRotation(b model.Backend, server model.Server) bool {
	planned := slices.ContainsFunc(p.plan.Servers, func(s lab.Server) bool { return s.Name == serverName(b, server) })
	return planned && !isDisabled(b, server) && getsRequests(b, server)
}

// nobodyAnswers is why there is nothing to measure.
func (p *play) nobodyAnswers() error {
	if p.drill.backend != "" {
		return errUnreachable
	}
	entries := p.entries()
	if len(entries) == 0 {
		return &trouble{why: "the site listens on no address that a client could reach"}
	}
	c := p.candidates(entries[0])[0]
	a, err := p.lab.Request(c)
	if err != nil {
		return err
	}
	got := a.Problem
	if got == "" {
		got = fmt.Sprintf("HAProxy answers with status %d itself", a.Status)
	}
	return &trouble{why: fmt.Sprintf("no request that the client can think of reaches a server: %s: %s", c.Name, got)}
}

var errUnreachable = errors.New("no request of the client reaches a server of the backend")
