package judge

import (
	"fmt"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/recording"
)

// Above these the machine is too busy to blame a site for what it has seen. Both
// are chosen, and not derived. The recordings in internal/rehearse/testdata were
// made on two processors at a load of 20 to 40: tasks waited all of the time, and
// hosts were woken up 0.03 to 1.65 s late. Most drills passed there; those that did
// not were wrong for no fault of the site.
const (
	tooLate     = 250 * time.Millisecond // of a host that waited for its time to come
	tooPressing = 0.75                   // share of the time in which some task waited for a processor
)

// lateness is by how much a host was late at worst since a moment, and which.
func lateness(events []recording.Event, since time.Duration) (time.Duration, string) {
	var most time.Duration
	var host string
	for _, e := range events {
		if e.Kind != recording.Late || e.At < since {
			continue
		}
		if d, err := time.ParseDuration(e.Text); err == nil && d > most {
			most, host = d, e.Host
		}
	}
	return most, host
}

// pressure is the share of the time in which some task of this machine waited
// for a processor. Each step begins and ends with a word of the kernel on that.
func pressure(events []recording.Event) float64 {
	var most float64
	var last *recording.Event
	var before time.Duration
	for _, e := range events {
		if e.Kind != recording.Pressure {
			continue
		}
		total, err := time.ParseDuration(e.Text)
		if err != nil {
			continue
		}
		if last != nil && e.At-last.At > time.Second/2 {
			most = max(most, float64(total-before)/float64(e.At-last.At))
		}
		last, before = &e, total
	}
	return most
}

// busy says in words that the machine was too busy to be a judge; "" where it
// was not.
func busy(events []recording.Event) string {
	var said []string
	if late, host := lateness(events, 0); late >= tooLate {
		said = append(said, fmt.Sprintf("%s was woken up %s late", host, Seconds(late)))
	}
	if share := pressure(events); share >= tooPressing {
		said = append(said, fmt.Sprintf("tasks waited for a processor in %.0f %% of the time", share*100))
	}
	return strings.Join(said, ", ")
}
