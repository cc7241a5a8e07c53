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
		if err := p.untilHAProxyAnswers(name); err != nil {
			return err
		}
	}
	return nil
}

// untilHAProxyAnswers waits for the node's HAProxy. It tells of its first
// server when it is there; one without servers is asked.
func (p *play) untilHAProxyAnswers(node string) error {
	late := time.Now().Add(bootSlack)
	for time.Now().Before(late) {
		if _, err := p.lab.AskHAProxy(node, "show info"); err == nil {
			return nil
		}
		if e, ok := p.ended(node, lab.HAProxy); ok {
			return p.neverStarted(node, e)
		}
		select {
		case <-p.ctx.Done():
			return context.Cause(p.ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
	return &trouble{why: fmt.Sprintf("HAProxy on %s does not answer on its runtime socket", node), remedy: "lbgen check asks it what is wrong with its configuration"}
}

// ended returns how a daemon has ended, if it has.
func (p *play) ended(node, daemon string) (lab.Event, bool) {
	events := p.lab.Events()
	i := slices.IndexFunc(events, func(e lab.Event) bool { return e.Kind == lab.Ended && e.Host == node && e.What == daemon })
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
	if err := p.lab.Start(name, lab.HAProxy); err != nil {
		return 0, err
	}
	if err := p.untilHAProxyRuns(name); err != nil {
		return 0, err
	}
	return p.lab.Now(), p.lab.Start(name, lab.Keepalived)
}

// untilHAProxyRuns waits for it a second time: its unit comes before
// Keepalived's.
func (p *play) untilHAProxyRuns(name string) error {
	for range 250 {
		if _, err := p.lab.AskHAProxy(name, "show info"); err == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return &trouble{why: "HAProxy on " + name + " does not come back"}
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
	weight := server.Weight
	if weight == nil {
		weight = b.ServerDefaults.Weight
	}
	planned := slices.ContainsFunc(p.plan.Servers, func(s lab.Server) bool { return s.Name == serverName(b, server) })
	return planned && !isBackup(b, server) && !isDisabled(b, server) && (weight == nil || *weight > 0)
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
