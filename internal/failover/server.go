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

// Lasts is how long one bad check takes, and what that is.
func (c ServerCheck) Lasts(l Lapse) (time.Duration, string) {
	switch l {
	case Slow:
		return c.Check, "timeout check"
	case Vanishes:
		return min(c.Connect, c.Inter), "the smaller of timeout connect and inter"
	default:
		return 0, ""
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
	if one, what := c.Lasts(l); one > 0 {
		d := time.Duration(c.Fall) * one
		w.add(Term{"the bad checks themselves", fmt.Sprintf("fall %d x %s %s", c.Fall, what, one), d, d})
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
