package installed_test

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// deploying is lbgen deploy --confirm with the site of these trees. What it says may be
// read when it has ended.
func (w *way) deploying(t *testing.T, out, confirm, answer string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	cmd := exec.CommandContext(context.Background(), w.lbgen, "deploy", "--ssh-config", w.SSHConfig(), "--confirm="+confirm, "prslb.yaml")
	var said bytes.Buffer
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = filepath.Dir(out), strings.NewReader(answer), &said, &said, 10*time.Second
	ok(t, cmd.Start())
	return cmd, &said
}

// upgrade is a change of the site, by deploy, with a yes.
func (w *way) upgrade(t *testing.T) {
	before := w.daemons(t, "MainPID")
	w.client.loses(t, 0, func() {
		cmd, said := w.deploying(t, w.second, "10m", "yes\n")
		if err := cmd.Wait(); err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
		has(t, said.String(), "1. prslb02 (backup): install.sh", "2. prslb01 (master): install.sh", "prslb01: confirmed", "prslb02  installed")
	})
	if after := w.daemons(t, "MainPID"); after != before {
		t.Errorf("daemons were restarted: %s, were %s", after, before)
	}
	both(func(node string) {
		w.well(t, w.second, node)
		w.nothingWaits(t, node)
	})
	w.stays(t, "prslb01")
}

func (w *way) nothingWaits(t *testing.T, node string) {
	t.Helper()
	got := w.must(t, node, `systemctl list-units --all --plain --no-legend 'lbgen*'
		ls -d /var/lib/lbgen/confirm /var/tmp/lbgen* 2>/dev/null || :`)
	if got != "" {
		t.Errorf("%s: it waits for a confirmation: %s", node, got)
	}
}

// deployKilled kills deploy when the first node has the change: the node goes back by
// itself, and nobody notices.
func (w *way) deployKilled(t *testing.T) {
	w.client.loses(t, 0, func() {
		cmd, _ := w.deploying(t, w.second, "20s", "yes\n")
		w.must(t, "prslb02", "until grep -q prswb03 /etc/haproxy/haproxy.cfg; do sleep 0.1; done")
		ok(t, cmd.Process.Kill())
		_ = cmd.Wait()
		w.must(t, "prslb02", `for i in $(seq 1200); do
			[ -e /var/lib/lbgen/confirm ] || exit 0
			sleep 0.1
		done
		systemctl status --no-pager lbgen-undo.timer lbgen-undo.service; exit 1`)
	})
	both(func(node string) { w.well(t, w.first, node) })
	has(t, w.must(t, "prslb02", "journalctl --no-pager -o cat -u lbgen-undo.service"), "nobody has confirmed the installation",
		"this node is as it was before the run")
	w.stays(t, "prslb01")
	w.nothingWaits(t, "prslb02")
}
