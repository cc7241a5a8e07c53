package check

import (
	"context"
)

// runTmpfiles has systemd-tmpfiles carry the files out: in the sandbox there is
// nothing of the machine to create or remove, and 252 knows no dry run.
func runTmpfiles(ctx context.Context, j *job) ([]finding, error) {
	s, err := newSandbox(j)
	if err != nil {
		return nil, err
	}
	args := []string{"--create"}
	for _, f := range j.files {
		args = append(args, "/"+f.Path)
	}
	out, err := s.run(ctx, j.program, args...)
	found := parseTmpfiles(out.Stderr)
	if j.isolation().mapped && len(found) == 0 {
		return nil, nil // in a user namespace nothing can be given to another user
	}
	return orExit(found, out, err)
}

var tmpfilesPlace = lazy(`^(/[^:]+):(\d+): (.*)$`)

// parseTmpfiles reads what systemd-tmpfiles prints on stderr. A complaint
// without position is about carrying it out; the exit status tells of those.
func parseTmpfiles(stderr []byte) []finding {
	var found []finding
	for _, line := range lines(stderr) {
		if m := tmpfilesPlace().FindStringSubmatch(line); m != nil {
			found = append(found, finding{file: m[1], line: number(m[2]), message: m[3]})
		}
	}
	return found
}
