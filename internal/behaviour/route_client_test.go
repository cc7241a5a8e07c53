//go:build linux

package behaviour_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"github.com/lbgen/lbgen/internal/route"
)

// seen is what the real HAProxy did with a trial.
type seen struct {
	refused, closed bool
	server          string // address of the one that answered
	status          int
	location, body  string
	header          http.Header // of the answer
	target          string      // that the server got
	request         []route.Header
}

// asker is the client of trials.
type asker struct {
	m    *machine
	cert tls.Certificate
	held []net.Conn // connections that stay open
}

// soon is for what is not answered: HAProxy drops a connection without a word.
const soon = 300 * time.Millisecond

// play does a trial as often as it counts, and returns what came of the last one.
func (a *asker) play(t *trial, closes, holds bool) (seen, error) {
	defer func() {
		for _, c := range a.held {
			_ = c.Close()
		}
		a.held = nil
	}()
	for i := 1; i < t.Count; i++ {
		if holds && t.Scheme != route.TCP {
			conn, err := a.connect(t)
			if err != nil {
				return seen{}, err
			}
			a.held = append(a.held, conn)
			continue
		}
		if _, err := a.once(t, closes, holds); err != nil {
			return seen{}, err
		}
	}
	return a.once(t, closes, holds)
}

// connect makes the connection, with the PROXY protocol's header and TLS where the bind
// wants them.
func (a *asker) connect(t *trial) (net.Conn, error) {
	from := t.From
	if t.proxied {
		from = netip.MustParseAddr("192.0.2.250")
	}
	conn, err := dial(a.m.Context(), "tcp", netip.AddrPortFrom(t.Address, uint16(t.Port)).String(), from.String())
	if err != nil {
		return nil, err
	}
	if t.proxied {
		fmt.Fprintf(conn, "PROXY TCP4 %s %s 40000 %d\r\n", t.From, t.Address, t.Port)
	}
	if !t.ended {
		return conn, nil
	}
	name := t.SNI
	if name == "" && t.Scheme == route.HTTPS {
		name, _, _ = strings.Cut(t.Host, ":")
	}
	config := &tls.Config{InsecureSkipVerify: true, ServerName: name} //nolint:gosec // the certificate is not what is tested
	config.NextProtos = []string{"http/1.1"}
	if t.version == "2" {
		config.NextProtos = []string{"h2"}
	}
	if t.Scheme == route.TCP {
		config.NextProtos = nil
	}
	if t.ClientCertificate {
		config.Certificates = []tls.Certificate{a.cert}
	}
	secure := tls.Client(conn, config)
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if err := secure.HandshakeContext(a.m.Context()); err != nil {
		_ = conn.Close()
		return nil, io.EOF
	}
	_ = conn.SetDeadline(time.Time{})
	return secure, nil
}

func (a *asker) once(t *trial, closes, holds bool) (seen, error) {
	conn, err := a.connect(t)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return seen{refused: true}, nil
	case err != nil && isEnd(err):
		return seen{closed: true}, nil
	case err != nil:
		return seen{}, err
	}
	if holds {
		a.held = append(a.held, conn)
	} else {
		defer conn.Close()
	}
	wait := 5 * time.Second
	if closes {
		wait = soon
	}
	_ = conn.SetDeadline(time.Now().Add(wait))
	switch {
	case t.Scheme == route.TCP:
		return a.stream(t, conn)
	case t.version == "2":
		return a.second(t, conn)
	default:
		return a.first(t, conn)
	}
}

// isEnd says whether the other end has closed the connection, or says nothing.
func isEnd(err error) bool {
	var late net.Error
	var refused *net.OpError // an alert of TLS 1.3 comes after the handshake
	if errors.As(err, &refused) && refused.Op == "remote error" {
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err,
		syscall.EPIPE) ||
		errors.As(err, &late) && late.Timeout()
}

// stream speaks TCP: the server says at once who it is.
func (a *asker) stream(t *trial, conn net.Conn) (seen, error) {
	if !t.ended {
		text := "hello\n"
		if t.passing {
			text = hello(t.SNI)
		}
		if _, err := io.WriteString(conn, text); err != nil && !isEnd(err) {
			return seen{}, err
		}
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil && isEnd(err) {
		return seen{closed: true}, nil
	}
	return seen{server: strings.TrimSpace(line)}, err
}

// hello is the first message of a client that speaks TLS.
func hello(name string) string {
	client, server := net.Pipe()
	defer client.Close()
	defer server.Close()
	go func() {
		_ = tls.Client(client, &tls.Config{InsecureSkipVerify: true, ServerName: name}).Handshake() //nolint:gosec // only its hello is wanted
	}()
	buf := make([]byte, 16384)
	n, _ := server.Read(buf)
	return string(buf[:n])
}

// first speaks HTTP/1, word by word.
func (a *asker) first(t *trial, conn net.Conn) (seen, error) {
	target := t.Target
	if t.absolute {
		target = t.Scheme + "://" + t.Host + t.Target
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/%s\r\n", t.Method, target, t.version)
	if t.Host != "" {
		fmt.Fprintf(&b, "Host: %s\r\n", t.Host)
	}
	for _, h := range a.headers(t) {
		fmt.Fprintf(&b, "%s: %s\r\n", h.Name, h.Value)
	}
	b.WriteString("\r\n")
	if _, err := io.WriteString(conn, b.String()); err != nil && !isEnd(err) {
		return seen{}, err
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: t.Method})
	if err != nil && isEnd(err) {
		return seen{closed: true}, nil
	}
	if err != nil {
		return seen{}, err
	}
	return read(answer)
}

// headers are those of a trial with the password of its user.
func (a *asker) headers(t *trial) []route.Header {
	all := t.Headers
	secret, user := routeSecret, t.User
	if !t.password {
		secret, user = "wrong", "anna"
	}
	if user != "" {
		all = append(all[:len(all):len(all)], route.Header{Name: "Authorization",
			Value: "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+secret))})
	}
	return all
}

// second speaks HTTP/2.
func (a *asker) second(t *trial, conn net.Conn) (seen, error) {
	protocols := &http.Protocols{}
	protocols.SetHTTP2(t.ended)
	protocols.SetUnencryptedHTTP2(!t.ended)
	take := func(context.Context, string, string) (net.Conn, error) { return conn, nil }
	transport := &http.Transport{Protocols: protocols, DialContext: take, DialTLSContext: take, DisableCompression: true,
		ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(a.m.Context(), t.Method, t.Scheme+"://h"+t.Target, nil)
	if err != nil {
		return seen{}, fmt.Errorf("%w: %w", errNotSent, err)
	}
	request.Host = t.Host
	for _, h := range a.headers(t) {
		request.Header.Add(h.Name, h.Value)
	}
	answer, err := transport.RoundTrip(request)
	if err != nil {
		if isEnd(err) || strings.Contains(err.Error(), "EOF") || strings.Contains(err.Error(), "closed") || strings.Contains(err.Error(),
			"reset") {
			return seen{closed: true}, nil
		}
		return seen{}, fmt.Errorf("%w: %w", errNotSent, err)
	}
	return read(answer)
}

// errNotSent is of a request that Go's own client does not send.
var errNotSent = errors.New("not sent")

func read(answer *http.Response) (seen, error) {
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil && !isEnd(err) {
		return seen{}, err
	}
	s := seen{status: answer.StatusCode, location: answer.Header.Get("Location"), body: string(body), header: answer.Header}
	if s.server = answer.Header.Get("Served-By"); s.server != "" {
		s.target = answer.Header.Get("Served-Target")
		for line := range strings.SplitSeq(answer.Header.Get("Served-Headers"), "|") {
			if raw, err := base64.StdEncoding.DecodeString(line); err == nil {
				name, value, _ := strings.Cut(string(raw), ":")
				s.request = append(s.request, route.Header{Name: name, Value: strings.TrimSpace(value)})
			}
		}
	}
	return s, nil
}

// serveAll answers for all servers of all sites: who it is shows from the address that
// it was asked at.
func (a *asker) serveAll() {
	serve := func(addr string, answer func(net.Conn)) {
		l, err := net.Listen("tcp", addr)
		a.m.must(err)
		a.m.Cleanup(func() { _ = l.Close() })
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				go answer(conn)
			}
		}()
	}
	serve("0.0.0.0:18000", answerHTTP)
	serve("0.0.0.0:19000", func(conn net.Conn) {
		defer conn.Close()
		host, _, _ := net.SplitHostPort(conn.LocalAddr().String())
		fmt.Fprintln(conn, host)
		_, _ = io.Copy(io.Discard, conn) // until the client goes
	})
}

// answerHTTP tells the client what the server got.
func answerHTTP(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	first, err := in.ReadString('\n')
	if err != nil {
		return
	}
	words := strings.Fields(first)
	var headers []string
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			break
		}
		headers = append(headers, base64.StdEncoding.EncodeToString([]byte(line)))
	}
	host, _, _ := net.SplitHostPort(conn.LocalAddr().String())
	fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\nX-A: server\r\nX-B: server\r\nX-B: again\r\n"+
		"Served-By: %s\r\nServed-Target: %s\r\nServed-Headers: %s\r\n\r\n", host, words[1], strings.Join(headers, "|"))
}
