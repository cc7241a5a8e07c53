package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/judge"
)

// Measures of the picture, in px of its own.
const (
	pictureWidth = 960.0
	boxGap       = 28.0 // between two boxes of a row, at least
	rowApart     = 26.0 // between boxes and bars
	wireApart    = 10.0
	mostServers  = 12
	mostPills    = 3
)

// picture is the site: networks as bars, machines as boxes between them, and a
// wire from each NIC to its bar.
//
// From top to bottom: the client, the networks without servers, the nodes, the
// networks with servers, the servers. A wire that goes farther than the next bar
// passes behind it; the dot says where it ends.
type picture struct {
	Desc  string
	W, H  px
	Bars  []busbar
	Boxes []box
	Wires []wire
	left  float64 // where boxes begin
}

// wire goes from a box to the left, then up or down to a bar.
type wire struct {
	Class          string
	X1, Y1, X2, Y2 px
	network        string
}

// draw lays the picture out; it returns nil where there is nothing to be seen.
func draw(t judge.Topology) *picture {
	if len(t.Nodes) == 0 {
		return nil
	}
	l := newLayers(t)
	p := &picture{Desc: l.describe(), W: px(l.width()), left: l.aisle()}
	y := p.row(l.above, 4)
	y = p.networks(l.upper, y)
	y = p.row(l.middle, y)
	y = p.networks(l.lower, y)
	y = p.row(l.below, y)
	p.H = px(y - rowApart + 4)
	p.connect()
	return p
}

// row sets boxes side by side, each in an equal share of what their widths leave
// over. A client whose wires go down past the nodes stands at the very left.
func (p *picture) row(boxes []box, y float64) float64 {
	if len(boxes) == 0 {
		return y
	}
	spare := (float64(p.W) - p.left - rowWidth(boxes)) / float64(len(boxes))
	x, height := p.left, 0.0
	if p.left > 0 && len(p.Boxes) == 0 {
		x, spare = 0, 0
	}
	for _, b := range boxes {
		x += spare / 2
		b.place(x, y)
		x += b.width() + spare/2
		height = max(height, float64(b.H))
		p.Boxes = append(p.Boxes, b)
	}
	return y + height + rowApart
}

func rowWidth(boxes []box) float64 {
	sum := 0.0
	for _, b := range boxes {
		sum += b.width()
	}
	return sum
}

func (p *picture) networks(bars []busbar, y float64) float64 {
	for _, b := range bars {
		b.place(y, float64(p.W))
		p.Bars = append(p.Bars, b)
		y += float64(b.H) + 10
	}
	if len(bars) > 0 {
		y += rowApart - 10
	}
	return y
}

// connect draws the wires when all boxes and bars have their places.
func (p *picture) connect() {
	for _, b := range p.Boxes {
		for _, w := range b.wires {
			i := slices.IndexFunc(p.Bars, func(b busbar) bool { return b.name == w.network })
			if i < 0 {
				continue
			}
			bar := p.Bars[i]
			w.Class, w.Y2 = bar.Class, bar.Y
			if bar.Y < w.Y1 {
				w.Y2 = bar.Y + bar.H
			}
			p.Wires = append(p.Wires, w)
		}
	}
}

// layers are the boxes and bars from top to bottom.
type layers struct {
	top                  judge.Topology
	upper, lower         []busbar
	above, middle, below []box
}

func newLayers(t judge.Topology) *layers {
	l := &layers{top: t}
	l.sortNetworks()
	for _, n := range t.Nodes {
		l.middle = append(l.middle, l.node(n))
	}
	evenWidths(l.middle)
	l.below = l.servers()
	l.client()
	return l
}

// sortNetworks puts what has servers below the nodes, and what has the client
// on top.
func (l *layers) sortNetworks() {
	var rest []busbar
	for i, n := range l.top.Networks {
		bar := newBusbar(n, i, l.top.VIPs)
		switch {
		case attached(n.Name, l.top.Servers...):
			l.lower = append(l.lower, bar)
		case attached(n.Name, l.top.Client):
			l.upper = append(l.upper, bar)
		default:
			rest = append(rest, bar)
		}
	}
	l.upper = append(l.upper, rest...)
}

func attached(network string, hosts ...judge.Host) bool {
	return slices.ContainsFunc(hosts, func(h judge.Host) bool {
		return slices.ContainsFunc(h.Links, func(l judge.Link) bool { return l.Network == network })
	})
}

// client stands on top; where all its networks are below the nodes, beside them.
func (l *layers) client() {
	if len(l.top.Client.Links) == 0 {
		return
	}
	b := newBox("client", nonEmpty(l.top.Client.Name, "client"))
	down := slices.ContainsFunc(l.upper, func(bar busbar) bool { return attached(bar.name, l.top.Client) })
	for _, link := range l.ordered(l.top.Client.Links) {
		b.link(link, false)
	}
	if down {
		l.above = []box{b.done()}
		return
	}
	l.middle = append([]box{b.done()}, l.middle...)
}

// aisle is the width that the wires of the client take beside the nodes, if it
// is in a network below them.
func (l *layers) aisle() float64 {
	for _, b := range l.above {
		if slices.ContainsFunc(b.wires, func(w wire) bool { return !l.isUpper(w.network) }) {
			return b.margin()
		}
	}
	return 0
}

func (l *layers) node(n judge.Host) box {
	b := newBox("node", n.Name)
	var vips []string
	for _, v := range l.top.VIPs {
		if v.Preferred == n.Name {
			vips = append(vips, v.Address)
		}
	}
	b.badges(vips)
	for _, link := range l.ordered(n.Links) {
		b.link(link, l.isUpper(link.Network))
	}
	return b.done()
}

// ordered sorts links as the bars lie, from top to bottom.
func (l *layers) ordered(links []judge.Link) []judge.Link {
	links = slices.Clone(links)
	bars := slices.Concat(l.upper, l.lower)
	at := func(name string) int {
		return slices.IndexFunc(bars, func(b busbar) bool { return b.name == name })
	}
	slices.SortStableFunc(links, func(a, b judge.Link) int { return at(a.Network) - at(b.Network) })
	return links
}

func (l *layers) isUpper(network string) bool {
	return slices.ContainsFunc(l.upper, func(b busbar) bool { return b.name == network })
}

// servers are a box a backend; those beyond mostServers are counted only.
func (l *layers) servers() []box {
	var boxes []box
	left, rest := mostServers, 0
	for _, g := range backends(l.top.Servers) {
		if left == 0 {
			rest += len(g.servers)
			continue
		}
		shown := min(left, len(g.servers))
		left -= shown
		boxes = append(boxes, g.box(shown))
	}
	if rest > 0 {
		b := newBox("more", fmt.Sprintf("+ %d more in other backends", rest))
		boxes = append(boxes, b.done())
	}
	return boxes
}

// backend is what servers of one name before the slash are in.
type backend struct {
	name    string
	servers []judge.Host
}

func backends(servers []judge.Host) []backend {
	var all []backend
	for _, s := range servers {
		name, _, ok := strings.Cut(s.Name, "/")
		if !ok {
			name = "servers"
		}
		i := slices.IndexFunc(all, func(b backend) bool { return b.name == name })
		if i < 0 {
			i = len(all)
			all = append(all, backend{name: name})
		}
		all[i].servers = append(all[i].servers, s)
	}
	return all
}

func (g backend) box(shown int) box {
	b := newBox("servers", g.name)
	var networks []string
	for _, s := range g.servers {
		for _, link := range s.Links {
			place(&networks, link.Network)
		}
	}
	for _, n := range networks {
		b.port(n, titleHeight/2, true)
	}
	for _, s := range g.servers[:shown] {
		b.server(s)
	}
	if more := len(g.servers) - shown; more > 0 {
		b.line("small", fmt.Sprintf("+ %d more", more), "")
	}
	return b.done()
}

func evenWidths(boxes []box) {
	widest := px(0)
	for _, b := range boxes {
		widest = max(widest, b.W)
	}
	for i := range boxes {
		boxes[i].W = widest
	}
}

func (l *layers) width() float64 {
	width := pictureWidth
	for _, boxes := range [][]box{l.above, l.middle, l.below} {
		width = max(width, l.aisle()+rowWidth(boxes)+boxGap*float64(len(boxes)))
	}
	return width
}

// describe says the same as the picture.
func (l *layers) describe() string {
	var parts []string
	for _, n := range l.top.Networks {
		var in []string
		for _, h := range slices.Concat(l.top.Nodes, []judge.Host{l.top.Client}, l.top.Servers) {
			if attached(n.Name, h) {
				in = append(in, nonEmpty(h.Name, "client"))
			}
		}
		parts = append(parts, fmt.Sprintf("Network %s (%s): %s", n.Name, strings.Join(n.Subnets, ", "), strings.Join(in, ", ")))
	}
	for _, v := range l.top.VIPs {
		parts = append(parts, fmt.Sprintf("Virtual IP %s in %s, preferably on %s", v.Address, v.Network, v.Preferred))
	}
	return strings.Join(parts, ". ") + "."
}

func nonEmpty(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
