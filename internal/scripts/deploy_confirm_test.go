package scripts_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/testbox"
	"github.com/lbgen/lbgen/internal/testenv"
)

// systemdRunScript stands in for systemd's timers. internal/installed has the real ones.
const systemdRunScript = `unit= seconds=
while case $1 in --*) true ;; *) false ;; esac; do
	case $1 in --unit=*) unit=${1#*=} ;; --on-active=*) seconds=${1#*=} ;; esac
	shift
done
mkdir -p /run/units
echo $$ >"/run/units/$unit.timer"
setsid sh -c 'me=$1 unit=$2 seconds=$3
	shift 3
	sleep "$seconds"
	[ "$(cat "/run/units/$unit.timer" 2>/dev/null)" = "$me" ] || exit 0
	: >"/run/units/$unit.service"
	rm "/run/units/$unit.timer"
	"$@" >"/run/$unit.log" 2>&1
	rm "/run/units/$unit.service"' sh $$ "$unit" "${seconds%s}" "$@" </dev/null >/dev/null 2>&1 &
`

// talk is what a running program has said so far.
type talk struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *talk) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *talk) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// waitFor waits until it says text.
func (o *talk) waitFor(t *testing.T, text string) {
	t.Helper()
	for range 1200 {
		if strings.Contains(o.String(), text) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("it does not say %q:\n%s", text, o)
}

// confirming is two nodes, and deployments that have to be confirmed.
type confirming struct {
	dir, lbgen string
	boxes      map[string]*testbox.Box
}

// start begins a deployment, whose answer is written to the pipe.
func (c *confirming) start(t *testing.T, site string, args ...string) (*exec.Cmd, io.WriteCloser, *talk) {
	t.Helper()
	testbox.Write(t, filepath.Join(c.dir, "site.yaml"), site, 0o644)
	cmd := exec.CommandContext(context.Background(), c.lbgen, append([]string{"deploy", "--ssh-config", "config", "site.yaml"}, args...)...)
	var out talk
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = c.dir, &out, &out, 10*time.Second
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, in, &out
}

// answered is a deployment to its end, with an answer.
func (c *confirming) answered(t *testing.T, code int, site, answer string, args ...string) string {
	t.Helper()
	cmd, in, out := c.start(t, site, args...)
	_, _ = io.WriteString(in, answer)
	_ = in.Close()
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("exit code %d, want %d:\n%s", got, code, out)
	}
	return out.String()
}

func (c *confirming) state() string { return state(c.boxes["lb1"]) + state(c.boxes["lb2"]) }

// goesBack lets the time run out, and waits until the nodes have gone back by themselves.
func (c *confirming) goesBack(t *testing.T, before string) {
	t.Helper()
	for _, b := range c.boxes {
		b.Must("pkill -x sleep || :")
		b.Must(`for i in $(seq 1200); do
			[ -e /var/lib/lbgen/confirm ] || [ -e /run/units/lbgen-undo.service ] || [ -e /run/units/lbgen-undo.timer ] || exit 0
			sleep 0.1
		done
		cat /run/lbgen-undo.log; exit 1`)
	}
	if after := c.state(); after != before {
		t.Errorf("the nodes are not as before:\n%s", diffLines(before, after))
	}
}

// TestDeployConfirm installs with --confirm: it is kept after a yes alone, and where the
// client is killed the nodes go back by themselves.
func TestDeployConfirm(t *testing.T) {
	testenv.Programs(t, "ssh", "sshd", "ssh-keygen", "tar")
	t.Parallel()
	c := &confirming{dir: t.TempDir()}
	c.lbgen = program(t, c.dir)
	c.boxes = sshNodes(t, c.dir)
	for _, b := range c.boxes {
		b.Stub("systemd-run", systemdRunScript)
	}
	says := func(out string, all ...string) {
		t.Helper()
		for _, one := range all {
			if !strings.Contains(flat(out), flat(one)) {
				t.Errorf("it does not say %q:\n%s", one, out)
			}
		}
	}
	second := strings.Replace(deploySite, "172.16.10.61:8080", "172.16.10.62:8080", 1)
	says(c.answered(t, 0, deploySite, "yes\n", "--confirm=5m"), "Type yes within", "lb1: confirmed", "lb2: confirmed",
		"lb1  installed", "lb2  installed")
	before := c.state()
	c.goesBack(t, before) // nothing waits any more
	if out := c.answered(t, 0, deploySite, "", "--confirm=5m"); strings.Contains(out, "Type yes") {
		t.Errorf("nothing has changed, and it asks:\n%s", out)
	}
	says(c.answered(t, 3, second, "no\n", "--confirm=5m", "--format", "json"), `"state": "undone"`, "it was not confirmed")
	c.goesBack(t, before)

	// Killed while it asks. Until the nodes are back no other deployment comes between.
	cmd, _, out := c.start(t, second, "--confirm=10m")
	out.waitFor(t, "Type yes")
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	says(c.answered(t, 3, second, ""), "an installation waits here for its confirmation", "lb2  refused", "lb1  untouched")
	c.boxes["lb1"].Must("grep -q 172.16.10.62:8080 /etc/haproxy/haproxy.cfg")
	c.goesBack(t, before)

	// Killed while the first node installs, which goes on to its end, and then back.
	c.slowReload(t)
	cmd, _, _ = c.start(t, second, "--confirm")
	c.boxes["lb2"].Must(`for i in $(seq 600); do [ ! -e /run/reloading ] || exit 0; sleep 0.1; done; exit 1`)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	c.goesBack(t, before)
	if log := c.boxes["lb2"].Must("cat /run/lbgen-undo.log"); !strings.Contains(log, "nobody has confirmed the installation") {
		t.Errorf("it does not say why: %s", log)
	}
	says(c.answered(t, 2, second, "", "--confirm=1s"), "20s at least")
	says(c.answered(t, 2, second, "", "--confirm", "5m"), "--confirm=5m")
}

// slowReload has lb2's systemd take its time when HAProxy is to be reloaded.
func (c *confirming) slowReload(t *testing.T) {
	t.Helper()
	b := c.boxes["lb2"]
	plain, err := os.ReadFile(filepath.Join(b.Bin, "systemctl"))
	if err != nil {
		t.Fatal(err)
	}
	b.Stub("systemctl", `case "$*" in "reload haproxy.service") : >/run/reloading; sleep 2 ;; esac`+"\n"+
		strings.TrimPrefix(string(plain), "#!/bin/sh\n"))
}
