// Package testbox is for tests alone: a machine within the machine, in which the
// scripts and the daemons run as root and change nothing of this one.
package testbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/testenv"
)

// NeedTools skips the test where one of the programs is missing, as
// testenv.Programs does.
func NeedTools(t *testing.T, tools ...string) {
	t.Helper()
	testenv.Programs(t, tools...)
}

// NeedRoot skips the test without root: the scripts run as root and nothing
// else, in namespaces that only root can make.
func NeedRoot(t *testing.T) {
	t.Helper()
	testenv.Root(t)
	NeedTools(t, "unshare", "nsenter", "mount", "ip")
}

// Skip skips the test and says why, as testenv.Lacks does.
func Skip(t *testing.T, format string, args ...any) {
	t.Helper()
	testenv.Lacks(t, format, args...)
}

// Box is a machine within the machine: its own mounts (whatever is written to
// /etc, /var, /run or /root is gone in the end), its own network and its own
// processes.
type Box struct {
	T   *testing.T
	PID string   // of its first process
	Bin string   // stubs for programs; comes first on PATH
	Env []string // for what runs in it
}

const boxInit = `set -eu
mount -t tmpfs -o mode=0755 box "$1"
for d in etc var root; do
	mkdir -p "$1/$d.up" "$1/$d.work"
	mount -t overlay -o "lowerdir=/$d,upperdir=$1/$d.up,workdir=$1/$d.work" box "/$d"
done
mount -t tmpfs -o mode=0755 run /run
mkdir -m 1777 /run/tmp
: >/run/box
rm -rf /var/lib/lbgen /var/tmp/lbgen.* /etc/firewalld/zones/*.xml # what the machine's admin has set is not what is tested
rm -f /etc/os-release
printf 'ID=debian\nVERSION_ID="12"\n' >/etc/os-release
ip link set lo up
echo ready
exec 3<&0 # what this reads from ends with the test, however that ends, and the box with it
cat <&3 >/dev/null &
wait $!
`

// New starts a box; it ends with the test.
func New(t *testing.T) *Box {
	t.Helper()
	NeedRoot(t)
	b := &Box{T: t, Bin: t.TempDir()}
	cmd := exec.CommandContext(context.Background(), "unshare", "-mnp", "--fork", "--mount-proc", "--kill-child", "--propagation", "private",
		"sh", "-c", boxInit, "box", t.TempDir())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if _, err := out.Read(make([]byte, 6)); err != nil {
		_ = cmd.Wait()
		t.Fatalf("the namespaces cannot be set up: %v: %s", err, stderr.String())
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	b.PID = strings.TrimSpace(string(children))
	if r := b.Run("[ -e /run/box ]"); r.Code != 0 {
		t.Fatalf("nsenter does not reach the namespaces, and what runs would change this machine: %s", r)
	}
	return b
}

// Result is what a program left behind.
type Result struct {
	Out, Err string
	Code     int
}

func (r Result) String() string {
	return fmt.Sprintf("exit code %d\nstdout:\n%s\nstderr:\n%s", r.Code, r.Out, r.Err)
}

// Run runs the shell text in the box.
func (b *Box) Run(text string, args ...string) Result {
	b.T.Helper()
	argv := append([]string{"-t", b.PID, "-m", "-n", "-p", "-r", "--wd=/", "sh", "-c", text, "sh"}, args...)
	cmd := exec.CommandContext(context.Background(), "nsenter", argv...) // also while a test cleans up
	cmd.Env = append([]string{
		"PATH=" + b.Bin + ":/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "TMPDIR=/run/tmp", "PYTHONWARNINGS=ignore",
	}, b.Env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.WaitDelay = time.Second // a daemon started by text may hold the pipes
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		b.T.Fatal(err)
	}
	return Result{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// Must is Run for text that has to succeed; it returns its output.
func (b *Box) Must(text string, args ...string) string {
	b.T.Helper()
	r := b.Run(text, args...)
	if r.Code != 0 {
		b.T.Fatalf("%s\n%s", text, r)
	}
	return r.Out
}

// Stub puts a program of this name and text first on the PATH of the box.
func (b *Box) Stub(name, text string) {
	b.T.Helper()
	Write(b.T, filepath.Join(b.Bin, name), "#!/bin/sh\n"+text, 0o755)
}

// Bash makes bash the sh of the box, as it is on RHEL: what a trap runs, for
// one, is not the same in it as in dash.
func (b *Box) Bash() {
	b.T.Helper()
	NeedTools(b.T, "bash")
	b.Stub("sh", `exec bash --posix "$@"`)
}

// Hide makes the box a machine without the programs. What cannot be executed
// is not found, and a script that adds to PATH does not find it elsewhere.
func (b *Box) Hide(programs ...string) {
	b.T.Helper()
	b.Must(`for p; do for d in /usr/sbin /usr/bin /sbin /bin; do
		[ ! -e "$d/$p" ] || mount --bind /dev/null "$d/$p"; done; done`, programs...)
}

// Write writes a file with this mode, and the folders that it needs.
func Write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// Files lists everything under the directories: kind, mode, owner, what a link
// points to, and the sum of what is in each file.
func (b *Box) Files(dirs ...string) string {
	b.T.Helper()
	return b.Must(`for d; do [ ! -e "$d" ] || find "$d" -printf '%y %m %u:%g %p %l\n' -type f -exec sha256sum {} + ; done | sort`, dirs...)
}

// OwnUsr has whatever is written to /usr be gone in the end, too.
func (b *Box) OwnUsr() {
	b.T.Helper()
	b.Must("mkdir /run/usr.up /run/usr.work && mount -t overlay -o lowerdir=/usr,upperdir=/run/usr.up,workdir=/run/usr.work box /usr")
}
