package booted

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lbgen/lbgen/internal/proc"
)

// inside runs do on a thread that is in the box's network. A socket stays in the
// network in which it was made.
func (b *box) inside(do func() error) error {
	ended := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with this function
		err := unix.Setns(int(b.net.Fd()), unix.CLONE_NEWNET)
		if err == nil {
			err = do()
		}
		ended <- err
	}()
	return <-ended
}

// Dial connects from the box: over TCP or UDP, to an address and never a name.
func (c *Cluster) Dial(ctx context.Context, network, address string) (conn net.Conn, err error) {
	return c.DialFrom(ctx, nil, network, address)
}

// DialFrom is Dial with one of the box's addresses.
func (c *Cluster) DialFrom(ctx context.Context, from net.Addr, network, address string) (conn net.Conn, err error) {
	err = c.box.inside(func() error {
		d := net.Dialer{Timeout: 10 * time.Second, LocalAddr: from}
		conn, err = d.DialContext(ctx, network, address)
		return err
	})
	return conn, err
}

// Listen listens at one of the box's addresses.
func (c *Cluster) Listen(ctx context.Context, address string) (l net.Listener, err error) {
	err = c.box.inside(func() error {
		l, err = (&net.ListenConfig{}).Listen(ctx, "tcp", address)
		return err
	})
	return l, err
}

// Join lays a cable from a network to the network namespace of a process, which is
// none of the box's: there it is the device, which must be new.
func (c *Cluster) Join(ctx context.Context, network string, process int, device string) error {
	bridge, ok := c.box.bridges[network]
	if !ok {
		return fmt.Errorf("no node is in network %s", network)
	}
	args := []string{"-t", c.box.pid, "-n", "ip", "link", "add", "join-" + device, "master", bridge, "up",
		"type", "veth", "peer", "name", device, "netns", strconv.Itoa(process)}
	_, err := proc.Run(ctx, proc.Cmd{Path: "nsenter", Args: args, Timeout: 10 * time.Second})
	return err
}
