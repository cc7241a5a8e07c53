// Package plan says in which order the nodes of a site take a new configuration, what
// each step does to the virtual IPs, and what the change means for failures to come.
// It is arithmetic over the old and the new forecast: nothing is asked of a node.
package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/compare"
	"github.com/lbgen/lbgen/internal/failover"
)

// Do is what a step does on its node.
type Do string

// The things to do.
const (
	Install Do = "install" // run install.sh
	Stop    Do = "stop"    // stop Keepalived; the installation starts it again
)

// Step is one thing to do on one node, before the next begins.
type Step struct {
	Node string `json:"node"`
	Do   Do     `json:"do"`
	// Role is preferred master, backup, or new: what the node is before the step.
	Role  string   `json:"role"`
	Does  []string `json:"does,omitempty"`  // what the node does because of its changes
	Moves []Move   `json:"moves,omitempty"` // of virtual IPs
}

// Move is what a step does to the virtual IPs of one group.
type Move struct {
	Group string `json:"group"`
	From  string `json:"from"`         // the master before; "" where there is none
	To    string `json:"to,omitempty"` // the master afterwards
	// Best and Worst are how long nobody has the virtual IPs; in JSON, in seconds.
	Best  time.Duration `json:"-"`
	Worst time.Duration `json:"-"`
	Why   string        `json:"why"`
}

// MarshalJSON writes times as lbgen prove does, in seconds.
func (m Move) MarshalJSON() ([]byte, error) {
	type move Move // without this method
	return json.Marshal(struct {
		move
		Best  float64 `json:"best"`
		Worst float64 `json:"worst"`
	}{move(m), m.Best.Seconds(), m.Worst.Seconds()})
}

// Plan is the whole way.
type Plan struct {
	Steps []Step `json:"steps"`
	// Together says why no two nodes may run the old and the new Keepalived side by
	// side: then all but one are stopped first.
	Together []string `json:"together,omitempty"`
	Changes  []Change `json:"changes,omitempty"` // for failures to come
	Gone     []string `json:"gone,omitempty"`    // nodes that the site no longer has
}

// Input is what a plan is made from.
type Input struct {
	Old, New []*failover.Group // Old is empty before the first installation
	Nodes    []compare.Node
}

// maker makes one plan.
type maker struct {
	Input
	plan   Plan
	groups []*failover.Group // of which the virtual IPs are followed: the new ones
	states []failover.State
}

// Make returns the plan. Nodes that stay as they are have no step.
func Make(in Input) Plan {
	m := &maker{Input: in, groups: in.New, plan: Plan{Steps: []Step{}}} // no step is a list, too
	m.begin()
	m.together()
	switch {
	case len(m.Old) == 0:
		m.first()
	case len(m.plan.Together) > 0:
		m.side()
	default:
		m.rolling()
	}
	m.plan.Changes = changes(in.Old, in.New)
	return m.plan
}

// begin finds out who has the virtual IPs now: the preferred masters, as all is well.
func (m *maker) begin() {
	for _, g := range m.groups {
		state := failover.State{}
		if old := matching(m.Old, g); old != nil {
			for _, i := range old.Start().Masters {
				if j := nodeOf(g, old.Nodes[i].Name); j >= 0 {
					state.Masters = append(state.Masters, j)
				}
			}
		}
		m.states = append(m.states, state)
	}
}

// matching is the group that has one of the virtual IPs; nil if there is none.
func matching(groups []*failover.Group, g *failover.Group) *failover.Group {
	for _, old := range groups {
		if slices.ContainsFunc(old.VIPs, func(v string) bool { return slices.Contains(g.VIPs, v) }) {
			return old
		}
	}
	return nil
}

func nodeOf(g *failover.Group, name string) int {
	return slices.IndexFunc(g.Nodes, func(n failover.Node) bool { return n.Name == name })
}

// together gathers what nodes must agree on and the change is about.
func (m *maker) together() {
	for _, n := range m.Nodes {
		for _, why := range n.Together {
			if n.State == "" && !slices.Contains(m.plan.Together, why) {
				m.plan.Together = append(m.plan.Together, why)
			}
		}
		if n.State == compare.Stale {
			m.plan.Gone = append(m.plan.Gone, n.Name)
		}
	}
}

// changing are the nodes with something to do, those that have the fewest virtual IPs
// first, and of those the lowest first.
func (m *maker) changing() []compare.Node {
	nodes := slices.DeleteFunc(slices.Clone(m.Nodes), func(n compare.Node) bool { return n.Same() || n.State == compare.Stale })
	slices.SortStableFunc(nodes, func(a, b compare.Node) int {
		return cmp.Or(cmp.Compare(m.has(a.Name), m.has(b.Name)), cmp.Compare(m.priority(a.Name), m.priority(b.Name)))
	})
	return nodes
}

// has counts the groups whose virtual IPs are on the node.
func (m *maker) has(name string) int {
	n := 0
	for i, g := range m.groups {
		for _, j := range m.states[i].Masters {
			if g.Nodes[j].Name == name {
				n++
			}
		}
	}
	return n
}

// priority is the sum of those that the node has.
func (m *maker) priority(name string) int {
	sum := 0
	for _, g := range m.groups {
		if i := nodeOf(g, name); i >= 0 {
			sum += g.Nodes[i].Priority
		}
	}
	return sum
}

// role is what the node is at the moment.
func (m *maker) role(n compare.Node) string {
	switch {
	case n.State == compare.Missing, len(m.Old) == 0:
		return "new"
	case m.has(n.Name) > 0:
		return "master"
	default:
		return "backup"
	}
}

func (m *maker) add(n compare.Node, role string, do Do, moves []Move) {
	step := Step{Node: n.Name, Do: do, Role: role, Moves: moves}
	if do == Install {
		if was, is, changes := strings.Cut(n.Platform, " -> "); changes {
			step.Does = append(step.Does, fmt.Sprintf("first: stop Keepalived, upgrade the node from %s to %s, start it", was, is))
		}
		for _, c := range n.Consequences {
			step.Does = append(step.Does, c.Text)
		}
	}
	m.plan.Steps = append(m.plan.Steps, step)
}

// first is the order of a first installation: the preferred master first. A backup that
// is there before it becomes master, and with nopreempt it stays one.
func (m *maker) first() {
	nodes := m.changing()
	slices.Reverse(nodes)
	for _, n := range nodes {
		var moves []Move
		for i, g := range m.groups {
			j := nodeOf(g, n.Name)
			if j < 0 || len(m.states[i].Masters) > 0 {
				continue
			}
			m.states[i].Masters = []int{j}
			moves = append(moves, Move{Group: g.Name, To: n.Name, Why: "nobody has had the virtual IPs before"})
		}
		m.add(n, "new", Install, moves)
	}
}

// rolling takes one node after the other, the masters last.
func (m *maker) rolling() {
	for _, n := range m.changing() {
		role := m.role(n)
		m.add(n, role, Install, m.restart(n))
	}
	m.settle()
}

// restart is what the installation on a node does to the virtual IPs that it has.
func (m *maker) restart(n compare.Node) []Move {
	why := "Keepalived is restarted"
	switch {
	case n.Platform != "":
		why = "Keepalived is stopped for the upgrade"
	case !restartsKeepalived(n):
		return nil
	}
	var moves []Move
	for i, g := range m.groups {
		j := nodeOf(g, n.Name)
		if j < 0 || !slices.Contains(m.states[i].Masters, j) {
			continue
		}
		part := failover.Part{Node: j, Kind: failover.Keepalived}
		down := g.Next(m.states[i], part)
		moves = append(moves, move(g, down, why))
		up := g.Next(down.To, part)
		if !slices.Equal(up.To.Masters, down.To.Masters) {
			back := move(g, up, "the node takes the virtual IPs back")
			if len(down.To.Masters) > 0 {
				back.Best, back.Worst = 0, 0 // the other one serves until then
			}
			moves = append(moves, back)
		}
		m.states[i] = up.To
	}
	return moves
}

func restartsKeepalived(n compare.Node) bool {
	return slices.ContainsFunc(n.Consequences, func(c compare.Consequence) bool { return c.Action == artifact.RestartKeepalived })
}

// settle adds what the new priorities, weights and preempt do once all nodes have them.
func (m *maker) settle() {
	if len(m.plan.Steps) == 0 {
		return
	}
	last := &m.plan.Steps[len(m.plan.Steps)-1]
	for i, g := range m.groups {
		after := g.Settle(m.states[i].Masters)
		if slices.Equal(after.Masters, m.states[i].Masters) || len(m.states[i].Masters) == 0 {
			continue
		}
		last.Moves = append(last.Moves, Move{Group: g.Name, From: g.Masters(m.states[i]), To: g.Masters(after),
			Why: "it is the preferred master now, and takes the virtual IPs from a living one"})
		m.states[i] = after
	}
}

func move(g *failover.Group, step failover.Step, why string) Move {
	w := g.Window(step)
	made := Move{Group: g.Name, From: g.Masters(step.From), To: g.Masters(step.To), Best: w.Best, Worst: w.Worst, Why: why}
	if len(step.From.Masters) == 0 {
		made.From = ""
	}
	if len(step.To.Masters) == 0 {
		made.To = ""
	}
	return made
}

// side is the way where old and new do not understand each other: the backups stop, the
// master changes, and the backups come back with the new configuration. At no moment do
// two of them send adverts that the other one drops.
func (m *maker) side() {
	nodes := m.changing()
	master := nodes[len(nodes)-1]
	for _, n := range nodes[:len(nodes)-1] {
		role := m.role(n)
		m.add(n, role, Stop, m.stopped(n))
	}
	role := m.role(master)
	m.add(master, role, Install, m.alone(master))
	for _, n := range nodes[:len(nodes)-1] {
		m.add(n, m.role(n), Install, nil)
	}
	m.settle()
}

// stopped moves what a node has, with the old configuration on all.
func (m *maker) stopped(n compare.Node) []Move {
	var moves []Move
	for i, g := range m.groups {
		j := nodeOf(g, n.Name)
		if j < 0 || !slices.Contains(m.states[i].Masters, j) {
			continue
		}
		step := g.Next(m.states[i], failover.Part{Node: j, Kind: failover.Keepalived})
		moves = append(moves, move(g, step, "Keepalived is stopped"))
		m.states[i].Masters = step.To.Masters
	}
	return moves
}

// alone is the change on the one node that runs: it listens as long as after a start
// before it is master again.
func (m *maker) alone(n compare.Node) []Move {
	var moves []Move
	for i, g := range m.groups {
		j := nodeOf(g, n.Name)
		if j < 0 {
			continue
		}
		broken := failover.State{}
		for k := range g.Nodes {
			broken = g.Next(broken, failover.Part{Node: k, Kind: failover.Keepalived}).To
		}
		broken.Masters = nil
		step := g.Next(broken, failover.Part{Node: j, Kind: failover.Keepalived})
		moved := move(g, step, "Keepalived begins anew, and no other runs")
		moved.From, moved.Best = n.Name, 0 // a reload may keep the virtual IPs
		moves = append(moves, moved)
		m.states[i].Masters = []int{j}
	}
	return moves
}

// Sentence says a move in words.
func (m Move) Sentence() string {
	var b strings.Builder
	switch {
	case m.To == "":
		fmt.Fprintf(&b, "%s: nobody has the virtual IPs any more", m.Group)
	case m.From == "":
		fmt.Fprintf(&b, "%s: %s becomes master", m.Group, m.To)
	case m.From == m.To:
		fmt.Fprintf(&b, "%s: %s is master again", m.Group, m.To)
	default:
		fmt.Fprintf(&b, "%s: the virtual IPs move from %s to %s", m.Group, m.From, m.To)
	}
	if m.Worst > 0 {
		fmt.Fprintf(&b, ", nobody has them for %s", span(m.Best, m.Worst))
	}
	return b.String() + " (" + m.Why + ")"
}

// span is a time, or from the shortest to the longest.
func span(best, worst time.Duration) string {
	if best == worst {
		return fmt.Sprintf("%.2fs", best.Seconds())
	}
	return fmt.Sprintf("%.2fs to %.2fs", best.Seconds(), worst.Seconds())
}
