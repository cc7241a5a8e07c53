package judge

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/recording"
)

// timeline is what has happened, counted from the first step.
func (f Forecast) timeline(events []recording.Event, begin time.Duration) Timeline {
	t := Timeline{Begin: -time.Second}
	for _, e := range events {
		t.End = max(t.End, e.At-begin)
		if e.Kind == recording.Step {
			t.Marks = append(t.Marks, Mark{At: e.At - begin, Text: e.What})
		}
	}
	for _, q := range probes(events) {
		one := Series{Name: q.name}
		if i, vip := f.groupOf(q); i >= 0 || vip != "" {
			one.VIP = vip
		}
		for _, s := range samples(events, q.name, 0) {
			s.At -= begin
			one.Samples = append(one.Samples, s)
			t.Begin = min(t.Begin, s.At)
		}
		t.Series = append(t.Series, one)
	}
	t.VIPSpans = stretches(events, begin, t)
	t.Lines = lines(events, begin, t.Begin)
	return t
}

// stretches are the times in which nodes had the virtual IPs.
func stretches(events []recording.Event, begin time.Duration, t Timeline) []VIPSpan {
	var all []VIPSpan
	open := map[[2]string]time.Duration{}
	for _, e := range events {
		key := [2]string{e.What, e.Host}
		switch e.Kind {
		case recording.HasVIP:
			if _, ok := open[key]; !ok {
				open[key] = e.At - begin
			}
		case recording.Drops:
			if from, ok := open[key]; ok && e.At-begin > t.Begin {
				all = append(all, VIPSpan{VIP: e.What, Node: e.Host, From: max(from, t.Begin), To: e.At - begin})
			}
			delete(open, key)
		default: // of no virtual IP
		}
	}
	for key, from := range open {
		all = append(all, VIPSpan{VIP: key[0], Node: key[1], From: max(from, t.Begin), To: t.End})
	}
	slices.SortFunc(all, func(a, b VIPSpan) int {
		return cmp.Or(strings.Compare(a.VIP, b.VIP), cmp.Compare(a.From, b.From), strings.Compare(a.Node, b.Node))
	})
	return all
}

// lines are what the daemons said, what they came to, and what HAProxy thought
// of its servers, from a moment on.
func lines(events []recording.Event, begin, from time.Duration) []Line {
	var all []Line
	for _, e := range events {
		line := Line{At: e.At - begin, Host: e.Host, Program: e.What, Text: e.Text}
		switch e.Kind {
		case recording.Said:
		case recording.Started:
			line.Text = "is started"
		case recording.Ended:
			line.Text = "has ended: " + e.Text
		case recording.HasVIP:
			line.Program, line.Text = "kernel", "has "+e.What
		case recording.Drops:
			line.Program, line.Text = "kernel", "no longer has "+e.What
		case recording.SeesServer:
			line.Program, line.Text = "haproxy", "takes "+e.What+" for "+e.Text
		default:
			continue
		}
		if line.At >= from {
			all = append(all, line)
		}
	}
	slices.SortStableFunc(all, func(a, b Line) int { return cmp.Compare(a.At, b.At) })
	return all
}
