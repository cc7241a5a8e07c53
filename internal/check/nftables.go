package check

import (
	"context"

	"github.com/lbgen/lbgen/internal/diag"
)

// runNftables has nft read the table, and the kernel look at it without taking it.
func runNftables(ctx context.Context, j *job) ([]finding, error) {
	s, err := newSandbox(j)
	if err != nil {
		return nil, err
	}
	out, err := s.run(ctx, j.program, "-c", "-f", "/"+j.files[0].Path)
	return orExit(parseNftables(out.Stderr), out, err)
}

var nftPlace = lazy(`^(/[^:]+):(\d+):[\d-]+: (Error|Warning): (.*)$`)

// parseNftables reads what nft prints on stderr: the place, then the line with a mark
// below it.
func parseNftables(stderr []byte) []finding {
	var found []finding
	for _, line := range lines(stderr) {
		m := nftPlace().FindStringSubmatch(line)
		if m == nil {
			continue
		}
		f := finding{file: m[1], line: number(m[2]), message: m[4]}
		if m[3] == "Warning" {
			f.severity = diag.Warning
		}
		found = append(found, f)
	}
	return found
}
