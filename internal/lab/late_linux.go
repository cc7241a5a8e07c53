package lab

import (
	"os"
	"regexp"
	"strconv"
	"time"

	"github.com/lbgen/lbgen/internal/recording"
)

// lateness above this is told: the machine had no time for the host.
const lateness = 30 * time.Millisecond

// tick is how often an agent looks whether it is woken up in time. The daemons
// beside it are woken up no sooner.
const tick = 50 * time.Millisecond

// watchClock tells each time that the agent has been woken up late.
func (s *sink) watchClock() {
	for {
		due := now() + tick
		time.Sleep(tick)
		if late := now() - due; late > lateness {
			s.emit(recording.Event{Kind: recording.Late, Text: late.String()})
		}
	}
}

// Pressure is for how long tasks of this machine have waited for a processor
// since it was started, from the kernel (Documentation/accounting/psi.rst). It
// returns false where the kernel does not tell.
func Pressure() (time.Duration, bool) {
	data, err := os.ReadFile("/proc/pressure/cpu")
	if err != nil {
		return 0, false
	}
	m := regexp.MustCompile(`(?m)^some .*total=(\d+)$`).FindSubmatch(data)
	if m == nil {
		return 0, false
	}
	n, err := strconv.ParseInt(string(m[1]), 10, 64)
	return time.Duration(n) * time.Microsecond, err == nil
}
