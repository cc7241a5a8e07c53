package route

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// The schemes of a request. TCP is a connection to a frontend in mode tcp, whatever
// it carries.
const (
	HTTP  = "http"
	HTTPS = "https"
	TCP   = "tcp"
)

// Request is one request of a client, or one connection in mode tcp.
type Request struct {
	Scheme string // http, https or tcp
	Method string
	// Host is the header Host as the client writes it, with the port where that is
	// not the scheme's own; "" where the client sends none, as in HTTP/1.0.
	Host string
	// Target is the path and the query as the client writes them. Nothing is decoded.
	Target string
	// Address is where the connection goes; invalid where any address of the site
	// that has the port will do.
	Address netip.Addr
	Port    int
	// Frontend is the one that the request comes to, in place of Address and Port: what
	// a log knows. Port is then 0 where it is not known.
	Frontend string
	// Headers are those beside Host, in the order in which they are sent. A name may
	// come several times.
	Headers []Header
	// Incomplete says that more is not known than is said here: headers, cookies, the
	// name in the hello of TLS. Routes that look at it are undecided.
	Incomplete bool
	// From is the client's address, as HAProxy sees it or the PROXY protocol tells it.
	// Invalid where nobody has said: then routes that look at it are undecided.
	From netip.Addr
	// SNI is the name in the hello of TLS. "" in a request by https stands for the
	// host's name, in a TCP connection for none.
	SNI string
	// ClientCertificate says that the client shows a certificate, and that it is good.
	ClientCertificate bool
	// User is the one of a userlist whose right password the request has, "" for none.
	User string
	// Count says that this is the client's n-th request and connection like this one
	// within the period of a rate limit, and that the others are still open. 0 is the
	// first.
	Count int
	// Down are the backends without a server, and single servers as BACKEND/SERVER,
	// that do not answer.
	Down []string
}

// Header is one header: its name and its value.
type Header struct{ Name, Value string }

// Parse reads a request: "GET https://www.example.com/x", an address alone, which is a
// GET, or "tcp 192.0.2.10:6443".
func Parse(text string) (Request, error) {
	words := strings.Fields(text)
	switch {
	case len(words) == 1:
		return parseURL("GET", words[0])
	case len(words) == 2 && strings.EqualFold(words[0], TCP):
		return parseTCP(words[1])
	case len(words) == 2:
		return parseURL(words[0], words[1])
	}
	return Request{}, fmt.Errorf("bad request %q: expected a method and an address, such as GET https://www.example.com/x, "+
		"or tcp 192.0.2.10:6443", text)
}

func parseURL(method, text string) (Request, error) {
	if rest, ok := strings.CutPrefix(text, "tcp://"); ok {
		return parseTCP(rest)
	}
	text, _, _ = strings.Cut(text, "#") // no client sends it
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != HTTP && u.Scheme != HTTPS {
		return Request{}, fmt.Errorf("bad address %q: expected one that begins with http:// or https://", text)
	}
	if !isToken(method) {
		return Request{}, fmt.Errorf("bad method %q: expected a word such as GET", method)
	}
	r := Request{Scheme: u.Scheme, Method: method, Host: u.Host, Target: target(text)}
	if bad := strings.IndexFunc(r.Target, func(c rune) bool { return c <= ' ' || c >= 0x7f }); bad >= 0 {
		return Request{}, fmt.Errorf("bad path %q: special characters are written as %%XX", r.Target)
	}
	if u.User != nil {
		return Request{}, fmt.Errorf("bad address %q: it holds a user, which clients send in a header", text)
	}
	r.Port = defaultPort(u.Scheme)
	if p := u.Port(); p != "" {
		if r.Port, err = port(p); err != nil {
			return Request{}, fmt.Errorf("bad address %q: %w", text, err)
		}
		if r.Port == defaultPort(u.Scheme) {
			r.Host = strings.TrimSuffix(r.Host, ":"+p) // as clients do
		}
	}
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil {
		r.Address = addr
	}
	return r, nil
}

// target is what stands behind the host, as it is written.
func target(text string) string {
	_, rest, _ := strings.Cut(text, "://")
	i := strings.IndexAny(rest, "/?")
	if i < 0 {
		return "/"
	}
	if rest[i] == '?' {
		return "/" + rest[i:]
	}
	return rest[i:]
}

// parseTCP reads the address of a TCP connection: address and port, or a port alone.
func parseTCP(text string) (Request, error) {
	host, number, err := net.SplitHostPort(text)
	if err != nil {
		host, number = "", strings.TrimPrefix(text, ":")
	}
	r := Request{Scheme: TCP}
	if r.Port, err = port(number); err != nil {
		return Request{}, fmt.Errorf("bad address %q: expected address and port, such as 192.0.2.10:6443, or a port", text)
	}
	if host == "" {
		return r, nil
	}
	if r.Address, err = netip.ParseAddr(host); err != nil { // a name: whichever bind has the port
		r.Address, r.SNI = netip.Addr{}, ""
	}
	return r, nil
}

func port(text string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 {
		return 0, errors.New("expected a port from 1 to 65535")
	}
	return int(n), nil
}

func defaultPort(scheme string) int {
	if scheme == HTTPS {
		return 443
	}
	return 80
}

// ParseHeader reads a header as curl's -H has it: "Name: value".
func ParseHeader(text string) (Header, error) {
	name, value, ok := strings.Cut(text, ":")
	if !ok || !isToken(name) {
		return Header{}, fmt.Errorf("bad header %q: expected NAME: VALUE", text)
	}
	if strings.ContainsFunc(value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
		return Header{}, fmt.Errorf("bad header %q: it holds a control character", text)
	}
	return Header{name, strings.Trim(value, " \t")}, nil
}

// Set adds a header; Host takes the place of the one in the address.
func (r *Request) Set(h Header) {
	if strings.EqualFold(h.Name, "Host") {
		r.Host = h.Value
		return
	}
	r.Headers = append(r.Headers, h)
}

// isToken says whether the text is a token of RFC 9110 5.6.2.
func isToken(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~") == ""
}

// String returns the request as Parse reads it; one without a host as its first line.
func (r *Request) String() string {
	if r.Scheme == TCP {
		if r.Address.IsValid() {
			return "tcp " + netip.AddrPortFrom(r.Address, uint16(r.Port)).String()
		}
		if r.Frontend != "" {
			return "tcp " + r.Frontend
		}
		return "tcp :" + strconv.Itoa(r.Port)
	}
	if r.Host == "" {
		return r.Method + " " + r.Target
	}
	return r.Method + " " + r.Scheme + "://" + r.HostPort() + r.Target
}

// HostPort is the host with the port, where that is not the scheme's own.
func (r *Request) HostPort() string {
	if r.Port == 0 || r.Port == defaultPort(r.Scheme) || strings.HasSuffix(r.Host, ":"+strconv.Itoa(r.Port)) {
		return r.Host
	}
	return r.Host + ":" + strconv.Itoa(r.Port)
}
