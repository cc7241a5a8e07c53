package failover

import (
	"fmt"
	"slices"
	"time"
)

// Window is how long something takes, at best and at worst, and the sum that
// leads there.
type Window struct {
	Best, Worst time.Duration
	Terms       []Term
}

// Term is one part of the sum.
type Term struct {
	What        string // in words, such as "skew of prslb02"
	Formula     string // with its numbers, such as "(256 - 50)/256 s"
	Best, Worst time.Duration
}

func (w *Window) add(t Term) {
	w.Best += t.Best
	w.Worst += t.Worst
	w.Terms = append(w.Terms, t)
}

// Costliest returns the term that takes longest at worst.
func (w Window) Costliest() Term {
	var most Term
	for _, t := range w.Terms {
		if t.Worst > most.Worst {
			most = t
		}
	}
	return most
}

// Skew is the time by which a backup waits less the higher its priority is:
// (256 - priority)/256 seconds in version 2 (RFC 3768 6.1), of an advert
// interval in version 3 (RFC 5798 6.1).
func Skew(version, priority int, advertInt time.Duration) time.Duration {
	unit := time.Second
	if version == 3 {
		unit = advertInt
	}
	return time.Duration(256-priority) * unit / 256
}

func (g *Group) skew(s State, node int) Term {
	p := g.priority(s, node)
	d := Skew(g.Version, p, g.AdvertInt)
	formula := fmt.Sprintf("(256 - %d)/256 s", p)
	if g.Version == 3 {
		formula = fmt.Sprintf("(256 - %d)/256 x advert_int %s", p, g.AdvertInt)
	}
	return Term{"skew of " + g.Nodes[node].Name, formula, d, d}
}

// silence is how long a backup waits for a master that says no more: three
// advert intervals since its last advert, which came up to one interval before.
func (g *Group) silence() Term {
	return Term{"adverts missed", fmt.Sprintf("2 to 3 x advert_int %s", g.AdvertInt), 2 * g.AdvertInt, 3 * g.AdvertInt}
}

// wait is how long a node that has just become a backup listens before it takes
// over from nobody, or from a lower master.
func (g *Group) wait() Term {
	return Term{"listening first", fmt.Sprintf("3 x advert_int %s", g.AdvertInt), 3 * g.AdvertInt, 3 * g.AdvertInt}
}

// noticed is how long a check takes to see a change that lasts: the change
// falls somewhere between two checks.
func noticed(t Tracker, repaired bool) Term {
	n, word := t.Fall, "fall"
	if repaired {
		n, word = t.Rise, "rise"
	}
	return Term{"check notices", fmt.Sprintf("interval %s x (%s %d - 1 to %d)", t.Interval, word, n, n),
		time.Duration(n-1) * t.Interval, time.Duration(n) * t.Interval}
}

// tracker returns what watches the part, if anything does. Where several do,
// the one without weight decides.
func (g *Group) tracker(p Part) (Tracker, bool) {
	var found Tracker
	ok := false
	if p.Node < 0 {
		return found, false
	}
	for _, t := range g.Nodes[p.Node].Trackers {
		if t.Kind == p.Kind && t.Name == p.Name && (!ok || t.Weight == 0) {
			found, ok = t, true
		}
	}
	return found, ok
}

// Window returns how long the virtual IPs take to move in a step. It is zero
// where they do not.
func (g *Group) Window(step Step) Window {
	var w Window
	to, from := step.To.Owners, step.From.Owners
	if len(to) == 0 || slices.Equal(to, from) {
		return w
	}
	next := newcomer(from, to)
	switch {
	case step.Part.Kind == Adverts && step.Repaired:
		w.add(Term{"the lower owner hears the higher", fmt.Sprintf("0 to 1 x advert_int %s", g.AdvertInt), 0, g.AdvertInt})
		return w
	case step.Repaired:
		g.takeBack(&w, step)
	default:
		g.giveUp(&w, step)
	}
	w.add(g.skew(step.To, next))
	return w
}

// giveUp adds what passes until a backup starts its last timer.
func (g *Group) giveUp(w *Window, step Step) {
	t, watched := g.tracker(step.Part)
	switch step.Part.Kind {
	case Keepalived: // says so with an advert of priority 0
	case Machine, OwnNIC, Adverts:
		w.add(g.silence())
	case HAProxy, Script, NIC:
		if !watched {
			return
		}
		if t.Interval > 0 {
			w.add(noticed(t, false))
		}
		// In FAULT it says so with an advert of priority 0. With a weight it goes
		// on sending, and the backup no longer listens.
		if t.Weight != 0 {
			w.add(g.silence())
		}
	}
}

// takeBack adds what passes until a node that is well again takes over.
func (g *Group) takeBack(w *Window, step Step) {
	t, watched := g.tracker(step.Part)
	if watched && t.Interval > 0 {
		w.add(noticed(t, true))
	}
	if g.Delay > 0 && len(step.From.Owners) > 0 {
		w.add(Term{"preempt_delay", g.Delay.String(), g.Delay, g.Delay})
	}
	if watched && t.Weight != 0 {
		w.add(g.silence())
		return
	}
	w.add(g.wait())
}

// newcomer returns the owner that was none before; the first owner if all were.
func newcomer(from, to []int) int {
	for _, n := range to {
		if !slices.Contains(from, n) {
			return n
		}
	}
	return to[0]
}
