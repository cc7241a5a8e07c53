package check

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"github.com/lbgen/lbgen/internal/proc"
)

// Daemon is one of the two daemons that everything is about, as it is here.
type Daemon struct {
	Name    string // haproxy or keepalived
	Program string // absolute path
	Version string // as it says itself, such as 2.6.12-1+deb12u4; "" where it says none
}

// versionTimeout is how long a daemon may take to say its version; a script in its
// place may take the question for an order to start.
const versionTimeout = 5 * time.Second

// Daemons returns which HAProxy and Keepalived Run asks, those that are here. They
// are asked for their versions in a scratch root, too.
func Daemons(ctx context.Context, opts Options) []Daemon {
	opts.Timeout = versionTimeout
	iso := sync.OnceValue(func() isolation { return findIsolation(ctx) })
	var all []Daemon
	for _, c := range checkers() {
		if c.name != "haproxy" && c.name != "keepalived" {
			continue
		}
		program, err := opts.find(c)
		if err != nil {
			continue
		}
		all = append(all, Daemon{Name: c.name, Program: program, Version: version(ctx, c.name, program, opts, iso)})
	}
	return all
}

func version(ctx context.Context, name, program string, opts Options, iso func() isolation) string {
	dir, err := os.MkdirTemp(opts.TempDir, "lbgen-check-")
	if err != nil {
		return ""
	}
	defer func() { _ = os.RemoveAll(dir) }()
	s, err := newSandbox(&job{opts: opts, program: program, scratch: filepath.Join(dir, name), isolation: iso})
	if err != nil {
		return ""
	}
	out, err := s.daemon(ctx, name, "", "-v")
	if err != nil && !proc.Exited(err) {
		return ""
	}
	return versionIn(append(out.Stdout, out.Stderr...))
}

// versionIn finds the version in what `haproxy -v` and `keepalived -v` print:
// HAProxy version 2.6.12-1+deb12u4 2026/10/17, Keepalived v2.2.7 (01/16,2022).
func versionIn(text []byte) string {
	m := regexp.MustCompile(`(?m)^(?:HA-?Proxy version |Keepalived v)(\d[^\s,]*)`).FindSubmatch(text)
	if m == nil {
		return ""
	}
	return string(m[1])
}

// daemon runs the job's program, one of the two daemons, in the sandbox. network is
// a batch of ip commands that make its devices; "" for none.
func (s *sandbox) daemon(ctx context.Context, name, network string, args ...string) (proc.Output, error) {
	program, err := s.Daemon(name, s.job.program)
	if err != nil {
		return proc.Output{}, err
	}
	if network == "" {
		return s.run(ctx, program, args...)
	}
	return s.runWithNetwork(ctx, network, program, args...)
}
