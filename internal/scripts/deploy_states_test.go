package scripts_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/deploy"
	"github.com/lbgen/lbgen/internal/testbox"
	"github.com/lbgen/lbgen/internal/testenv"
)

// flat is a text whose words stand one blank apart.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

// TestDeployEndStates has something go wrong at each place. Every time it is said of each
// node how it is, and it is so.
func TestDeployEndStates(t *testing.T) {
	testenv.Programs(t, "ssh", "sshd", "ssh-keygen", "tar")
	t.Parallel()
	dir := t.TempDir()
	lbgen := program(t, dir)
	boxes := sshNodes(t, dir)
	start := func(site, config string) (*exec.Cmd, *bytes.Buffer) {
		t.Helper()
		testbox.Write(t, filepath.Join(dir, "site.yaml"), site, 0o644)
		cmd := exec.CommandContext(context.Background(), lbgen, "deploy", "--ssh-config", config, "site.yaml")
		var out bytes.Buffer
		cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = dir, &out, &out, 10*time.Second
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd, &out
	}
	deployed := func(site string) (string, int) {
		t.Helper()
		cmd, out := start(site, "config")
		_ = cmd.Wait() // its code says it
		return out.String(), cmd.ProcessState.ExitCode()
	}
	says := func(what, out string, code, wanted int, all ...string) {
		t.Helper()
		for _, one := range all {
			if !strings.Contains(flat(out), flat(one)) {
				t.Errorf("%s: it does not say %q", what, one)
			}
		}
		if code != wanted || t.Failed() {
			t.Fatalf("%s: exit code %d:\n%s", what, code, out)
		}
		for name, b := range boxes {
			if left := b.Must(`set -- /var/tmp/lbgen.*; [ ! -e "$1" ] || echo "$@"`); left != "" {
				t.Errorf("%s: %s has %s", what, name, left)
			}
		}
	}
	nodes := func() string { return state(boxes["lb1"]) + state(boxes["lb2"]) }
	same := func(what, before string) {
		t.Helper()
		if after := nodes(); after != before {
			t.Errorf("%s: the nodes have changed:\n%s", what, diffLines(before, after))
		}
	}
	second := strings.Replace(deploySite, "172.16.10.61:8080", "172.16.10.62:8080", 1)
	third := strings.Replace(deploySite, "172.16.10.61:8080", "172.16.10.63:8080", 1)
	systemctl := filepath.Join(boxes["lb2"].Bin, "systemctl")
	plain, err := os.ReadFile(systemctl)
	if err != nil {
		t.Fatal(err)
	}
	// reload has lb2's systemd do something when HAProxy is to be reloaded.
	reload := func(text string) {
		boxes["lb2"].Stub("systemctl", `case "$*" in "reload haproxy.service") `+text+" ;; esac\n"+
			strings.TrimPrefix(string(plain), "#!/bin/sh\n"))
	}
	mended := func() { testbox.Write(t, systemctl, string(plain), 0o755) }

	out, code := deployed(deploySite)
	says("first", out, code, 0, "lb1  installed", "lb2  installed")

	// lb2 has it already, and lb1 refuses it: nothing is taken back where nothing was done.
	out, code = deployed(second)
	says("second", out, code, 0, "lb2  installed")
	boxes["lb1"].Must(`mv /etc/haproxy/haproxy.cfg /etc/haproxy/kept; mkdir /etc/haproxy/haproxy.cfg`)
	before := nodes()
	out, code = deployed(second)
	says("one has it already", out, code, 3, "lb2  untouched  it had it already", "lb1  refused")
	same("one has it already", before)
	boxes["lb1"].Must(`rmdir /etc/haproxy/haproxy.cfg; mv /etc/haproxy/kept /etc/haproxy/haproxy.cfg`)

	before = nodes()
	config, err := os.ReadFile(filepath.Join(dir, "config"))
	if err != nil {
		t.Fatal(err)
	}
	down := "Host lb2\n    ProxyCommand false\n"
	testbox.Write(t, filepath.Join(dir, "down"), down+string(config), 0o600)
	cmd, text := start(deploySite, "down")
	_ = cmd.Wait()
	says("a node is down", text.String(), cmd.ProcessState.ExitCode(), 3, "lb2: ssh ended with 255", "nothing was changed",
		"lb1  untouched", "lb2  untouched")

	boxes["lb2"].Must(`mount -t tmpfs -o size=64k full /var/tmp`)
	out, code = deployed(deploySite)
	says("a full disk", out, code, 3, "lb2  refused    the tree could not be copied there; nothing was changed", "lb1  untouched")
	boxes["lb2"].Must(`umount /var/tmp`)

	// What has not arrived whole leaves nothing.
	var cut bytes.Buffer
	ssh := exec.CommandContext(context.Background(), "ssh", "-F", filepath.Join(dir, "config"), "lb2", deploy.Command())
	ssh.Stdin, ssh.Stdout, ssh.Stderr = bytes.NewReader(make([]byte, 512)), &cut, &cut
	_ = ssh.Run()
	says("a tree cut off", cut.String(), ssh.ProcessState.ExitCode(), 125, "the tree has not arrived whole")
	same("nothing is done", before)

	// Ctrl-C while the nodes are read, and while a node installs.
	testbox.Write(t, filepath.Join(dir, "slow"), "Host lb2\n    ProxyCommand sleep 60\n"+string(config), 0o600)
	cmd, text = start(deploySite, "slow")
	time.Sleep(2 * time.Second)
	_ = cmd.Process.Signal(os.Interrupt)
	_ = cmd.Wait()
	says("Ctrl-C while it reads", text.String(), cmd.ProcessState.ExitCode(), 3, "nothing was changed", "lb1  untouched", "lb2  untouched")
	reload(": >/run/reloading; sleep 3")
	cmd, text = start(deploySite, "config")
	boxes["lb2"].Must(`for i in $(seq 300); do [ ! -e /run/reloading ] || exit 0; sleep 0.1; done; exit 1`)
	_ = cmd.Process.Signal(os.Interrupt)
	_ = cmd.Wait()
	mended()
	says("Ctrl-C while it installs", text.String(), cmd.ProcessState.ExitCode(), 3, "lb2  undone", "lb1  untouched")
	same("Ctrl-C", before)

	// The connection is lost meanwhile: install.sh goes on, and is asked for.
	reload("pkill -9 -x sshd; sleep 1")
	out, code = deployed(deploySite)
	mended()
	says("a lost connection", out, code, 0, "lb2: the connection was lost; asking what became of it",
		"lb2  installed  the connection was lost meanwhile",
		"lb1  installed")

	boxes["lb2"].Must(`echo '# by hand' >>/etc/logrotate.d/haproxy`)
	out, code = deployed(second)
	says("a file changed by hand", out, code, 0, "lb2: /etc/logrotate.d/haproxy was changed there since it was installed",
		"lb2  installed", "lb1  installed")

	reload("kill -9 $(pgrep -f 'sh install.sh')")
	out, code = deployed(third)
	mended()
	says("install.sh is killed", out, code, 3, "lb2  half done", "run deploy again, which finishes it", "lb1  untouched")
	boxes["lb2"].Must(`[ -e /var/lib/lbgen/applying ]`)
}
