package render

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/testbox"
)

// network is a machine that has nothing but a network of its own.
type network struct {
	t   *testing.T
	pid string
}

func newNetwork(t *testing.T) network {
	t.Helper()
	cmd := exec.Command("unshare", "-n", "sleep", "120")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	n := network{t, fmt.Sprint(cmd.Process.Pid)}
	ours, _ := os.Readlink("/proc/self/ns/net")
	eventually(t, "a network namespace is made", func() bool {
		theirs, err := os.Readlink("/proc/" + n.pid + "/ns/net")
		return err == nil && theirs != ours
	})
	return n
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 400 {
		if is() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("it never came true that %s", what)
}

func (n network) command(args ...string) *exec.Cmd {
	return exec.Command("nsenter", append([]string{"-t", n.pid, "-n"}, args...)...)
}

func (n network) must(args string) string {
	n.t.Helper()
	out, err := n.command(strings.Fields(args)...).CombinedOutput()
	if err != nil {
		n.t.Fatalf("%s: %v\n%s", args, err, out)
	}
	return string(out)
}

// TestPeersShareTheirTables: what one node has counted counts on the other one
// after a failover.
func TestPeersShareTheirTables(t *testing.T) {
	t.Parallel()
	testbox.NeedRoot(t)
	testbox.NeedTools(t, "haproxy", "curl", "sysctl")
	site := strings.Replace(twoPeers("debian12"), "default_backend: app", "routes: [{rate_limit: {requests: 3, period: 1h}}], "+
		"default_backend: app", 1)
	cfg := string(fileOf(t, secretSets(t, site, nil)[0], "etc/haproxy/haproxy.cfg").Data)
	dir, err := os.MkdirTemp("", "lbgen") // a socket's path has 107 bytes at most
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })

	one, two := newNetwork(t), newNetwork(t)
	one.must("ip link add eth0 type veth peer name eth0 netns " + two.pid)
	stops := map[string]func(){}
	for name, n := range map[string]network{"lb1": one, "lb2": two} {
		n.must("ip link set lo up")
		n.must("ip link set eth0 up")
		n.must("ip addr add 10.0.0." + name[2:] + "/24 dev eth0")
		n.must("sysctl -qw net.ipv4.ip_nonlocal_bind=1")
		stops[name] = n.startPeer(t, dir, name, cfg)
	}
	ask := func(node string) string {
		return one.must("curl -s -o /dev/null -w %{http_code} --max-time 5 http://" + node + "/")
	}
	for range 3 {
		if got := ask("10.0.0.1"); got != "503" { // there is no server behind it
			t.Fatalf("a request within the limit gets %s", got)
		}
	}
	eventually(t, "the other node knows of the three requests", func() bool {
		return strings.Contains(tables(t, filepath.Join(dir, "lb2")), "http_req_rate(3600000)=3")
	})
	stops["lb1"]()
	if got := ask("10.0.0.2"); got != "429" {
		t.Errorf("after the failover a request above the limit gets %s", got)
	}
}

// startPeer starts HAProxy as the node's unit does, with the node's name.
func (n network) startPeer(t *testing.T, dir, name, cfg string) (stop func()) {
	t.Helper()
	socket, file := filepath.Join(dir, name), filepath.Join(dir, name+".cfg")
	// The machine's own chroot, accounts and socket are not for tests.
	cfg = regexp.MustCompile(`(?m)^ +(chroot|user|group) .*\n`).ReplaceAllString(cfg, "")
	cfg = regexp.MustCompile(`(?m)^( +stats socket) \S+`).ReplaceAllString(cfg, "$1 "+socket)
	if err := os.WriteFile(file, []byte(cfg), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := n.command("haproxy", "-db", "-f", file, "-L", name)
	var talk strings.Builder
	cmd.Stderr = &talk
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop = func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }
	t.Cleanup(stop)
	eventually(t, name+" listens", func() bool {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	return stop
}

// tables asks HAProxy for what is in the table of the rate limit.
func tables(t *testing.T, socket string) string {
	t.Helper()
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintln(conn, "show table web.rate.0")
	text, _ := io.ReadAll(conn)
	return string(text)
}
