package rehearse_test

import (
	"slices"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/recording"
)

// TestWrongEventsAreFound changes what was recorded of drills that have passed.
// Each change is one that a site must not get away with.
func TestWrongEventsAreFound(t *testing.T) {
	tried := map[string]int{}
	for _, c := range readCases(t) {
		events := onQuietMachine(c.events)
		if judge.Drill(c.forecast, events).Verdict != judge.Passed {
			continue
		}
		for name, change := range mutations() {
			changed := change(c.forecast, slices.Clone(events))
			if changed == nil {
				continue // nothing of the kind happened
			}
			tried[name]++
			if o := judge.Drill(c.forecast, changed); o.Verdict != judge.Failed {
				t.Errorf("%s, %s: %s", c.name, name, o.Verdict)
			}
		}
	}
	for name := range mutations() {
		if tried[name] < 3 {
			t.Errorf("%s was tried %d times only", name, tried[name])
		}
	}
}

// TestABusyMachineIsNoFault: the same wrong events are inconclusive where hosts
// were woken up late, unless the files show a cause.
func TestABusyMachineIsNoFault(t *testing.T) {
	for _, c := range readCases(t) {
		events := onQuietMachine(c.events)
		known := slices.ContainsFunc(c.forecast.Groups, func(g judge.Group) bool { return g.Cause != "" })
		if known || judge.Drill(c.forecast, events).Verdict != judge.Passed {
			continue
		}
		changed := neverMoves(c.forecast, slices.Clone(events))
		if changed == nil {
			continue
		}
		late := recording.Event{At: changed[0].At, Host: "a", Kind: recording.Late, Text: "1.2s"}
		changed = slices.Insert(changed, 1, late)
		if o := judge.Drill(c.forecast, changed); o.Verdict != judge.Inconclusive {
			t.Errorf("%s: %s", c.name, o.Verdict)
		}
		c.forecast.Groups = slices.Clone(c.forecast.Groups)
		for i := range c.forecast.Groups {
			c.forecast.Groups[i].Cause = "nothing watches HAProxy"
		}
		if o := judge.Drill(c.forecast, changed); o.Verdict != judge.Failed {
			t.Errorf("%s with a known cause: %s", c.name, o.Verdict)
		}
	}
}

// onQuietMachine are the events without what tells of a busy one.
func onQuietMachine(events []recording.Event) []recording.Event {
	return slices.DeleteFunc(slices.Clone(events), func(e recording.Event) bool {
		return e.Kind == recording.Late || e.Kind == recording.Pressure
	})
}

// mutation changes events, or returns nil where there is nothing to change.
type mutation func(judge.Forecast, []recording.Event) []recording.Event

func mutations() map[string]mutation {
	return map[string]mutation{
		"the virtual IP never moves":          neverMoves,
		"it moves to another node":            movesElsewhere,
		"it moves too late":                   movesLate,
		"it moves too early":                  movesEarly,
		"two nodes keep it":                   twoKeepIt,
		"clients are not served for too long": longOutage,
		"clients are never served again":      neverServed,
		"a server is never seen":              neverSeen,
	}
}

// moving is the first step in which virtual IPs are given to a node that takes
// them from one that has failed, by its number and that of its event.
func moving(f judge.Forecast, events []recording.Event, which func(judge.Move) bool) (step, at int) {
	n := -1
	for i, e := range events {
		if e.Kind != recording.Step {
			continue
		}
		n++
		for _, m := range f.Steps[n].Moves {
			if m.Moves && len(m.Given) == 1 && !m.FromSplit && which(m) {
				return n, i
			}
		}
	}
	return -1, -1
}

func anyMove(judge.Move) bool { return true }

// given are the indexes of the events that give virtual IPs to the node that
// takes over, in the first step in which they move.
func given(f judge.Forecast, events []recording.Event) (all []int, m judge.Move) {
	n, at := moving(f, events, anyMove)
	if n < 0 {
		return nil, m
	}
	i := slices.IndexFunc(f.Steps[n].Moves, func(m judge.Move) bool { return m.Moves && len(m.Given) == 1 })
	m = f.Steps[n].Moves[i]
	for k, e := range events {
		if e.Kind == recording.HasVIP && e.At >= events[at].At && e.Host == m.Given[0] && slices.Contains(f.Groups[i].VIPs, e.What) {
			all = append(all, k)
		}
	}
	return all, m
}

func neverMoves(f judge.Forecast, events []recording.Event) []recording.Event {
	all, _ := given(f, events)
	if all == nil {
		return nil
	}
	for _, k := range slices.Backward(all) {
		events = slices.Delete(events, k, k+1)
	}
	return events
}

func movesElsewhere(f judge.Forecast, events []recording.Event) []recording.Event {
	all, _ := given(f, events)
	if all == nil {
		return nil
	}
	for _, k := range all {
		events[k].Host = "somebody else"
	}
	return events
}

func movesLate(f judge.Forecast, events []recording.Event) []recording.Event {
	all, m := given(f, events)
	if all == nil {
		return nil
	}
	for _, k := range all {
		events[k].At += m.Window.Worst - m.Window.Best + 2*judge.OwnDelay
	}
	return events
}

func movesEarly(f judge.Forecast, events []recording.Event) []recording.Event {
	all, m := given(f, events)
	if all == nil || m.Window.Best <= 2*judge.OwnDelay {
		return nil
	}
	for _, k := range all {
		events[k].At -= m.Window.Worst
	}
	_, at := moving(f, events, anyMove)
	for _, k := range all {
		events[k].At = max(events[k].At, events[at].At)
	}
	return events
}

func twoKeepIt(f judge.Forecast, events []recording.Event) []recording.Event {
	if len(f.Groups) == 0 {
		return nil
	}
	return slices.Insert(events, 1, recording.Event{At: events[0].At, Kind: recording.HasVIP, Host: "one more", What: f.Groups[0].VIPs[0]})
}

// longOutage has requests fail for longer than the window of the first move
// from a node that has failed.
func longOutage(f judge.Forecast, events []recording.Event) []recording.Event {
	n, at := moving(f, events, func(m judge.Move) bool { return !m.Smooth })
	if n < 0 || f.Steps[n].Wants != nil {
		return nil
	}
	name, done := "", false
	end := events[at].At
	for _, m := range f.Steps[n].Moves {
		end = max(end, events[at].At+m.Window.Worst+3*judge.OwnDelay)
	}
	for k := range events {
		if e := &events[k]; e.Kind == recording.Probe && e.At >= events[at].At && (name == "" || e.What == name) {
			name = e.What
			if e.At < end {
				e.Answer = failed()
			} else {
				done = true
			}
		}
	}
	if !done { // the step was over before
		return nil
	}
	return events
}

func failed() *recording.Answer {
	return &recording.Answer{Problem: "no answer in time", Took: 900 * time.Millisecond}
}

func neverServed(f judge.Forecast, events []recording.Event) []recording.Event {
	n, at := moving(f, events, anyMove)
	if n < 0 || f.Steps[n].Wants != nil {
		return nil
	}
	for k := range events {
		if e := &events[k]; e.Kind == recording.Probe && e.At >= events[at].At {
			e.Answer = failed()
		}
	}
	return events
}

func neverSeen(f judge.Forecast, events []recording.Event) []recording.Event {
	i := slices.IndexFunc(events, func(e recording.Event) bool { return e.Kind == recording.Step })
	if i < 0 || f.Steps[0].Sees == nil {
		return nil
	}
	return slices.DeleteFunc(events, func(e recording.Event) bool { return e.Kind == recording.SeesServer && e.At >= events[i].At })
}
