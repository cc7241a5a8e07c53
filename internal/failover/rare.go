package failover

import (
	"fmt"
	"slices"
	"time"
)

// RestartAfter is the time after which systemd starts a Keepalived again that has
// ended by itself: RestartSec of the unit's drop-in (templates/systemd/keepalived.override.conf.tmpl).
const RestartAfter = 2 * time.Second

// Rare are failures that no group survives unharmed, from each state in which all
// is well: Keepalived of a master is killed while its machine lives, and the
// addresses stay there; a backup alone no longer hears the master.
func (g *Group) Rare() []Step {
	var steps []Step
	for _, from := range g.well() {
		if len(g.Nodes) < 2 || len(from.Masters) != 1 {
			continue
		}
		steps = append(steps, g.Next(from, Part{from.Masters[0], Killed, ""}))
		for i := range g.Nodes {
			if i != from.Masters[0] {
				steps = append(steps, g.Next(from, Part{i, Deaf, ""}))
			}
		}
	}
	return steps
}

// Aftermath says in words what a failure of Rare comes to.
func (g *Group) Aftermath(s Step) string {
	if s.Part.Kind == Deaf {
		if len(s.To.Masters) > 1 {
			return "not counted: no group survives this"
		}
		return ""
	}
	after := g.Next(s.To, s.Part).To
	w := g.Window(s)
	both := RestartAfter - w.Best
	said := fmt.Sprintf("not counted: systemd starts it again after %s", RestartAfter)
	if both > 0 {
		said += fmt.Sprintf(", both have them for up to %s", both.Round(10*time.Millisecond))
	}
	if !slices.Equal(after.Masters, s.To.Masters) {
		said += "; then " + g.Masters(after) + " has them"
	}
	return said
}
