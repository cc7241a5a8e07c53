package booted

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"
)

// Machine is a node that boots.
type Machine struct {
	Node
	box     *box
	control netip.Addr // where its sshd is reached, whatever becomes of its other NICs
	number  int
	hostKey string
	failed  []string
}

// The network over which nodes are reached by ssh. It is of the block that is
// there for benchmarks (RFC 2544): no site has it.
const (
	controlNetwork = "\x00control" // no site can name it
	controlDevice  = "mgmt0"
	controlHere    = "198.18.255.254"
)

func (m *Machine) nics() []NIC {
	control := NIC{Network: controlNetwork, Device: controlDevice, Addresses: []netip.Prefix{netip.PrefixFrom(m.control, 24)}}
	return append([]NIC{control}, m.NICs...)
}

func (m *Machine) port(i int) string { return fmt.Sprintf("p%dx%d", m.number, i) }

// root makes the root of a node.
func (c *Cluster) root(ctx context.Context, m *Machine) error {
	_, err := m.box.node(ctx, m.Name, "root", m.Root)
	return err
}

// prepare makes the node a machine of its own.
func (c *Cluster) prepare(ctx context.Context, m *Machine) error {
	key, err := c.public()
	if err != nil {
		return err
	}
	if m.hostKey, err = m.box.node(ctx, m.Name, "identity", key); err != nil {
		return err
	}
	for i, nic := range m.nics() {
		if err := m.do(ctx, "nic", fmt.Sprintf("%02d-%s.network", i, nic.Device), networkd(nic)); err != nil {
			return err
		}
	}
	firewalld := ""
	if m.Firewalld {
		firewalld = "yes"
	}
	return m.do(ctx, "services", firewalld)
}

// networkd is systemd-networkd's file for a NIC.
func networkd(nic NIC) string {
	var s strings.Builder
	fmt.Fprintf(&s, "[Match]\nName=%s\n\n[Network]\nIPv6AcceptRA=no\nLinkLocalAddressing=ipv6\n", nic.Device)
	for _, a := range nic.Addresses {
		fmt.Fprintf(&s, "Address=%s\n", a)
	}
	for _, r := range nic.Routes {
		fmt.Fprintf(&s, "\n[Route]\nDestination=%s\nScope=link\n", r)
	}
	return s.String()
}

// Boot switches the node on and returns when it says that it is up.
func (m *Machine) Boot(ctx context.Context) error {
	if err := m.On(ctx); err != nil {
		return err
	}
	return m.Up(ctx)
}

// On switches the node on.
func (m *Machine) On(ctx context.Context) error {
	var plugs []string
	args := []string{""}
	for i, nic := range m.nics() {
		plugs = append(plugs, m.port(i)+":"+m.box.bridges[nic.Network])
		args = append(args, "--network-veth-extra="+m.port(i)+":"+nic.Device)
	}
	args[0] = strings.Join(plugs, " ")
	_, err := m.box.node(ctx, m.Name, "boot", args...)
	return err
}

// Up waits until the node has booted. Failed has the units that could not start.
func (m *Machine) Up(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, bootTime, errors.New("it does not boot in time"))
	defer cancel()
	out, err := m.box.node(ctx, m.Name, "up")
	m.failed = strings.Fields(out)
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, tail(m.Console(context.WithoutCancel(ctx))))
	}
	return err
}

// Failed are the units that had failed when the node had last booted.
func (m *Machine) Failed() []string { return m.failed }

// Cut cuts the node's power: nothing in it is told.
func (m *Machine) Cut(ctx context.Context) error { return m.do(ctx, "cut") }

// Off shuts the node down, as its admin does, and waits for the end.
func (m *Machine) Off(ctx context.Context) error { return m.leave(ctx, "poweroff") }

// Reboot has the node reboot and returns when it is up again.
func (m *Machine) Reboot(ctx context.Context) error {
	if err := m.leave(ctx, "reboot"); err != nil {
		return err
	}
	return m.Boot(ctx)
}

// leave ends the node by systemctl's verb.
func (m *Machine) leave(ctx context.Context, verb string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, bootTime, errors.New("it does not go down in time"))
	defer cancel()
	// Its answer may be lost: the node goes down.
	if r, err := m.Run(ctx, "systemctl", verb); errors.Is(err, ErrDown) || ctx.Err() != nil {
		return errors.Join(err, context.Cause(ctx))
	} else if r.Code > 0 && strings.Contains(r.Err, "Failed") {
		return fmt.Errorf("systemctl %s: %s", verb, r)
	}
	return m.do(ctx, "gone")
}

// Fill fills the node's disk, until Free.
func (m *Machine) Fill(ctx context.Context) error { return m.do(ctx, "fill") }

// Free gives the node's disk room again.
func (m *Machine) Free(ctx context.Context) error { return m.do(ctx, "free") }

// Plug plugs a NIC into its network, or out of it: it has no carrier then.
func (m *Machine) Plug(ctx context.Context, device string, in bool) error {
	for i, nic := range m.nics() {
		if nic.Device != device {
			continue
		}
		state := "down"
		if in {
			state = "up"
		}
		r, err := m.box.run(ctx, nil, "ip", "link", "set", m.port(i), state)
		if err == nil && r.Code != 0 {
			err = errors.New(strings.TrimSpace(r.Err))
		}
		return err
	}
	return fmt.Errorf("%s has no %s", m.Name, device)
}

func (m *Machine) do(ctx context.Context, what string, args ...string) error {
	_, err := m.box.node(ctx, m.Name, what, args...)
	return err
}

// Run runs a program in the node, as root, beside what systemd runs. The error is
// for one that could not be run or did not end by itself; ErrDown if the node is off.
func (m *Machine) Run(ctx context.Context, argv ...string) (Result, error) {
	return m.Feed(ctx, nil, argv...)
}

// Feed is Run with something to read.
func (m *Machine) Feed(ctx context.Context, stdin io.Reader, argv ...string) (Result, error) {
	r, err := m.box.run(ctx, stdin, append([]string{"sh", "-c", nodeScript, "node", m.Name, "enter"}, argv...)...)
	if err == nil && r.Code == downCode && r.Err == "" {
		err = fmt.Errorf("%s: %w", m.Name, ErrDown)
	}
	return r, err
}

// downCode is how node.sh says that a node does not run.
const downCode = 255

// Console is what the node has printed since it first booted.
func (m *Machine) Console(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := m.box.node(ctx, m.Name, "console")
	if err != nil {
		return err.Error()
	}
	return out
}

func tail(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}
