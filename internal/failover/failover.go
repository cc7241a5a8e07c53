// Package failover computes what a group of Keepalived nodes does when
// something breaks: who has each virtual IP afterwards, and within which time.
// It is arithmetic and nothing else; where a rule or a number comes from is
// said at the place.
package failover

import (
	"slices"
	"time"

	"github.com/lbgen/lbgen/internal/diag"
)

// Group is one VRRP instance as all its nodes see it, or several that move
// together (a sync group).
type Group struct {
	Name  string
	Path  diag.Path // of the first instance
	VIPs  []string
	Nodes []Node // in the order of the site file
	Timers
	// Others are the timers of the further instances of a sync group.
	Others []Timers
	// StartupDelay is vrrp_startup_delay: for so long a Keepalived that was
	// started takes nothing over.
	StartupDelay time.Duration
	// WithoutHAProxy is true where the virtual IPs are for something else than
	// HAProxy, so that it is all the same whether that runs.
	WithoutHAProxy bool
}

// Timers are those of one VRRP instance.
type Timers struct {
	// Version of VRRP, 2 or 3: the unit of the skew time.
	Version   int
	AdvertInt time.Duration
	Delay     time.Duration // preempt_delay
}

// Slowest is the longest advert interval of the group's instances.
func (g *Group) Slowest() time.Duration {
	d := g.AdvertInt
	for _, t := range g.Others {
		d = max(d, t.AdvertInt)
	}
	return d
}

// Node is one node in a group.
type Node struct {
	Name      string
	Path      diag.Path // of the node
	Priority  int       // 1-254
	NoPreempt bool
	Trackers  []Tracker
}

// Kind is what a tracker watches, or what an event breaks.
type Kind int

// The things that fail. HAProxy, NIC, OwnNIC and Script are watched by
// trackers; Keepalived and Machine are not watched by anybody but the peers.
const (
	HAProxy    Kind = iota // the process ends, or no longer answers
	Script                 // a check of the admin's own turns bad
	NIC                    // the link of a further NIC is lost
	OwnNIC                 // the link that the adverts go over is lost
	Keepalived             // Keepalived is stopped
	Machine                // everything on the node stops at once
	Adverts                // VRRP no longer passes between the nodes
	Killed                 // Keepalived ends at once and leaves the addresses where they are, until systemd starts it again
	Deaf                   // the node alone does not hear the others, who hear it
)

// Tracker is one thing that a node watches.
type Tracker struct {
	Kind Kind
	Name string // of the NIC's role or of the script
	// Script is the name of a script that watches HAProxy in place of Keepalived's
	// own check, or beside it.
	Script string
	Path   diag.Path
	// Weight is what the failure takes off the priority (negative), or what
	// being well adds to it (positive). 0: the node is in FAULT.
	Weight     int
	Interval   time.Duration // between two checks; a NIC is noticed at once
	Rise, Fall int
	Outside    bool // of a Script: it asks a machine that is none of the nodes
	Asked      bool // of HAProxy: it has to answer in time, not just to run
}

// Part is one thing of one node that can fail.
type Part struct {
	Node int // index into Nodes; -1 for Adverts, Every for what all nodes see at once
	Kind Kind
	Name string // of the NIC or the script
}

// Every is the Node of a Part that fails for all nodes at once.
const Every = -2

// Parts returns everything of the group that can fail, node by node. What several
// instances of a sync group watch is one thing.
func (g *Group) Parts() []Part {
	var parts []Part
	for i, n := range g.Nodes {
		if !g.WithoutHAProxy {
			parts = append(parts, Part{i, HAProxy, ""})
		}
		parts = append(parts, Part{i, Keepalived, ""}, Part{i, Machine, ""}, Part{i, OwnNIC, ""})
		for _, t := range n.Trackers {
			p := Part{i, t.Kind, t.Name}
			if (t.Kind == NIC || t.Kind == Script) && !slices.Contains(parts, p) {
				parts = append(parts, p)
			}
		}
	}
	if len(g.Nodes) > 1 {
		parts = append(parts, Part{-1, Adverts, ""})
	}
	return parts
}

// State is a steady state: what is broken, and who has the virtual IPs.
type State struct {
	Broken  []Part // in the order of Parts
	Masters []int  // sorted indexes into Nodes
}

func (s State) broken(p Part) bool { return slices.Contains(s.Broken, p) }

// runs says whether Keepalived of the node is up.
func (s State) runs(node int) bool {
	return !s.broken(Part{node, Keepalived, ""}) && !s.broken(Part{node, Machine, ""}) && !s.broken(Part{node, Killed, ""})
}

// failed says whether what the tracker watches is broken.
func (s State) failed(node int, t Tracker) bool {
	return s.broken(Part{node, t.Kind, t.Name}) || s.broken(Part{Every, t.Kind, t.Name})
}

// takesPart says whether the node sends or hears adverts: Keepalived runs, its
// own link is up, and nothing without a weight has failed (keepalived.conf(5),
// track_interface and vrrp_script: "weight 0", the node goes to FAULT).
func (g *Group) takesPart(s State, node int) bool {
	if !s.runs(node) || s.broken(Part{node, OwnNIC, ""}) {
		return false
	}
	for _, t := range g.Nodes[node].Trackers {
		if t.Weight == 0 && s.failed(node, t) {
			return false
		}
	}
	return true
}

// Serves says whether clients that come to the node are served: the machine and
// its HAProxy run, and every link that the site watches is up.
func (g *Group) Serves(s State, node int) bool {
	return !slices.ContainsFunc(s.Broken, func(p Part) bool { return p.Node == node })
}

// priority is the one that the node's adverts carry. A positive weight counts
// while all is well, a negative one while it is not; the sum stays within
// 1-254 (keepalived.conf(5), vrrp_script).
func (g *Group) priority(s State, node int) int {
	n := g.Nodes[node]
	p := n.Priority
	for _, t := range n.Trackers {
		switch failed := s.failed(node, t); {
		case t.Weight > 0 && !failed, t.Weight < 0 && failed:
			p += t.Weight
		}
	}
	return min(max(p, 1), most)
}

// most is the highest priority that weights lead to.
const most = 254

// settle returns who has the virtual IPs when nothing moves any more, after
// the masters before have met the state of things in s.Broken.
func (g *Group) settle(s State) State {
	var part []int
	for i := range g.Nodes {
		if g.takesPart(s, i) {
			part = append(part, i)
		}
	}
	if s.broken(Part{-1, Adverts, ""}) {
		// Each hears nobody, and its timer runs out.
		s.Masters = part
		return s
	}
	if i := slices.IndexFunc(s.Broken, func(p Part) bool { return p.Kind == Deaf || p.Kind == Killed }); i >= 0 {
		return g.settleBeside(s, part, s.Broken[i])
	}
	s.Masters = g.elect(s, part)
	return s
}

// elect returns who of those that hear each other becomes or stays master.
func (g *Group) elect(s State, part []int) []int {
	master := -1
	for _, o := range s.Masters {
		// Of several masters that hear each other again the highest stays.
		if slices.Contains(part, o) && (master < 0 || g.higher(s, o, master)) {
			master = o
		}
	}
	for _, c := range part {
		// The highest has the shortest skew, and is the first whose timer runs out.
		if master < 0 || !slices.Contains(s.Masters, master) && g.higher(s, c, master) {
			master = c
		}
	}
	if master < 0 {
		return nil
	}
	return []int{g.preempted(s, part, master)}
}

// settleBeside is settle where one node is no part of what the others elect: it
// hears nobody and is a master of its own, or its Keepalived was killed and the
// addresses that it had are still there. Those who hear a higher one give way.
func (g *Group) settleBeside(s State, part []int, p Part) State {
	had := slices.Contains(s.Masters, p.Node)
	others := slices.DeleteFunc(slices.Clone(part), func(n int) bool { return n == p.Node })
	before := s
	before.Masters = slices.DeleteFunc(slices.Clone(s.Masters), func(n int) bool { return n == p.Node })
	masters := g.elect(before, others)
	switch alone := p.Kind == Deaf && slices.Contains(part, p.Node); {
	case alone && len(masters) > 0 && g.higher(s, p.Node, masters[0]):
		masters = []int{p.Node}
	case alone, p.Kind == Killed && had:
		masters = append(masters, p.Node)
	}
	slices.Sort(masters)
	s.Masters = masters
	return s
}

// preempted returns who takes over from a living master: the highest of those
// that are higher than it and may. An equal one stays a backup: it takes the
// master's advert for its master's (RFC 3768 6.4.2).
func (g *Group) preempted(s State, part []int, master int) int {
	best := master
	for _, c := range part {
		if !g.Nodes[c].NoPreempt && g.priority(s, c) > g.priority(s, master) && (best == master || g.higher(s, c, best)) {
			best = c
		}
	}
	return best
}

// higher says whether a wins against b. Equal priorities are refused by the
// model, but weights can make them equal: then the higher address wins
// (RFC 3768 6.4.3), which this package does not know; the later node is taken,
// and Prove reports the tie.
func (g *Group) higher(s State, a, b int) bool {
	pa, pb := g.priority(s, a), g.priority(s, b)
	return pa > pb || pa == pb && a > b
}

// Start is the state in which all is well and the preferred master has the virtual IPs.
func (g *Group) Start() State { return g.settle(State{}) }

// Settle is the state in which nothing is broken and these nodes have had the virtual
// IPs until now: after a change of the configuration.
func (g *Group) Settle(masters []int) State { return g.settle(State{Masters: masters}) }

// Next is what comes of one event in a state: the part breaks, or is repaired
// where it is broken. What the group does not watch changes nothing.
func (g *Group) Next(s State, p Part) Step {
	parts := g.Parts()
	if !slices.Contains(parts, p) { // what Steps does not look at
		parts = append(parts, p)
	}
	return Step{From: s, Part: p, Repaired: s.broken(p), To: g.apply(parts, s, p)}
}

// apply returns the state after one of the parts has broken, or after it has been
// repaired.
func (g *Group) apply(parts []Part, s State, p Part) State {
	next := State{Masters: s.Masters, Broken: make([]Part, 0, len(s.Broken)+1)}
	for _, other := range parts {
		if s.broken(other) != (other == p) {
			next.Broken = append(next.Broken, other)
		}
	}
	if p.Kind == Killed && s.broken(p) { // when it starts it takes away what it finds
		next.Masters = slices.DeleteFunc(slices.Clone(s.Masters), func(n int) bool { return n == p.Node })
	}
	return g.settle(next)
}
