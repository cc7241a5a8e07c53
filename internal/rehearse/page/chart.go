package page

import (
	"fmt"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/drawing"
	"github.com/lbgen/lbgen/internal/judge"
)

// Measures of a chart, in px of its own.
const (
	chartWidth = 1040.0
	gutter     = 118.0 // the names of the lanes stand there
	edge       = 8.0   // to the right of the last second
	headHeight = 17.0  // the line above the lanes of a row
	lanePitch  = 13.0
	barHeight  = 9.0
	rowGap     = 10.0
	axisHeight = 20.0
)

// chart is one drill over time: rows of lanes under one axis.
type chart struct {
	ID, Title, Desc string
	W, H            drawing.PX
	From, To        float64    // seconds
	Left, Right     drawing.PX // where these are
	Top, Bottom     drawing.PX // of all rows
	AxisY           drawing.PX
	Ticks           []tick
	Shades          []shade      // when the predictions say that it should be over
	Ends            []drawing.PX // when it was, as measured
	Flags           []flag
	Rows            []row
}

// Width is that of a lane.
func (c *chart) Width() drawing.PX { return c.Right - c.Left }

// Height is that of all rows.
func (c *chart) Height() drawing.PX { return c.Bottom - c.Top }

// shade is a predicted window behind all rows.
type shade struct{ X, W drawing.PX }

// row is what happened to one thing: a step, a virtual IP, requests.
type row struct {
	Kind       string
	Name, Full string // Full is there where Name is cut
	Note       string
	Absent     string     // what to say of a time at which nothing is drawn
	Y          drawing.PX // the base line of the name
	NoteX      drawing.PX
	Lanes      []lane
	Over       []bar // across all lanes
}

// lane is one line of bars.
type lane struct {
	Label, Full string
	Class       string
	Y, LabelY   drawing.PX
	Bars        []bar
}

// bar is a stretch of time.
type bar struct {
	Class      string
	X, Y, W, H drawing.PX
	Tip        string // for whoever points at it
	Text       *label // on it, where there is room
}

// label is a text in the middle of a bar.
type label struct {
	Text string
	X, Y drawing.PX
}

// newChart draws a drill; it returns nil where nothing was recorded.
func newChart(id string, o judge.Outcome, k *key) *chart {
	from, to := domain(o)
	if from == to {
		return nil
	}
	s := scale{from: from, to: to, left: gutter, right: chartWidth - edge}
	c := &chart{
		ID: id, Title: "What happened over time: " + o.Title, Desc: describe(o),
		W: chartWidth, From: from.Seconds(), To: to.Seconds(), Left: drawing.PX(s.left), Right: drawing.PX(s.right), Ticks: ticks(s),
		Flags: flags(s, o.Timeline.Marks), Rows: rows(s, o, k),
	}
	c.predictions(s, o.Steps)
	c.stack()
	return c
}

func rows(s scale, o judge.Outcome, k *key) []row {
	var all []row
	for _, step := range o.Steps {
		if step.Predicted != nil || step.Measured != nil {
			all = append(all, stepRow(s, step))
		}
	}
	for _, vip := range k.vipsOf(o.Timeline) {
		all = append(all, vipRow(s, vip, o.Timeline.VIPSpans, k))
	}
	for _, series := range o.Timeline.Series {
		all = append(all, seriesRow(s, series, k))
	}
	return all
}

func (c *chart) predictions(s scale, steps []judge.Step) {
	for _, step := range steps {
		if step.Predicted != nil {
			x, w := s.span(step.At+step.Predicted.Best-step.Allowance, step.At+step.Predicted.Worst+step.Allowance)
			c.Shades = append(c.Shades, shade{X: x, W: w})
		}
		if step.Measured != nil {
			c.Ends = append(c.Ends, s.x(step.At+*step.Measured))
		}
	}
}

// stack puts the flags on top, then the rows one below the other, then the axis.
func (c *chart) stack() {
	y := plant(c.Flags) + 6
	c.Top = drawing.PX(y)
	for i := range c.Rows {
		y = c.Rows[i].place(y)
	}
	c.Bottom = drawing.PX(y)
	c.AxisY = drawing.PX(y + 14)
	c.H = drawing.PX(y + axisHeight)
}

// place moves a row and all that is in it down to y, and returns where the next begins.
func (r *row) place(y float64) float64 {
	r.Y, r.NoteX = drawing.PX(y+12), drawing.PX(chartWidth-edge)
	top := y + headHeight
	for i := range r.Lanes {
		l := &r.Lanes[i]
		laneTop := top + float64(i)*lanePitch
		l.Y, l.LabelY = drawing.PX(laneTop), drawing.PX(laneTop+barHeight)
		for j := range l.Bars {
			l.Bars[j].Y += drawing.PX(laneTop)
		}
	}
	bottom := top + float64(len(r.Lanes))*lanePitch
	for i := range r.Over {
		r.Over[i].cover(top-2, bottom-1)
	}
	return bottom + rowGap
}

// cover stretches a bar from one height to another.
func (b *bar) cover(top, bottom float64) {
	b.Y, b.H = drawing.PX(top), drawing.PX(bottom-top)
	if b.Text != nil {
		b.Text.Y = drawing.PX((top+bottom)/2 + 4)
	}
}

// newRow is a row without lanes: its name to the left, its note to the right.
func newRow(kind, name, note string) row {
	head := drawing.Face{Size: 12, Bold: true}
	room := chartWidth - edge - drawing.Face{Size: 11}.Width(note) - 24
	r := row{Kind: kind, Name: drawing.Fit(name, room, head), Note: note}
	if r.Name != name {
		r.Full = name
	}
	return r
}

func newLane(class, label string) lane {
	l := lane{Class: class, Label: drawing.Fit(label, gutter-10, drawing.Face{Size: 11})}
	if l.Label != label {
		l.Full = label
	}
	return l
}

func (l *lane) add(s scale, class string, from, to time.Duration, tip string) *bar {
	b := bar{Class: class, H: barHeight, Tip: tip}
	b.X, b.W = s.span(from, to)
	l.Bars = append(l.Bars, b)
	return &l.Bars[len(l.Bars)-1]
}

// stepRow shows what was predicted as a band and what was measured as a line
// that ought to end in it.
func stepRow(s scale, step judge.Step) row {
	r := newRow("step", step.Title, expectation(step))
	l := newLane("v-"+string(step.Verdict), mark(step.Verdict)+" "+string(step.Verdict))
	if w := step.Predicted; w != nil {
		tip := "predicted " + between(w.Best, w.Worst)
		l.add(s, "allowed", step.At+w.Best-step.Allowance, step.At+w.Worst+step.Allowance,
			tip+", ± "+seconds(step.Allowance)+" for this machine")
		l.add(s, "window", step.At+w.Best, step.At+w.Worst, tip)
	}
	if d := step.Measured; d != nil {
		line := l.add(s, "measured", step.At, step.At+*d, "measured "+seconds(*d))
		line.Y, line.H = 3, 3
		end := l.add(s, "measured", step.At+*d, step.At+*d, "measured "+seconds(*d))
		end.X, end.W, end.Y, end.H = end.X-1, 2, -2, 13
	}
	r.Lanes = []lane{l}
	return r
}

// expectation puts what was predicted beside what came.
func expectation(step judge.Step) string {
	var parts []string
	if w := step.Predicted; w != nil {
		parts = append(parts, "predicted "+between(w.Best, w.Worst))
	}
	if d := step.Measured; d != nil {
		parts = append(parts, "measured "+seconds(*d))
	} else {
		parts = append(parts, "not measured")
	}
	return strings.Join(parts, ", ")
}

// describe says what the chart shows to whoever does not see it.
func describe(o judge.Outcome) string {
	var parts []string
	for _, m := range o.Timeline.Marks {
		parts = append(parts, seconds(m.At)+": "+m.Text)
	}
	for _, s := range o.Steps {
		if s.Predicted != nil || s.Measured != nil {
			parts = append(parts, s.Title+": "+expectation(s))
		}
	}
	for _, h := range o.Timeline.VIPSpans {
		parts = append(parts, fmt.Sprintf("%s has %s from %s", h.Node, h.VIP, between(h.From, h.To)))
	}
	for _, s := range o.Timeline.Series {
		parts = append(parts, s.Name+": "+outcome(s.Samples))
	}
	return strings.Join(parts, ". ") + "."
}
