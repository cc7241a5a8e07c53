package installed_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/testbox"
	"github.com/lbgen/lbgen/internal/testenv"
)

// playbook is what lbgen exports for the booted pair, run by the real ansible-playbook.
type playbook struct {
	*pair
	out string // the folder of what was exported last
}

// TestPlaybook installs a pair from a vault, changes nothing, meets a node that fails,
// changes a part of the nodes, and what they have to change together.
func TestPlaybook(t *testing.T) {
	testenv.Programs(t, "ansible-playbook", "ansible-vault")
	w := &playbook{pair: newPair(t)}
	testbox.Write(t, filepath.Join(w.dir, "vault"), "of the vault", 0o600)
	for _, step := range []struct {
		name string
		do   func(*testing.T)
	}{
		{"a first installation from a vault", w.first},
		{"the same once more", w.again},
		{"a node that fails", w.fails},
		{"a part of the nodes", w.part},
		{"nodes that change together", w.together},
	} {
		if t.Failed() {
			return // what follows begins with what this should have left
		}
		t.Run(step.name, step.do)
	}
}

// export exports the site, and encrypts its trees as docs/fleet.md has it.
func (w *playbook) export(t *testing.T, name, site string) {
	t.Helper()
	w.out = w.render(t, name, site) // each node's tree is there to be compared
	dir := filepath.Dir(w.out)
	command(t, dir, 0, w.lbgen, "export", "ansible", "prslb.yaml", "-o", "fleet")
	command(t, filepath.Join(dir, "fleet"), 0, "sh", "-c", "xargs ansible-vault encrypt --vault-password-file ../../vault <secrets.txt")
	both(func(node string) {
		tree, err := os.ReadFile(filepath.Join(dir, "fleet/trees", node+".tar"))
		if err != nil || !strings.HasPrefix(string(tree), "$ANSIBLE_VAULT;") {
			t.Fatalf("%s: the tree is not encrypted: %v", node, err)
		}
	})
}

const vault = "--vault-password-file=../vault"

// play runs the playbook. It has to end with the code, with changes on these nodes, and
// to say all that.
func (w *playbook) play(t *testing.T, code int, changed string, args []string, says ...string) (out string) {
	t.Helper()
	out = command(t, filepath.Dir(w.out), code, "env", append([]string{
		"ANSIBLE_SSH_ARGS=-F " + w.SSHConfig() + " -o ControlMaster=auto -o ControlPersist=1m",
		"ANSIBLE_SSH_CONTROL_PATH_DIR=" + w.dir + "/control",
		"ANSIBLE_SSH_TRANSFER_METHOD=piped", "ANSIBLE_PIPELINING=1", "ANSIBLE_PYTHON_INTERPRETER=/usr/bin/python3", "ANSIBLE_NOCOLOR=1",
		"LC_ALL=C.UTF-8", "ansible-playbook", "-u", "root", "-i", "fleet/inventory.yml", "fleet/site.yml",
	}, args...)...)
	_, recap, _ := strings.Cut(out, "PLAY RECAP")
	var got []string
	both(func(node string) {
		_, line, _ := strings.Cut(recap, "\n"+node+" ")
		if line, _, _ = strings.Cut(line, "\n"); line != "" && !strings.Contains(line, "changed=0 ") {
			got = append(got, node)
		}
		if left := w.must(t, node, "ls -d /var/tmp/lbgen.* 2>/dev/null || :"); left != "" {
			t.Errorf("a tree is left behind on %s: %s", node, left)
		}
	})
	if strings.Join(got, " ") != changed {
		t.Errorf("changed are %v, want %q:\n%s", got, changed, out)
	}
	has(t, out, says...)
	secret, err := os.ReadFile("../../examples/prslb.secrets/vrrp_auth_pass")
	if err != nil || strings.Contains(out, strings.TrimSpace(string(secret))) {
		t.Errorf("it gives the secret away (%v):\n%s", err, out)
	}
	return out
}

// unchanged runs the playbook, which may change nothing at all.
func (w *playbook) unchanged(t *testing.T, code int, changed string, args []string, says ...string) {
	t.Helper()
	w.pair.unchanged(t, func() { w.play(t, code, changed, args, says...) })
}

func (w *playbook) first(t *testing.T) {
	w.export(t, "first", prslb(t))
	w.unchanged(t, 2, "", nil, "A vault password or secret must be specified")
	w.unchanged(t, 0, "prslb01 prslb02", []string{vault, "--check"})
	out := w.play(t, 0, "prslb01 prslb02", []string{vault})
	_, second, _ := strings.Cut(out, "PLAY [Install, wave 2]")
	if strings.Contains(second, "changed: [prslb01]") || !strings.Contains(second, "changed: [prslb02]") {
		t.Errorf("the preferred master does not come first:\n%s", out)
	}
	w.becomes(t, "prslb01")
	w.both(t, w.out)
}

// both says whether both nodes are as their trees say.
func (w *playbook) both(t *testing.T, out string) {
	t.Helper()
	both(func(node string) { w.well(t, out, node) })
}

func (w *playbook) again(t *testing.T) {
	w.client.loses(t, 0, func() { w.unchanged(t, 0, "", []string{vault}) })
}

// fails has the backup fail, which comes first: it is put back, and the master is not reached.
func (w *playbook) fails(t *testing.T) {
	before := w.out
	w.export(t, "second", prslb(t, "prswb02, address: 192.168.50.62:80", "prswb02, address: 192.168.50.63:80"))
	w.must(t, "prslb02", `mkdir -p /run/systemd/system/haproxy.service.d
		printf '[Service]\nExecReload=/bin/false\n' >/run/systemd/system/haproxy.service.d/fails.conf; systemctl daemon-reload`)
	w.client.loses(t, 0, func() {
		w.unchanged(t, 0, "", []string{vault, "--tags", "look"}, "haproxy.cfg")
		w.play(t, 2, "", []string{vault}, "prslb02", "failed=1", "haproxy")
	})
	w.must(t, "prslb02", "rm -r /run/systemd/system/haproxy.service.d; systemctl daemon-reload")
	w.both(t, before)
	w.stays(t, "prslb01")
}

func (w *playbook) part(t *testing.T) {
	first := filepath.Join(w.dir, "first/out")
	w.client.loses(t, 0, func() {
		w.play(t, 0, "prslb02", []string{vault, "--limit", "prslb02"})
		w.well(t, w.out, "prslb02")
		w.well(t, first, "prslb01")
		w.play(t, 0, "prslb01", []string{vault, "--limit", "lbgen_site_prslb"})
	})
	w.both(t, w.out)
	w.stays(t, "prslb01")
}

func (w *playbook) together(t *testing.T) {
	w.export(t, "third", prslb(t, "prswb02, address: 192.168.50.62:80", "prswb02, address: 192.168.50.63:80",
		"virtual_router_id: 1 ", "virtual_router_id: 7 "))
	w.client.loses(t, 0, func() {
		w.unchanged(t, 2, "", []string{vault, "--limit", "prslb01"}, "take all of its nodes into --limit")
	})
	out := w.play(t, 0, "prslb01 prslb02", []string{vault})
	if stop, wave := strings.Index(out, "TASK [Stop Keepalived]"), strings.Index(out, "PLAY [Install, wave 1]"); stop < 0 || wave < stop {
		t.Errorf("the backup is not stopped first:\n%s", out)
	}
	w.both(t, w.out)
	w.becomes(t, "prslb01")
	w.stays(t, "prslb01")
	w.client.isServed(t)
}
