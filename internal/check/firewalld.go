package check

import (
	"context"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

// runFirewalld runs the set's firewalld.sh over a fresh configuration of
// firewalld, as for an image, and has firewalld check what came of it. The
// machine's zones are not asked: what is found is the set's own.
func runFirewalld(ctx context.Context, j *job) ([]finding, error) {
	c, err := newCell(j)
	if err != nil {
		return nil, err
	}
	if err := c.Put("/etc/firewalld/firewalld.conf", "DefaultZone=public\n", 0o644); err != nil {
		return nil, err
	}
	out, err := c.run(ctx, "sh", "/firewalld.sh", "--offline")
	found, err := orExit(parseFirewalld(out.Stderr, err != nil), out, err)
	if err != nil || len(found) > 0 {
		return found, err
	}
	// It ends with 0 whatever it finds.
	out, err = c.run(ctx, j.program, "--check-config")
	return orExit(parseFirewalld(out.Stderr, err != nil), out, err)
}

var (
	firewalldCode = lazy(`^\s*(?:(WARNING|Warning|ERROR|Error): )?([A-Z]+_[A-Z_]+: .*)$`)
	firewalldWord = lazy(`^\s*(?:(WARNING|Warning|ERROR|Error)|firewall-offline-cmd: error): (.*)$`)
	// That something is so already, or is not there to be taken away, is no
	// fault: the script is run again and again.
	firewalldNoise = lazy(`^(?:ALREADY_ENABLED|NOT_ENABLED|ALREADY_SET|ZONE_ALREADY_SET)\b`)
	firewalldStep  = lazy(`^firewalld\.sh: (.* failed\b.*)$`)
)

// parseFirewalld reads what firewall-offline-cmd, and the script that calls it,
// print on stderr. They name no line; the words of the rule lead there. failed
// says that the script gave up: then the step that it names is what failed, and
// firewalld's own words below it say why.
func parseFirewalld(stderr []byte, failed bool) []finding {
	var found []finding
	step := ""
	for _, line := range lines(stderr) {
		if m := firewalldStep().FindStringSubmatch(line); m != nil && failed {
			step = m[1] + ": "
			continue
		}
		m := firewalldCode().FindStringSubmatch(line)
		if m == nil {
			m = firewalldWord().FindStringSubmatch(line)
		}
		if m == nil || firewalldNoise().MatchString(m[2]) {
			continue
		}
		f := finding{message: step + m[2]}
		if m[1] == "Warning" || m[1] == "WARNING" {
			f.severity = diag.Warning
		}
		found, step = append(found, f), ""
	}
	if step != "" {
		found = append(found, finding{message: strings.TrimSuffix(step, ": ")})
	}
	return found
}
