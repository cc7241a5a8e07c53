package page

import (
	"fmt"
	"strings"

	"github.com/lbgen/lbgen/internal/judge"
)

const (
	titleHeight = 28.0
	lineHeight  = 15.0
	boxPad      = 12.0
	boxMost     = 270.0 // an IPv6 address in full fits in
)

// box is a machine, or the servers of a backend.
type box struct {
	Class       string
	Title, Full string
	X, Y, W, H  px // X and W are those of the frame; the wires are to the left of it
	Lines       []line
	Pills       []pill
	wires       []wire
	up, down    int // wires that go there
}

// line is one text in a box.
type line struct {
	Class, Text, Full string
	X, Y              px
}

// pill is a virtual IP.
type pill struct {
	Text, Full        string
	X, Y, W, H, TextX px
	TextY             px
}

func newBox(class, title string) box {
	b := box{Class: class, H: titleHeight, W: 120}
	head := face{size: 13, bold: true}
	b.Title = fit(title, boxMost-2*boxPad, head)
	if b.Title != title {
		b.Full = title
	}
	b.widen(head.width(b.Title))
	return b
}

func (b *box) widen(text float64) { b.W = max(b.W, px(text+2*boxPad)) }

// line adds a text below the others.
func (b *box) line(class, text, indent string) {
	f := face{size: 12, mono: true}
	if class == "small" {
		f = face{size: 11}
	}
	l := line{Class: class, Text: fit(indent+text, boxMost-2*boxPad, f), X: boxPad, Y: b.H + 9}
	if l.Text != indent+text {
		l.Full = text
	}
	b.widen(f.width(l.Text))
	b.Lines = append(b.Lines, l)
	b.H += lineHeight
}

// badges are the virtual IPs that a node has while all is well.
func (b *box) badges(vips []string) {
	shown := min(len(vips), mostPills)
	for _, v := range vips[:shown] {
		p := newPill("VIP "+v, boxMost-2*boxPad)
		p.Full = v + " is here while all is well"
		p.X, p.Y = boxPad, b.H-2
		b.widen(float64(p.W))
		b.Pills = append(b.Pills, p)
		b.H += p.H + 4
	}
	if more := len(vips) - shown; more > 0 {
		b.line("small", fmt.Sprintf("and %d more", more), "")
	}
}

func newPill(text string, most float64) pill {
	f := face{size: 11}
	p := pill{Text: fit(text, most-16, f), H: 18}
	if p.Text != text {
		p.Full = text
	}
	p.W = px(f.width(p.Text) + 16)
	return p
}

// link adds a NIC: its device and network, then its addresses.
func (b *box) link(l judge.Link, up bool) {
	b.H += 4
	b.port(l.Network, float64(b.H)+5, up)
	b.line("small", strings.TrimSpace(l.Device+" in "+l.Network), "")
	for _, a := range l.Addresses {
		b.line("mono", a, "")
	}
}

// server adds a server of a backend: its own name, then its addresses.
func (b *box) server(s judge.Host) {
	_, name, ok := strings.Cut(s.Name, "/")
	if !ok {
		name = s.Name
	}
	var addresses []string
	for _, l := range s.Links {
		addresses = append(addresses, l.Addresses...)
	}
	if len(addresses) == 1 {
		joined := name + "  " + addresses[0]
		if (face{size: 12, mono: true}).width(joined) <= boxMost-2*boxPad {
			b.line("mono", joined, "")
			return
		}
	}
	b.line("mono", name, "")
	for _, a := range addresses {
		b.line("mono", a, "\u00a0\u00a0")
	}
}

// port is where a wire begins, y below the top of the box.
func (b *box) port(network string, y float64, up bool) {
	w := wire{Y1: px(y), network: network}
	if up {
		b.up++
		w.X2 = px(wireApart * float64(b.up))
	} else {
		b.down++
		w.X2 = px(wireApart * float64(b.down))
	}
	b.wires = append(b.wires, w)
}

// done closes the frame. Of wires that go down the lowest is nearest to it, of
// those that go up the highest, so that none crosses another one's way out.
func (b *box) done() box {
	b.H += 6
	for i := range b.wires {
		if w := &b.wires[i]; i >= len(b.wires)-b.down {
			w.X2 = px(wireApart*float64(b.down+1)) - w.X2
		}
	}
	return *b
}

// margin is what the wires take to the left of the frame.
func (b *box) margin() float64 {
	if n := max(b.up, b.down); n > 0 {
		return wireApart*float64(n) + 6
	}
	return 0
}

func (b *box) width() float64 { return b.margin() + float64(b.W) }

// place moves the box and all that is in it.
func (b *box) place(x, y float64) {
	b.X, b.Y = px(x+b.margin()), px(y)
	for i := range b.Lines {
		b.Lines[i].X += b.X
		b.Lines[i].Y += b.Y
	}
	for i := range b.Pills {
		b.Pills[i].move(b.X, b.Y)
	}
	for i := range b.wires {
		w := &b.wires[i]
		w.X1, w.X2 = b.X, b.X-w.X2
		w.Y1 += b.Y
	}
}

func (p *pill) move(x, y px) {
	p.X += x
	p.Y += y
	p.TextX, p.TextY = p.X+p.W/2, p.Y+13
}

// busbar is a network.
type busbar struct {
	Class              string
	Name, Subnets      string
	Full               string
	X, Y, W, H         px
	NameX, SubX, TextY px
	Pills              []pill
	name               string
	vips               []string
}

func newBusbar(n judge.Network, i int, vips []judge.VIP) busbar {
	b := busbar{Class: fmt.Sprintf("net%d", i%4), name: n.Name, Subnets: strings.Join(n.Subnets, "  ")}
	b.Full = n.Name + " " + strings.Join(n.Subnets, " ")
	for _, v := range vips {
		if v.Network == n.Name {
			b.vips = append(b.vips, strings.TrimSpace("VIP "+v.Address+" "+v.Group))
		}
	}
	return b
}

// place sets the bar across the picture, with its virtual IPs in a second line.
func (b *busbar) place(y, width float64) {
	b.X, b.Y, b.W, b.H = 1, px(y), px(width-2), 26
	name := face{size: 13, bold: true}
	b.Name = fit(b.name, width*0.35, name)
	b.NameX, b.TextY = boxPad, b.Y+17
	b.SubX = b.NameX + px(name.width(b.Name)+12)
	b.Subnets = fit(b.Subnets, width-float64(b.SubX)-boxPad, face{size: 12, mono: true})
	if len(b.vips) > 0 {
		b.pills(float64(b.H), width)
		b.H += 24
	}
}

// pills sets the virtual IPs side by side, as many as there is room for.
func (b *busbar) pills(y, width float64) {
	const forMore = 80
	x := boxPad
	for i, v := range b.vips {
		p := newPill(v, 420)
		full := x+float64(p.W) > width-boxPad-forMore
		if full {
			p = newPill(fmt.Sprintf("+ %d more", len(b.vips)-i), forMore)
		}
		p.X, p.Y = px(x), px(y-2)
		p.move(0, b.Y)
		b.Pills = append(b.Pills, p)
		if full {
			return
		}
		x += float64(p.W) + 8
	}
}
