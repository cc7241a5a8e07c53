package page

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"github.com/lbgen/lbgen/internal/judge"
)

// mark says a verdict by its shape, for whoever does not see its colour.
func mark(v judge.Verdict) string {
	switch v {
	case judge.Passed:
		return "✓"
	case judge.Failed:
		return "✕"
	case judge.Noted:
		return "!"
	case judge.Inconclusive:
		return "?"
	default:
		return "–"
	}
}

// verdict is that of all drills together.
func verdict(r judge.Result) judge.Verdict {
	switch {
	case r.Failed():
		return judge.Failed
	case r.Inconclusive():
		return judge.Inconclusive
	case tried(r, judge.Passed) == 0:
		return judge.Skipped
	default:
		return judge.Passed
	}
}

func headline(r judge.Result, v judge.Verdict) string {
	all, failed := len(r.Drills), tried(r, judge.Failed)
	switch {
	case all == 0:
		return "No drill was tried"
	case failed == all:
		return "Every drill failed"
	case v == judge.Failed:
		return fmt.Sprintf("%d of %d drills failed", failed, all)
	case v == judge.Inconclusive:
		return "The machine was too busy to judge every drill"
	case v == judge.Skipped:
		return "No drill could be tried"
	case tried(r, judge.Passed) == all:
		return "Every drill passed"
	default:
		return "No drill failed"
	}
}

func tried(r judge.Result, v judge.Verdict) int {
	n := 0
	for _, o := range r.Drills {
		if o.Verdict == v {
			n++
		}
	}
	return n
}

// tallies counts the verdicts, those that need a reader first.
func tallies(r judge.Result) []tallied {
	var all []tallied
	for _, v := range []judge.Verdict{judge.Failed, judge.Inconclusive, judge.Noted, judge.Passed, judge.Skipped} {
		if n := tried(r, v); n > 0 {
			all = append(all, tallied{N: n, Verdict: v})
		}
	}
	return all
}

func facts(r judge.Result) []fact {
	requests, failed := 0, 0
	for _, o := range r.Drills {
		for _, s := range o.Steps {
			requests += s.Requests
			failed += s.Failed
		}
	}
	all := []fact{outage(r)}
	if requests > 0 {
		all = append(all, fact{Name: "Requests that failed", Value: strconv.Itoa(failed), Note: fmt.Sprintf("of %d", requests)})
	}
	all = append(all, fact{Name: "The rehearsal took", Value: long(r.Took)})
	if n := tried(r, judge.Inconclusive); n > 0 {
		all = append(all, fact{Name: "This machine", Value: "was busy", Note: "too busy to judge " + count(n, "drill")})
	}
	for _, d := range r.Daemons {
		all = append(all, fact{Name: d.Name, Value: cmp.Or(d.Version, "of unknown version"), Note: d.Program})
	}
	return all
}

// outage is the longest time in which requests failed, except in what no pair
// survives.
func outage(r judge.Result) fact {
	f := fact{Name: "Longest outage", Value: "none", Note: "no drill cut clients off"}
	var most time.Duration
	for _, o := range r.Drills {
		for _, s := range o.Steps {
			if o.Verdict != judge.Noted && s.Unserved > most {
				most = s.Unserved
				f.Value, f.Note = seconds(most), s.Title
			}
		}
	}
	return f
}
