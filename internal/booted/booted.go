// Package booted has nodes that boot: each with a systemd, a sshd and files of its
// own, from an overlay of this machine's root or from another distribution's, and
// networks between them that lead nowhere else. systemd-nspawn runs them.
//
// All of it hangs on one process in namespaces of its own, the box. It reads from
// a pipe that this process holds: however this process ends, everything in the box
// is killed, and its mounts, networks and files, which are in memory, are gone. A
// second process waits outside for that, to remove the control groups.
package booted

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/proc"
)

// Options say which nodes boot, and what is beside them in their networks.
type Options struct {
	Nodes []Node
	Here  []NIC // addresses of the box itself, for clients and servers; without Device
}

// Node is a machine that boots.
type Node struct {
	Name string
	// Root is a folder, or a tar file, with the root of the system that it runs;
	// "": this machine's. It is only read.
	Root string
	NICs []NIC
	// Firewalld says that the node's firewall runs; it is there but off otherwise.
	Firewalld bool
}

// NIC is a network card. systemd-networkd gives it its addresses.
type NIC struct {
	Network   string // what it is plugged into; a name
	Device    string // at most 15 bytes
	Addresses []netip.Prefix
	Routes    []netip.Prefix // what else is reached straight over it
}

// Result is what a program left behind.
type Result struct {
	Out, Err string
	Code     int
}

// String is for messages.
func (r Result) String() string {
	return fmt.Sprintf("exit code %d\nstdout:\n%s\nstderr:\n%s", r.Code, r.Out, r.Err)
}

// ErrDown says that a node does not run.
var ErrDown = errors.New("the node does not run")

// Cluster is a number of nodes and their networks.
type Cluster struct {
	box   *box
	nodes []*Machine
	doors []door // to the nodes' sshd
}

// Start boots the nodes, side by side, and returns when each says that it is up.
// They end with Stop, or with this process.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	if missing := Missing(); len(missing) > 0 {
		return nil, fmt.Errorf("nodes cannot boot here: %s", strings.Join(missing, "; "))
	}
	c := &Cluster{}
	if err := c.start(ctx, o); err != nil {
		c.Stop()
		return nil, err
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context, o Options) error {
	var err error
	if c.box, err = newBox(ctx); err != nil {
		return err
	}
	if err := c.networks(ctx, o); err != nil {
		return fmt.Errorf("the networks: %w", err)
	}
	if err := c.key(ctx); err != nil {
		return fmt.Errorf("a key for ssh: %w", err)
	}
	for i, n := range o.Nodes {
		c.nodes = append(c.nodes, &Machine{Node: n, box: c.box, number: i, control: netip.AddrFrom4([4]byte{198, 18, 255, byte(i + 1)})})
	}
	for _, n := range c.nodes { // one after the other: they may share a root that has to be unpacked
		if err := c.root(ctx, n); err != nil {
			return err
		}
	}
	if err := c.each(func(n *Machine) error { return errors.Join(c.prepare(ctx, n), n.Boot(ctx)) }); err != nil {
		return err
	}
	return c.openDoors(ctx)
}

// each does something to all nodes, side by side.
func (c *Cluster) each(do func(*Machine) error) error {
	ended := make(chan error)
	for _, m := range c.nodes {
		go func() { ended <- do(m) }()
	}
	var err error
	for range c.nodes {
		err = errors.Join(err, <-ended)
	}
	return err
}

// Stop ends everything, as a power cut does, and leaves nothing behind.
func (c *Cluster) Stop() {
	for _, d := range c.doors {
		d.close()
	}
	if c.box != nil {
		c.box.stop()
	}
}

// Node returns the one with this name, which has to be there.
func (c *Cluster) Node(name string) *Machine {
	for _, m := range c.nodes {
		if m.Name == name {
			return m
		}
	}
	panic("there is no node " + name)
}

// Nodes are all of them, in their order.
func (c *Cluster) Nodes() []*Machine { return c.nodes }

// SSHConfig is the path of a configuration of ssh, scp and sftp in which each node
// is a host under its name, and root may log in.
func (c *Cluster) SSHConfig() string { return filepath.Join(c.dir(), "config") }

// Dir is a folder in memory for what goes to the nodes. It ends with them.
func (c *Cluster) Dir() string { return "/proc/" + c.box.pid + "/root/run/tmp" }

// dir has keys and the configuration of ssh. It is in the box, and ends with it.
func (c *Cluster) dir() string { return "/proc/" + c.box.pid + "/root/run/ssh" }

// Exec runs a program beside the nodes: with the addresses of Here, and with this
// machine's files, but for /run.
func (c *Cluster) Exec(ctx context.Context, argv ...string) (Result, error) {
	return c.box.run(ctx, nil, argv...)
}

// Copy copies a file or a folder to the node, with scp.
func (c *Cluster) Copy(ctx context.Context, from, node, to string) error {
	args := []string{"-q", "-r", "-F", c.SSHConfig(), from, node + ":" + to}
	_, err := proc.Run(ctx, proc.Cmd{Path: "scp", Args: args, Timeout: time.Minute})
	return err
}

// Missing says what this machine lacks for nodes to boot, a sentence each.
func Missing() []string {
	var missing []string
	if os.Geteuid() != 0 {
		missing = append(missing, "it needs root")
	}
	for _, program := range []string{"systemd-nspawn", "systemctl", "sshd", "ssh-keygen", "scp", "unshare", "nsenter", "ip"} {
		if _, err := proc.Look(program); err != nil {
			missing = append(missing, program+" is not installed")
		}
	}
	return missing
}
