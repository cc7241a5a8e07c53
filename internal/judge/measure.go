package judge

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/lbgen/lbgen/internal/recording"
)

// OwnDelay is what this machine may add to a time at either end: 50 ms lie
// between two requests, and both the daemons and the client have to be woken up
// some ten times on the way.
const OwnDelay = 500 * time.Millisecond

// Masters returns which nodes have each virtual IP, in the order in which they
// were given it.
func Masters(events []recording.Event) map[string][]string {
	masters := map[string][]string{}
	for _, e := range events {
		switch e.Kind {
		case recording.HasVIP:
			if !slices.Contains(masters[e.What], e.Host) {
				masters[e.What] = append(masters[e.What], e.Host)
			}
		case recording.Drops:
			masters[e.What] = slices.DeleteFunc(slices.Clone(masters[e.What]), func(n string) bool { return n == e.Host })
		default: // of no virtual IP
		}
	}
	return masters
}

func sameNodes(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// samples are the requests of a name that were answered, or given up, after
// since, in the order in which they began.
func samples(events []recording.Event, name string, since time.Duration) []Sample {
	var all []Sample
	for _, e := range events {
		if e.Kind == recording.Probe && e.What == name && e.At+e.Answer.Took >= since {
			all = append(all, sample(e))
		}
	}
	slices.SortStableFunc(all, func(a, b Sample) int { return cmp.Compare(a.At, b.At) })
	return all
}

func sample(e recording.Event) Sample {
	s := Sample{At: e.At, Took: e.Answer.Took, OK: e.Answer.OK(), Server: e.Answer.Server, Problem: e.Answer.Problem}
	if !s.OK && s.Problem == "" {
		s.Problem = "status " + strconv.Itoa(e.Answer.Status)
		if s.Server == "" {
			s.Problem += " by HAProxy"
		}
	}
	return s
}

// AllServed says whether the last so many requests of each name, of those that
// were answered after since, were answered well.
func AllServed(events []recording.Event, since time.Duration, count int) bool {
	for _, q := range probes(events) {
		s := samples(events, q.name, since)
		if len(s) < count || slices.ContainsFunc(s[len(s)-count:], func(x Sample) bool { return !x.OK }) {
			return false
		}
	}
	return true
}

// probe is a request that is sent all the time.
type probe struct{ name, address string }

func probes(events []recording.Event) []probe {
	var all []probe
	for _, e := range events {
		if e.Kind == recording.Watches {
			all = append(all, probe{e.What, e.Text})
		}
	}
	return all
}

// outage is how requests to an address fared after a moment.
type outage struct {
	requests, failed int
	lasted           time.Duration // the longest time from a request that failed to the next good answer
	over             bool          // an answer has come after the last one that failed
	problem          string        // of the last request that failed
}

// outageOf looks at the requests from the moment at until end. An outage begins
// with the first request that fails. It ends with the first good answer to a
// later one, unless another one fails soon after: then they are one outage.
func outageOf(all []Sample, at, end time.Duration) outage {
	o := outage{over: true}
	var from, to time.Duration // of the outage that was looked at last
	for _, s := range all {
		if s.At >= at {
			o.requests++
		}
		switch begin := max(s.At, at); {
		case s.OK && !o.over:
			to, o.over = s.At+s.Took, true
			o.lasted = max(o.lasted, to-from)
		case !s.OK:
			if o.over && (o.failed == 0 || begin-to > OwnDelay) {
				from = begin
			}
			o.failed++
			o.over, o.problem = false, s.Problem
		}
	}
	if !o.over {
		o.lasted = max(o.lasted, end-from)
	}
	return o
}

// first is when a node was first given a virtual IP, or first lost it, after a
// moment.
func first(events []recording.Event, kind recording.Kind, vip, node string, after time.Duration) (time.Duration, bool) {
	for _, e := range events {
		if e.Kind == kind && e.What == vip && e.Host == node && e.At >= after {
			return e.At - after, true
		}
	}
	return 0, false
}

// Seen says when the last node has seen the last of the servers in the state,
// of all that has happened since a moment.
func (x *Sight) Seen(events []recording.Event, since time.Duration) (time.Duration, bool) {
	other := map[string]string{"UP": "DOWN", "DOWN": "UP"}[x.State]
	a, ok := x.seen(events, since, x.Servers, x.State)
	b, also := x.seen(events, since, x.Others, other)
	return max(a, b), ok && also
}

func (x *Sight) seen(events []recording.Event, since time.Duration, servers []string, state string) (time.Duration, bool) {
	var last time.Duration
	for _, node := range x.Nodes {
		for _, server := range servers {
			i := slices.IndexFunc(events, func(e recording.Event) bool {
				return e.Kind == recording.SeesServer && e.Host == node && e.What == server && e.Text == state && e.At >= since
			})
			if i < 0 {
				return 0, false
			}
			last = max(last, events[i].At)
		}
	}
	return last, true
}

// Settled says whether everything is as it must be after a step that was done
// at a moment.
func (f Forecast) Settled(step int, at time.Duration, events []recording.Event) bool {
	x := f.Steps[step]
	if !f.inPlace(x, events) || !f.passedOn(x, at, events) {
		return false
	}
	if x.Sees != nil {
		if _, ok := x.Sees.Seen(events, at); !ok {
			return false
		}
	}
	return !x.servable() || AllServed(events, at, Enough)
}

// Enough is how many good answers in a row show that clients are served.
const Enough = 5

// inPlace says whether every virtual IP is where it must be after a step.
func (f Forecast) inPlace(x Expectation, events []recording.Event) bool {
	masters := Masters(events)
	for i, g := range f.Groups {
		for _, vip := range g.VIPs {
			if !sameNodes(masters[vip], x.Moves[i].To) {
				return false
			}
		}
	}
	return true
}

// passedOn says whether the nodes that take over meanwhile have done so, where the
// virtual IPs are in the end where they were.
func (f Forecast) passedOn(x Expectation, at time.Duration, events []recording.Event) bool {
	for i, m := range x.Moves {
		if !sameNodes(m.From, m.To) {
			continue
		}
		for _, node := range m.Given {
			if _, ok := first(events, recording.HasVIP, f.Groups[i].VIPs[0], node, at); !ok {
				return false
			}
		}
	}
	return true
}

// Home says whether every virtual IP is where it belongs while all is well.
func (f Forecast) Home(events []recording.Event) bool {
	masters := Masters(events)
	for _, g := range f.Groups {
		for _, vip := range g.VIPs {
			if !sameNodes(masters[vip], g.Home) {
				return false
			}
		}
	}
	return true
}

// servable says whether clients ought to be served after the step.
func (x Expectation) servable() bool {
	if x.Wants != nil || x.Split {
		return false
	}
	return !slices.ContainsFunc(x.Moves, func(m Move) bool { return !m.Serves })
}
