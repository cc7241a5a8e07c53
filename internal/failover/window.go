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
	var longest Term
	for _, t := range w.Terms {
		if t.Worst > longest.Worst {
			longest = t
		}
	}
	return longest
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

// tracker returns what watches the part, if anything does. Where several do, one
// without weight decides, and of several the first to see that the part has failed.
func (g *Group) tracker(p Part) (Tracker, bool) {
	return g.watching(p, func(a, b Tracker) bool { return a.Interval*time.Duration(a.Fall) < b.Interval*time.Duration(b.Fall) })
}

// last returns the tracker that is the last to see that the part is well again.
func (g *Group) last(p Part) (Tracker, bool) {
	return g.watching(p, func(a, b Tracker) bool { return a.Interval*time.Duration(a.Rise) > b.Interval*time.Duration(b.Rise) })
}

func (g *Group) watching(p Part, before func(a, b Tracker) bool) (found Tracker, ok bool) {
	if p.Node < 0 {
		return found, false
	}
	for _, t := range g.Nodes[p.Node].Trackers {
		if t.Kind != p.Kind || t.Name != p.Name {
			continue
		}
		faults, fault := t.Weight == 0, found.Weight == 0
		if !ok || faults && !fault || faults == fault && before(t, found) {
			found, ok = t, true
		}
	}
	return found, ok
}

// Window returns how long the virtual IPs take to move in a step. It is zero
// where they do not. The instances of a sync group become master when the timer
// of each has run out (Keepalived's vrrp_sync.c, vrrp_sync_can_goto_master), so
// the group is as slow as its slowest; the first one that gives up after a
// split takes all with it.
func (g *Group) Window(step Step) Window {
	w := g.alone(step)
	for _, t := range g.Others {
		one := *g
		one.Timers, one.Others = t, nil
		if healed := (step.Part.Kind == Adverts || step.Part.Kind == Deaf) && step.Repaired; healed {
			w = faster(w, one.alone(step))
		} else {
			w = slower(w, one.alone(step))
		}
	}
	return w
}

func faster(a, b Window) Window {
	if b.Worst < a.Worst {
		return b
	}
	return a
}

// slower is the window of two that are both waited for.
func slower(a, b Window) Window {
	if b.Worst > a.Worst || b.Worst == a.Worst && b.Best > a.Best {
		a, b = b, a
	}
	if d := b.Best - a.Best; d > 0 {
		a.add(Term{"another instance of the sync group", "", d, 0})
	}
	return a
}

// alone is the window of the group's first instance alone.
func (g *Group) alone(step Step) Window {
	var w Window
	to, from := step.To.Masters, step.From.Masters
	if len(to) == 0 || slices.Equal(to, from) {
		return w
	}
	next := newcomer(from, to)
	switch {
	case (step.Part.Kind == Adverts || step.Part.Kind == Deaf) && step.Repaired:
		w.add(Term{"the lower master hears the higher", fmt.Sprintf("0 to 1 x advert_int %s", g.AdvertInt), 0, g.AdvertInt})
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
	case Machine, OwnNIC, Adverts, Killed, Deaf:
		w.add(g.silence())
	case HAProxy, Script, NIC:
		if !watched {
			return
		}
		if t.Interval > 0 {
			w.add(noticed(t, false))
		}
		// In FAULT it says so with an advert of priority 0. With a weight it goes
		// on sending, and the backup takes over from a living, lower master.
		if t.Weight != 0 {
			g.preempt(w, g.silence())
		}
	}
}

// takeBack adds what passes until a node that is well again takes over.
func (g *Group) takeBack(w *Window, step Step) {
	t, watched := g.last(step.Part)
	if watched && t.Interval > 0 {
		w.add(noticed(t, true))
	}
	started := step.Part.Kind == Keepalived || step.Part.Kind == Machine
	if started && g.StartupDelay > 0 {
		w.add(g.startup(len(step.From.Masters) > 0))
		if g.Delay > 0 && len(step.From.Masters) > 0 {
			// The delay begins with the first advert that is heard, also inside of the other.
			w.add(Term{"preempt_delay begins meanwhile", "", -min(g.StartupDelay, g.Delay), 0})
		}
	}
	switch {
	case len(step.From.Masters) == 0:
		w.add(g.wait())
	case watched && t.Weight != 0:
		g.preempt(w, g.silence())
	default:
		g.preempt(w, g.wait())
	}
}

// preempt adds what a node waits that is to take over from a living, lower
// master: its last timer alone, or preempt_delay and that timer. The delay
// begins with the first advert that it hears, and until it is over each advert
// starts the last timer anew (Keepalived's vrrp.c, vrrp_state_backup).
func (g *Group) preempt(w *Window, last Term) {
	if g.Delay == 0 {
		w.add(last)
		return
	}
	w.add(Term{"preempt_delay", g.Delay.String(), g.Delay, g.Delay})
	w.add(Term{"listening", fmt.Sprintf("2 to 4 x advert_int %s", g.AdvertInt), 2 * g.AdvertInt, 4 * g.AdvertInt})
}

// startup is vrrp_startup_delay. Up to Keepalived 2.2.7 each advert of a lower
// master that is heard meanwhile puts off the end by what is left of the delay
// then (vrrp.c, vrrp_state_backup, and vrrp_scheduler.c, vrrp_init_instance_sands);
// from 2.2.8 on nothing is heard meanwhile.
func (g *Group) startup(heard bool) Term {
	t := Term{"vrrp_startup_delay", g.StartupDelay.String(), g.StartupDelay, g.StartupDelay}
	if !heard {
		return t
	}
	var more time.Duration
	for left := g.StartupDelay; left > 0; left -= g.AdvertInt {
		more += left
	}
	t.Worst += more
	t.Formula += fmt.Sprintf("; up to Keepalived 2.2.7 with each advert heard, every %s, again what is left of it", g.AdvertInt)
	return t
}

// newcomer returns the master that was none before; the first master if all were.
func newcomer(from, to []int) int {
	for _, n := range to {
		if !slices.Contains(from, n) {
			return n
		}
	}
	return to[0]
}
