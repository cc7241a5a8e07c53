package judge

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/recording"
)

// taken is what was recorded of one step.
type taken struct {
	at, end time.Duration     // it was done, and watched until
	before  []recording.Event // all until it was done
	told    []recording.Event // all until the end
	asked   []recording.Event // what the client has asked then
}

// Drill returns what a drill has come to. The events are all that was told of
// it, in that order; of a drill that is on its way those until now.
func Drill(f Forecast, events []recording.Event) Outcome {
	out := Outcome{Drill: f.Drill, Title: f.Title, Verdict: Passed}
	steps, stuck := cut(events)
	begin := time.Duration(0)
	if len(steps) > 0 {
		begin = steps[0].at
	} else if len(events) > 0 {
		begin = events[len(events)-1].At
	}
	for i, t := range steps {
		s := step{f: f, x: f.Steps[i], taken: t, probes: probes(t.told)}.judge()
		s.At = t.at - begin
		out.Steps = append(out.Steps, s)
		out.Over = out.Over || s.Verdict == Failed || s.Verdict == Inconclusive || s.astray
		if out.Verdict == Passed && s.Verdict != Passed || s.Verdict == Failed || s.Verdict == Inconclusive {
			out.Verdict, out.Why, out.Remedy = s.Verdict, s.Why, s.Remedy
		}
	}
	if stuck != nil {
		f.stuck(&out, *stuck, events)
	}
	out.Timeline = f.timeline(events, begin)
	return out
}

// cut divides the events into those of each step that has been watched, and
// returns why there are no more, if that was told.
func cut(events []recording.Event) (steps []taken, stuck *recording.Event) {
	var open *taken
	for i, e := range events {
		switch e.Kind {
		case recording.Step:
			open = &taken{at: e.At, before: slices.DeleteFunc(slices.Clone(events[:i]), func(b recording.Event) bool { return b.At >= e.At })}
		case recording.Rest:
			if open != nil {
				open.end, open.told = e.At, events[:i]
				steps, open = append(steps, *open), nil
			}
		case recording.Asked:
			if n := len(steps); n > 0 {
				steps[n-1].asked = append(steps[n-1].asked, e)
			}
		case recording.Stuck:
			stuck = &e
		default: // what was seen
		}
	}
	return steps, stuck
}

// step is one step that is judged.
type step struct {
	taken
	f      Forecast
	x      Expectation
	probes []probe
}

// judge compares what was foreseen with what was seen.
func (t step) judge() Step {
	late, _ := lateness(t.told, t.at)
	s := Step{Title: t.x.Title, Verdict: Passed, Allowance: OwnDelay + late}
	for _, q := range t.probes {
		o := outageOf(samples(t.told, q.name, t.at), t.at, t.end)
		s.Requests, s.Failed, s.Unserved = s.Requests+o.requests, s.Failed+o.failed, max(s.Unserved, o.lasted)
		s.fail(t.probe(q, o, &s))
	}
	known := false // the files show the cause
	for i := range t.x.Moves {
		if why := t.group(i, &s); why != "" {
			s.Verdict = Passed // that says more than what clients saw of it
			because, remedy := t.f.because(i, t.told)
			known = known || t.f.Groups[i].Cause != ""
			s.fail(joined(why, because))
			s.Remedy = remedy
		}
	}
	if t.x.Sees != nil {
		s.fail(t.seen(&s))
	}
	if t.x.Wants != nil {
		s.fail(t.wants(*t.x.Wants))
	}
	if why := endedAtOnce(t.told, t.at); why != "" && s.Verdict == Failed {
		s.Why, s.Remedy, known = joined(s.Why, why), "", true
	}
	if t.x.Split && s.Verdict == Passed {
		s.Verdict, s.Why = Noted, t.splitSeen()
	}
	s.Before, s.After = t.f.groupMasters(t.before), t.f.groupMasters(t.told)
	if why := t.race(); why != "" {
		s.Verdict, s.Why, s.Remedy, s.astray = Noted, why, "", true
	}
	if s.Verdict == Failed && !known {
		s.doubt(busy(t.told))
	}
	return s
}

// race says that the virtual IPs came to a node by luck.
func (t step) race() string {
	masters := Masters(t.told)
	for i, m := range t.x.Moves {
		if m.Moves && len(m.To) == 1 {
			if why := t.f.Groups[i].lost(masters, m.To); why != "" {
				return why
			}
		}
	}
	return ""
}

// lost says that another node has won the virtual IPs of the group in a race.
func (g Group) lost(masters map[string][]string, want []string) string {
	have := masters[g.VIPs[0]]
	if g.Race == "" || len(have) != 1 || sameNodes(have, want) || !slices.Contains(g.Rivals, have[0]) {
		return ""
	}
	for _, vip := range g.VIPs {
		if !sameNodes(masters[vip], have) {
			return ""
		}
	}
	return fmt.Sprintf("%s is on %s, and not on %s: %s", g.VIPs[0], have[0], listed(want), g.Race)
}

// fail lets the step fail, unless there is nothing to say or it has already.
func (s *Step) fail(why string) {
	if why != "" && s.Verdict != Failed {
		s.Verdict, s.Why = Failed, why
	}
}

// doubt takes the failure back where the machine was too busy.
func (s *Step) doubt(busy string) {
	if busy != "" {
		s.Verdict, s.Why, s.Remedy = Inconclusive, doubted(s.Why, busy), quieter
	}
}

func doubted(why, busy string) string {
	return fmt.Sprintf("this machine was too busy to tell (%s): %s", busy, why)
}

const quieter = "rehearse again when the machine has less to do, or with fewer --jobs"

func joined(wrong, because string) string {
	if because == "" {
		return wrong
	}
	return wrong + ": " + because
}

// measured keeps the longest time that was measured, and what was foreseen for it.
func (s *Step) measured(d time.Duration, w failover.Window, outage bool) {
	if s.Measured == nil || d > *s.Measured {
		s.Measured, s.Predicted, s.Outage = &d, &w, outage
	}
}

// outside says that a time lies outside of its window; "" where it does not.
func (s *Step) outside(d time.Duration, w failover.Window, what string) string {
	if d >= w.Best-s.Allowance && d <= w.Worst+s.Allowance {
		return ""
	}
	return fmt.Sprintf("%s %s, foreseen were %s", what, Seconds(d), Span(w))
}

// because is the cause of what is wrong with a group, if the files or the
// adverts show it.
func (f Forecast) because(i int, events []recording.Event) (why, remedy string) {
	g := f.Groups[i]
	if g.Cause != "" {
		return g.Cause, g.Remedy
	}
	if len(Masters(events)[g.VIPs[0]]) > 1 {
		return unheard, "look for what keeps VRRP (protocol 112) from passing between the nodes"
	}
	return "", ""
}

// unheard is what several masters mean whose files agree.
const unheard = "they do not hear each other's adverts, although their files agree: VRRP is blocked between them"

// probe says what is wrong with the outage that an address had.
func (t step) probe(q probe, o outage, s *Step) string {
	x := t.x
	if x.Served && o.failed > 0 {
		return fmt.Sprintf("%d of %d requests to %s failed, and none should: %s", o.failed, o.requests, q.address, o.problem)
	}
	i, vip := t.f.groupOf(q)
	if x.Sees != nil || x.Wants != nil || x.Split || i < 0 || x.Served {
		return ""
	}
	switch m := x.Moves[i]; {
	case !m.Good: // group says why
		return ""
	case m.FromSplit:
		if o.lasted > s.Allowance {
			s.Verdict, s.Why = Noted, fmt.Sprintf("clients of %s were not served for %s more: "+
				"the node that keeps it need not announce itself anew, and they go on asking the other one (vrrp.garp.master_refresh shortens that)",
				vip, Seconds(o.lasted))
		}
		return ""
	case !o.over:
		return fmt.Sprintf("%s is not served any more", q.address)
	case m.Moves && !m.Smooth:
		s.measured(o.lasted, m.Window, true)
		return s.outside(o.lasted, m.Window, "clients of "+vip+" were not served for")
	case x.Lapse != nil:
		s.measured(o.lasted, *x.Lapse, true)
		return s.outside(o.lasted, *x.Lapse, "clients of "+vip+" were not served for")
	case o.lasted > s.Allowance:
		return fmt.Sprintf("clients of %s were not served for %s, although it did not have to move away from a node that fails",
			vip, Seconds(o.lasted))
	default:
		return ""
	}
}

// groupOf returns the group that a request goes to, and its virtual IP; -1 for
// none.
func (f Forecast) groupOf(q probe) (int, string) {
	to, err := netip.ParseAddrPort(q.address)
	if err != nil {
		return -1, ""
	}
	vip := to.Addr().String()
	return slices.IndexFunc(f.Groups, func(g Group) bool { return slices.Contains(g.VIPs, vip) }), vip
}

// group says what is wrong with where the virtual IPs of a group are.
func (t step) group(i int, s *Step) string {
	g, m := t.f.Groups[i], t.x.Moves[i]
	masters := Masters(t.told)
	for _, vip := range g.VIPs {
		if have := masters[vip]; !sameNodes(have, m.To) {
			return fmt.Sprintf("%s is on %s, and should be on %s", vip, listed(have), listed(m.To))
		}
	}
	switch {
	case !m.ToSplit && !m.Good:
		return fmt.Sprintf("%s has %s and does not serve", listed(m.To), strings.Join(g.VIPs, ", "))
	case !m.Moves:
		return ""
	case m.FromSplit:
		return t.healed(g, m, s)
	default:
		return t.given(g, m, s)
	}
}

// given says what is wrong with when the nodes were given the virtual IPs that
// take over.
func (t step) given(g Group, m Move, s *Step) string {
	for _, vip := range g.VIPs {
		for _, node := range m.Given {
			d, ok := first(t.told, recording.HasVIP, vip, node, t.at)
			if !ok {
				return fmt.Sprintf("%s was never given %s", node, vip)
			}
			if s.Predicted == nil || !s.Outage {
				s.measured(d, m.Window, false)
			}
			if why := s.outside(d, m.Window, fmt.Sprintf("%s was given %s after", node, vip)); why != "" {
				return why
			}
		}
	}
	return ""
}

// healed says what is wrong with when those gave the virtual IPs up that do not
// keep them after a split.
func (t step) healed(g Group, m Move, s *Step) string {
	for _, vip := range g.VIPs {
		for _, node := range m.From {
			if slices.Contains(m.To, node) {
				continue
			}
			d, ok := first(t.told, recording.Drops, vip, node, t.at)
			if !ok {
				return fmt.Sprintf("%s has not given %s up", node, vip)
			}
			s.measured(d, m.Window, false)
			if why := s.outside(d, m.Window, fmt.Sprintf("%s gave %s up after", node, vip)); why != "" {
				return why
			}
		}
	}
	return ""
}

// seen says what is wrong with when the servers were seen in their state.
func (t step) seen(s *Step) string {
	when, ok := t.x.Sees.Seen(t.told, t.at)
	if !ok {
		return "it was not seen within " + Seconds(t.end-t.at)
	}
	if t.x.Window == nil {
		return ""
	}
	s.measured(when-t.at, *t.x.Window, false)
	return s.outside(when-t.at, *t.x.Window, "it took")
}

// splitSeen says who has what in a split.
func (t step) splitSeen() string {
	masters := Masters(t.told)
	var said []string
	for _, g := range t.f.Groups {
		for _, vip := range g.VIPs {
			if nodes := masters[vip]; len(nodes) > 1 {
				said = append(said, fmt.Sprintf("%s have %s at the same time", strings.Join(nodes, " and "), vip))
			}
		}
	}
	if len(said) == 0 {
		return ""
	}
	return strings.Join(said, "; ") + ": no group survives that the nodes do not hear each other"
}

// listed names nodes.
func listed(nodes []string) string {
	if len(nodes) == 0 {
		return "no node"
	}
	return strings.Join(nodes, " and ")
}

// groupMasters says who is master of each group, in words for the table.
func (f Forecast) groupMasters(events []recording.Event) []GroupMasters {
	masters := Masters(events)
	var all []GroupMasters
	for _, g := range f.Groups {
		all = append(all, GroupMasters{Group: g.Name, Nodes: slices.Clone(masters[g.VIPs[0]])})
	}
	return all
}
