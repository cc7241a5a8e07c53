package model

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/lbgen/lbgen/internal/diag"
)

// DefaultFacility is the syslog facility of HAProxy's log lines.
const DefaultFacility = "local2"

// LogLine is a target of HAProxy's log lines with nothing left out, and the
// model path that it comes from, "" where the site file names none.
type LogLine struct {
	Log
	Path diag.Path
}

// Logs returns where HAProxy's log lines go.
func (s *Site) Logs() []LogLine {
	if len(s.Log) == 0 {
		return []LogLine{{Log: withDefaults(Log{}, 0)}}
	}
	lines := make([]LogLine, 0, len(s.Log))
	for i, l := range s.Log {
		lines = append(lines, LogLine{withDefaults(l, i), diag.Path("log").Index(i)})
	}
	return lines
}

func withDefaults(l Log, i int) Log {
	l.Target.Socket = !l.Target.Addr.IsValid()
	l.Facility = cmp.Or(l.Facility, DefaultFacility)
	if l.File == "" {
		l.File = "haproxy.log"
		if i > 0 {
			l.File = "haproxy-" + l.Facility + ".log"
		}
	}
	return l
}

// String returns the target as HAProxy reads it.
func (l LogTarget) String() string {
	if !l.Addr.IsValid() {
		return "/dev/log"
	}
	return l.Addr.String()
}

// IsLocal says whether the node's own rsyslog gets the lines.
func (l LogTarget) IsLocal() bool { return !l.Addr.IsValid() || l.Addr.Addr().IsLoopback() }

// logs wants each line to reach one file once.
func (c *cross) logs() {
	if c.hasFailedBelow("log") {
		return
	}
	lines := c.site.Logs()
	for i, l := range lines {
		if l.Target.IsLocal() && !slices.Contains(localFacilities(), l.Facility) {
			c.add(l.Path.Key("facility"), "bad-value", fmt.Sprintf("facility %s is not HAProxy's alone", l.Facility),
				"other programs of the node use it too, and their lines would go to HAProxy's file: take one of local0 to local7")
		}
		if written := c.site.Log; !l.Target.IsLocal() && written[i].File != "" {
			c.add(l.Path.Key("file"), "bad-value", "a log file on another machine",
				fmt.Sprintf("the lines go to %s, which writes them where it likes: take file out", l.Target))
		}
		for _, first := range lines[:i] {
			c.logTwice(first, l)
		}
	}
}

func (c *cross) logTwice(first, l LogLine) {
	here := c.elsewhere("the other is here", first.Path)
	switch local := first.Target.IsLocal() && l.Target.IsLocal(); {
	case first.Target.String() == l.Target.String() && first.Facility == l.Facility:
		c.add(l.Path, "duplicate", fmt.Sprintf("the log has %s with %s twice", l.Target, l.Facility),
			"each line would be written twice: give one of them another facility", here)
	case local && first.Facility == l.Facility:
		c.add(l.Path, "duplicate", fmt.Sprintf("facility %s is defined twice for the node's own rsyslog", l.Facility),
			"it tells the lines apart by facility: give one of them another", here)
	case local && first.File == l.File:
		c.add(l.Path, "duplicate", fmt.Sprintf("log file %s is defined twice", l.File), "each facility has a file of its own", here)
	}
}

func localFacilities() []string {
	return []string{"local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"}
}
