package page

import (
	"slices"

	"github.com/lbgen/lbgen/internal/drawing"
	"github.com/lbgen/lbgen/internal/judge"
)

const (
	flagPitch = 18.0
	flagPad   = 5.0
	flagMost  = 420.0 // a longer text is cut
)

// flag is a mark of a drill: a line down through the rows, with its text at the top.
type flag struct {
	X                   drawing.PX // of the line
	Text, Time, Full    string
	BoxX, BoxY, W, H    drawing.PX
	TextX, TimeX, TextY drawing.PX
	lane                int
}

// flags puts the texts of marks that are close to each other into different
// lanes. Going from right to left puts an earlier one above a later one, so that
// lines seldom pass behind another text.
func flags(s scale, marks []judge.Mark) []flag {
	all := make([]flag, 0, len(marks))
	for _, m := range marks {
		all = append(all, newFlag(s, m))
	}
	slices.SortStableFunc(all, func(a, b flag) int { return int(100*a.X) - int(100*b.X) })
	for i := len(all) - 1; i >= 0; i-- {
		for slices.ContainsFunc(all[i+1:], all[i].collides) {
			all[i].lane++
		}
	}
	return all
}

func newFlag(s scale, m judge.Mark) flag {
	small := drawing.Face{Size: 11}
	f := flag{X: s.x(m.At), Time: seconds(m.At), Text: drawing.Fit(m.Text, flagMost, small), H: 15}
	if f.Text != m.Text {
		f.Full = m.Text
	}
	time := small.Width(f.Time) + 6
	f.W = drawing.PX(small.Width(f.Text) + time + 2*flagPad)
	f.BoxX = f.X
	if over := f.BoxX + f.W - drawing.PX(s.right); over > 0 { // it hangs to the left of its line
		f.BoxX = max(f.X-f.W, 0)
	}
	f.TimeX = f.BoxX + flagPad
	f.TextX = f.TimeX + drawing.PX(time)
	return f
}

func (f flag) collides(g flag) bool {
	const gap = 4
	return f.lane == g.lane && f.BoxX < g.BoxX+g.W+gap && g.BoxX < f.BoxX+f.W+gap
}

// plant gives the flags their heights, the first lane lowest, and returns where they end.
func plant(all []flag) float64 {
	lanes := 0
	for _, f := range all {
		lanes = max(lanes, f.lane+1)
	}
	for i := range all {
		all[i].BoxY = drawing.PX(flagPitch*float64(lanes-1-all[i].lane) + 1)
		all[i].TextY = all[i].BoxY + 11
	}
	return flagPitch * float64(lanes)
}
