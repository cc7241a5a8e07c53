package rehearse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/lab"
)

// ownDelay is what this machine may add to a time at either end: 50 ms lie
// between two requests, and both the daemons and the client have to be woken up
// some ten times on the way.
const ownDelay = 500 * time.Millisecond

// stillness is how long everything must stay as it should be before an act is over.
const stillness = time.Second

// perform does an act and says what has come of it. It returns an error where
// the drill cannot go on.
func (p *play) perform(a act) (Step, error) {
	forecasts := p.foresee(a)
	before := holders(p.lab.Events())
	at, err := a.do(p)
	if err != nil {
		return Step{}, err
	}
	if p.begin == 0 {
		p.begin = at
	}
	p.marks = append(p.marks, Mark{At: at, Text: a.title})
	for i, f := range forecasts {
		p.states[i] = f.to
	}
	p.watch(a, at, forecasts)
	if err := p.ctx.Err(); err != nil {
		return Step{}, context.Cause(p.ctx)
	}
	s := p.judge(a, at, forecasts)
	s.Title, s.At = a.title, at-p.begin
	s.Before, s.After = p.holdings(before), p.holdings(holders(p.lab.Events()))
	return s, nil
}

func (p *play) foresee(a act) []forecast {
	var all []forecast
	for i, g := range p.groups {
		all = append(all, foresee(g, p.states[i], a.hits))
	}
	return all
}

// watch waits until everything is as foreseen and has been for a while; in vain
// for no longer than it may take.
func (p *play) watch(a act, at time.Duration, forecasts []forecast) {
	longest := 3 * time.Second
	for i, f := range forecasts {
		longest = max(longest, f.window.Worst+3*time.Second, p.temptation(i, f, a))
	}
	if a.window != nil {
		longest = max(longest, a.window.Worst+3*time.Second)
	}
	settled := func(events []lab.Event) bool {
		return p.asForeseen(events) && p.seen(a, events, at) && (!p.servable(a) || p.allServed(events, at, 5))
	}
	if !p.await(longest, settled) {
		return
	}
	still := max(stillness, a.still)
	for i, f := range forecasts {
		still = max(still, p.temptation(i, f, a))
	}
	end := p.lab.Now() + still
	p.await(still+time.Second, func([]lab.Event) bool { return p.lab.Now() >= end })
}

// temptation is how long a group whose virtual IPs must stay is watched: as
// long as they would take to move if its nodes had no nopreempt.
func (p *play) temptation(i int, f forecast, a act) time.Duration {
	if f.moves() || len(a.hits) == 0 || a.split {
		return 0
	}
	g := p.groups[i]
	eager := *g.Group
	eager.Nodes = slices.Clone(g.Nodes)
	for j := range eager.Nodes {
		eager.Nodes[j].NoPreempt = false
	}
	g.Group = &eager
	if would := foresee(g, f.from, a.hits); would.moves() {
		return would.window.Worst + ownDelay
	}
	return 0
}

// since are the events from the moment on.
func since(events []lab.Event, at time.Duration) []lab.Event {
	return slices.DeleteFunc(slices.Clone(events), func(e lab.Event) bool { return e.At < at })
}

func (p *play) seen(a act, events []lab.Event, at time.Duration) bool {
	if a.seen == nil {
		return true
	}
	_, ok := a.seen(p, since(events, at))
	return ok
}

// servable says whether clients ought to be served after the act.
func (p *play) servable(a act) bool {
	if a.after != nil || a.split {
		return false
	}
	for i, g := range p.groups {
		s := p.states[i]
		if len(s.Owners) == 0 || !g.Serves(s, s.Owners[0]) {
			return false
		}
	}
	return true
}

// judge compares what was foreseen with what was seen.
func (p *play) judge(a act, at time.Duration, forecasts []forecast) Step {
	events := p.lab.Events()
	s := Step{Verdict: Passed, Allowance: ownDelay + lateness(events, at)}
	fail := func(why string) {
		if why != "" && s.Verdict != Failed {
			s.Verdict, s.Why = Failed, why
		}
	}
	for i, q := range p.probes {
		o := outageOf(samples(events, q.Name, at), at)
		s.Requests, s.Failed = s.Requests+o.requests, s.Failed+o.failed
		fail(p.judgeProbe(a, i, o, at, &s, forecasts))
	}
	for i, f := range forecasts {
		if why := p.judgeGroup(i, f, at, events, &s); why != "" {
			s.Verdict = Passed // that says more than what clients saw of it
			fail(p.because(i, why, &s))
		}
	}
	if a.seen != nil {
		fail(p.judgeSeen(a, at, events, &s))
	}
	if a.after != nil {
		fail(a.after(p))
	}
	if a.split && s.Verdict == Passed {
		s.Verdict, s.Why = Noted, p.splitSeen(events)
	}
	return s
}

// because adds the cause to what is wrong with a group, if the files show it.
func (p *play) because(i int, wrong string, s *Step) string {
	why, remedy := p.cause(p.groups[i])
	if held := holders(p.lab.Events())[p.groups[i].vips[0].String()]; why == "" && len(held) > 1 && !p.states[i].Split() {
		why, remedy = unheard, "look for what keeps VRRP (protocol 112) from passing between the nodes"
	}
	if why == "" {
		return wrong
	}
	s.Remedy = remedy
	return wrong + ": " + why
}

// unheard is what several masters mean whose files agree.
const unheard = "they do not hear each other's adverts, although their files agree: VRRP is blocked between them"

// splitSeen says who holds what in a split.
func (p *play) splitSeen(events []lab.Event) string {
	held := holders(events)
	var said []string
	for _, g := range p.groups {
		for _, vip := range g.vips {
			if nodes := held[vip.String()]; len(nodes) > 1 {
				said = append(said, fmt.Sprintf("%s hold %s at the same time", strings.Join(nodes, " and "), vip))
			}
		}
	}
	if len(said) == 0 {
		return ""
	}
	return strings.Join(said, "; ") + ": no group survives that the nodes do not hear each other"
}

// judgeProbe says what is wrong with the outage that an address had.
func (p *play) judgeProbe(a act, i int, o outage, at time.Duration, s *Step, forecasts []forecast) string {
	q := p.probes[i]
	if a.served && o.failed > 0 {
		return fmt.Sprintf("%d of %d requests to %s failed, and none should: %s", o.failed, o.requests, q.Address, o.problem)
	}
	if a.seen != nil || a.after != nil || a.split || q.group < 0 || a.served {
		return ""
	}
	f := forecasts[q.group]
	g := p.groups[q.group]
	switch {
	case !g.Holds(f.to): // judgeGroup says why
		return ""
	case f.from.Split():
		if !o.over {
			o.lasted = p.lab.Now() - at
		}
		if o.lasted > s.Allowance {
			s.Verdict, s.Why = Noted, fmt.Sprintf("clients of %s were not served for %s more: the node that keeps it need not announce itself anew, and they go on asking the other one (vrrp.garp.master_refresh shortens that)", q.vip, Seconds(o.lasted))
		}
		return ""
	case !o.over:
		return fmt.Sprintf("%s is not served any more", q.Address)
	case f.moves() && !f.smooth(g):
		s.measured(o.lasted, f.window, true)
		return p.outside(o.lasted, f.window, s.Allowance, "clients of "+q.vip+" were not served for")
	case o.lasted > s.Allowance:
		return fmt.Sprintf("clients of %s were not served for %s, although it did not have to move away from a node that fails", q.vip, Seconds(o.lasted))
	default:
		return ""
	}
}

// measured keeps the longest time that was measured, and what was foreseen for it.
func (s *Step) measured(d time.Duration, w failover.Window, outage bool) {
	if s.Measured == nil || d > *s.Measured {
		s.Measured, s.Predicted, s.Outage = &d, &w, outage
	}
}

// outside says that a time lies outside of its window; "" where it does not.
func (p *play) outside(d time.Duration, w failover.Window, allowance time.Duration, what string) string {
	if d >= w.Best-allowance && d <= w.Worst+allowance {
		return ""
	}
	return fmt.Sprintf("%s %s, foreseen were %s", what, Seconds(d), Span(w))
}

// judgeGroup says what is wrong with where the virtual IPs of a group are.
func (p *play) judgeGroup(i int, f forecast, at time.Duration, events []lab.Event, s *Step) string {
	g := p.groups[i]
	want, held := g.Names(f.to), holders(events)
	for _, vip := range g.vips {
		if have := held[vip.String()]; !sameNodes(have, want) {
			return fmt.Sprintf("%s is on %s, and should be on %s", vip, listed(have), listed(want))
		}
	}
	if !f.to.Split() && !g.Holds(f.to) {
		return fmt.Sprintf("%s owns %s and does not serve", listed(want), strings.Join(g.VIPs, ", "))
	}
	if !f.moves() {
		return ""
	}
	if f.from.Split() {
		return p.judgeHealed(g, f, at, events, s)
	}
	w := f.window
	for _, vip := range g.vips {
		for _, node := range g.Names(f.step.To) {
			if slices.Contains(g.Names(f.step.From), node) {
				continue
			}
			d, ok := givenTo(events, vip.String(), node, at)
			if !ok {
				return fmt.Sprintf("%s was never given %s", node, vip)
			}
			if s.Predicted == nil || !s.Outage {
				s.measured(d, w, false)
			}
			if why := p.outside(d, w, s.Allowance, fmt.Sprintf("%s was given %s after", node, vip)); why != "" {
				return why
			}
		}
	}
	return ""
}

// judgeHealed says what is wrong with when those gave the virtual IPs up that do
// not keep them after a split.
func (p *play) judgeHealed(g group, f forecast, at time.Duration, events []lab.Event, s *Step) string {
	for _, vip := range g.vips {
		for _, node := range g.Names(f.from) {
			if slices.Contains(g.Names(f.to), node) {
				continue
			}
			d, ok := takenFrom(events, vip.String(), node, at)
			if !ok {
				return fmt.Sprintf("%s has not given %s up", node, vip)
			}
			s.measured(d, f.window, false)
			if why := p.outside(d, f.window, s.Allowance, fmt.Sprintf("%s gave %s up after", node, vip)); why != "" {
				return why
			}
		}
	}
	return ""
}

// judgeSeen says what is wrong with when something was seen.
func (p *play) judgeSeen(a act, at time.Duration, events []lab.Event, s *Step) string {
	when, ok := a.seen(p, since(events, at))
	if !ok {
		return "it was not seen within " + Seconds(p.lab.Now()-at)
	}
	if a.window == nil {
		return ""
	}
	s.measured(when-at, *a.window, false)
	return p.outside(when-at, *a.window, s.Allowance, "it took")
}

// listed names nodes.
func listed(nodes []string) string {
	if len(nodes) == 0 {
		return "no node"
	}
	return strings.Join(nodes, " and ")
}

// holdings says who holds what, in words for the table.
func (p *play) holdings(held map[string][]string) []Holding {
	var all []Holding
	for _, g := range p.groups {
		all = append(all, Holding{Group: g.Name, Nodes: slices.Clone(held[g.vips[0].String()])})
	}
	return all
}

// play plays the drill in a lab of its own. It returns an error where no lab is
// to be had.
func (s *stage) play(ctx context.Context, d Drill, o lab.Options) (Outcome, []string, error) {
	out := Outcome{Drill: d.Name, Title: d.Title, Verdict: Passed}
	if d.Unable != "" {
		out.Verdict, out.Why = Skipped, d.Unable
		return out, nil, nil
	}
	l, err := lab.Up(ctx, s.plan, o)
	if err != nil {
		return out, nil, err
	}
	defer l.Down()
	p := &play{stage: s, ctx: ctx, drill: d, lab: l}
	if err := p.all(&out); err != nil {
		p.broken(&out, err)
	}
	if p.begin == 0 {
		p.begin = l.Now()
	}
	out.Timeline = p.timeline()
	return out, l.StandIns(), nil
}

// all does everything: boots, and performs the acts until one has failed.
func (p *play) all(out *Outcome) error {
	if err := p.boot(); err != nil {
		return err
	}
	for _, a := range p.drill.acts {
		s, err := p.perform(a)
		if err != nil {
			return err
		}
		out.Steps = append(out.Steps, s)
		if s.Verdict == Noted && out.Verdict == Passed {
			out.Verdict, out.Why = Noted, s.Why
		}
		if s.Verdict == Failed {
			out.Verdict, out.Why, out.Remedy = Failed, s.Why, s.Remedy
			break
		}
	}
	return p.lab.Rest()
}

// broken says why the drill could not go on.
func (p *play) broken(out *Outcome, err error) {
	out.Verdict, out.Why = Failed, err.Error()
	var t *trouble
	if errors.As(err, &t) {
		out.Remedy = t.remedy
	}
	if errors.Is(err, errUnreachable) {
		out.Verdict = Skipped
	}
}

// explainBoot says why the site does not come up.
func (p *play) explainBoot() error {
	held := holders(p.lab.Events())
	for i, g := range p.groups {
		for _, vip := range g.vips {
			have, want := held[vip.String()], g.Names(p.states[i])
			if sameNodes(have, want) {
				continue
			}
			t := &trouble{why: fmt.Sprintf("%s is on %s, and should be on %s", vip, listed(have), listed(want))}
			why, remedy := p.cause(g)
			switch {
			case why != "":
				t.why, t.remedy = t.why+": "+why, remedy
			case len(have) > 1:
				t.why += ": " + unheard
			}
			return t
		}
	}
	return &trouble{why: "Keepalived does not come to rest on every node"}
}
