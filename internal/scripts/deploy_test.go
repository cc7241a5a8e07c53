package scripts_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/testbox"
	"github.com/lbgen/lbgen/internal/testenv"
)

const deploySite = `version: 1
site: shop
platform: debian12
nics: {web: {device: ens192, subnet: 172.16.10.0/24}, client: {device: ens224, subnet: 172.16.110.0/24}}
nodes:
  - {name: lb1, priority: 100, addresses: {web: 172.16.10.71, client: 172.16.110.71}}
  - {name: lb2, priority: 90, addresses: {web: 172.16.10.72, client: 172.16.110.72}}
vrrp:
  - {name: VI_1, nic: client, virtual_router_id: 7, vips: [172.16.110.70], track: {nics: [web]}}
frontends: [{name: main, binds: [{vip: VI_1, port: 80}], default_backend: app}]
backends: [{name: app, health: {http: {uri: /ready, expect: 200}}, servers: [{name: a, address: 172.16.10.61:8080}]}]
`

// sshNodes are two boxes, each with a real sshd that ssh's ProxyCommand reaches inside
// of the box, and the configuration of ssh that leads there.
func sshNodes(t *testing.T, dir string) (boxes map[string]*testbox.Box) {
	t.Helper()
	boxes = map[string]*testbox.Box{}
	key := filepath.Join(dir, "key")
	command(t, dir, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
	public, err := os.ReadFile(key + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	var config strings.Builder
	for _, name := range []string{"lb1", "lb2"} {
		b := nodeBox(t)
		boxes[name] = b
		if name == "lb2" {
			b.Must(`ip addr del 172.16.10.71/24 dev ens192; ip addr add 172.16.10.72/24 dev ens192
				ip addr del 172.16.110.71/24 dev ens224; ip addr add 172.16.110.72/24 dev ens224`)
		}
		b.Must(`rm -rf /etc/haproxy /etc/keepalived /root/.bashrc /root/.profile; mkdir -p /run/sshd /root/.ssh; chmod 700 /root/.ssh
			printf '%s' "$1" >/root/.ssh/authorized_keys; chmod 600 /root/.ssh/authorized_keys
			ssh-keygen -q -t ed25519 -N '' -f /run/sshd/host
			printf 'HostKey /run/sshd/host\nPidFile none\nUsePAM no\nPermitRootLogin prohibit-password\nSetEnv PATH=%s\n' "$2" >/run/sshd/config`,
			string(public), b.Bin+":/usr/sbin:/usr/bin:/sbin:/bin")
		testbox.Write(t, filepath.Join(dir, "known"), known(t, dir)+name+" "+b.Must(`cat /run/sshd/host.pub`), 0o600)
		config.WriteString("Host " + name + "\n    User root\n    IdentityFile " + key + "\n    BatchMode yes\n    UserKnownHostsFile " +
			filepath.Join(dir, "known") + "\n    ProxyCommand nsenter -t " + b.PID + " -m -n -p -r --wd=/ /usr/sbin/sshd -i -f /run/sshd/config\n")
	}
	testbox.Write(t, filepath.Join(dir, "config"), config.String(), 0o600)
	return boxes
}

func known(t *testing.T, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "known"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text)
}

func command(t *testing.T, dir, program string, args ...string) (string, int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.WaitDelay = dir, 10*time.Second
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// program builds lbgen.
func program(t *testing.T, dir string) string {
	t.Helper()
	lbgen := filepath.Join(dir, "lbgen")
	if out, code := command(t, ".", "go", "build", "-o", lbgen, "../../cmd/lbgen"); code != 0 {
		t.Fatal(out)
	}
	return lbgen
}

// TestDeploy goes the whole way over a real ssh: a first installation, one that changes
// nothing, a change, one that a node refuses, and one that both have to take together.
func TestDeploy(t *testing.T) {
	testenv.Programs(t, "ssh", "sshd", "ssh-keygen")
	t.Parallel()
	dir := t.TempDir()
	lbgen := program(t, dir)
	boxes := sshNodes(t, dir)
	deploy := func(site string, args ...string) (string, int) {
		testbox.Write(t, filepath.Join(dir, "site.yaml"), site, 0o644)
		return command(t, dir, lbgen, append([]string{"deploy", "--ssh-config", "config", "site.yaml"}, args...)...)
	}
	want := func(what, out string, code, wanted int, says ...string) {
		t.Helper()
		at := 0
		for _, s := range says { // in this order
			i := strings.Index(out[at:], s)
			if i < 0 {
				t.Errorf("%s: it does not say %q there:\n%s", what, s, out)
				return
			}
			at += i + len(s)
		}
		if code != wanted {
			t.Errorf("%s: exit code %d:\n%s", what, code, out)
		}
	}
	untouched := func(what string, do func()) {
		t.Helper()
		before := state(boxes["lb1"]) + state(boxes["lb2"])
		do()
		if after := state(boxes["lb1"]) + state(boxes["lb2"]); after != before {
			t.Errorf("%s: the nodes have changed", what)
		}
	}

	untouched("dry run", func() {
		out, code := deploy(deploySite, "--dry-run")
		want("dry run", out, code, 0, "lb1: install.sh --dry-run", "lb2: install.sh --dry-run")
	})
	out, code := deploy(deploySite)
	want("first", out, code, 0, "1. lb1 (new): install.sh", "2. lb2 (new): install.sh", "lb1  installed", "lb2  installed")
	untouched("second", func() {
		out, code := deploy(deploySite)
		want("second", out, code, 0, "1. lb2 (backup): install.sh", "nothing to do", "2. lb1 (master): install.sh", "nothing to do")
	})

	changed := strings.Replace(deploySite, "172.16.10.61:8080", "172.16.10.62:8080", 1)
	out, code = deploy(changed)
	want("change", out, code, 0, "1. lb2", "2. lb1", "lb2  installed", "lb1  installed")
	for name, b := range boxes {
		b.Must(`grep -q 172.16.10.62:8080 /etc/haproxy/haproxy.cfg || exit 1; set -- /var/tmp/lbgen.*; [ ! -e "$1" ]`, name)
	}

	untouched("a node refuses", func() {
		boxes["lb1"].Must(`mkdir /run/broken; printf '#!/bin/sh\ncase "$*" in *-c*) echo no >&2; exit 1;;
			esac\nexec /usr/sbin/haproxy "$@"\n' >"$1/haproxy"
			chmod 755 "$1/haproxy"`, boxes["lb1"].Bin)
		out, code := deploy(deploySite)
		want("a node refuses", out, code, 3, "1. lb2", "2. lb1", "lb2: install.sh --undo", "lb2  undone", "lb1  refused", "lb1: it ended with 1")
		boxes["lb1"].Must(`rm -rf "$1/haproxy" /run/broken`, boxes["lb1"].Bin)
	})

	asked(boxes["lb2"])
	out, code = deploy(strings.Replace(changed, "virtual_router_id: 7", "virtual_router_id: 8", 1))
	want("together", out, code, 0, "1. lb2 (backup): systemctl stop keepalived", "2. lb1 (master): install.sh", "3. lb2 (backup): install.sh",
		"lb2  installed", "lb1  installed")
	if got := asked(boxes["lb2"]); !strings.HasPrefix(got, "stop:keepalived") || !strings.Contains(got, "start:keepalived") {
		t.Errorf("together: lb2's systemd was asked %s", got)
	}
	out, code = deploy(deploySite, "--node", "lb2")
	want("one node alone", out, code, 3, "lb2 alone cannot take this change")

	untouched("a wrong host key", func() {
		testbox.Write(t, filepath.Join(dir, "known"), "", 0o600)
		out, code := deploy(deploySite)
		want("a wrong host key", out, code, 3, "lb1  untouched", "lb1: ssh ended with 255: Host key verification failed.", "nothing was changed")
	})
}
