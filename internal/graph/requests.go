package graph

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/drawing"
)

const (
	frameWidth  = 520.0 // of a frontend
	inset       = 30.0  // of what stands behind the number of a route
	laneApart   = 9.0
	mostLanes   = 12
	mostServers = 8
	leastWidth  = 340.0 // of a backend
	headIn      = 15.0  // below its top a wire reaches a backend
)

// requests is the lower part: each frontend with its routes in the order in which
// they are tried. A backend stands beside the first route that leads to it, and
// so no other route is between them; in a narrow picture it stands below the
// route, within the frontend. Further routes to it have a wire of their own.
type requests struct {
	*picture
	backends map[string]*Backend
	placed   map[string]*box
	repeats  []repeat
	x, width float64 // of the backends
}

// repeat is a route to a backend that stands elsewhere.
type repeat struct {
	backend string
	x, y    float64
}

func (p *picture) requests(g Graph, y float64) float64 {
	r := &requests{picture: p, backends: map[string]*Backend{}, placed: map[string]*box{}}
	for i := range g.Backends {
		r.backends[g.Backends[i].Name] = &g.Backends[i]
	}
	r.columns(g)
	y = p.caption("Requests, by the first route that takes them", y)
	for i := range g.Frontends {
		y = r.frontend(&g.Frontends[i], y) + apart
	}
	r.connect()
	return r.unused(g, y)
}

// columns finds room for the wires of the routes that lead to a backend which
// another route has led to before.
func (r *requests) columns(g Graph) {
	if r.Narrow {
		r.x, r.width = inset, float64(r.W)-inset-8
		return
	}
	seen, again := map[string]bool{}, map[string]bool{}
	for _, f := range g.Frontends {
		for _, route := range f.Routes {
			again[route.Backend] = route.Backend != "" && seen[route.Backend]
			seen[route.Backend] = true
		}
	}
	lanes := 0
	for _, is := range again {
		if is {
			lanes++
		}
	}
	r.x = frameWidth + 40 + laneApart*float64(min(lanes, mostLanes))
	r.width = max(float64(r.W)-r.x, leastWidth)
	r.W = max(r.W, drawing.PX(r.x+r.width))
}

func (r *requests) frontend(f *Frontend, y float64) float64 {
	width := frameWidth
	if r.Narrow {
		width = float64(r.W)
	}
	frame := newBox("frontend", width)
	r.Boxes = append(r.Boxes, frame) // below what stands in it
	frame.write(title(), f.Name)
	frame.beside(f.Mode)
	for _, b := range f.Binds {
		frame.write(plain(), b.words())
	}
	for _, n := range f.Notes {
		frame.write(small(), n)
	}
	for i := range f.Routes {
		r.route(frame, &f.Routes[i], i, y)
	}
	frame.done()
	frame.move(0, y)
	return y + float64(frame.H)
}

// words says what is listened on: port 80 on VIP VI_1 (172.16.110.70).
func (b *Bind) words() string {
	s := "port " + b.Ports + " on "
	switch addresses := few(b.Addresses, "and"); {
	case b.At == "":
		s += addresses
	case addresses == "":
		s += b.At
	default:
		s += b.At + " (" + addresses + ")"
	}
	return strings.Join(append([]string{s}, b.Notes...), ", ")
}

// route adds a route to the frame, which will begin at top.
func (r *requests) route(frame *box, route *Route, i int, top float64) {
	frame.gap(5)
	frame.Rules = append(frame.Rules, rule{1, frame.W - 1, frame.H})
	frame.gap(2)
	begin := float64(frame.H)
	if !route.Last {
		frame.writeAt(small(), strconv.Itoa(i+1), 0, 0)
		frame.H = drawing.PX(begin)
	}
	frame.writeAt(plain(), route.condition(i), inset-pad, 0)
	if route.Backend == "" {
		frame.writeAt(strong(), route.Action, inset-pad, 0)
		return
	}
	from := float64(frame.H) + 12 // the middle of the next line
	frame.writeAt(strong(), "to "+route.Backend, inset-pad, 0)
	b := r.backends[route.Backend]
	switch {
	case b == nil:
	case r.placed[b.Name] != nil:
		r.repeats = append(r.repeats, repeat{b.Name, float64(frame.W), top + from})
	case r.Narrow:
		r.below(frame, b, top)
	default:
		at := top + from - headIn
		one := r.place(b, r.x, at)
		r.lead(b.Name, fmt.Sprintf("M%s %sH%s", frame.W, drawing.PX(top+from), one.X), float64(one.X), top+from)
		end := from - headIn + float64(one.H) + 6
		frame.H = max(frame.H, drawing.PX(end))
	}
}

// condition is that of the route with its number i.
func (r *Route) condition(i int) string {
	switch {
	case r.When != "":
		return r.When
	case r.Last && i > 0:
		return "every other request"
	default:
		return "every request"
	}
}

// below puts a backend into the frame, under its route.
func (r *requests) below(frame *box, b *Backend, top float64) {
	frame.gap(4)
	x, from := pad+4, top+float64(frame.H)
	one := r.place(b, r.x, from)
	to := from + headIn
	r.lead(b.Name, fmt.Sprintf("M%s %sV%sH%s", drawing.PX(x), drawing.PX(from-8), drawing.PX(to), one.X), float64(one.X), to)
	frame.H += one.H + 2
}

func (r *requests) place(b *Backend, x, y float64) *box {
	one := r.backend(b)
	r.put(one, x, y)
	r.placed[b.Name] = one
	return one
}

// lead adds a wire to a backend, whose head is at x and y.
func (r *requests) lead(backend, path string, x, y float64) {
	r.Wires = append(r.Wires, wire{Class: "way " + r.class(backend), D: path, Arrow: arrow(x, y)})
}

// class gives backends that are close to each other different colours.
func (r *requests) class(backend string) string {
	n := 0
	for name := range r.placed {
		if r.placed[name].Y < r.placed[backend].Y {
			n++
		}
	}
	return fmt.Sprintf("net%d", n%4)
}

// backend is a box with all that a backend is.
func (r *requests) backend(b *Backend) *box {
	one := newBox("backend", r.width)
	one.write(title(), b.Name)
	one.beside(b.Mode)
	for _, a := range b.About {
		one.write(small(), a)
	}
	for i := range b.Rules {
		one.write(plain(), b.Rules[i].condition(0)+": "+b.Rules[i].Action)
	}
	servers := b.shown()
	for i := range servers {
		one.server(&servers[i])
	}
	if more := len(b.Servers) - len(servers); more > 0 {
		one.write(small(), "and "+strconv.Itoa(more)+" more servers")
	}
	if b.Sorry != "" {
		one.gap(2)
		one.write(plain(), "all down: "+b.Sorry)
	}
	for _, n := range b.Notes {
		one.write(small(), n)
	}
	return one.done()
}

// shown are the servers that a picture has room for: one more than the number
// where there is just one more.
func (b *Backend) shown() []Server {
	if len(b.Servers) > mostServers+1 {
		return b.Servers[:mostServers]
	}
	return b.Servers
}

// server is a line, with what else there is to say behind it.
func (b *box) server(s *Server) {
	b.writeAt(mono(), s.words(), 0, 2*pad)
}

func (s *Server) words() string {
	return strings.TrimRight(s.Name+"  "+s.Address+"  "+strings.Join(s.Notes, ", "), " ")
}

// connect draws the wires of further routes to a backend: to a lane of its own,
// along it, and into the way of the first one.
func (r *requests) connect() {
	lanes := map[string]int{}
	for _, again := range r.repeats {
		if r.Narrow {
			return // the names are there
		}
		lane, known := lanes[again.backend]
		if !known {
			lane = len(lanes)
			if lane >= mostLanes {
				continue
			}
			lanes[again.backend] = lane
		}
		one := r.placed[again.backend]
		x, to := drawing.PX(again.x+14+laneApart*float64(lane)), float64(one.Y)+headIn
		r.lead(again.backend, fmt.Sprintf("M%s %sH%sV%sH%s", drawing.PX(again.x), drawing.PX(again.y), x, drawing.PX(to), one.X),
			float64(one.X), to)
	}
}

// unused are the backends that no route leads to, side by side.
func (r *requests) unused(g Graph, y float64) float64 {
	var all []*box
	for i := range g.Backends {
		if g.Backends[i].Unused {
			all = append(all, r.backend(&g.Backends[i]))
		}
	}
	if len(all) == 0 {
		return y - apart + 2
	}
	y = r.caption("No route leads to these", y)
	cols := max(int((float64(r.W)+apart)/(r.width+apart)), 1)
	for len(all) > 0 {
		row := all[:min(cols, len(all))]
		all = all[len(row):]
		height := 0.0
		for i, b := range row {
			r.put(b, float64(i)*(r.width+apart), y)
			height = max(height, float64(b.H))
		}
		y += height + apart
	}
	return y - apart + 2
}
