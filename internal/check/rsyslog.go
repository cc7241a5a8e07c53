package check

import (
	"context"
	"strings"
)

// rsyslogMain is a small main file around the fragments: they rely on imuxsock
// being loaded, as the packages' own rsyslog.conf has it.
const rsyslogMain = `global(workDirectory="/var/lib/rsyslog")
module(load="imuxsock")
include(file="/etc/rsyslog.d/*.conf" mode="required")
`

// runRsyslog runs `rsyslogd -N1` over the fragments of the set.
func runRsyslog(ctx context.Context, j *job) ([]finding, error) {
	s, err := newSandbox(j)
	if err != nil {
		return nil, err
	}
	if err := s.Put("/etc/rsyslog.conf", rsyslogMain, 0o644); err != nil {
		return nil, err
	}
	out, err := s.run(ctx, j.program, "-N1", "-f", "/etc/rsyslog.conf")
	return orExit(parseRsyslog(out.Stderr), out, err)
}

var (
	rsyslogNoise  = lazy(`^(?:version .* config validation run|End of config validation run|run failed with error)`)
	rsyslogPlace  = lazy(`^(?:error|warning) during parsing file (\S+), on or before line (\d+): (.*)$`)
	rsyslogAround = lazy(`^(?:errors|warnings) occurred in file '([^']+)' around line (\d+)$`)
	rsyslogURL    = lazy(`\s*\[v\d+\.[^\]]*\]$`)
)

// rsyslogNone is said in consequence of other errors, or of a set whose
// fragments only listen.
const rsyslogNone = "there are no active actions configured"

// parseRsyslog reads what `rsyslogd -N1` prints on stderr. Some messages have
// no position and are followed by one that has nothing else.
func parseRsyslog(stderr []byte) []finding {
	var found []finding
	waiting := 0 // the findings from here on still lack a position
	for _, line := range lines(stderr) {
		text, ok := strings.CutPrefix(line, "rsyslogd: ")
		text = strings.TrimSpace(rsyslogURL().ReplaceAllString(text, ""))
		if !ok || text == "" || rsyslogNoise().MatchString(text) || len(found) > 0 && strings.HasPrefix(text, rsyslogNone) {
			continue
		}
		m := rsyslogPlace().FindStringSubmatch(text)
		if m == nil {
			found = append(found, finding{message: text})
			continue
		}
		if around := rsyslogAround().FindStringSubmatch(m[3]); around != nil && waiting < len(found) {
			for i := waiting; i < len(found); i++ {
				found[i].file, found[i].line = around[1], number(around[2])
			}
		} else {
			found = append(found, finding{file: m[1], line: number(m[2]), message: m[3]})
		}
		waiting = len(found)
	}
	return found
}
