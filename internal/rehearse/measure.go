package rehearse

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/lab"
)

// samples are the requests of a name that were answered, or given up, after
// since, in the order in which they began.
func samples(events []lab.Event, name string, since time.Duration) []Sample {
	var all []Sample
	for _, e := range events {
		if e.Kind == lab.Probe && e.What == name && e.At+e.Answer.Took >= since {
			all = append(all, sample(e))
		}
	}
	slices.SortStableFunc(all, func(a, b Sample) int { return cmp.Compare(a.At, b.At) })
	return all
}

func sample(e lab.Event) Sample {
	s := Sample{At: e.At, Took: e.Answer.Took, OK: e.Answer.OK(), Server: e.Answer.Server, Problem: e.Answer.Problem}
	if !s.OK && s.Problem == "" {
		s.Problem = "status " + strconv.Itoa(e.Answer.Status)
		if s.Server == "" {
			s.Problem += " by HAProxy"
		}
	}
	return s
}

// outage is how long requests to an address were not served after a moment.
type outage struct {
	requests, failed int
	lasted           time.Duration // until an answer came again
	over             bool          // an answer has come
	problem          string        // of the last request that failed
}

// outageOf measures from the moment at until the first good answer to a request
// that began after the last one that failed.
func outageOf(all []Sample, at time.Duration) outage {
	o := outage{over: true}
	last := time.Duration(-1)
	for _, s := range all {
		if s.At >= at {
			o.requests++
		}
		if !s.OK {
			o.failed++
			last, o.problem = s.At, s.Problem
		}
	}
	if o.failed == 0 {
		return o
	}
	o.over = false
	for _, s := range all {
		if s.OK && s.At > last {
			o.lasted, o.over = s.At+s.Took-at, true
			break
		}
	}
	return o
}

// givenTo is when a node was first given the virtual IP after a moment.
func givenTo(events []lab.Event, vip, node string, after time.Duration) (time.Duration, bool) {
	return first(events, lab.Holds, vip, node, after)
}

// takenFrom is when a node first lost it.
func takenFrom(events []lab.Event, vip, node string, after time.Duration) (time.Duration, bool) {
	return first(events, lab.Drops, vip, node, after)
}

func first(events []lab.Event, kind lab.Kind, vip, node string, after time.Duration) (time.Duration, bool) {
	for _, e := range events {
		if e.Kind == kind && e.What == vip && e.Host == node && e.At >= after {
			return e.At - after, true
		}
	}
	return 0, false
}

// lateness is by how much the client was late at worst since a moment: this
// machine had no time for it, and so perhaps for the daemons.
func lateness(events []lab.Event, since time.Duration) time.Duration {
	var most time.Duration
	for _, e := range events {
		if e.Kind == lab.Late && e.At >= since {
			if d, err := time.ParseDuration(e.Text); err == nil {
				most = max(most, d)
			}
		}
	}
	return most
}

// timeline is what has happened, counted from the first act.
func (p *play) timeline() Timeline {
	events := p.lab.Events()
	t := Timeline{Begin: -time.Second, End: p.lab.Now() - p.begin, Marks: p.marks}
	for i := range t.Marks {
		t.Marks[i].At -= p.begin
	}
	for _, q := range p.probes {
		one := Series{Name: q.Name, VIP: q.vip}
		for _, s := range samples(events, q.Name, 0) {
			s.At -= p.begin
			one.Samples = append(one.Samples, s)
			t.Begin = min(t.Begin, s.At)
		}
		t.Series = append(t.Series, one)
	}
	t.Holds = p.holds(events, t)
	t.Lines = p.lines(events, t.Begin)
	return t
}

// holds are the stretches of time in which nodes held the virtual IPs.
func (p *play) holds(events []lab.Event, t Timeline) []Hold {
	var all []Hold
	open := map[[2]string]time.Duration{}
	for _, e := range events {
		key := [2]string{e.What, e.Host}
		switch e.Kind {
		case lab.Holds:
			if _, ok := open[key]; !ok {
				open[key] = e.At - p.begin
			}
		case lab.Drops:
			if from, ok := open[key]; ok && e.At-p.begin > t.Begin {
				all = append(all, Hold{VIP: e.What, Node: e.Host, From: max(from, t.Begin), To: e.At - p.begin})
			}
			delete(open, key)
		default: // of no virtual IP
		}
	}
	for key, from := range open {
		all = append(all, Hold{VIP: key[0], Node: key[1], From: max(from, t.Begin), To: t.End})
	}
	slices.SortFunc(all, func(a, b Hold) int {
		return cmp.Or(strings.Compare(a.VIP, b.VIP), cmp.Compare(a.From, b.From), strings.Compare(a.Node, b.Node))
	})
	return all
}

// lines are what the daemons said, what they came to, and what HAProxy thought
// of its servers.
func (p *play) lines(events []lab.Event, begin time.Duration) []Line {
	var all []Line
	for _, e := range events {
		line := Line{At: e.At - p.begin, Host: e.Host, Program: e.What, Text: e.Text}
		switch e.Kind {
		case lab.Said:
		case lab.Ended:
			line.Text = "has ended: " + e.Text
		case lab.Holds:
			line.Program, line.Text = "kernel", "has "+e.What
		case lab.Drops:
			line.Program, line.Text = "kernel", "no longer has "+e.What
		case lab.SeesServer:
			line.Program, line.Text = lab.HAProxy, "takes "+e.What+" for "+e.Text
		default:
			continue
		}
		if line.At >= begin {
			all = append(all, line)
		}
	}
	slices.SortStableFunc(all, func(a, b Line) int { return cmp.Compare(a.At, b.At) })
	return all
}

// Interleaved are the lines of a timeline from its first act on, with what the
// drill did between them, in order of time.
func Interleaved(t Timeline) []Line {
	var all []Line
	for _, m := range t.Marks {
		all = append(all, Line{At: m.At, Host: "the drill", Text: m.Text})
	}
	all = append(all, t.Lines...)
	slices.SortStableFunc(all, func(a, b Line) int { return cmp.Compare(a.At, b.At) })
	return all
}
