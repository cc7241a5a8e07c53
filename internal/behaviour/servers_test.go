//go:build linux

package behaviour_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
)

// webServer is a small server behind HAProxy. It tells its name and repeats
// the request, so that one sees who answered and what reached it.
type webServer struct {
	m      *machine
	name   string
	addr   string
	status atomic.Int32 // 0: 200
	// answer, if set, writes more of the answer's head.
	answer func(http.ResponseWriter, *http.Request)
	tls    *tls.Config
	plain  atomic.Bool // it has forgotten its TLS
	// proxied says that each connection begins with a PROXY header.
	proxied bool
	// protocols are those that it speaks; nil: what Go does by itself.
	protocols *http.Protocols
	l         net.Listener
	server    *http.Server
}

// web starts a server that answers over HTTP.
func (m *machine) web(name, addr string) *webServer {
	m.Helper()
	s := &webServer{m: m, name: name, addr: addr}
	s.up()
	m.servers[name] = s
	return s
}

// webs starts several servers, given as name, address, name, address, ...
func (m *machine) webs(pairs ...string) {
	m.Helper()
	for i := 0; i < len(pairs); i += 2 {
		m.web(pairs[i], pairs[i+1])
	}
}

// up starts the server again.
func (s *webServer) up() {
	s.m.Helper()
	s.l = s.m.listen(s.addr)
	if s.proxied {
		s.l = proxyListener{s.l}
	}
	if s.tls != nil {
		s.l = tlsListener{s.l, s}
	}
	server := &http.Server{Handler: s, ErrorLog: log.New(io.Discard, "", 0), Protocols: s.protocols}
	s.server = server
	go func(l net.Listener) { _ = server.Serve(l) }(s.l)
	s.m.Cleanup(s.down)
}

// down ends it, with its connections: they are refused from now on.
func (s *webServer) down() {
	_ = s.l.Close()
	_ = s.server.Close()
}

type tlsListener struct {
	net.Listener
	s *webServer
}

func (l tlsListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil || l.s.plain.Load() {
		return conn, err
	}
	return tls.Server(conn, l.s.tls), nil
}

// listen shares the port with a bind of HAProxy to all addresses: on a node the
// servers are other machines. The kernel prefers the one address.
func (m *machine) listen(addr string) net.Listener {
	m.Helper()
	const reusePort = 15 // SO_REUSEPORT, which package syscall does not have
	share := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		_ = c.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, reusePort, 1) })
		return err
	}}
	l, err := share.Listen(m.Context(), "tcp", addr)
	if err != nil {
		m.Fatal(err)
	}
	return l
}

func (s *webServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Served-By", s.name)
	w.Header().Set("Content-Type", "text/plain")
	if s.answer != nil {
		s.answer(w, r)
	}
	if status := int(s.status.Load()); status != 0 {
		w.WriteHeader(status)
	}
	fmt.Fprintf(w, "%s %s %s\nHost: %s\nPeer: %s\n", r.Method, r.URL.RequestURI(), r.Proto, r.Host, r.RemoteAddr)
	_ = r.Header.Write(w)
}

// tcp starts a server that does what talk says with each connection.
func (m *machine) tcp(addr string, talk func(net.Conn)) *tcpServer {
	m.Helper()
	s := &tcpServer{m: m, addr: addr, talk: talk}
	s.up()
	return s
}

// tcpServer is a server that is not one of HTTP.
type tcpServer struct {
	m     *machine
	addr  string
	talk  func(net.Conn)
	l     net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func (s *tcpServer) up() {
	s.m.Helper()
	s.l = s.m.listen(s.addr)
	s.m.Cleanup(s.down)
	go s.serve(s.l)
}

func (s *tcpServer) serve(l net.Listener) {
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		s.mu.Lock()
		s.conns = append(s.conns, conn)
		s.mu.Unlock()
		go func() {
			defer conn.Close()
			s.talk(conn)
		}()
	}
}

func (s *tcpServer) down() {
	_ = s.l.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, conn := range s.conns {
		_ = conn.Close()
	}
}

// silence listens, and neither answers nor ends a connection by itself.
func (m *machine) silence(conn net.Conn) {
	_, _ = io.Copy(io.Discard, conn)
	<-m.Context().Done()
}

// echo says its name and repeats what comes.
func echo(name string) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := io.WriteString(conn, name+"\n"); err == nil {
			_, _ = io.Copy(conn, conn)
		}
	}
}

// secure makes the server speak TLS, with this certificate, from when it is
// started on.
func (s *webServer) secure(c *tls.Config) *webServer {
	s.m.Helper()
	s.tls = c
	s.down()
	s.up()
	return s
}

// serverTLS is a server's side of TLS.
func (m *machine) serverTLS(names ...string) *tls.Config {
	m.Helper()
	return &tls.Config{Certificates: []tls.Certificate{m.ca.issue(names...)}, NextProtos: []string{"h2", "http/1.1"}}
}
