package rehearse

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/model"
)

// Drill is one thing that is tried: what is done, one act after the other, and
// what must hold. Each drill has a lab of its own, in which all is well when it
// begins.
type Drill struct {
	Name  string // for --drill
	Title string // what it does
	Must  string // what must hold
	// Unable says why it cannot be tried here; "" where it can.
	Unable string
	acts   []act
	// backend is the one whose requests are watched; "" for those of every VIP.
	backend string
	every   time.Duration // between two requests
}

// act is one thing that a drill does.
type act struct {
	title string
	// do does it, and returns the moment.
	do func(*play) (time.Duration, error)
	// hits are what it is for the arithmetic: what breaks, or is repaired where
	// it is broken.
	hits []hit
	// window is the time it takes until seen is true, where that is not one of
	// a virtual IP that moves.
	window *failover.Window
	// seen says when what was waited for has been seen, of all that has happened
	// since the act.
	seen func(*play, []lab.Event) (at time.Duration, ok bool)
	// served says that clients must be served all the time.
	served bool
	// after is what must hold when everything has come to rest; it returns what
	// does not.
	after func(*play) string
	// still is how long everything is watched when it is as it should be; 0: a second.
	still time.Duration
	// split says that nobody survives this: it is shown and does not count.
	split bool
}

// hit is a part of a node, or of the network between them, for every group.
type hit struct {
	node int
	kind failover.Kind
	role string // of the NIC
}

// parts are what the hit is for one group: the link that its adverts go over,
// one that it watches, or nothing to it.
func (h hit) parts(g group) []failover.Part {
	switch h.kind {
	case failover.NIC:
		if slices.Contains(g.nics, h.role) {
			return []failover.Part{{Node: h.node, Kind: failover.OwnNIC}}
		}
		return []failover.Part{{Node: h.node, Kind: failover.NIC, Name: h.role}}
	case failover.Adverts:
		if !slices.Contains(g.nics, h.role) {
			return nil
		}
		return []failover.Part{{Node: -1, Kind: failover.Adverts}}
	default:
		return []failover.Part{{Node: h.node, Kind: h.kind}}
	}
}

// forecast is what the arithmetic says that an act makes of a group.
type forecast struct {
	from, to failover.State
	// step is the first one in which the virtual IPs move; nil where they stay.
	step   *failover.Step
	window failover.Window
}

// moves says whether the virtual IPs get another owner on the way.
func (f forecast) moves() bool { return f.step != nil }

// foresee follows the hits of an act through a group.
func foresee(g group, s failover.State, hits []hit) forecast {
	f := forecast{from: s, to: s}
	for _, h := range hits {
		for _, part := range h.parts(g) {
			step := g.Next(f.to, part)
			if f.step == nil && len(step.To.Owners) > 0 && !slices.Equal(step.To.Owners, step.From.Owners) {
				f.step, f.window = &step, g.Window(step)
			}
			f.to = step.To
		}
	}
	return f
}

// smooth says whether clients should not feel the move: the owner before is
// still well and goes on serving until the new one has taken over.
func (f forecast) smooth(g group) bool {
	return len(f.from.Owners) == 1 && g.Serves(f.step.To, f.from.Owners[0])
}

// Predicted returns the windows of the drill's acts in words, for a list.
func (d Drill) Predicted(site *model.Site) []string {
	states := map[int]failover.State{}
	all := groups(site)
	for i, g := range all {
		states[i] = g.Start()
	}
	var said []string
	for _, a := range d.acts {
		w := a.window
		for i, g := range all {
			f := foresee(g, states[i], a.hits)
			states[i] = f.to
			if f.moves() && w == nil {
				w = &f.window
			}
		}
		if w != nil && len(w.Terms) > 0 {
			said = append(said, Span(*w))
		}
	}
	return slices.Compact(said)
}

// Span prints a window.
func Span(w failover.Window) string {
	if w.Best == w.Worst {
		return Seconds(w.Best)
	}
	return Seconds(w.Best) + " to " + Seconds(w.Worst)
}

// Seconds prints a length of time as all tables have it.
func Seconds(d time.Duration) string { return fmt.Sprintf("%.2fs", d.Seconds()) }

// Drills returns the drills that fit the site, in the order in which they are
// shown.
func Drills(site *model.Site) []Drill {
	all := []Drill{steady(site)}
	for _, make := range []func(*model.Site) []Drill{keepalivedDrills, haproxyDrills, linkDrills, lossDrills, reloadDrills, serverDrills, stickyDrills} {
		all = append(all, make(site)...)
	}
	return all
}

// Find returns the drills of the names, in order.
func Find(all []Drill, names []string) ([]Drill, error) {
	var found []Drill
	for _, name := range names {
		i := slices.IndexFunc(all, func(d Drill) bool { return d.Name == name })
		if i < 0 {
			var known []string
			for _, d := range all {
				known = append(known, d.Name)
			}
			return nil, fmt.Errorf("this site has no drill %q: there are %s", name, strings.Join(known, ", "))
		}
		found = append(found, all[i])
	}
	return found, nil
}
