//go:build linux

package measured

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// network is a switch and the nodes on it, each in namespaces of its own.
type network struct {
	hub   *holder
	nodes []*node
}

// holder is a process that keeps namespaces alive.
type holder struct{ pid string }

// node is a machine with Keepalived.
type node struct {
	*holder
	name, conf string
	daemon     *exec.Cmd
	log        *os.File
	off        bool // Keepalived was stopped

	mu   sync.Mutex
	has  map[netip.Addr]time.Time // addresses, and since when
	lost map[netip.Addr]time.Time
}

func hold(ctx context.Context) (*holder, error) {
	cmd := exec.CommandContext(ctx, "unshare", "-mn", "--propagation", "private", "sh", "-c",
		"mount -t tmpfs run /run && ip link set lo up && echo ready && exec sleep infinity")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		return nil, fmt.Errorf("namespaces: %w", err)
	}
	go func() { _ = cmd.Wait() }() // it ends with the context
	return &holder{strconv.Itoa(cmd.Process.Pid)}, nil
}

// in is a command inside.
func (h *holder) in(ctx context.Context, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "nsenter", append([]string{"-t", h.pid, "-m", "-n", "--"}, args...)...)
}

func (h *holder) run(ctx context.Context, script string, args ...string) error {
	out, err := h.in(ctx, append([]string{"sh", "-euc", script, "sh"}, args...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", script, err, out)
	}
	return nil
}

// cable joins the nodes: two bridges with fixed addresses, that do not wait before
// they pass packets on.
func cable(ctx context.Context, t *testing.T, names []string, confs [][]byte) (*network, error) {
	hub, err := hold(ctx)
	if err != nil {
		return nil, err
	}
	n := &network{hub: hub}
	err = hub.run(ctx, `for b in front back; do ip link add $b type bridge forward_delay 0 mcast_snooping 0; ip link set $b up; done`)
	for i, name := range names {
		if err != nil {
			return nil, err
		}
		var one *node
		if one, err = n.add(ctx, t, i, name, confs[i]); err == nil {
			n.nodes = append(n.nodes, one)
		}
	}
	return n, err
}

func (n *network) add(ctx context.Context, t *testing.T, i int, name string, conf []byte) (*node, error) {
	h, err := hold(ctx)
	if err != nil {
		return nil, err
	}
	dir := t.TempDir()
	one := &node{holder: h, name: name, conf: filepath.Join(dir, "keepalived.conf"), has: map[netip.Addr]time.Time{},
		lost: map[netip.Addr]time.Time{}}
	if err := os.WriteFile(one.conf, conf, 0o600); err != nil {
		return nil, err
	}
	if one.log, err = os.Create(filepath.Join(dir, "log")); err != nil {
		return nil, err
	}
	err = n.hub.run(ctx, `ip link add $1f type veth peer name eth0 netns $2; ip link set $1f master front up
ip link add $1b type veth peer name eth1 netns $2; ip link set $1b master back up`, name, h.pid)
	if err != nil {
		return nil, err
	}
	err = h.run(ctx, `sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.eth0.accept_dad=0
ip addr add 10.9.0.$1/24 dev eth0; ip addr add fd00:9::$1/64 dev eth0 nodad; ip addr add 10.9.1.$1/24 dev eth1
ip link set eth0 up; ip link set eth1 up`, strconv.Itoa(11+i))
	if err != nil {
		return nil, err
	}
	t.Cleanup(one.end)
	return one, one.watch(ctx)
}

// watch notes when addresses come and go, as the kernel tells it.
func (n *node) watch(ctx context.Context) error {
	cmd := n.in(ctx, "ip", "-o", "monitor", "address")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			n.note(lines.Text(), time.Now())
		}
		_ = cmd.Wait() // it ends with the context
	}()
	return nil
}

func (n *node) note(line string, at time.Time) {
	words := strings.Fields(line)
	i := slices.IndexFunc(words, func(w string) bool { return w == "inet" || w == "inet6" })
	if i < 0 || i+1 >= len(words) {
		return
	}
	p, err := netip.ParsePrefix(words[i+1])
	if err != nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if words[0] == "Deleted" {
		delete(n.has, p.Addr())
		n.lost[p.Addr()] = at
	} else if _, there := n.has[p.Addr()]; !there {
		n.has[p.Addr()] = at
	}
}

// master says whether the node has all of the virtual IPs, and since when.
func (n *node) master(vips []string) (time.Time, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	var last time.Time
	for _, v := range vips {
		at, ok := n.has[netip.MustParseAddr(v)]
		if !ok {
			return last, false
		}
		if at.After(last) {
			last = at
		}
	}
	return last, true
}

func (n *node) start(ctx context.Context) error {
	n.daemon = n.in(ctx, "keepalived", "-n", "-l", "-D", "-P", "-f", n.conf, "-p", "/run/main.pid", "-r", "/run/vrrp.pid")
	n.daemon.Stdout, n.daemon.Stderr = n.log, n.log
	return n.daemon.Start()
}

// end leaves no Keepalived behind: a context that ends with the last test ends
// its programs only if the process lives on.
func (n *node) end() {
	if n.daemon != nil && n.daemon.Process != nil && n.daemon.ProcessState == nil {
		_ = n.daemon.Process.Kill()
		_ = n.daemon.Wait()
	}
}

// stop ends Keepalived as systemd does.
func (n *node) stop() error {
	if err := n.daemon.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return ended(n.daemon.Wait())
}

// kill is what a power cut does to Keepalived.
func (n *node) kill(ctx context.Context) error {
	err := n.run(ctx, `for f in /run/vrrp.pid /run/main.pid; do kill -9 "$(cat $f)"; done; rm -f /run/*.pid`)
	return errors.Join(err, ended(n.daemon.Wait()))
}

// ended takes it for no error that a program was killed.
func ended(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil
	}
	return err
}
