package render

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/lbgen/lbgen/internal/view"
	"github.com/lbgen/lbgen/templates"
)

// script renders one of the shell scripts for the node.
func script(t *testing.T, name string, node view.Node) []byte {
	t.Helper()
	funcs := template.FuncMap{"sh": shQuote, "from": func(string) string { return "" }}
	tmpl, err := template.New(filepath.Base(name)).Funcs(funcs).ParseFS(templates.FS, name)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := tmpl.Execute(&b, node); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// needTools skips the test where one of the programs is missing. Where
// REQUIRE_DAEMONS is set, as in CI, that is a failure.
func needTools(t *testing.T, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			skip(t, "%s is not installed", tool)
		}
	}
}

// needRoot skips the test without root: the scripts run as root and nothing
// else, in namespaces that only root can make.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		skip(t, "this needs root")
	}
	needTools(t, "unshare", "nsenter", "mount", "ip")
}

func skip(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("REQUIRE_DAEMONS") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// box is a machine within the machine: its own mounts (whatever is written to
// /etc, /var, /run or /root is gone in the end), its own network and its own
// processes.
type box struct {
	t   *testing.T
	pid string   // of its first process
	bin string   // stand-ins for programs; comes first on PATH
	env []string // for what runs in it
}

const boxInit = `set -eu
mount -t tmpfs -o mode=0755 box "$1"
for d in etc var root; do
	mkdir -p "$1/$d.up" "$1/$d.work"
	mount -t overlay -o "lowerdir=/$d,upperdir=$1/$d.up,workdir=$1/$d.work" box "/$d"
done
mount -t tmpfs -o mode=0755 run /run
: >/run/box
rm -rf /var/lib/lbgen /etc/firewalld/zones/*.xml # what the machine's admin has set is not what is tested
ip link set lo up
echo ready
while :; do sleep 1000 & wait; done
`

// newBox starts a box; it ends with the test.
func newBox(t *testing.T) *box {
	t.Helper()
	needRoot(t)
	b := &box{t: t, bin: t.TempDir()}
	cmd := exec.Command("unshare", "-mnp", "--fork", "--mount-proc", "--kill-child", "--propagation", "private",
		"sh", "-c", boxInit, "box", t.TempDir())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
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
	b.pid = strings.TrimSpace(string(children))
	if r := b.run("[ -e /run/box ]"); r.code != 0 {
		t.Fatalf("nsenter does not reach the namespaces, and what runs would change this machine: %s", r)
	}
	return b
}

// result is what a program left behind.
type result struct {
	out, err string
	code     int
}

func (r result) String() string {
	return fmt.Sprintf("exit code %d\nstdout:\n%s\nstderr:\n%s", r.code, r.out, r.err)
}

// run runs the shell text in the box.
func (b *box) run(text string, args ...string) result {
	b.t.Helper()
	argv := append([]string{"-t", b.pid, "-m", "-n", "-p", "-r", "--wd=/", "sh", "-c", text, "sh"}, args...)
	cmd := exec.Command("nsenter", argv...)
	cmd.Env = append([]string{
		"PATH=" + b.bin + ":/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "PYTHONWARNINGS=ignore",
	}, b.env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.WaitDelay = time.Second // a daemon started by text may hold the pipes
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		b.t.Fatal(err)
	}
	return result{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// must is run for text that has to succeed; it returns its output.
func (b *box) must(text string, args ...string) string {
	b.t.Helper()
	r := b.run(text, args...)
	if r.code != 0 {
		b.t.Fatalf("%s\n%s", text, r)
	}
	return r.out
}

// standIn puts a program of this name and text first on the PATH of the box.
func (b *box) standIn(name, text string) {
	b.t.Helper()
	write(b.t, filepath.Join(b.bin, name), "#!/bin/sh\n"+text, 0o755)
}

// bash makes bash the sh of the box, as it is on RHEL: what a trap runs, for
// one, is not the same in it as in dash.
func (b *box) bash() {
	b.t.Helper()
	needTools(b.t, "bash")
	b.standIn("sh", `exec bash --posix "$@"`)
}

// hide makes the box a machine without the programs. What cannot be executed
// is not found, and a script that adds to PATH does not find it elsewhere.
func (b *box) hide(programs ...string) {
	b.t.Helper()
	b.must(`for p; do for d in /usr/sbin /usr/bin /sbin /bin; do
		[ ! -e "$d/$p" ] || mount --bind /dev/null "$d/$p"; done; done`, programs...)
}

func write(t *testing.T, path, text string, mode os.FileMode) {
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

// files lists everything under the directories: kind, mode, owner, what a link
// points to, and the sum of what is in each file.
func (b *box) files(dirs ...string) string {
	b.t.Helper()
	return b.must(`for d; do [ ! -e "$d" ] || find "$d" -printf '%y %m %u:%g %p %l\n' -type f -exec sha256sum {} + ; done | sort`, dirs...)
}

// The scripts have to be read by every shell that is /bin/sh somewhere, and
// shellcheck has nothing to say of them.
func TestScriptsAreClean(t *testing.T) {
	t.Parallel()
	node := view.Node{Site: "prslb", Name: "prslb01", Firewall: view.Firewall{Zones: []view.Zone{dmz(webRule)}}, Install: prslbInstall()}
	for _, name := range []string{"install/install.sh.tmpl", "firewalld/firewalld.sh.tmpl"} {
		for _, n := range []view.Node{node, {Site: "empty", Name: "n"}} {
			path := filepath.Join(t.TempDir(), strings.TrimSuffix(filepath.Base(name), ".tmpl"))
			write(t, path, string(script(t, name, n)), 0o755)
			for _, check := range []string{"sh -n", "dash -n", "bash --posix -n", "shellcheck -s sh"} {
				argv := append(strings.Fields(check), path)
				if _, err := exec.LookPath(argv[0]); err != nil {
					t.Run(argv[0], func(t *testing.T) { needTools(t, argv[0]) })
					continue
				}
				if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
					t.Errorf("%s: %v\n%s", check, err, out)
				}
			}
		}
	}
}
