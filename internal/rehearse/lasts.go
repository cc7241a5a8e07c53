package rehearse

import (
	"slices"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
)

// Lasts is about how long the drills take on a quiet machine, so many at the same
// time: from the delays of the site itself, each half of its window.
func Lasts(site *Subject, sets []artifact.Set, drills []Drill, o Options) time.Duration {
	s := newStage(site, sets, o.Boot)
	free := make([]time.Duration, max(o.Jobs, 1)) // when each worker is
	for _, d := range drills {
		if d.Unable != "" {
			continue
		}
		next := slices.Index(free, slices.Min(free))
		free[next] += s.lasts(d)
	}
	return slices.Max(free)
}

// lasts is about how long one drill takes.
func (s *stage) lasts(d Drill) time.Duration {
	total := s.boots(d)
	for _, x := range s.forecast(d).Steps {
		var most time.Duration
		if x.Window != nil {
			most = (x.Window.Best + x.Window.Worst) / 2
		}
		for _, m := range x.Moves {
			if m.Moves {
				most = max(most, (m.Window.Best+m.Window.Worst)/2)
			}
		}
		total += most + x.Still
	}
	return total
}

// boots is about how long it takes until all is well in a new lab: the checks have
// passed, nobody has been heard of, and vrrp_startup_delay is over.
func (s *stage) boots(d Drill) time.Duration {
	const (
		lab     = 500 * time.Millisecond // namespaces, files and processes
		systemd = 20 * time.Second       // of nodes that boot, and are installed one after the other
		// firewalld is what opening a zone takes: each of its commands starts Python.
		firewalld = 10 * time.Second
	)
	var checks, election time.Duration
	for i := range s.site.Backends {
		b := &s.site.Backends[i]
		waits := d.backend == b.Name && len(passing(s.site, b)) < len(checked(b))
		for _, server := range checked(b) {
			c, _ := checkOf(b, server)
			if checks = max(checks, c.Inter/2); waits {
				_, one, _ := c.Lasts(demotion(b))
				checks = max(checks, c.Inter/2+one)
			}
		}
	}
	for _, g := range s.groups {
		election = max(election, 4*g.Slowest())
	}
	delays := s.startupDelay()
	if d.moves() { // both nodes must be out of it
		delays *= 2
	}
	if s.booting != nil {
		for _, n := range s.plan.Nodes {
			if opens(n.Set) {
				checks += firewalld
			}
		}
		return systemd + checks + election + delays
	}
	return lab + checks + election + delays
}
