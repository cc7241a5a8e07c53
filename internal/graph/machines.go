package graph

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/drawing"
)

const (
	wireApart = 10.0
	between   = 28.0 // two boxes side by side
	apart     = 24.0 // rows of boxes, and bars
	mostVIPs  = 8
	mostWidth = 360.0 // of a machine: an IPv6 address in full fits in
)

// machines is the upper part: networks as bars, the clients and the nodes between
// them, and a wire from each NIC to its bar.
//
// From top to bottom: the clients, the networks without servers, the nodes, the
// networks with servers. A wire that goes farther than the next bar passes behind
// it; the dot says where it ends. Each network has a lane of its own to the left
// of every box, so that wires of boxes that stand below each other run together.
type machines struct {
	*picture
	graph        Graph
	upper, lower []Network
	bars         map[string]*box
	ports        []port
}

// port is where a wire leaves a box, and its network.
type port struct {
	box     *box
	y       drawing.PX // below the top of the box
	network string
}

func (p *picture) machines(g Graph, y float64) float64 {
	m := &machines{picture: p, graph: g, bars: map[string]*box{}}
	m.sort()
	left := m.aisle()
	nodes := m.nodes(float64(p.W) - left - m.margin())
	switch client := m.client(float64(p.W) - m.margin()); {
	case client == nil:
	case !m.fromAbove():
		nodes = append([]*box{client}, nodes...)
	case left > 0:
		y = m.row([]*box{client}, y, 0, left+float64(client.W))
	default:
		y = m.row([]*box{client}, y, 0, float64(p.W))
	}
	y = m.networks(m.upper, y)
	y = m.row(even(nodes), y, left, float64(m.W))
	y = m.networks(m.lower, y)
	m.connect()
	return y
}

// sort puts networks with servers below the nodes, and those of the clients on top.
func (m *machines) sort() {
	var rest []Network
	for _, n := range m.graph.Networks {
		switch {
		case len(n.Backends) > 0:
			m.lower = append(m.lower, n)
		case slices.Contains(m.graph.Clients.Networks, n.Name):
			m.upper = append(m.upper, n)
		default:
			rest = append(rest, n)
		}
	}
	m.upper = append(m.upper, rest...)
}

func (m *machines) isUpper(network string) bool {
	return slices.ContainsFunc(m.upper, func(n Network) bool { return n.Name == network })
}

// fromAbove says whether a network of the clients is above the nodes.
func (m *machines) fromAbove() bool {
	return slices.ContainsFunc(m.graph.Clients.Networks, m.isUpper)
}

// lane is how far to the left of a box the wires to a network are. Of those that
// go up the highest is nearest to the box, of those that go down the lowest, so
// that none crosses another one's way out.
func (m *machines) lane(network string) float64 {
	for i, n := range m.upper {
		if n.Name == network {
			return wireApart * float64(i+1)
		}
	}
	i := slices.IndexFunc(m.lower, func(n Network) bool { return n.Name == network })
	return wireApart * float64(len(m.upper)+len(m.lower)-i)
}

// margin is what the wires take to the left of each box.
func (m *machines) margin() float64 { return wireApart*float64(len(m.graph.Networks)) + 6 }

// order is that of the bars, from top to bottom.
func (m *machines) order(a, b string) int {
	at := func(name string) int {
		return slices.IndexFunc(slices.Concat(m.upper, m.lower), func(n Network) bool { return n.Name == name })
	}
	return at(a) - at(b)
}

// aisle is what the wires of the clients take beside the nodes, if they are above
// these, and in a network below them.
func (m *machines) aisle() float64 {
	down := func(network string) bool { return !m.isUpper(network) }
	if m.fromAbove() && slices.ContainsFunc(m.graph.Clients.Networks, down) {
		return m.margin()
	}
	return 0
}

// client is who comes in; nil where nobody can be said to.
func (m *machines) client(room float64) *box {
	if len(m.graph.Clients.Networks) == 0 {
		return nil
	}
	b := newBox("client", min(room, mostWidth))
	b.write(title(), "clients")
	for _, n := range slices.SortedFunc(slices.Values(m.graph.Clients.Networks), m.order) {
		m.ports = append(m.ports, port{b, b.H + 8, n})
		b.write(small(), "network "+n)
		b.folded(m.graph.Clients.Addresses[n])
	}
	b.shrink()
	return b.done()
}

// folded are addresses, each family by itself; of many the first and the last one.
func (b *box) folded(all []string) {
	first := slices.IndexFunc(all, func(a string) bool { return strings.Contains(a, ":") })
	if first > 0 && !slices.ContainsFunc(all[first:], func(a string) bool { return !strings.Contains(a, ":") }) {
		b.folded(all[:first])
		all = all[first:]
	}
	if n := len(all); n > 2 {
		b.write(small(), strconv.Itoa(n)+" addresses, from")
		b.write(mono(), all[0])
		b.write(small(), "to")
		all = all[n-1:]
	}
	for _, a := range all {
		b.write(mono(), a)
	}
}

func (m *machines) nodes(room float64) []*box {
	var all []*box
	for _, n := range m.graph.Nodes {
		b := newBox("node", min(room, mostWidth))
		b.write(title(), n.Name)
		var vips []string
		for _, v := range n.VIPs {
			vips = append(vips, "VIP "+v)
		}
		b.pills(vips, 3)
		nics := slices.Clone(n.NICs)
		slices.SortStableFunc(nics, func(x, y NIC) int { return m.order(x.Network, y.Network) })
		for _, nic := range nics {
			b.gap(3)
			m.ports = append(m.ports, port{b, b.H + 8, nic.Network})
			b.write(small(), nic.Device+", "+nic.Role)
			for _, a := range nic.Addresses {
				b.write(mono(), a)
			}
		}
		all = append(all, b.done())
	}
	return all
}

// even gives boxes the width and the height of the largest.
func even(boxes []*box) []*box {
	var w, h drawing.PX
	for _, b := range boxes {
		b.shrink()
		w, h = max(w, b.W), max(h, b.H)
	}
	for _, b := range boxes {
		b.W, b.H = w, h
	}
	return boxes
}

// row sets boxes of one width side by side, in as many rows as it takes.
func (m *machines) row(boxes []*box, y, left, right float64) float64 {
	if len(boxes) == 0 {
		return y
	}
	room := right - left
	need := m.margin() + float64(boxes[0].W)
	cols := min(max(int((room+between)/(need+between)), 1), len(boxes))
	share := room / float64(cols)
	for i, b := range boxes {
		if i > 0 && i%cols == 0 {
			y += float64(b.H) + apart
		}
		m.put(b, left+share*float64(i%cols)+(share-need)/2+m.margin(), y)
	}
	return y + float64(boxes[0].H) + apart
}

// networks sets bars across the picture.
func (m *machines) networks(all []Network, y float64) float64 {
	for i, n := range all {
		b := newBox("bar "+m.class(n.Name), float64(m.W)-2)
		b.write(title(), n.Name)
		for _, s := range n.Subnets {
			b.beside(s)
		}
		if len(n.Backends) > 0 {
			b.write(small(), "servers of "+few(n.Backends, "and"))
		}
		var vips []string
		for _, v := range n.VIPs {
			vips = append(vips, "VIP "+v)
		}
		b.pills(vips, mostVIPs)
		b.done()
		m.put(b, 1, y)
		m.bars[n.Name] = b
		y += float64(b.H) + 10
		if i == len(all)-1 {
			y += apart - 10
		}
	}
	return y
}

func (m *machines) class(network string) string {
	i := slices.IndexFunc(m.graph.Networks, func(n Network) bool { return n.Name == network })
	return fmt.Sprintf("net%d", i%4)
}

// connect draws the wires when all boxes and bars have their places.
func (m *machines) connect() {
	for _, p := range m.ports {
		bar, x := m.bars[p.network], p.box.X-drawing.PX(m.lane(p.network))
		y, end := p.box.Y+p.y, bar.Y
		if bar.Y < p.box.Y {
			end = bar.Y + bar.H
		}
		class := m.class(p.network)
		m.Wires = append(m.Wires, wire{Class: "wire " + class, D: fmt.Sprintf("M%s %sH%sV%s", p.box.X, y, x, end),
			Dot: &dot{class, x, end}})
	}
}
