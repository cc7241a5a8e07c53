package scripts_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/testbox"
	"github.com/lbgen/lbgen/internal/testenv"
)

// TestPlaybook has the real ansible-playbook run what lbgen exports, over a real ssh:
// what it would do, a first installation, and one that changes nothing.
func TestPlaybook(t *testing.T) {
	testenv.Programs(t, "ansible-playbook", "ssh", "sshd", "ssh-keygen", "python3")
	t.Parallel()
	dir := t.TempDir()
	if out, code := command(t, ".", "go", "build", "-o", filepath.Join(dir, "lbgen"), "../../cmd/lbgen"); code != 0 {
		t.Fatal(out)
	}
	boxes := sshNodes(t, dir)
	for _, b := range boxes { // what this machine's root has there may take seconds at each login
		b.Must("rm -f /root/.bashrc /root/.profile /root/.bash_profile /root/.bash_login")
	}
	testbox.Write(t, filepath.Join(dir, "site.yaml"), deploySite, 0o644)
	if out, code := command(t, dir, "./lbgen", "export", "ansible", "site.yaml", "-o", "out"); code != 0 {
		t.Fatal(out)
	}
	play := func(args ...string) (string, int) {
		return command(t, dir, "env", append([]string{
			"ANSIBLE_SSH_ARGS=-F " + dir + "/config -o ControlMaster=auto -o ControlPersist=1m", "ANSIBLE_SSH_CONTROL_PATH_DIR=" + dir + "/control",
			"ANSIBLE_SSH_TRANSFER_METHOD=piped", "ANSIBLE_PIPELINING=1", "ANSIBLE_PYTHON_INTERPRETER=/usr/bin/python3", "ANSIBLE_NOCOLOR=1",
			"LC_ALL=C.UTF-8", "ansible-playbook", "-u", "root", "-i", "out/inventory.yml", "out/site.yml",
		}, args...)...)
	}
	want := func(what, out string, code, changed int) {
		t.Helper()
		if n := strings.Count(out, "changed=1 "); code != 0 || n != changed || changed == 0 && strings.Count(out, "changed=0 ") != len(boxes) {
			t.Errorf("%s: exit code %d, %d of %d nodes changed:\n%s", what, code, n, changed, out)
		}
		for name, b := range boxes {
			if left := b.Must("ls -d /var/tmp/lbgen.* 2>/dev/null || :"); left != "" {
				t.Errorf("%s: a tree is left behind on %s: %s", what, name, left)
			}
		}
	}

	before := state(boxes["lb1"]) + state(boxes["lb2"])
	out, code := play("--check")
	want("check", out, code, 2)
	if state(boxes["lb1"])+state(boxes["lb2"]) != before {
		t.Error("check: the nodes have changed")
	}
	out, code = play()
	want("first", out, code, 2)
	_, second, _ := strings.Cut(out, "PLAY [Install, wave 2]")
	if strings.Contains(second, "changed: [lb1]") || !strings.Contains(second, "changed: [lb2]") {
		t.Errorf("first: the preferred master does not come first:\n%s", out)
	}
	for name, b := range boxes {
		b.Must("grep -q 172.16.10.61:8080 /etc/haproxy/haproxy.cfg", name)
	}
	out, code = play()
	want("second", out, code, 0)
}
