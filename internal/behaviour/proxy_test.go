//go:build linux

package behaviour_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
)

// readProxy reads a PROXY protocol's header and returns the client that it
// names, nil where HAProxy itself is the client.
// https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt
func readProxy(conn io.Reader) (version int, client *net.TCPAddr, err error) {
	const signature = "\r\n\r\n\x00\r\nQUIT\n"
	start := make([]byte, len(signature))
	if _, err := io.ReadFull(conn, start); err != nil {
		return 0, nil, err
	}
	if string(start) == signature {
		client, err = readProxy2(conn)
		return 2, client, err
	}
	var addr, ours string
	client = &net.TCPAddr{}
	line := string(start) + heard(conn, "\n")
	if n, _ := fmt.Sscanf(line, "PROXY TCP4 %s %s %d", &addr, &ours, &client.Port); n != 3 {
		return 1, nil, errors.New("no PROXY header: " + line)
	}
	client.IP = net.ParseIP(addr)
	return 1, client, nil
}

// readProxy2 reads what follows the signature of version 2.
func readProxy2(conn io.Reader) (*net.TCPAddr, error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(conn, head); err != nil {
		return nil, err
	}
	rest := make([]byte, binary.BigEndian.Uint16(head[2:]))
	const local = 0x20
	if _, err := io.ReadFull(conn, rest); err != nil || head[0] == local {
		return nil, err
	}
	return &net.TCPAddr{IP: rest[:4], Port: int(binary.BigEndian.Uint16(rest[8:]))}, nil
}

// sayProxy tells what the header of a connection says.
func sayProxy(conn net.Conn) {
	if version, client, err := readProxy(conn); err == nil && client != nil {
		say(conn, fmt.Sprintf("version %d: %s\n", version, client.IP))
	}
}

// proxyListener is for servers that read the header and go by it.
type proxyListener struct{ net.Listener }

func (l proxyListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return &proxyConn{Conn: conn}, err
}

// proxyConn reads the header when somebody wants to know.
type proxyConn struct {
	net.Conn
	once   sync.Once
	client net.Addr
	err    error
}

func (c *proxyConn) header() {
	_, client, err := readProxy(c.Conn)
	c.client, c.err = c.Conn.RemoteAddr(), err
	if client != nil {
		c.client = client
	}
}

func (c *proxyConn) RemoteAddr() net.Addr {
	c.once.Do(c.header)
	return c.client
}

func (c *proxyConn) Read(b []byte) (int, error) {
	if c.once.Do(c.header); c.err != nil {
		return 0, c.err
	}
	return c.Conn.Read(b)
}
