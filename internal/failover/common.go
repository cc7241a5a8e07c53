package failover

import (
	"fmt"
	"slices"
	"time"
)

// Common are the failures that all nodes see at once, from each state in which
// all is well: a check of another machine, of a HAProxy that has to answer in
// time, the links of a further NIC.
func (g *Group) Common() []Step {
	if len(g.Nodes) < 2 {
		return nil
	}
	var steps []Step
	for _, from := range g.well() {
		for _, t := range g.shared() {
			to := g.settle(State{Masters: from.Masters, Broken: []Part{{Every, t.Kind, t.Name}}})
			steps = append(steps, Step{From: from, Part: to.Broken[0], To: to})
		}
	}
	return steps
}

// well are the states in which all is well.
func (g *Group) well() []State {
	all := []State{g.Start()}
	for _, s := range g.Steps() {
		if len(s.To.Broken) == 0 && !slices.ContainsFunc(all, func(a State) bool { return slices.Equal(a.Masters, s.To.Masters) }) {
			all = append(all, s.To)
		}
	}
	return all
}

// shared are the trackers, each once, of what may fail for all nodes at once.
func (g *Group) shared() []Tracker {
	var all []Tracker
	for _, t := range g.Nodes[0].Trackers {
		if (t.Kind == Script || t.Kind == NIC || t.Asked) &&
			!slices.ContainsFunc(all, func(a Tracker) bool { return a.Kind == t.Kind && a.Name == t.Name }) {
			all = append(all, t)
		}
	}
	return all
}

// Counts says whether a failure that all nodes see counts where nobody has the
// virtual IPs then. All nodes go on serving where another machine is gone; what
// is left of them otherwise, the site file does not say.
func (g *Group) Counts(s Step) bool {
	return slices.ContainsFunc(g.Nodes[0].Trackers, func(t Tracker) bool {
		return t.Kind == s.Part.Kind && t.Name == s.Part.Name && t.Outside
	})
}

// CommonFaults are the failures of another machine that take the virtual IPs
// away from every node.
func (g *Group) CommonFaults() []Fault {
	outside := func(t Tracker) bool { return t.Outside }
	if !slices.ContainsFunc(g.Nodes, func(n Node) bool { return slices.ContainsFunc(n.Trackers, outside) }) {
		return nil // and no need to look at all states
	}
	var faults []Fault
	for _, s := range g.Common() {
		if g.Good(s.To) || !g.Counts(s) {
			continue
		}
		t := g.trackerOf(s.Part)
		f := Fault{Path: t.Path, Remedy: g.survives(), Text: fmt.Sprintf(
			"check %s asks a machine that is none of the nodes: when that one is gone, no node has the virtual IPs although all could serve",
			t.Name)}
		if !slices.ContainsFunc(faults, func(o Fault) bool { return o.Text == f.Text }) {
			faults = append(faults, f)
		}
	}
	return faults
}

// trackerOf is what watches a part of every node.
func (g *Group) trackerOf(p Part) Tracker {
	i := slices.IndexFunc(g.Nodes[0].Trackers, func(t Tracker) bool { return t.Kind == p.Kind && t.Name == p.Name && t.Weight == 0 })
	return g.Nodes[0].Trackers[max(i, 0)]
}

// survives says how a check of another machine is written so that what all nodes
// see moves nothing.
func (g *Group) survives() string {
	low, high := most, 0
	for _, n := range g.Nodes {
		low, high = min(low, n.Priority), max(high, n.Priority)
	}
	const two = "have one script ask two machines, and fail where neither answers"
	const stays = "all nodes become lower then, and the master stays"
	switch {
	case len(g.Others) > 0:
		return two
	case slices.ContainsFunc(g.Nodes, func(n Node) bool { return n.NoPreempt }):
		return two + "; or write preempt: true, which gives it a weight that is larger than the gap: " + stays
	default:
		return fmt.Sprintf("give it weight: %d, one more than the gap between the priorities: ", low-high-1) + stays
	}
}

// commonNotes say what the site file does not: what becomes of failures that all
// nodes see, where nobody is master then.
func (g *Group) commonNotes() []string {
	var notes []string
	for _, s := range g.Common() {
		if len(s.To.Masters) > 0 || g.Counts(s) || s.Part.Kind != HAProxy {
			continue
		}
		t := g.trackerOf(s.Part)
		note := fmt.Sprintf("a HAProxy that answers too late counts as a dead one: where it is slow on every node at once for %s, "+
			"no node has the virtual IPs (track.haproxy.method: killall moves them only where it has ended)", time.Duration(t.Fall)*t.Interval)
		if !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	return notes
}
