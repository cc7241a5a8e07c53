package failover

import (
	"fmt"
	"time"
)

// ServerCheck is how HAProxy checks a server.
type ServerCheck struct {
	Inter, FastInter, DownInter time.Duration // FastInter and DownInter are Inter where nothing is written
	Rise, Fall                  int
	Connect, Check              time.Duration // time-outs
	// Twice: HAProxy counts a good check as two, as it does with those of MySQL and
	// LDAP (measured with 2.6, 3.0, 3.2 and 3.4: with rise 4, up after two).
	Twice bool
}

// Lapse is how a server fails.
type Lapse int

// The ways in which a check ends badly, by how long that takes.
const (
	Refuses  Lapse = iota // the port is closed, or it answers with a wrong status: at once
	Slow                  // it accepts and does not answer: the check's time-out
	Vanishes              // nothing comes back at all: the time-out for connecting
)

// Lasts is how long one bad check takes, at best and at worst, and what that is.
//
// timeout check counts from the connection on. HAProxy before 3.2.1 ("Requeue
// healthchecks on I/O events to handle check timeout" in its changelog) often sees that
// it is over only when the time to connect would be, too: measured with 2.6.12 and
// 3.0.11, timeout check 1s and inter 2s, 1.0 to 1.9 s; with 3.2.26, 1.0 s.
func (c ServerCheck) Lasts(l Lapse) (best, worst time.Duration, what string) {
	const connecting = "the smaller of timeout connect and inter"
	connect := min(c.Connect, c.Inter)
	switch {
	case l == Slow && connect > c.Check:
		return c.Check, connect, fmt.Sprintf("timeout check %s, before HAProxy 3.2.1 up to %s %s", c.Check, connecting, connect)
	case l == Slow:
		return c.Check, c.Check, fmt.Sprintf("timeout check %s", c.Check)
	case l == Vanishes:
		return connect, connect, fmt.Sprintf("%s %s", connecting, connect)
	default:
		return 0, 0, ""
	}
}

// Detection returns how long HAProxy goes on sending requests to a server that
// fails. It waits inter after each check ends, and fastinter between the first
// bad check and the last (configuration.txt 5.2, fastinter; measured: with
// inter 2s, fall 3 and timeout check 2s, 11.4 to 12.4 s for a slow server and
// 4.4 to 5.4 s for one that answers 503).
func (c ServerCheck) Detection(l Lapse) Window {
	var w Window
	w.add(Term{"until the next check", fmt.Sprintf("0 to 1 x inter %s", c.Inter), 0, c.Inter})
	if c.Fall > 1 {
		d := time.Duration(c.Fall-1) * c.FastInter
		w.add(Term{"between the bad checks", fmt.Sprintf("(fall %d - 1) x %s", c.Fall, c.FastInter), d, d})
	}
	if best, worst, what := c.Lasts(l); worst > 0 {
		fall := time.Duration(c.Fall)
		w.add(Term{"the bad checks themselves", fmt.Sprintf("fall %d x %s", c.Fall, what), fall * best, fall * worst})
	}
	return w
}

// Return returns how long a server that is well again waits for requests.
func (c ServerCheck) Return() Window {
	var w Window
	w.add(Term{"until the next check", fmt.Sprintf("0 to 1 x %s", c.DownInter), 0, c.DownInter})
	good, each := c.Rise, ""
	if c.Twice {
		good, each = (c.Rise+1)/2, "/2"
	}
	if good > 1 {
		d := time.Duration(good-1) * c.FastInter
		w.add(Term{"between the good checks", fmt.Sprintf("(rise %d%s - 1) x %s", c.Rise, each, c.FastInter), d, d})
	}
	return w
}
