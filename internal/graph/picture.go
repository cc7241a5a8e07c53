package graph

import (
	"fmt"
	"strings"

	"github.com/lbgen/lbgen/internal/drawing"
)

// Widths of a picture, in px of its own. A wide one is for a screen, a narrow one
// for a phone and for a column of text.
const (
	wide   = 1080.0
	narrow = 380.0
)

// picture is a site in two parts: the machines with their networks, and below
// them the way of requests, from frontends by their routes to backends.
//
// It is laid out here, by hand: what stands where follows from what it is, so
// that the same site looks the same again, and a change of it can be seen.
type picture struct {
	ID, Desc string
	W, H     drawing.PX
	Captions []text
	Wires    []wire
	Boxes    []*box
	Narrow   bool
}

// OuterW is the width with a rim for the frames' lines.
func (p *picture) OuterW() drawing.PX { return p.W + 4 }

// OuterH is the height with the same rim.
func (p *picture) OuterH() drawing.PX { return p.H + 4 }

// FileW is the width of a file of its own, which has a margin.
func (p *picture) FileW() drawing.PX { return p.W + 32 }

// FileH is its height.
func (p *picture) FileH() drawing.PX { return p.H + 32 }

// wire leads from one box to another.
type wire struct {
	Class string
	D     string // the path of SVG
	Dot   *dot   // where it ends, if that is at a network
	Arrow string // the path of its head, if it has one
}

// dot is where a wire ends at a network.
type dot struct {
	Class string
	X, Y  drawing.PX
}

// draw lays the picture out for a width.
func draw(g Graph, width float64) *picture {
	p := &picture{ID: fmt.Sprintf("site-%g", width), W: drawing.PX(width), Desc: describe(g), Narrow: width == narrow}
	y := p.machines(g, 0)
	y = p.requests(g, y)
	p.H = drawing.PX(y)
	return p
}

// caption stands above a part of the picture.
func (p *picture) caption(words string, y float64) float64 {
	p.Captions = append(p.Captions, text{Class: "caption", Text: words, X: 0, Y: drawing.PX(y + 14)})
	return y + 26
}

func (p *picture) put(b *box, x, y float64) {
	b.move(x, y)
	p.Boxes = append(p.Boxes, b)
}

// arrow is the head of a wire that goes to the right, its point at x and y.
func arrow(x, y float64) string {
	return fmt.Sprintf("M%s %sl-7 -4v8z", drawing.PX(x), drawing.PX(y))
}

// describe says what the picture shows, for who does not see it.
func describe(g Graph) string {
	var all []string
	for _, n := range g.Networks {
		all = append(all, fmt.Sprintf("Network %s (%s)", n.Name, strings.Join(n.Subnets, ", ")))
	}
	for _, n := range g.Nodes {
		s := "Node " + n.Name
		if len(n.VIPs) > 0 {
			s += ", preferred for the virtual IP " + few(n.VIPs, "and")
		}
		all = append(all, s)
	}
	for _, f := range g.Frontends {
		var to []string
		for _, r := range f.Routes {
			if r.Backend != "" {
				add(&to, r.Backend)
			}
		}
		s := fmt.Sprintf("Frontend %s with %s", f.Name, count(len(f.Routes), "route"))
		if len(to) > 0 {
			s += " to " + few(to, "and")
		}
		all = append(all, s)
	}
	for _, b := range g.Backends {
		all = append(all, fmt.Sprintf("Backend %s with %s", b.Name, count(len(b.Servers), "server")))
	}
	return strings.Join(all, ". ") + "."
}
