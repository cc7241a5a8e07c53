//go:build linux

package behaviour_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// request is what a client asks for.
type request struct {
	*http.Request
	to    string // address to go to, instead of the host's
	from  string // address of the client
	tls   *tls.Config
	proxy string // PROXY protocol's header to begin with
	wait  time.Duration
}

// option changes a request.
type option func(*request)

func from(addr string) option  { return func(r *request) { r.from = addr } }
func to(addr string) option    { return func(r *request) { r.to = addr } }
func proxy(text string) option { return func(r *request) { r.proxy = text } }

// patience is how long the client waits.
func patience(d time.Duration) option { return func(r *request) { r.wait = d } }

func header(name, value string) option { return func(r *request) { r.Header.Set(name, value) } }
func password(user, secret string) option {
	return func(r *request) { r.SetBasicAuth(user, secret) }
}

// showing is the client's own certificate.
func showing(c tls.Certificate) option {
	return func(r *request) { r.tls.Certificates = []tls.Certificate{c} }
}

// reply is what a client got.
type reply struct {
	m *machine
	*http.Response
	what string // was asked for
	body string
	err  error
}

// get asks for a page. Redirects are not followed, each request has its own
// connection, and TLS certificates must come from the test's authority.
func (m *machine) get(url string, options ...option) reply {
	m.Helper()
	return m.ask(http.MethodGet, url, options...)
}

// post sends a form.
func (m *machine) post(page string, form url.Values, options ...option) reply {
	m.Helper()
	body := form.Encode()
	return m.ask(http.MethodPost, page, append(options, func(r *request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	})...)
}

func (m *machine) ask(method, url string, options ...option) reply {
	m.Helper()
	plain, err := http.NewRequestWithContext(m.Context(), method, url, nil)
	if err != nil {
		m.Fatal(err)
	}
	r := &request{Request: plain, to: m.to, wait: 20 * time.Second, tls: &tls.Config{RootCAs: m.ca.pool()}}
	for _, change := range options {
		change(r)
	}
	client := http.Client{
		Transport:     r.transport(),
		Timeout:       r.wait,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	got := reply{m: m, what: method + " " + url}
	if got.Response, got.err = client.Do(r.Request); got.err != nil {
		return got
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	got.body, got.err = string(body), err
	return got
}

func (r *request) transport() *http.Transport {
	return &http.Transport{
		DisableKeepAlives: true, DisableCompression: true, ForceAttemptHTTP2: true,
		TLSClientConfig: r.tls,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := dial(ctx, network, r.place(addr), r.from)
			if err == nil && r.proxy != "" {
				_, err = io.WriteString(conn, r.proxy)
			}
			return conn, err
		},
	}
}

// place returns where the request goes: an address stays what it is, and a
// name is that of the site.
func (r *request) place(addr string) string {
	host, port, _ := net.SplitHostPort(addr)
	if _, err := netip.ParseAddr(host); err == nil && r.to == "" {
		return addr
	}
	if _, _, err := net.SplitHostPort(r.to); err == nil {
		return r.to
	}
	return net.JoinHostPort(r.to, port)
}

// dial connects, from an address of the client's own choice.
func dial(ctx context.Context, network, addr, from string) (net.Conn, error) {
	d := net.Dialer{Timeout: 5 * time.Second}
	if from != "" {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(from)}
	}
	return d.DialContext(ctx, network, addr)
}

// is checks the status.
func (r reply) is(status int) reply {
	r.m.Helper()
	switch {
	case r.err != nil:
		r.m.Errorf("%s: %v; want status %d", r.what, r.err, status)
	case r.StatusCode != status:
		r.m.Errorf("%s: status %d, want %d\n%s", r.what, r.StatusCode, status, r.start())
	}
	return r
}

// by checks which server has answered, and that it did so with 200.
func (r reply) by(server string) reply {
	r.m.Helper()
	r.is(http.StatusOK)
	if got := r.server(); r.err == nil && got != server {
		r.m.Errorf("%s: served by %q, want %q\n%s", r.what, got, server, r.start())
	}
	return r
}

// server returns the name of the server that has answered, "" if it was HAProxy.
func (r reply) server() string {
	if r.err != nil {
		return ""
	}
	return r.Header.Get("Served-By")
}

// says checks that the answer's body holds the text; for a small server's
// answer, that the request reached it so.
func (r reply) says(text string) reply {
	r.m.Helper()
	if r.err != nil || !strings.Contains(r.body, text) {
		r.m.Errorf("%s: %q is not in the answer (%v)\n%s", r.what, text, r.err, r.start())
	}
	return r
}

func (r reply) saysNot(text string) reply {
	r.m.Helper()
	if r.err != nil || strings.Contains(r.body, text) {
		r.m.Errorf("%s: %q is in the answer (%v)\n%s", r.what, text, r.err, r.start())
	}
	return r
}

// start returns the beginning of the body, for messages.
func (r reply) start() string { return r.body[:min(len(r.body), 1000)] }

// has checks a header of the answer; "" says that it is not there.
func (r reply) has(name, value string) reply {
	r.m.Helper()
	if r.err != nil {
		r.m.Errorf("%s: %v", r.what, r.err)
	} else if got := r.Header.Get(name); got != value {
		r.m.Errorf("%s: %s is %q, want %q", r.what, name, got, value)
	}
	return r
}

// broken checks that there was no answer at all.
func (r reply) broken() {
	r.m.Helper()
	if r.err == nil {
		r.m.Errorf("%s: answered with status %d, want none\n%s", r.what, r.StatusCode, r.start())
	}
}

// inTurn checks that the servers, and no others, answer equally often.
func (m *machine) inTurn(url string, servers ...string) {
	m.Helper()
	const rounds = 3
	for server, times := range m.served(rounds*len(servers), url) {
		if times != rounds || !slices.Contains(servers, server) {
			m.Errorf("%s: served by %q %d times out of %d, want %v in turn", url, server, times, rounds*len(servers), servers)
		}
	}
}

// failures asks so many times and counts how often it is said soon that there
// is no server. HAProxy waits for a second before it tries one again.
func (m *machine) failures(url string, times int) int {
	m.Helper()
	bad := 0
	for range times {
		if got := m.get(url, patience(2500*time.Millisecond)); got.err == nil && got.StatusCode == http.StatusServiceUnavailable {
			bad++
		}
	}
	return bad
}

// served asks so many times and counts who has answered.
func (m *machine) served(times int, url string, options ...option) map[string]int {
	m.Helper()
	count := map[string]int{}
	for range times {
		count[m.get(url, options...).is(http.StatusOK).server()]++
	}
	return count
}

// talk is a connection over which a test speaks TCP.
type talk struct {
	m    *machine
	what string
	net.Conn
}

func (m *machine) dial(addr string, options ...option) *talk {
	m.Helper()
	r := &request{}
	for _, change := range options {
		change(r)
	}
	conn, err := dial(m.Context(), "tcp", addr, r.from)
	if err != nil {
		m.Fatal(err)
	}
	m.Cleanup(func() { _ = conn.Close() })
	t := &talk{m: m, what: addr, Conn: conn}
	return t.send(r.proxy)
}

func (t *talk) close() { _ = t.Close() }

// send sends a text.
func (t *talk) send(text string) *talk {
	t.m.Helper()
	if _, err := io.WriteString(t, text); err != nil {
		t.m.Errorf("%s: sending: %v", t.what, err)
	}
	return t
}

// gets checks what comes next.
func (t *talk) gets(want string) *talk {
	t.m.Helper()
	if got, err := t.next(len(want)); got != want {
		t.m.Errorf("%s: got %q (%v), want %q", t.what, got, err, want)
	}
	return t
}

// begins says whether the text comes first; the connection is of no use after.
func (t *talk) begins(want string) bool {
	defer t.close()
	got, _ := t.next(len(want))
	return got == want
}

// ends checks that the connection is closed, with nothing more said.
func (t *talk) ends() {
	t.m.Helper()
	got, err := t.next(1)
	var late net.Error
	if got != "" || err == nil || errors.As(err, &late) && late.Timeout() {
		t.m.Errorf("%s: got %q (%v), want the end of the connection", t.what, got, err)
	}
}

// finish says that the client has nothing more to say.
func (t *talk) finish() {
	t.m.Helper()
	if conn, ok := t.Conn.(*net.TCPConn); ok {
		t.m.must(conn.CloseWrite())
	}
}

// runsOut checks that the connection is closed after all that comes.
func (t *talk) runsOut() {
	t.m.Helper()
	_ = t.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.Copy(io.Discard, t); err != nil {
		t.m.Errorf("%s: %v, want the end of the connection", t.what, err)
	}
}

func (t *talk) next(n int) (string, error) {
	_ = t.SetReadDeadline(time.Now().Add(5 * time.Second))
	buf := make([]byte, n)
	n, err := io.ReadFull(t, buf)
	return string(buf[:n]), err
}

// silent checks that nothing is said. Whether the client learns that HAProxy
// has left it is up to the kernel and the way between the two.
func (m *machine) silent(addr string, options ...option) {
	m.Helper()
	r := &request{}
	for _, change := range options {
		change(r)
	}
	conn, err := dial(m.Context(), "tcp", addr, r.from)
	if err != nil {
		return
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
	if n, _ := conn.Read(make([]byte, 1)); n > 0 {
		m.Errorf("%s: want silence", addr)
	}
}
