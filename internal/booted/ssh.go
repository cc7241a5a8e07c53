package booted

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/lbgen/lbgen/internal/proc"
)

// door is a port of this machine's loopback that leads to a node's sshd.
type door struct{ listener net.Listener }

func (d door) close() { _ = d.listener.Close() }

// key makes the key with which root may log in.
func (c *Cluster) key(ctx context.Context) error {
	if err := os.Mkdir(c.dir(), 0o700); err != nil {
		return err
	}
	_, err := proc.Run(ctx, proc.Cmd{Path: "ssh-keygen", Args: []string{"-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(c.dir(), "key")}})
	return err
}

func (c *Cluster) public() (string, error) {
	text, err := os.ReadFile(filepath.Join(c.dir(), "key.pub"))
	return strings.TrimSpace(string(text)), err
}

// everyHost is what the configuration of ssh says of all nodes.
const everyHost = `Host *
    User root
    IdentityFile %s
    IdentitiesOnly yes
    UserKnownHostsFile %s
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
    BatchMode yes
    LogLevel ERROR
    ConnectTimeout 10
    ServerAliveInterval 5
    ServerAliveCountMax 3
`

// openDoors makes the nodes' sshd reachable, and writes the configuration of ssh.
func (c *Cluster) openDoors(ctx context.Context) error {
	var config, known strings.Builder
	for _, m := range c.nodes {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		c.doors = append(c.doors, door{l})
		go c.lead(l, net.JoinHostPort(m.control.String(), "22"))
		_, port, _ := net.SplitHostPort(l.Addr().String())
		fmt.Fprintf(&config, "Host %s\n    HostName 127.0.0.1\n    Port %s\n    HostKeyAlias %[1]s\n", m.Name, port)
		fmt.Fprintf(&known, "%s %s", m.Name, m.hostKey)
	}
	fmt.Fprintf(&config, everyHost, filepath.Join(c.dir(), "key"), filepath.Join(c.dir(), "known"))
	if err := os.WriteFile(filepath.Join(c.dir(), "known"), []byte(known.String()), 0o600); err != nil {
		return err
	}
	return os.WriteFile(c.SSHConfig(), []byte(config.String()), 0o600)
}

// lead carries what comes in at l to the address in the box, until l is closed.
func (c *Cluster) lead(l net.Listener, to string) {
	for {
		in, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = in.Close() }()
			out, err := c.Dial(context.Background(), "tcp", to)
			if err != nil {
				return
			}
			defer func() { _ = out.Close() }()
			var both sync.WaitGroup
			both.Go(func() { pipe(out, in) })
			both.Go(func() { pipe(in, out) })
			both.Wait()
		}()
	}
}

// pipe copies until the end, and tells the other side.
func pipe(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	if half, ok := to.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
}
