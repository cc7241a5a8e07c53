package check

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/lbgen/lbgen/internal/proc"
	"github.com/lbgen/lbgen/internal/scratch"
)

// isolation is how a checker gets namespaces of its own.
type isolation struct {
	args []string // of unshare, before the program
	// mapped is true in a user namespace: files of root look foreign there, and
	// there is one user only.
	mapped bool
	err    error // why there is no way
}

// findIsolation tries what this user may do on this kernel: plain namespaces
// as root, a user namespace otherwise.
func findIsolation(ctx context.Context) isolation {
	unshare, err := proc.Look("unshare")
	if err != nil {
		return isolation{err: errors.New("unshare is not on this machine: install util-linux")}
	}
	// A process namespace ends with its first process, and everything with it.
	args := []string{"--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"}
	var plain error
	if os.Geteuid() == 0 {
		if plain = try(ctx, unshare, args); plain == nil {
			return isolation{args: args}
		}
	}
	args = append([]string{"--user", "--map-root-user"}, args...)
	err = try(ctx, unshare, args)
	if ctx.Err() != nil {
		return isolation{err: context.Cause(ctx)} // it was not the kernel
	}
	if err != nil && os.Geteuid() == 0 {
		return isolation{err: fmt.Errorf("root gets no namespaces here, as in a chroot that is no mount point or a container without rights: %w",
			plain)}
	}
	if err != nil {
		return isolation{err: fmt.Errorf("it needs root, or a kernel that gives user namespaces to others: %w", err)}
	}
	return isolation{args: args, mapped: true}
}

func try(ctx context.Context, unshare string, args []string) error {
	_, err := proc.Run(ctx, proc.Cmd{Path: unshare, Args: append(slices.Clone(args), "--net", "true")})
	return err
}

//go:embed sandbox.sh
var enterScript []byte

// localhost is what a scratch root's /etc/hosts begins with.
const localhost = "127.0.0.1 localhost\n::1 localhost\n"

// sandbox is a scratch root for one checker, which runs in it and cannot get out.
type sandbox struct {
	*scratch.Root
	job *job
	// shared is true where the sandbox is in the machine's network.
	shared bool
}

// newSandbox makes the sandbox of a job, with the users and groups that the job's own
// files name.
func newSandbox(j *job) (*sandbox, error) {
	if err := j.isolation().err; err != nil {
		return nil, err
	}
	r, err := scratch.New(scratch.Options{
		Dir: j.scratch, Set: j.set, About: j.files,
		Note: func(sentence string) { j.stub("%s", sentence) },
	})
	if err != nil {
		return nil, err
	}
	return &sandbox{Root: r, job: j}, nil
}

// run runs a program in the sandbox, without the machine's network.
func (s *sandbox) run(ctx context.Context, program string, args ...string) (proc.Output, error) {
	return s.enter(ctx, "", append([]string{program}, args...))
}

// runWithNetwork runs a program in the sandbox, in a network of its own that the
// `ip` commands have made.
func (s *sandbox) runWithNetwork(ctx context.Context, commands string, program string, args ...string) (proc.Output, error) {
	file := filepath.Join(s.job.scratch, "network")
	if err := os.WriteFile(file, []byte(commands), 0o600); err != nil {
		return proc.Output{}, err
	}
	return s.enter(ctx, file, append([]string{program}, args...))
}

func (s *sandbox) enter(ctx context.Context, network string, command []string) (proc.Output, error) {
	way, err := s.way(network)
	if err != nil {
		return proc.Output{}, err
	}
	unshare, err := proc.Look("unshare")
	if err != nil {
		return proc.Output{}, err
	}
	out, err := proc.Run(ctx, proc.Cmd{
		Path: unshare, Args: slices.Concat(way, []string{"--"}, command), Dir: "/", Timeout: s.job.opts.Timeout, Bare: true,
		Env: []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/", "TMPDIR=/tmp"},
	})
	return out, plainly(err, out, command)
}

// way returns the arguments of unshare that lead into the scratch.
func (s *sandbox) way(network string) ([]string, error) {
	mounts, err := s.Mounts()
	if err != nil {
		return nil, err
	}
	script := filepath.Join(s.job.scratch, "sandbox.sh")
	if err := os.WriteFile(script, enterScript, 0o600); err != nil {
		return nil, err
	}
	iso := s.job.isolation()
	args := slices.Clone(iso.args)
	if !s.shared {
		args = append(args, "--net")
	}
	loose := "no"
	if iso.mapped {
		loose = "yes"
	}
	args = append(args, "sh", script, s.Dir, network, loose, "/proc", "/proc")
	for _, m := range mounts {
		args = append(args, m.From, m.To)
	}
	return args, nil
}

// entryFailed finds the words with which the programs that lead into the sandbox,
// not the checker, say that they failed.
var entryFailed = lazy(`(?m)^(?:unshare: |mount: |chroot: |setpriv: |Command failed |\S*sandbox\.sh: )`)

// plainly turns the error of a whole `unshare ...` line into one that names the
// checker's own command, and a failure on the way into the sandbox into one that
// is no exit status of the checker.
func plainly(err error, out proc.Output, command []string) error {
	var failed *proc.Error
	if !errors.As(err, &failed) {
		return err
	}
	if entryFailed().Match(out.Stderr) {
		return fmt.Errorf("no scratch root could be entered: %s", bytes.TrimSpace(out.Stderr))
	}
	failed.Cmd.Path, failed.Cmd.Args = command[0], command[1:]
	return failed
}
