package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/lbgen/lbgen/internal/failover"
)

// Change is a failure that is met otherwise than before.
type Change struct {
	Group string `json:"group"`
	Event string `json:"event"`
	Was   string `json:"was"` // who had the virtual IPs then, and within which time
	Is    string `json:"is"`
	Worse bool   `json:"worse,omitempty"` // nobody, or the wrong one, has them now
}

// changes compares what the old and the new groups do after each failure while all else
// is well.
func changes(old, new []*failover.Group) []Change {
	var all []Change
	for _, g := range new {
		was := matching(old, g)
		if was == nil {
			continue
		}
		before := map[string]failover.Step{}
		for _, s := range fromStart(was) {
			before[was.Event(s)] = s
		}
		for _, s := range fromStart(g) {
			event := g.Event(s)
			b, there := before[event]
			if !there {
				continue
			}
			delete(before, event)
			c := Change{Group: g.Name, Event: event, Was: outcome(was, b), Is: outcome(g, s), Worse: was.Good(b.To) && !g.Good(s.To)}
			if c.Was != c.Is {
				all = append(all, c)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Change) int { return cmp.Compare(a.Group, b.Group) })
	return all
}

// fromStart are the failures while all is well and the preferred master has the
// virtual IPs.
func fromStart(g *failover.Group) []failover.Step {
	start := g.Start()
	return slices.DeleteFunc(g.Single(), func(s failover.Step) bool { return !slices.Equal(s.From.Masters, start.Masters) })
}

// outcome is who has the virtual IPs after a step, and within which time.
func outcome(g *failover.Group, s failover.Step) string {
	if len(s.To.Masters) == 0 {
		return "nobody"
	}
	if slices.Equal(s.From.Masters, s.To.Masters) {
		return g.Masters(s.To) + " stays"
	}
	w := g.Window(s)
	return fmt.Sprintf("%s within %s", g.Masters(s.To), span(w.Best, w.Worst))
}
