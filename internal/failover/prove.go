package failover

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

// Step is one event in one steady state, and where it leads.
type Step struct {
	From     State
	Part     Part
	Repaired bool
	To       State
}

// maxBroken is how many things are broken at the same time in the states that
// Steps looks at: two failures in a row, and what is repaired of them.
const maxBroken = 2

// Steps returns every event in every steady state that can be reached from the
// one in which all is well, by failures and repairs one after the other with no
// more than two things broken at a time. The order is that of the search: what
// takes the fewest events comes first.
func (g *Group) Steps() []Step {
	var steps []Step
	seen := map[string]bool{}
	parts := g.Parts()
	queue := []State{g.Start()}
	var key []byte
	seen[string(queue[0].appendKey(key))] = true
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		for _, p := range parts {
			repaired := s.broken(p)
			if !repaired && (len(s.Broken) >= maxBroken || g.covered(s, p)) {
				continue
			}
			step := Step{From: s, Part: p, Repaired: repaired, To: g.apply(parts, s, p)}
			steps = append(steps, step)
			if key = step.To.appendKey(key[:0]); !seen[string(key)] {
				seen[string(key)] = true
				queue = append(queue, step.To)
			}
		}
	}
	return steps
}

// covered says whether the part cannot fail any more because all of its node
// has: what happens on a machine that is off is no event.
func (g *Group) covered(s State, p Part) bool {
	return p.Node >= 0 && s.broken(Part{p.Node, Machine, ""})
}

// appendKey appends what is the same for equal states only.
func (s State) appendKey(key []byte) []byte {
	for _, p := range s.Broken {
		key = append(append(append(key, byte(p.Node), byte(p.Kind)), p.Name...), 0)
	}
	key = append(key, 0xff)
	for _, o := range s.Masters {
		key = append(key, byte(o))
	}
	return key
}

// Split says whether the state is one that a group cannot survive by design:
// the nodes do not hear each other, and each that can has the virtual IPs.
func (s State) Split() bool {
	return slices.ContainsFunc(s.Broken, func(p Part) bool { return p.Kind == Adverts || p.Kind == Deaf || p.Kind == Killed })
}

// Good says whether the state is as it should be: where at least one node can
// serve, exactly one has the virtual IPs, and that one serves.
func (g *Group) Good(s State) bool {
	able := slices.ContainsFunc(indexes(len(g.Nodes)), func(i int) bool { return g.Serves(s, i) })
	return !able || len(s.Masters) == 1 && g.Serves(s, s.Masters[0])
}

// Fault is a design that does not do what it is there for.
type Fault struct {
	Path   diag.Path // what to mend
	Text   string    // one sentence for an admin
	Remedy string    // what to do
	Step   *Step     // the event that shows it; nil where none is needed
	Tie    bool      // which node is master is decided by nothing that the site file has
}

// Prove returns what is wrong with the group: every way in which one event
// leaves the virtual IPs on a node that does not serve, on several or on none
// although a node could serve, each cause once. A split is not counted.
func (g *Group) Prove() []Fault {
	steps := g.Steps()
	faults := append(g.design(), g.ties(steps)...)
	said := map[string]bool{}
	for _, step := range steps {
		if step.To.Split() || g.Good(step.To) || !g.Good(step.From) && !step.Repaired {
			continue
		}
		if f := g.cause(step); !said[f.Text] {
			said[f.Text] = true
			f.Step = &step
			faults = append(faults, f)
		}
	}
	return faults
}

// Detail says what to do about a fault, and which event has shown it.
func (g *Group) Detail(f Fault) string {
	if f.Step == nil {
		return f.Remedy
	}
	seen := fmt.Sprintf("seen when %s while %s and %s has the virtual IPs", g.Event(*f.Step), g.Condition(f.Step.From), g.Masters(f.Step.From))
	return strings.TrimPrefix(f.Remedy+"; "+seen, "; ")
}

// design finds what no event has to show.
func (g *Group) design() []Fault {
	var faults []Fault
	best := 0
	for i, n := range g.Nodes {
		if n.Priority > g.Nodes[best].Priority {
			best = i
		}
		for _, other := range g.Nodes[:i] {
			if other.Priority == n.Priority {
				faults = append(faults, Fault{Path: n.Path, Tie: true, Text: fmt.Sprintf("%s and %s have the same priority %d: which of them is "+
					"master is decided by their addresses, and both are for a while after a split", other.Name, n.Name, n.Priority),
					Remedy: "give each node another priority"})
			}
		}
	}
	for i, n := range g.Nodes {
		if n.NoPreempt && i != best && !g.Nodes[best].NoPreempt {
			faults = append(faults, Fault{Path: n.Path, Text: fmt.Sprintf("nopreempt on %s has no effect: %s is higher, has none, and takes the "+
				"virtual IPs back as soon as it is well", n.Name, g.Nodes[best].Name), Remedy: "put it on the node with the highest priority"})
		}
	}
	return faults
}

// cause says in one sentence why the step leads where it leads, and what to
// mend.
func (g *Group) cause(step Step) Fault {
	s := step.To
	if len(s.Masters) != 1 {
		return Fault{Path: g.Path, Text: fmt.Sprintf("when %s, %s", g.Event(step), g.masters(s))}
	}
	master := s.Masters[0]
	n := g.Nodes[master]
	for _, p := range s.Broken {
		if p.Node != master {
			continue
		}
		t, watched := g.tracker(p)
		if !watched {
			return Fault{Path: g.Path, Text: fmt.Sprintf("nothing on %s watches %s: when %s, the virtual IPs stay where nobody is served", n.Name,
				thing(p), g.down(p)), Remedy: "let Keepalived watch it, without a weight"}
		}
		return Fault{Path: t.Path, Text: g.weightCause(s, p, t), Remedy: "take the weight out: without one the node gives the virtual IPs " +
			"up, whatever the priorities are"}
	}
	return Fault{Path: g.Path, Text: fmt.Sprintf("when %s, %s has the virtual IPs and does not serve", g.Event(step), n.Name)}
}

// weightCause says why a master that has failed keeps the virtual IPs although
// its failure is watched: with a weight it is still a master.
func (g *Group) weightCause(s State, p Part, t Tracker) string {
	master := p.Node
	mine := g.priority(s, master)
	blocked := -1
	for i := range g.Nodes {
		if i != master && g.Serves(s, i) && g.priority(s, i) > mine && g.Nodes[i].NoPreempt {
			blocked = i
		}
	}
	begin := fmt.Sprintf("when %s, weight %d leaves it at priority %d", g.down(p), t.Weight, mine)
	if blocked >= 0 {
		return fmt.Sprintf("%s: %s is higher with %d, but has nopreempt and lets a living master be, so the virtual IPs never move", begin,
			g.Nodes[blocked].Name, g.priority(s, blocked))
	}
	best := -1
	for i := range g.Nodes {
		if i != master && g.Serves(s, i) && (best < 0 || g.higher(s, i, best)) {
			best = i
		}
	}
	if best < 0 {
		return begin + " and no other node can serve"
	}
	return fmt.Sprintf("%s, still not below the %d of %s: the weight is not larger than the gap, so the virtual IPs never move", begin,
		g.priority(s, best), g.Nodes[best].Name)
}

// Event says what happens in a step, such as "HAProxy on prslb01 dies".
func (g *Group) Event(step Step) string {
	if !step.Repaired {
		return g.down(step.Part)
	}
	switch p := step.Part; p.Kind {
	case Adverts:
		return "VRRP passes again"
	case Machine:
		return g.Nodes[p.Node].Name + " is back"
	case Keepalived, Killed:
		return "Keepalived on " + g.Nodes[p.Node].Name + " is started again"
	case Deaf:
		return g.Nodes[p.Node].Name + " hears the others again"
	default:
		return thing(p) + " on " + g.Nodes[p.Node].Name + " is well again"
	}
}

func (g *Group) down(p Part) string {
	if p.Node == Every {
		return g.downEverywhere(p)
	}
	switch p.Kind {
	case Adverts:
		return "VRRP is blocked between the nodes"
	case Machine:
		return g.Nodes[p.Node].Name + " is lost"
	case Keepalived:
		return "Keepalived on " + g.Nodes[p.Node].Name + " is stopped"
	case Killed:
		return "Keepalived on " + g.Nodes[p.Node].Name + " is killed"
	case Deaf:
		return g.Nodes[p.Node].Name + " alone does not hear the others"
	case HAProxy:
		return "HAProxy on " + g.Nodes[p.Node].Name + " dies"
	case Script:
		return thing(p) + " on " + g.Nodes[p.Node].Name + " fails"
	default:
		return thing(p) + " of " + g.Nodes[p.Node].Name + " loses its link"
	}
}

func (g *Group) downEverywhere(p Part) string {
	switch p.Kind {
	case Script:
		return thing(p) + " fails on every node"
	case HAProxy:
		return "HAProxy answers too late on every node"
	default:
		return thing(p) + " of every node loses its link"
	}
}

func thing(p Part) string {
	switch p.Kind {
	case HAProxy:
		return "HAProxy"
	case Script:
		return "check " + p.Name
	case NIC:
		return "NIC " + p.Name
	case OwnNIC:
		return "the VIPs' own NIC"
	case Keepalived:
		return "Keepalived"
	case Machine:
		return "the machine"
	default:
		return "VRRP"
	}
}

// Condition says what is broken in a state, "all is well" where nothing is.
func (g *Group) Condition(s State) string {
	if len(s.Broken) == 0 {
		return "all is well"
	}
	return strings.Join(g.Broken(s), ", ")
}

// Broken says what is broken in a state, each in words.
func (g *Group) Broken(s State) []string {
	all := []string{}
	for _, p := range s.Broken {
		all = append(all, g.down(p))
	}
	return all
}

// Masters names who has the virtual IPs, "nobody" where none does.
func (g *Group) Masters(s State) string {
	if len(s.Masters) == 0 {
		return "nobody"
	}
	return strings.Join(g.Names(s), " and ")
}

// Names are the names of the masters.
func (g *Group) Names(s State) []string {
	names := []string{}
	for _, i := range s.Masters {
		names = append(names, g.Nodes[i].Name)
	}
	return names
}

func (g *Group) masters(s State) string {
	switch len(s.Masters) {
	case 0:
		return "nobody has the virtual IPs although a node could serve"
	case 1:
		return g.Masters(s) + " has the virtual IPs"
	default:
		return g.Masters(s) + " have the virtual IPs at the same time"
	}
}

func indexes(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
