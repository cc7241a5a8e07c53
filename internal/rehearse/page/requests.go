package page

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/drawing"
	"github.com/lbgen/lbgen/internal/judge"
)

const (
	mostLanes = 12 // servers beyond that share one
	tones     = 4  // colours for servers; lanes tell them apart where these repeat
)

// seriesRow has a lane for the requests that failed and one for each server
// that answered.
func seriesRow(s scale, series judge.Series, k *key) row {
	r := newRow("requests", series.Name, outcome(series.Samples))
	r.Absent = "no request"
	lanes := answerers(series.Samples, k)
	for _, name := range lanes {
		r.Lanes = append(r.Lanes, newLane("", name))
	}
	bad := newLane("v-failed", "✕ failed")
	pace := pace(s, series.Samples)
	for _, sample := range series.Samples {
		if !sample.OK {
			bad.request(s, sample, pace, "bad")
			continue
		}
		r.Lanes[laneOf(lanes, answerer(sample))].request(s, sample, pace, fmt.Sprintf("t%d", k.server(sample.Server)%tones))
	}
	if len(bad.Bars) > 0 {
		r.Lanes = append([]lane{bad}, r.Lanes...)
	}
	return r
}

// laneOf finds a server's lane; the last one is for those without.
func laneOf(lanes []string, name string) int {
	if i := slices.Index(lanes, name); i >= 0 {
		return i
	}
	return len(lanes) - 1
}

// request adds a tick, and a hairline for as long as a slow one waited.
func (l *lane) request(s scale, r judge.Sample, pace float64, class string) {
	b := l.add(s, class, r.At, r.At, tell(r))
	b.W = drawing.PX(pace)
	if b.X+b.W > drawing.PX(s.right) {
		b.X = drawing.PX(s.right - pace)
	}
	if waited := s.x(r.At+r.Took) - s.x(r.At); waited > 6 {
		w := bar{Class: class + " wait", X: b.X, Y: barHeight/2 - 0.5, W: waited, H: 1}
		l.Bars = append(l.Bars, w)
	}
}

// tell says what came of a request.
func tell(r judge.Sample) string {
	if !r.OK {
		return fmt.Sprintf("%s: failed after %s: %s", seconds(r.At), millis(r.Took), r.Problem)
	}
	return fmt.Sprintf("%s: %s answered in %s", seconds(r.At), answerer(r), millis(r.Took))
}

func answerer(r judge.Sample) string {
	if r.Server == "" {
		return "answered"
	}
	return r.Server
}

// answerers are the lanes of the servers, in the order of the site.
func answerers(samples []judge.Sample, k *key) []string {
	var all []judge.Sample
	for _, r := range samples {
		if r.OK && !slices.ContainsFunc(all, func(s judge.Sample) bool { return s.Server == r.Server }) {
			all = append(all, r)
		}
	}
	slices.SortStableFunc(all, func(a, b judge.Sample) int { return k.server(a.Server) - k.server(b.Server) })
	var names []string
	for _, r := range all {
		names = append(names, answerer(r))
	}
	if len(names) > mostLanes {
		names = append(names[:mostLanes-1], fmt.Sprintf("%d others", len(names)-mostLanes+1))
	}
	return names
}

// pace is how wide a tick is: most of the time between two requests.
func pace(s scale, samples []judge.Sample) float64 {
	var gaps []time.Duration
	for i := 1; i < len(samples); i++ {
		gaps = append(gaps, samples[i].At-samples[i-1].At)
	}
	if gaps == nil {
		return 3
	}
	slices.Sort(gaps)
	gap := gaps[len(gaps)/2]
	return min(max(0.75*float64(s.x(s.from+gap)-s.x(s.from)), 0.8), 4)
}

// outcome sums up the requests of a row.
func outcome(samples []judge.Sample) string {
	failed, slowest := 0, time.Duration(0)
	for _, r := range samples {
		if r.OK {
			slowest = max(slowest, r.Took)
		} else {
			failed++
		}
	}
	parts := []string{fmt.Sprintf("none of %s failed", count(len(samples), "request"))}
	if failed > 0 {
		parts = []string{fmt.Sprintf("%d of %s failed", failed, count(len(samples), "request"))}
	}
	if slowest > 0 {
		parts = append(parts, "slowest answer "+millis(slowest))
	}
	return strings.Join(parts, ", ")
}

// problem is one way in which requests failed.
type problem struct {
	Text        string
	Count       int
	First, Last time.Duration
}

// HowMany requests.
func (p problem) HowMany() string { return count(p.Count, "request") }

// When is the time between the first and the last of them.
func (p problem) When() string {
	if number(p.First) == number(p.Last) {
		return "at " + seconds(p.First)
	}
	return "from " + between(p.First, p.Last)
}

// problems gathers why requests failed, the most frequent first.
func problems(series []judge.Series) []problem {
	var all []problem
	for _, s := range series {
		for _, r := range s.Samples {
			if !r.OK {
				all = tally(all, r)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b problem) int { return b.Count - a.Count })
	return all
}

func tally(all []problem, r judge.Sample) []problem {
	i := slices.IndexFunc(all, func(p problem) bool { return p.Text == r.Problem })
	if i < 0 {
		return append(all, problem{Text: r.Problem, Count: 1, First: r.At, Last: r.At})
	}
	p := &all[i]
	p.Count++
	p.First, p.Last = min(p.First, r.At), max(p.Last, r.At)
	return all
}
