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

// Logs returns where HAProxy's log lines go; nowhere where the site file says none.
func (s *Site) Logs() []LogLine {
	if len(s.Log) == 0 {
		return []LogLine{{Log: withDefaults(Log{}, 0)}}
	}
	lines := make([]LogLine, 0, len(s.Log))
	for i, l := range s.Log {
		if !l.Target.None {
			lines = append(lines, LogLine{withDefaults(l, i), diag.Path("log").Index(i)})
		}
	}
	return lines
}

func withDefaults(l Log, i int) Log {
	l.Target.Socket = l.Target.Stream == "" && !l.Target.Addr.IsValid()
	if l.Target.Stream != "" {
		l.Format = cmp.Or(l.Format, "short")
	}
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
	switch {
	case l.None:
		return none
	case l.Stream != "":
		return l.Stream
	case !l.Addr.IsValid():
		return "/dev/log"
	}
	return l.Addr.String()
}

// IsLocal says whether the node's own rsyslog gets the lines.
func (l LogTarget) IsLocal() bool {
	return l.Stream == "" && !l.None && (!l.Addr.IsValid() || l.Addr.Addr().IsLoopback())
}

// logs wants each line to reach one file once.
func (c *cross) logs() {
	if c.hasFailedBelow("log") {
		return
	}
	if i := slices.IndexFunc(c.site.Log, func(l Log) bool { return l.Target.None }); i >= 0 {
		c.noLog(i)
		return
	}
	lines := c.site.Logs()
	for i, l := range lines {
		if l.Target.IsLocal() && !slices.Contains(localFacilities(), l.Facility) {
			c.add(l.Path.Key("facility"), "bad-value", fmt.Sprintf("facility %s is not HAProxy's alone", l.Facility),
				"other programs of the node use it too, and their lines would go to HAProxy's file: take one of local0 to local7")
		}
		if written := c.site.Log; !l.Target.IsLocal() && written[i].File != "" {
			c.add(l.Path.Key("file"), "bad-value", "a log file of another program",
				fmt.Sprintf("the lines go to %s, which writes them where it likes: take file out", l.Target))
		}
		if l.Target.IsLocal() && l.Format != "" {
			c.add(l.Path.Key("format"), "bad-value", "a form of lines for the node's own rsyslog",
				"rsyslog reads the lines and writes them in its own form: take format out")
		}
		for _, first := range lines[:i] {
			c.logTwice(first, l)
		}
	}
}

// noLog wants none to be all that the log has, and nothing else to say how its lines look.
func (c *cross) noLog(i int) {
	at := diag.Path("log").Index(i)
	if l := c.site.Log[i]; len(c.site.Log) > 1 || l != (Log{Target: l.Target}) {
		c.add(at, "bad-value", "none stands beside something else", "none means that nothing is logged: write log: [none], or take none out")
	}
	here := c.elsewhere("nothing is logged, as it says here", at)
	idle := func(in diag.Path, key string, written bool) {
		if written {
			c.add(in.Key(key), "bad-value", key+" has no effect without a log", "take it out, or none out of log", here)
		}
	}
	d, stats := &c.site.Defaults, c.site.Stats
	idle("defaults", "log_format", d.LogFormat != "")
	idle("defaults", "log_health_checks", d.LogHealthChecks)
	idle("defaults", "log_empty", d.LogEmpty)
	for i := range c.site.Frontends {
		idle(diag.Path("frontends").Index(i), "log_format", c.site.Frontends[i].LogFormat != "")
	}
	idle("stats", "log", stats != nil && stats.Log != nil && *stats.Log)
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
