package page

import (
	"time"

	"github.com/lbgen/lbgen/internal/drawing"
	"github.com/lbgen/lbgen/internal/judge"
)

// scale turns times into places between two edges.
type scale struct {
	from, to    time.Duration
	left, right float64
}

func (s scale) x(d time.Duration) drawing.PX {
	d = min(max(d, s.from), s.to)
	return drawing.PX(s.left + (s.right-s.left)*float64(d-s.from)/float64(s.to-s.from))
}

// span is the place of a stretch of time; it is never too thin to be seen.
func (s scale) span(from, to time.Duration) (x, width drawing.PX) {
	x = s.x(from)
	return x, max(s.x(to)-x, 1)
}

// domain is all the time that a drill has something to show for.
func domain(o judge.Outcome) (from, to time.Duration) {
	from, to = o.Timeline.Begin, o.Timeline.End
	include := func(d time.Duration) { from, to = min(from, d), max(to, d) }
	for _, m := range o.Timeline.Marks {
		include(m.At)
	}
	for _, s := range o.Timeline.Series {
		for _, r := range s.Samples {
			include(r.At)
		}
	}
	for _, s := range o.Steps {
		if s.Measured != nil {
			include(s.At + *s.Measured)
		}
	}
	return from, to
}

// tick is one line of the grid.
type tick struct {
	X     drawing.PX
	Label string
	Zero  bool
}

// ticks are round numbers of seconds, some ten of them.
func ticks(s scale) []tick {
	step := stride(s.to - s.from)
	var all []tick
	for at := s.from.Truncate(step); at <= s.to; at += step {
		if at >= s.from {
			all = append(all, tick{X: s.x(at), Label: round(at), Zero: at == 0})
		}
	}
	return all
}

// stride is the smallest of 1, 2, 5, 10, 20 … that gives at most twelve steps;
// what takes less than a second or two is counted in tenths.
func stride(whole time.Duration) time.Duration {
	for unit := 100 * time.Millisecond; ; unit *= 10 {
		for _, n := range []time.Duration{1, 2, 5} {
			if whole <= 12*n*unit {
				return n * unit
			}
		}
	}
}
