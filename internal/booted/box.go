package booted

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/proc"
)

// keeper.sh waits outside of the box, and box.sh is its first process.
var (
	//go:embed keeper.sh
	keeperScript string
	//go:embed box.sh
	boxScript string
	//go:embed node.sh
	nodeScript string
)

// box holds the nodes: a mount, a network and a process namespace.
type box struct {
	pid   string   // of its first process
	hold  *os.File // closed: the box ends
	ended chan struct{}
	err   error    // why it has ended; to be read after that
	net   *os.File // its network namespace
	// bridges are the devices of the networks, by the networks' names.
	bridges map[string]string
}

func newBox(ctx context.Context) (*box, error) {
	stdin, hold, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer stdin.Close()
	said, out := io.Pipe()
	b := &box{hold: hold, ended: make(chan struct{})}
	go func() {
		// It ends by itself when nobody holds the pipe: killed, it could not clean up.
		_, b.err = proc.Run(context.WithoutCancel(ctx), proc.Cmd{Path: "unshare", Stdin: stdin, Stdout: out,
			Args: []string{"-m", "--propagation", "private", "sh", "-c", keeperScript, "keeper", boxScript}})
		_ = out.CloseWithError(b.err)
		close(b.ended)
	}()
	ready := false
	for lines := bufio.NewScanner(said); (b.pid == "" || !ready) && lines.Scan(); {
		if pid, ok := strings.CutPrefix(lines.Text(), "box "); ok {
			b.pid = pid
		} else {
			ready = lines.Text() == "ready"
		}
	}
	if b.pid == "" || !ready {
		_ = hold.Close()
		<-b.ended
		return nil, fmt.Errorf("no namespaces are to be had: %w", b.err)
	}
	go func() { _, _ = io.Copy(io.Discard, said) }()
	b.net, err = os.Open("/proc/" + b.pid + "/ns/net")
	return b, err
}

// stop ends the box and returns when nothing is left of it.
func (b *box) stop() {
	_ = b.hold.Close()
	<-b.ended
	if b.net != nil {
		_ = b.net.Close()
	}
}

// run runs a program in the box.
func (b *box) run(ctx context.Context, stdin io.Reader, argv ...string) (Result, error) {
	out, err := b.pass(ctx, stdin, nil, argv...)
	r := Result{string(out.Stdout), string(out.Stderr), out.ExitCode}
	if proc.Exited(err) {
		err = nil
	}
	return r, err
}

// pass runs a program in the box, and passes on what it prints; nil: it is kept.
func (b *box) pass(ctx context.Context, stdin io.Reader, stdout io.Writer, argv ...string) (proc.Output, error) {
	args := append([]string{"-t", b.pid, "-m", "-n", "-p", "-r", "--wd=/"}, argv...)
	return proc.Run(ctx, proc.Cmd{Path: "nsenter", Args: args, Bare: true, Stdin: stdin, Stdout: stdout,
		Env: []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"}})
}

// node does something to a node, by node.sh: its function do.
func (b *box) node(ctx context.Context, name, do string, args ...string) (string, error) {
	r, err := b.run(ctx, nil, append([]string{"sh", "-c", nodeScript, "node", name, do}, args...)...)
	if err == nil && r.Code != 0 {
		err = fmt.Errorf("%s: %s ended with %d: %s", name, do, r.Code, strings.TrimSpace(r.Err+r.Out))
	}
	return r.Out, err
}

// networks makes a bridge for each network, and gives the box its addresses.
func (c *Cluster) networks(ctx context.Context, o Options) error {
	bridges := map[string]string{}
	var script strings.Builder
	bridge := func(network string) string {
		if name, ok := bridges[network]; ok {
			return name
		}
		n := len(bridges)
		name := "net" + strconv.Itoa(n)
		bridges[network] = name
		// A bridge has the lowest address of its ports unless it has one of its own: it
		// would change whenever a node comes or goes.
		fmt.Fprintf(&script, "ip link add %s address 02:00:00:00:%02x:%02x type bridge mcast_snooping 0\n", name, n>>8, n&0xff)
		fmt.Fprintf(&script, "ip link set %s up\n", name)
		return name
	}
	fmt.Fprintf(&script, "ip addr add %s/24 dev %s\n", controlHere, bridge(controlNetwork))
	for _, n := range o.Nodes {
		for _, nic := range n.NICs {
			bridge(nic.Network)
		}
	}
	for _, nic := range o.Here {
		name := bridge(nic.Network)
		for _, a := range nic.Addresses {
			nodad := ""
			if a.Addr().Is6() {
				nodad = " nodad"
			}
			fmt.Fprintf(&script, "ip addr add %s dev %s%s\n", a, name, nodad)
		}
		for _, r := range nic.Routes {
			fmt.Fprintf(&script, "ip route replace %s dev %s\n", r, name)
		}
	}
	c.box.bridges = bridges
	r, err := c.box.run(ctx, nil, "sh", "-euc", script.String())
	if err == nil && r.Code != 0 {
		err = errors.New(strings.TrimSpace(r.Err))
	}
	return err
}

// bootTime is long enough for a node to boot on a machine that does much else.
const bootTime = 2 * time.Minute
