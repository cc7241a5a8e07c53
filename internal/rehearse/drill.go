// Package rehearse fails a site over on this machine: drills break one thing at
// a time in a lab of the real daemons. What happened is recorded, and
// internal/judge compares it with what internal/failover predicts.
package rehearse

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/lab"
)

// Drill is one thing that is tried: what is done, one step after the other, and
// what must come of it. Each drill has a lab of its own, in which all is well when it
// begins.
type Drill struct {
	Name  string // for --drill
	Title string // what it does
	Must  string // what must come of it
	// Unable says why it cannot be tried here; "" where it can.
	Unable string
	steps  []step
	// backend is the one whose requests are watched; "" for those of every VIP.
	backend string
	every   time.Duration // between two requests
	bare    bool          // nothing is installed when it begins, of nodes that boot
}

// step is one step of a drill.
type step struct {
	title string
	do    action
	// faults are what it is for the arithmetic: what breaks, or is repaired where
	// it is broken.
	faults []fault
	// sees is what every node's HAProxy comes to see of it, and window the time
	// until then.
	sees   *judge.Sight
	window *failover.Window
	// lapse is how long clients are not served although nothing moves.
	lapse *failover.Window
	// served says that clients must be served all the time.
	served bool
	// wants is what clients must get when everything has come to rest, and asks
	// what they ask for that.
	wants *judge.Wants
	asks  asks
	// still is how long everything is watched when it is as it should be; 0: a second.
	still time.Duration
	// split says that nobody survives this: it is shown and does not count.
	split bool
}

// action is what is done to the lab.
type action struct {
	op      op
	node    string
	daemon  string // of the node
	device  string // of the node, for carrier
	network string // for isolate
	on      bool   // the link is up, or the nodes are isolated
	servers []string
	as      lab.Behaviour // of the servers
	demoted []string      // the servers of the machine that is no longer primary
	changed bool          // what is installed is the site with the change
}

// starts says whether a Keepalived is started: inside vrrp_startup_delay it takes
// nothing over, and what comes next would be judged by a node that is not ready.
func (d action) starts() bool {
	return d.op == doPowerOn || d.op == doInstall && !d.changed || (d.op == doStart || d.op == doRestart) && d.daemon == lab.Keepalived
}

// op is a kind of action.
type op int

// What can be done.
const (
	doNothing op = iota
	doStart
	doStop
	doKill
	doReload // of HAProxy: until another process serves
	doRestart
	doCarrier
	doLose
	doPowerOn
	doIsolate
	doBehave
	doPromote
	doDeafen
	doKillRestart // of Keepalived, as systemd does it
	doInstall     // the node's tree, with its install.sh
	doUndo        // the installation of the site with the change
	doFillInstall // of the site with the change, on a full disk
	doShutdown
)

// asks is what the client asks when a step has come to rest.
type asks int

// What it can ask.
const (
	askNothing    asks = iota
	askEveryEntry      // every address of the site once
	askOnce            // the request that is watched
	askCookie          // the same, and the client keeps the cookie
	askWithCookie      // the same with the cookie, several times: by chance a client would be on the same server now and then
)

// fault is a part of a node, or of the network between them, for every group.
type fault struct {
	node int
	kind failover.Kind
	role string // of the NIC
}

// parts are what the fault is for one group: the link that its adverts go over,
// one that it watches, or nothing to it.
func (h fault) parts(g group) []failover.Part {
	switch h.kind {
	case failover.NIC:
		if slices.Contains(g.nics, h.role) {
			return []failover.Part{{Node: h.node, Kind: failover.OwnNIC}}
		}
		return []failover.Part{{Node: h.node, Kind: failover.NIC, Name: h.role}}
	case failover.Deaf:
		if !slices.Contains(g.nics, h.role) {
			return nil
		}
		return []failover.Part{{Node: h.node, Kind: failover.Deaf}}
	case failover.Adverts:
		if !slices.Contains(g.nics, h.role) {
			return nil
		}
		return []failover.Part{{Node: -1, Kind: failover.Adverts}}
	default:
		return []failover.Part{{Node: h.node, Kind: h.kind}}
	}
}

// predicted is what the arithmetic says that a step makes of a group.
type predicted struct {
	from, to failover.State
	// step is the first one in which the virtual IPs move; nil where they stay.
	step   *failover.Step
	window failover.Window
	total  time.Duration // until all that moves in the step has, at worst
}

// moves says whether the virtual IPs get another master on the way.
func (f predicted) moves() bool { return f.step != nil }

// foresee follows the faults of a step through a group.
func foresee(g group, s failover.State, faults []fault) predicted {
	f := predicted{from: s, to: s}
	for _, h := range faults {
		for _, part := range h.parts(g) {
			step := g.Next(f.to, part)
			if f.step == nil && len(step.To.Masters) > 0 && !slices.Equal(step.To.Masters, step.From.Masters) {
				f.step, f.window = &step, g.Window(step)
			}
			f.total += g.Window(step).Worst
			f.to = step.To
		}
	}
	return f
}

// smooth says whether clients should not feel the move: the master before is
// still well and goes on serving until the new one has taken over.
func (f predicted) smooth(g group) bool {
	return len(f.from.Masters) == 1 && g.Serves(f.step.To, f.from.Masters[0])
}

// moves says whether the drill is about who has the virtual IPs.
func (d Drill) moves() bool {
	return slices.ContainsFunc(d.steps, func(s step) bool { return len(s.faults) > 0 })
}

// Predicted returns the windows of the drill's steps in words, for a list.
func (d Drill) Predicted(site *Subject) []string {
	states := map[int]failover.State{}
	all := groups(site)
	for i, g := range all {
		states[i] = d.begins(g)
	}
	var said []string
	for _, a := range d.steps {
		w := cmp.Or(a.window, a.lapse)
		for i, g := range all {
			f := foresee(g, states[i], a.faults)
			states[i] = f.to
			if f.moves() && w == nil {
				w = &f.window
			}
		}
		if w != nil && len(w.Terms) > 0 {
			said = append(said, judge.Span(*w))
		}
	}
	return slices.Compact(said)
}

// Drills returns the drills that fit the site, in the order in which they are
// shown.
func Drills(s *Subject) []Drill {
	all := []Drill{steady(s)}
	for _, make := range []func(*Subject) []Drill{keepalivedDrills, killedDrills, haproxyDrills, linkDrills, lossDrills, deafDrills,
		reloadDrills, serverDrills,
		stickyDrills} {
		all = append(all, make(s)...)
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
