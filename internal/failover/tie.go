package failover

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/diag"
)

// Two nodes with the same priority in their adverts are a tie: a living master
// is left alone by an equal one, and where both have become master the higher
// address stays (RFC 3768 6.4.2 and 6.4.3; measured with Keepalived 2.2.7).
// Which node that is, the site file does not promise.

// ties are the faults of weights that make priorities equal: while all is well,
// or, if that is in order, in the first of the steps in which it decides.
func (g *Group) ties(steps []Step) []Fault {
	if !g.weighted() {
		return nil
	}
	if tied := g.equal(g.Start(), indexes(len(g.Nodes))); len(tied) > 1 {
		return []Fault{g.tie(nil, g.Start(), tied)}
	}
	for _, step := range steps {
		if tied := g.undecided(step); len(tied) > 1 {
			return []Fault{g.tie(&step, step.To, tied)}
		}
	}
	return nil
}

// equal are those of the nodes that take part and share a priority that they do
// not have in the site file: equal ones there are another fault.
func (g *Group) equal(s State, nodes []int) []int {
	for _, a := range nodes {
		same := []int{a}
		for _, b := range nodes {
			if b > a && g.takesPart(s, a) && g.takesPart(s, b) && g.priority(s, a) == g.priority(s, b) &&
				g.Nodes[a].Priority != g.Nodes[b].Priority {
				same = append(same, b)
			}
		}
		if len(same) > 1 {
			return same
		}
	}
	return nil
}

// undecided are the nodes of which one becomes master in a step, nobody knows
// which: the highest that take part share their priority.
func (g *Group) undecided(step Step) []int {
	if len(step.To.Masters) != 1 || slices.Equal(step.From.Masters, step.To.Masters) {
		return nil
	}
	tied := g.equal(step.To, indexes(len(g.Nodes)))
	if slices.Contains(tied, step.To.Masters[0]) {
		return tied
	}
	return nil
}

func (g *Group) tie(step *Step, s State, tied []int) Fault {
	var names, written []string
	for _, i := range tied {
		names, written = append(names, g.Nodes[i].Name), append(written, strconv.Itoa(g.Nodes[i].Priority))
	}
	p := g.priority(s, tied[0])
	text := fmt.Sprintf("%s have the same priority %d with their weights (%s as written)", listed(names), p, listed(written))
	if step != nil {
		text = fmt.Sprintf("when %s, %s", g.Event(*step), text)
	}
	f := Fault{
		Path: g.weightPath(), Step: step, Tie: true,
		Text:   text + ": whoever is master first stays it, and after both have been master the one with the higher address",
		Remedy: "choose priorities and weights that never make two nodes equal",
	}
	if p == most {
		f.Remedy = fmt.Sprintf("Keepalived counts no further than %d: choose priorities that leave room for the weights", most)
	}
	return f
}

// weightPath is the path of the first weight, which the ties come from.
func (g *Group) weightPath() diag.Path {
	for _, n := range g.Nodes {
		for _, t := range n.Trackers {
			if t.Weight != 0 {
				return t.Path
			}
		}
	}
	return g.Path
}

// raceGap is the difference between two timers below which it is a matter of
// luck which runs out first: adverts take their time, and so does waking up.
const raceGap = 20 * time.Millisecond

// Notes are what the design does not promise although nothing is wrong with it:
// routers of one node, elections that are a race, and nodes that take the virtual IPs back although
// the group has nopreempt.
func (g *Group) Notes() []string {
	var notes []string
	if d := g.delayedFailure(); d > 0 {
		notes = append(notes, fmt.Sprintf("preempt_delay %s counts for a failure that is watched with a weight, too: the backup takes over "+
			"from a living master then, and waits as for the way back", d))
	}
	if g.StartupDelay > 0 && len(g.Nodes) > 1 {
		notes = append(notes, fmt.Sprintf("vrrp_startup_delay %s: a node whose Keepalived was started so recently takes nothing over, so "+
			"that nobody has the virtual IPs where the other one is lost meanwhile; up to Keepalived 2.2.7 the delay can grow to %s",
			g.StartupDelay, g.startup(true).Worst))
	}
	if len(g.Nodes) == 1 {
		notes = append(notes, fmt.Sprintf("%s is on %s alone: where that is lost, nobody has the virtual IPs", g.Name, g.Nodes[0].Name))
	}
	notes = append(notes, g.commonNotes()...)
	best := slices.IndexFunc(g.Nodes, func(n Node) bool { return n.NoPreempt })
	if best < 0 {
		return notes
	}
	if race, _ := g.Race(); race != "" {
		notes = append(notes, race)
	}
	for _, s := range g.Steps() {
		if s.Repaired && g.takenBack(s) {
			notes = append(notes, fmt.Sprintf("when %s, it takes the virtual IPs back from %s although that one serves: nopreempt stands on %s "+
				"alone, which has the highest priority",
				g.Event(s), g.Masters(s.From), g.Nodes[best].Name))
			break
		}
	}
	return notes
}

// Race says that an election is a matter of luck, and among which nodes; "" where
// none is: the timers of a node and of lower ones run out at nearly the same
// time, and with nopreempt it leaves it as it came out.
func (g *Group) Race() (string, []string) {
	for _, i := range g.byPriority() {
		if !g.Nodes[i].NoPreempt {
			continue
		}
		if rivals := g.rivals(i); len(rivals) > 0 {
			when := "they start together"
			if len(g.Nodes) > 2 {
				when += ", or another master is lost,"
			}
			return fmt.Sprintf("with the priority of %s so close to the %d of %s, their timers differ by less than %s: "+
				"who becomes master when %s is a race, and %s has nopreempt and leaves it so",
				listed(rivals), g.Nodes[i].Priority, g.Nodes[i].Name, raceGap, when, g.Nodes[i].Name), g.racers()
		}
	}
	return "", nil
}

// racers are the nodes that are in any race.
func (g *Group) racers() []string {
	var all []string
	for i, n := range g.Nodes {
		if rivals := g.rivals(i); n.NoPreempt && len(rivals) > 0 {
			all = append(append(all, n.Name), rivals...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// byPriority are the nodes, the highest first.
func (g *Group) byPriority() []int {
	all := indexes(len(g.Nodes))
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(g.Nodes[b].Priority, g.Nodes[a].Priority) })
	return all
}

// delayedFailure is the longest preempt_delay that a failure waits for which is
// watched with a weight; 0 where there is none.
func (g *Group) delayedFailure() time.Duration {
	if len(g.Nodes) < 2 || !g.weighted() {
		return 0
	}
	d := g.Delay
	for _, t := range g.Others {
		d = max(d, t.Delay)
	}
	return d
}

// weighted says whether anything is watched with a weight.
func (g *Group) weighted() bool {
	return slices.ContainsFunc(g.Nodes, func(n Node) bool {
		return slices.ContainsFunc(n.Trackers, func(t Tracker) bool { return t.Weight != 0 })
	})
}

// rivals are the lower nodes whose last timer runs out at nearly the same time as
// that of a node, of any instance.
func (g *Group) rivals(best int) []string {
	var names []string
	for _, n := range g.Nodes {
		if n.Priority >= g.Nodes[best].Priority {
			continue
		}
		for _, t := range append([]Timers{g.Timers}, g.Others...) {
			d := Skew(t.Version, n.Priority, t.AdvertInt) - Skew(t.Version, g.Nodes[best].Priority, t.AdvertInt)
			if d.Abs() < raceGap && !slices.Contains(names, n.Name) {
				names = append(names, n.Name)
			}
		}
	}
	return names
}

// takenBack says whether a node that is well again takes over from one that serves.
func (g *Group) takenBack(s Step) bool {
	if len(s.From.Masters) != 1 || len(s.To.Masters) != 1 || s.From.Masters[0] == s.To.Masters[0] || s.Part.Node != s.To.Masters[0] {
		return false
	}
	return g.takesPart(s.To, s.From.Masters[0]) && g.Serves(s.From, s.From.Masters[0])
}

// listed names several.
func listed(all []string) string {
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	return strings.Join(all[:len(all)-1], ", ") + " and " + all[len(all)-1]
}
