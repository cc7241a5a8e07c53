package rehearse

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/recording"
	"github.com/lbgen/lbgen/internal/site"
)

// attempt is one drill on its way in a lab of its own.
type attempt struct {
	*stage
	ctx      context.Context
	drill    Drill
	forecast judge.Forecast
	lab      ground
	machines *machines // the same, where the nodes boot
	probes   []probe
	// cookie is what the client has been given.
	cookie string
}

// probe is a request that is sent all the time.
type probe struct {
	lab.Request
	vip string
}

// stuck is why a drill cannot go on: an event that says so.
type stuck struct{ recording.Event }

func (s *stuck) Error() string { return s.Text }

// impossible is a reason in words.
func impossible(format string, args ...any) error {
	return &stuck{recording.Event{Kind: recording.Stuck, What: recording.NotPossible, Text: fmt.Sprintf(format, args...)}}
}

// tell records what the drill itself does or sees.
func (p *attempt) tell(e recording.Event) { p.lab.Tell(e) }

// defaultEvery is the time between two requests to one address.
const defaultEvery = 50 * time.Millisecond

// choose finds the requests that are sent all the time: for each virtual IP one
// that a server behind it answers, or for a drill of a backend one that its
// servers do.
//
// A server whose checks no stub can answer is taken down after a while:
// one that stays is preferred.
func (p *attempt) choose() error {
	for _, stays := range []bool{true, false} {
		if err := p.chooseFrom(stays); err != nil {
			return err
		}
	}
	if len(p.probes) == 0 {
		return p.nobodyAnswers()
	}
	return p.probe()
}

func (p *attempt) chooseFrom(stays bool) error {
	for _, e := range p.entries() {
		i, vip := p.groupOf(e.address.Addr())
		if i < 0 && len(p.groups) > 0 {
			continue // a node's own address, which ends with the node
		}
		if slices.ContainsFunc(p.probes, func(q probe) bool { return q.vip == vip }) || len(p.probes) > 0 && p.drill.backend != "" {
			continue
		}
		if len(p.groups) == 0 && len(p.probes) > 0 {
			break
		}
		r, ok, err := p.served(e, stays)
		if err != nil {
			return err
		}
		if ok {
			p.probes = append(p.probes, probe{r, vip})
		}
	}
	return nil
}

// groupOf returns the group that the address belongs to and the address; for
// one that is no virtual IP -1.
func (p *attempt) groupOf(addr netip.Addr) (int, string) {
	i := slices.IndexFunc(p.groups, func(g group) bool { return slices.Contains(g.vips, addr) })
	return i, addr.String()
}

// served returns the first request for the entry that a server answers, if need
// be one that stays.
func (p *attempt) served(e entry, stays bool) (lab.Request, bool, error) {
	for _, c := range p.candidates(e) {
		a, err := p.lab.Request(c)
		if err != nil {
			return c, false, err
		}
		if a.OK() && p.drill.reaches(a.Server) && (!stays || !p.leaves(a.Server)) {
			return c, true, nil
		}
	}
	return lab.Request{}, false, nil
}

// leaves says whether the server is one whose checks its stub cannot answer.
func (p *attempt) leaves(server string) bool {
	return slices.ContainsFunc(p.site.Backends, func(b site.Backend) bool {
		return strings.HasPrefix(server, b.Name+"/") && checkedBy(&b).why != ""
	})
}

// probe begins to send the requests.
func (p *attempt) probe() error {
	every := p.drill.every
	if every == 0 {
		every = defaultEvery
	}
	var requests []lab.Request
	for _, q := range p.probes {
		requests = append(requests, q.Request)
		p.tell(recording.Event{At: p.lab.Now(), Kind: recording.Watches, What: q.Name, Text: q.Address.String()})
	}
	if err := p.lab.Probe(every, requests...); err != nil {
		return err
	}
	if !p.await(5*time.Second, func(events []recording.Event) bool { return judge.AllServed(events, 0, 2*judge.Enough) }) {
		return impossible("the client is not served all the time although nothing has been broken")
	}
	return nil
}

// nobodyAnswers is why there is nothing to measure.
func (p *attempt) nobodyAnswers() error {
	if p.drill.backend != "" {
		return &stuck{recording.Event{Kind: recording.Stuck, What: recording.NotReached,
			Text: "no request of the client reaches a server of the backend"}}
	}
	entries := p.entries()
	if len(entries) == 0 {
		return impossible("the site listens on no address that a client could reach")
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
	return impossible("no request that the client can think of reaches a server: %s: %s", c.Name, got)
}
