// Package proc runs an outside program: a list of arguments and never a shell,
// a time-out, bounded output, and an error that prints as a command to paste.
package proc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// MaxOutput is how many bytes of each output stream are kept; what a program
// prints beyond that is read and dropped, so that it never blocks on a full pipe.
const MaxOutput = 4 << 20

// grace is how long Run waits for the output of a program that has ended or was
// killed: a grandchild may still hold the pipe.
const grace = 2 * time.Second

// Cmd is a program to run.
type Cmd struct {
	Path    string   // as Look returns it, or a name for PATH
	Args    []string // without the program's own name
	Dir     string   // working directory; "" is the caller's
	Env     []string // NAME=value, added to LC_ALL=C and, unless Bare, to the caller's environment
	Bare    bool     // start from an empty environment
	Stdin   io.Reader
	Stdout  io.Writer     // where the program's output goes; nil: it is kept, up to MaxOutput
	Timeout time.Duration // 0: only the context ends it
}

// Output is what a program printed and how it ended.
type Output struct {
	Stdout, Stderr []byte
	Truncated      bool // one of the streams was longer than MaxOutput
	ExitCode       int  // -1 where it did not start or a signal ended it
}

// Error says that a program did not start, did not end in time or did not end
// with exit status 0. Output is what it printed until then.
type Error struct {
	Cmd    Cmd
	Output Output
	Err    error
}

// Error returns the command, ready to paste into a shell, what became of it,
// and the last line that it wrote to stderr.
func (e *Error) Error() string {
	text := fmt.Sprintf("%s: %v", e.Cmd, e.Err)
	if last := lastLine(e.Output.Stderr); last != "" {
		text += ": " + last
	}
	return text
}

// Unwrap returns what became of the program: one that is
// context.DeadlineExceeded after a time-out, an *exec.ExitError for an exit
// status, the cause where the context was cancelled.
func (e *Error) Unwrap() error { return e.Err }

// tooLong says that a program's own time was up.
type tooLong time.Duration

func (t tooLong) Error() string { return "did not end within " + time.Duration(t).String() }

// Is makes it a context.DeadlineExceeded.
func (t tooLong) Is(target error) bool { return target == context.DeadlineExceeded }

// String returns the command as it is typed into a shell.
func (c Cmd) String() string {
	words := make([]string, 0, len(c.Args)+1)
	for _, w := range append([]string{c.Path}, c.Args...) {
		words = append(words, Quote(w))
	}
	return strings.Join(words, " ")
}

// plain characters have no meaning to a shell.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-"

// Quote returns the word as a POSIX shell reads it back unchanged.
func Quote(word string) string {
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Run runs the program until it ends, its time is up or ctx is done; in the
// last two cases everything in its process group is killed. The Output is valid
// whatever happened. The error is an *Error, nil for exit status 0 only.
func Run(ctx context.Context, c Cmd) (Output, error) {
	if c.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, c.Timeout, tooLong(c.Timeout))
		defer cancel()
	}
	var stdout, stderr bounded
	cmd := exec.CommandContext(ctx, c.Path, c.Args...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Dir, c.Stdin, &stdout, &stderr
	if c.Stdout != nil {
		cmd.Stdout = c.Stdout
	}
	cmd.Env = c.environ()
	cmd.WaitDelay = grace
	KillGroup(cmd)

	err := cmd.Run()
	out := Output{
		Stdout: stdout.Bytes(), Stderr: stderr.Bytes(),
		Truncated: stdout.dropped || stderr.dropped,
		ExitCode:  -1,
	}
	if cmd.ProcessState != nil {
		out.ExitCode = cmd.ProcessState.ExitCode()
	}
	if err == nil {
		return out, nil
	}
	if ctx.Err() != nil { // says more than "signal: killed"
		err = context.Cause(ctx)
	}
	return out, &Error{Cmd: c, Output: out, Err: err}
}

// Exited says whether err is that of a program which ran to its end and chose
// an exit status other than 0: it had something to say.
func Exited(err error) bool {
	var exit *exec.ExitError
	return errors.As(err, &exit) && exit.Exited()
}

func (c Cmd) environ() []string {
	var env []string
	if !c.Bare {
		env = os.Environ()
	}
	return append(append(env, "LC_ALL=C"), c.Env...)
}

// Look finds a program in PATH and, as the PATH of a user other than root often
// lacks them, in the folders of system programs. It returns an absolute path,
// or an error that wraps exec.ErrNotFound.
func Look(name string) (string, error) {
	found, err := exec.LookPath(name)
	if err == nil {
		return filepath.Abs(found)
	}
	if strings.ContainsRune(name, '/') {
		return "", err
	}
	for _, dir := range []string{"/usr/local/sbin", "/usr/sbin", "/sbin"} {
		if found, errDir := exec.LookPath(filepath.Join(dir, name)); errDir == nil {
			return found, nil
		}
	}
	return "", err
}

// bounded keeps the first MaxOutput bytes written to it.
type bounded struct {
	bytes.Buffer
	dropped bool
}

func (b *bounded) Write(p []byte) (int, error) {
	if room := MaxOutput - b.Len(); len(p) > room {
		b.dropped = true
		b.Buffer.Write(p[:room])
		return len(p), nil
	}
	return b.Buffer.Write(p)
}

// ReadFrom hides that of bytes.Buffer, which knows no bound and which io.Copy
// would take.
func (b *bounded) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{b}, r)
}

func lastLine(text []byte) string {
	text = bytes.TrimRight(text, "\n")
	return string(text[bytes.LastIndexByte(text, '\n')+1:])
}
