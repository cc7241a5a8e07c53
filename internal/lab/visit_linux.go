package lab

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// visit sends a visit as often as it says, each on a connection of its own.
func (a *agent) visit(v Visit) (any, error) {
	var x Exchange
	for range v.Times {
		conn, err := a.client.enter(v)
		if err != nil {
			x = Exchange{Problem: problem(err)}
			continue
		}
		a.client.keep(conn)
		_ = conn.SetDeadline(time.Now().Add(v.Wait))
		if x, err = v.exchange(conn); err != nil {
			x = Exchange{Problem: problem(err)}
		}
	}
	if !v.Keep {
		a.client.leave()
	}
	return x, nil
}

// mostKept is how many connections stay open: those of both ends are this host's.
const mostKept = 10_000

func (c *client) keep(conn net.Conn) {
	c.kept = append(c.kept, conn)
	if len(c.kept) > mostKept {
		_ = c.kept[0].Close()
		c.kept = c.kept[1:]
	}
}

func (c *client) leave() {
	for _, conn := range c.kept {
		_ = conn.Close()
	}
	c.kept = nil
}

// elsewhere is where the connection comes from whose PROXY header tells another address.
func elsewhere(to netip.Addr) string {
	if to.Is4() {
		return "198.18.255.250"
	}
	return "2001:2::ffff:250"
}

// enter connects, with a PROXY header and TLS where the visit wants them.
func (c *client) enter(v Visit) (net.Conn, error) {
	from := v.From.String()
	if v.Proxy {
		from = elsewhere(v.To.Addr())
	}
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: 5 * time.Second}
	conn, err := d.Dial("tcp", v.To.String())
	if err != nil {
		return nil, err
	}
	_ = conn.SetDeadline(time.Now().Add(v.Wait))
	if v.Proxy {
		if _, err := io.WriteString(conn, v.proxyHeader()); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	if !v.TLS {
		return conn, nil
	}
	secure := tls.Client(conn, c.hello(v))
	ctx, cancel := context.WithTimeout(context.Background(), v.Wait)
	defer cancel()
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("%w: %w", io.EOF, err) // it has ended without an answer
	}
	return secure, nil
}

func (v *Visit) proxyHeader() string {
	family := "TCP4"
	if v.To.Addr().Is6() {
		family = "TCP6"
	}
	return fmt.Sprintf("PROXY %s %s %s 40000 %d\r\n", family, v.From, v.To.Addr(), v.To.Port())
}

// hello is the client's side of TLS.
func (c *client) hello(v Visit) *tls.Config {
	config := c.ca.client(v.SNI)
	if !v.Certificate {
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &tls.Certificate{}, nil }
	}
	switch {
	case v.Stream:
	case v.HTTP2:
		config.NextProtos = []string{"h2"}
	default:
		config.NextProtos = []string{"http/1.1"}
	}
	return config
}

func (v *Visit) exchange(conn net.Conn) (Exchange, error) {
	switch {
	case v.Stream:
		return v.stream(conn)
	case v.HTTP2:
		return v.second(conn)
	default:
		return v.first(conn)
	}
}

// stream says something, in words that a stub knows, and waits until something is said.
func (v *Visit) stream(conn net.Conn) (Exchange, error) {
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: stub.invalid\r\n\r\n"); err != nil && !ended(err) {
		return Exchange{}, err
	}
	in := bufio.NewReader(conn)
	if _, err := in.Peek(1); err != nil {
		return Exchange{}, err
	}
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		return Exchange{}, nil //nolint:nilerr // somebody has spoken, whatever it is
	}
	return exchanged(response), response.Body.Close()
}

// ended says whether the other end has closed meanwhile; what it said before can be read.
func ended(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}

// first speaks HTTP/1.1, word for word.
func (v *Visit) first(conn net.Conn) (Exchange, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", v.Method, v.Target)
	if v.Host != "" {
		fmt.Fprintf(&b, "Host: %s\r\n", v.Host)
	}
	for _, h := range v.Header {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	b.WriteString("\r\n")
	if _, err := io.WriteString(conn, b.String()); err != nil && !ended(err) {
		return Exchange{}, err
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: v.Method})
	if err != nil {
		return Exchange{}, err
	}
	return whole(response)
}

// second speaks HTTP/2.
func (v *Visit) second(conn net.Conn) (Exchange, error) {
	ctx, cancel := context.WithTimeout(context.Background(), v.Wait)
	defer cancel()
	way := &http.Transport{Protocols: new(http.Protocols), DisableCompression: true, ForceAttemptHTTP2: true}
	way.Protocols.SetHTTP2(v.TLS)
	way.Protocols.SetUnencryptedHTTP2(!v.TLS)
	take := func(context.Context, string, string) (net.Conn, error) { return conn, nil }
	way.DialContext, way.DialTLSContext = take, take
	request, err := http.NewRequestWithContext(ctx, v.Method, v.Scheme+"://stub.invalid/", http.NoBody)
	if err != nil {
		return Exchange{}, err
	}
	path, query, _ := strings.Cut(v.Target, "?")
	request.URL = &url.URL{Scheme: v.Scheme, Host: "stub.invalid", Opaque: path, RawQuery: query}
	request.Host, request.Header["User-Agent"] = v.Host, nil
	for _, h := range v.Header {
		request.Header.Add(h[0], h[1])
	}
	response, err := way.RoundTrip(request)
	if err != nil {
		return Exchange{}, err
	}
	return whole(response)
}

// whole is what came of a request, with the beginning of its body.
func whole(response *http.Response) (Exchange, error) {
	defer func() { _ = response.Body.Close() }()
	x := exchanged(response)
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	x.Body = string(body)
	return x, err
}
