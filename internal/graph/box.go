package graph

import (
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/drawing"
)

const (
	pad        = 12.0
	pillHeight = 18.0
	mostLines  = 10 // of one text
)

// box is a frame with texts in it.
type box struct {
	Class      string
	X, Y, W, H drawing.PX
	Texts      []text
	Pills      []pill
	Rules      []rule
	inner      float64 // what a line may be wide
	end        float64 // of the line that was written last
	widest     float64 // line so far
}

// text is one line.
type text struct {
	Class, Text string
	Full        string // where Text is cut
	X, Y        drawing.PX
}

// pill is a virtual IP.
type pill struct {
	Text, Full        string
	X, Y, W, H, TextX drawing.PX
	TextY             drawing.PX
}

// rule is a line between two routes.
type rule struct{ X1, X2, Y drawing.PX }

// style is how a kind of text is set: its face, and how far a line is below the
// one before it.
type style struct {
	class  string
	face   drawing.Face
	height float64
}

func title() style  { return style{"name", drawing.Face{Size: 13, Bold: true}, 18} }
func small() style  { return style{"small", drawing.Face{Size: 11}, 15} }
func mono() style   { return style{"mono", drawing.Face{Size: 12, Mono: true}, 16} }
func plain() style  { return style{"plain", drawing.Face{Size: 12}, 16} }
func strong() style { return style{"strong", drawing.Face{Size: 12, Bold: true}, 16} }

// newBox has a width of its own: see shrink.
func newBox(class string, width float64) *box {
	return &box{Class: class, W: drawing.PX(width), H: 6, inner: width - 2*pad}
}

// write adds a text below what is there, in as many lines as it takes; those
// after the first one are indented.
func (b *box) write(s style, words string) { b.writeAt(s, words, 0, 0) }

func (b *box) writeAt(s style, words string, indent, hang float64) {
	all := drawing.Wrap(words, b.inner-indent-hang, s.face, mostLines)
	for i, line := range all {
		t := text{Class: s.class, Text: line, X: drawing.PX(pad + indent), Y: b.H + drawing.PX(s.height-4)}
		if i > 0 {
			t.X += drawing.PX(hang)
		}
		if i == len(all)-1 && strings.HasSuffix(line, "…") {
			t.Full = words
		}
		b.add(s, t)
		b.H += drawing.PX(s.height)
	}
}

func (b *box) add(s style, t text) {
	b.end = float64(t.X) + s.face.Width(t.Text)
	b.widest = max(b.widest, b.end-pad)
	b.Texts = append(b.Texts, t)
}

// beside adds a small text behind the line that was written last, where there is room.
func (b *box) beside(words string) {
	s := small()
	if b.end+8+s.face.Width(words) > pad+b.inner {
		b.write(s, words)
		return
	}
	b.add(s, text{Class: s.class, Text: words, X: drawing.PX(b.end + 8), Y: b.Texts[len(b.Texts)-1].Y})
}

// pills adds virtual IPs, side by side where there is room; of many the first ones.
func (b *box) pills(words []string, most int) {
	if len(words) == 0 {
		return
	}
	f := drawing.Face{Size: 11}
	x, more := pad, 0
	if len(words) > most {
		words, more = words[:most], len(words)-most
	}
	b.H += 2
	for _, w := range words {
		p := pill{Text: drawing.Fit(w, b.inner-16, f), H: pillHeight}
		if p.Text != w {
			p.Full = w
		}
		p.W = drawing.PX(f.Width(p.Text) + 16)
		if x > pad && x+float64(p.W) > pad+b.inner {
			x, b.H = pad, b.H+pillHeight+4
		}
		p.X, p.Y = drawing.PX(x), b.H
		p.TextX, p.TextY = p.X+p.W/2, p.Y+13
		b.Pills = append(b.Pills, p)
		x += float64(p.W) + 6
		b.widest = max(b.widest, x-6-pad)
	}
	b.H += pillHeight + 4
	if more > 0 {
		b.write(small(), "and "+strconv.Itoa(more)+" more")
	}
}

// gap leaves room.
func (b *box) gap(height float64) { b.H += drawing.PX(height) }

// done closes the frame below what is in it.
func (b *box) done() *box {
	b.H += 7
	return b
}

// shrink makes the frame as wide as what is in it.
func (b *box) shrink() { b.W = drawing.PX(b.widest + 2*pad) }

// move puts the box and all that is in it to a place.
func (b *box) move(x, y float64) {
	dx, dy := drawing.PX(x), drawing.PX(y)
	b.X, b.Y = b.X+dx, b.Y+dy
	for i := range b.Texts {
		b.Texts[i].X += dx
		b.Texts[i].Y += dy
	}
	for i := range b.Pills {
		p := &b.Pills[i]
		p.X, p.Y, p.TextX, p.TextY = p.X+dx, p.Y+dy, p.TextX+dx, p.TextY+dy
	}
	for i := range b.Rules {
		r := &b.Rules[i]
		r.X1, r.X2, r.Y = r.X1+dx, r.X2+dx, r.Y+dy
	}
}
