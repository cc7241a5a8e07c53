package lab

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// stubs are the servers of one network, all on one machine that has their
// addresses.
type stubs struct {
	ca  *authority
	all map[string]*stub
}

// serversArgs are the servers of one network.
type serversArgs struct {
	Servers []Server
	CA      authorityPEM
}

func (a *agent) startServers(args serversArgs) error {
	ca, err := args.CA.open()
	if err != nil {
		return err
	}
	a.servers = &stubs{ca: ca, all: map[string]*stub{}}
	for _, s := range args.Servers {
		if err := a.servers.add(s); err != nil {
			return fmt.Errorf("server %s: %w", s.Name, err)
		}
	}
	return nil
}

// behaveArgs say how a server answers from now on.
type behaveArgs struct {
	Server string
	How    Behaviour
}

func (a *agent) behave(b behaveArgs) error {
	s, ok := a.servers.all[b.Server]
	if !ok {
		return fmt.Errorf("there is no server %s", b.Server)
	}
	return s.behave(b.How)
}

func (all *stubs) add(s Server) error {
	one := &stub{Server: s, tls: all.ca.server(), conns: map[net.Conn]bool{}}
	one.how.Store(&s.Begins)
	if err := one.present(true); err != nil {
		return err
	}
	all.all[s.Name] = one
	return one.listen()
}

// stub is a server that answers whatever it is asked with its own name. It
// finds out itself what it is spoken to in: TLS or not, a PROXY header or not.
type stub struct {
	Server
	tls *tls.Config
	how atomic.Pointer[Behaviour]

	mu    sync.Mutex
	ports []net.Listener
	conns map[net.Conn]bool
}

// NIC is the one of the machine.
const serverNIC = "eth0"

// present gives the machine the server's address, or takes it away.
func (s *stub) present(here bool) error {
	if s.Network == "" { // see Plan.Alone
		return nil
	}
	nic, err := netlink.LinkByName(serverNIC)
	if err != nil {
		return err
	}
	addr, err := netlink.ParseAddr(s.Address.String())
	if err != nil {
		return err
	}
	if !here {
		return netlink.AddrDel(nic, addr)
	}
	err = setUp(Link{Device: serverNIC, Addresses: []netip.Prefix{s.Address}, Routes: s.Routes})
	if errors.Is(err, syscall.EEXIST) { // two servers on one machine
		return nil
	}
	return err
}

func (s *stub) behave(b Behaviour) error {
	was := s.how.Swap(&b)
	if was == nil {
		was = &Behaviour{}
	}
	s.cut()
	// A port is opened while the address is there.
	if was.Vanishes && !b.Vanishes {
		if err := s.present(true); err != nil {
			return err
		}
	}
	if err := s.open(!b.Refuses); err != nil {
		return err
	}
	if b.Vanishes && !was.Vanishes {
		return s.present(false)
	}
	return nil
}

// open opens the server's ports, or closes them, if that is not so already.
func (s *stub) open(yes bool) error {
	switch {
	case yes && len(s.ports) == 0:
		return s.listen()
	case !yes:
		return s.close()
	default:
		return nil
	}
}

// cut ends the connections that there are.
func (s *stub) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		_ = c.Close()
	}
}

func (s *stub) close() (err error) {
	for _, l := range s.ports {
		err = errors.Join(err, l.Close())
	}
	s.ports = nil
	return err
}

// listen opens the server's ports.
func (s *stub) listen() error {
	for _, port := range s.Ports {
		l, err := s.sharing().Listen(context.Background(), "tcp", netip.AddrPortFrom(s.Address.Addr(), port).String())
		if err != nil {
			return err
		}
		s.ports = append(s.ports, l)
		s.serve(l)
	}
	return nil
}

// sharing lets HAProxy listen on all addresses of a port beside a stub on the same host.
func (s *stub) sharing() *net.ListenConfig {
	if s.Network != "" {
		return &net.ListenConfig{}
	}
	return &net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		failed := c.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) })
		return errors.Join(failed, err)
	}}
}

func (s *stub) serve(l net.Listener) {
	web := &feed{Listener: l, conns: make(chan net.Conn)}
	server := &http.Server{Handler: s, ErrorLog: log.New(io.Discard, "", 0), Protocols: new(http.Protocols)}
	server.ConnContext = withProxy
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetHTTP2(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	go func() { _ = server.Serve(web) }()
	go s.accept(l, web)
}

// feed is a listener that hands on the connections it is given.
type feed struct {
	net.Listener
	conns chan net.Conn
}

func (f *feed) Accept() (net.Conn, error) {
	c, ok := <-f.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (s *stub) accept(l net.Listener, web *feed) {
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			go s.welcome(conn, web)
		}
	}
}

// welcome finds out what the connection begins with, and hands it to whoever
// speaks that.
func (s *stub) welcome(conn net.Conn, web *feed) {
	s.mu.Lock()
	s.conns[conn] = true
	s.mu.Unlock()
	c := &tracked{Conn: conn, in: bufio.NewReader(conn), ended: s.forget}
	if s.greets(c) {
		return
	}
	if err := c.skipProxyHeader(); err != nil {
		_ = c.Close()
		return
	}
	if s.greets(c) {
		return
	}
	if first, err := c.in.Peek(1); err != nil {
		_ = c.Close()
	} else if first[0] == tlsHandshake {
		s.secure(c, web)
	} else {
		s.hand(c, c, web)
	}
}

// hand gives a connection to whoever speaks what has come in. whole is the same
// one as the web server is to see it.
func (s *stub) hand(c *tracked, whole net.Conn, web *feed) {
	if t := s.Health.answering(c.in); t != nil {
		s.hold(c)
		t.converse(c, c.in, s.primary())
		_ = c.Close()
		return
	}
	s.hold(c)
	web.conns <- whole
}

// greets speaks first, where the check of the server is such and nobody else does,
// and says whether that was so.
func (s *stub) greets(c *tracked) bool {
	t := s.Health.greeting()
	if t == nil {
		return false
	}
	_ = c.SetReadDeadline(time.Now().Add(speaksFirst))
	_, err := c.in.Peek(1)
	_ = c.SetReadDeadline(time.Time{})
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	s.hold(c)
	t.converse(c, c.in, s.primary())
	_ = c.Close()
	return true
}

func (s *stub) primary() bool {
	how := s.how.Load()
	return how == nil || !how.Replica
}

// hold keeps a connection waiting, if the server is to be slow.
func (s *stub) hold(c *tracked) {
	if how := s.how.Load(); how != nil && how.Delay > 0 {
		c.wait(how.Delay)
	}
}

const tlsHandshake = 0x16 // the first byte of TLS (RFC 8446 5.1)

func (s *stub) secure(c *tracked, web *feed) {
	secure := tls.Server(c, s.tls)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = c.Close()
		return
	}
	if len(s.Health.Talks) == 0 {
		s.hold(c)
		web.conns <- secure
		return
	}
	inner := &tracked{Conn: secure, in: bufio.NewReader(secure), ended: func(net.Conn) { _ = c.Close() }}
	if s.greets(inner) {
		return
	}
	if _, err := inner.in.Peek(1); err != nil {
		_ = inner.Close()
		return
	}
	s.hand(inner, inner, web)
}

func (s *stub) forget(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
}

// ServerHeader is the one that a stub puts its name into.
const ServerHeader = "Lbgen-Server"

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(ServerHeader, s.Name)
	w.Header().Set("Content-Type", "text/plain")
	status, text := http.StatusOK, s.Name+"\n"
	if s.Health.Path != "" && r.URL.RequestURI() == s.Health.Path {
		status, text = max(s.Health.Status, http.StatusOK), s.Health.Body+text
		if s.Health.Whole {
			text = s.Health.Body
		}
	}
	if role := PageRole(r.URL.RequestURI()); role != AnyRole && s.Health.Member {
		status = http.StatusServiceUnavailable
		if s.primary() == (role == Primary) {
			status = http.StatusOK
		}
	}
	if how := s.how.Load(); how != nil && how.Status != 0 {
		status = how.Status
	}
	if s.Echoes {
		w.Header().Set(ReceivedHeader, received(r))
		w.Header()["Date"] = nil
		text = strings.TrimSuffix(text, s.Name+"\n") + "a stub\n" // names may differ between what is compared
	}
	if s.Cookie != "" {
		http.SetCookie(w, &http.Cookie{Name: s.Cookie, Value: "own", Path: "/"})
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// tracked is a connection that has been looked into.
type tracked struct {
	net.Conn
	in    *bufio.Reader
	ended func(net.Conn)
	proxy string // what a PROXY header said
}

func (c *tracked) Read(p []byte) (int, error) { return c.in.Read(p) }

func (c *tracked) Close() error {
	c.ended(c.Conn)
	return c.Conn.Close()
}

// wait waits, or until the other end has had enough.
func (c *tracked) wait(d time.Duration) {
	_ = c.SetReadDeadline(time.Now().Add(d))
	for size := 1; size < c.in.Size(); size++ {
		if _, err := c.in.Peek(size); err != nil {
			break
		}
		size = c.in.Buffered()
	}
	_ = c.SetReadDeadline(time.Time{})
}

// skipProxyHeader reads over a PROXY header of either version (the protocol's
// text, 2.1 and 2.2), if there is one.
func (c *tracked) skipProxyHeader() error {
	const second = "\r\n\r\n\x00\r\nQUIT\n"
	first, err := c.in.Peek(1)
	if err != nil {
		return err
	}
	if first[0] == 'P' {
		if head, _ := c.in.Peek(2); string(head) == "PR" {
			if head, _ = c.in.Peek(6); string(head) == "PROXY " {
				var line string
				line, err = c.in.ReadString('\n')
				c.proxy = saidByProxy(line)
			}
		}
		return err
	}
	if first[0] != second[0] {
		return nil
	}
	if head, _ := c.in.Peek(16); len(head) == 16 && bytes.HasPrefix(head, []byte(second)) {
		whole := make([]byte, 16+int(binary.BigEndian.Uint16(head[14:])))
		_, err := io.ReadFull(c.in, whole)
		c.proxy = saidByBinary(whole)
		return err
	}
	return nil
}
