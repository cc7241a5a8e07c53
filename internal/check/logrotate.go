package check

import (
	"context"

	"github.com/lbgen/lbgen/internal/diag"
)

// runLogrotate runs `logrotate -d`, which says what it would do and does
// nothing, over empty log files.
func runLogrotate(ctx context.Context, j *job) ([]finding, error) {
	s, err := newSandbox(j)
	if err != nil {
		return nil, err
	}
	args := []string{"-d", "-s", "/tmp/logrotate.status"}
	for _, f := range j.files {
		args = append(args, "/"+f.Path)
	}
	out, err := s.run(ctx, j.program, args...)
	found, told := parseLogrotate(out.Stderr, j.isolation().mapped)
	if told && len(found) == 0 {
		return nil, nil
	}
	return orExit(found, out, err)
}

var (
	logrotateLine  = lazy(`^(error|warning): (?:(/[^:]+):(\d+) )?(.*)$`)
	logrotateNoise = lazy(`^(?:found error in |logrotate in debug mode does nothing|state file )`)
	// In a user namespace there is one user, and nobody to become.
	logrotateUntruth = lazy(`^error switching euid|^error setting groups`)
)

// parseLogrotate reads what `logrotate -d` prints on stderr, and says whether
// there was an untruth among it. mapped says that it ran in a user namespace.
func parseLogrotate(stderr []byte, mapped bool) (found []finding, untruth bool) {
	for _, line := range lines(stderr) {
		m := logrotateLine().FindStringSubmatch(line)
		if m == nil || len(m[4]) == 0 || logrotateNoise().MatchString(m[4]) {
			continue
		}
		if mapped && logrotateUntruth().MatchString(m[4]) {
			untruth = true
			continue
		}
		f := finding{file: m[2], line: number(m[3]), message: m[4]}
		if m[1] == "warning" {
			f.severity = diag.Warning
		}
		found = append(found, f)
	}
	return found, untruth
}
