package model

import (
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// TestRequest is what the client of a test asks for. The zero TestRequest says that
// none is written.
type TestRequest struct {
	Text   string // as the site file has it
	Method string // "" for a connection over TCP
	// Scheme is http, https or tcp.
	Scheme string
	// Authority is the host, with its port where one is written: the value of Host.
	Authority string
	// Host is the host alone; an IPv6 address without its brackets.
	Host string
	Port int
	// Target is the path with its query, as it is sent; "" over TCP.
	Target string
}

// SchemeTCP is the scheme of a test that connects and asks for nothing.
const SchemeTCP = "tcp"

const requestExpected = "expected a method and an address, such as GET https://www.example.com/x, " +
	"or tcp and where to, such as tcp 192.0.2.10:6443"

func (r *TestRequest) parse(text string) error {
	method, rest, ok := strings.Cut(text, " ")
	switch {
	case !ok && strings.Contains(text, "://"):
		return errors.New("expected the method before the address: GET " + text)
	case !ok || strings.ContainsAny(rest, " \t"):
		return errors.New(requestExpected)
	case method == SchemeTCP:
		return r.connection(text, rest)
	case method != strings.ToUpper(method):
		return errors.New("methods are written in upper case: " + strings.ToUpper(method))
	case !(shape{"A-Z", "A-Z", 20}).matches(method):
		return errors.New(requestExpected)
	}
	return r.address(text, method, rest)
}

// connection reads where a test over TCP goes to.
func (r *TestRequest) connection(text, to string) error {
	at, err := netip.ParseAddrPort(to)
	if err != nil || at.Port() == 0 {
		return errors.New("expected an address and a port behind tcp, such as tcp 192.0.2.10:6443" + misspeltEndpoint(to))
	}
	*r = TestRequest{Text: text, Scheme: SchemeTCP, Authority: to, Host: at.Addr().String(), Port: int(at.Port())}
	return usable(at.Addr())
}

func (r *TestRequest) address(text, method, address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || !isURL(address):
		return errors.New(requestExpected)
	case u.User != nil:
		return errors.New("expected an address without user and password: write headers: {Authorization: …}")
	case strings.Contains(address, "#"):
		return errors.New("expected an address without #: browsers keep what stands behind it to themselves")
	}
	host, port, err := hostAndPort(u)
	if err != nil {
		return err
	}
	_, rest, _ := strings.Cut(address, "://")
	target := strings.TrimPrefix(rest, u.Host)
	if !strings.HasPrefix(target, "/") {
		target = "/" + target
	}
	*r = TestRequest{Text: text, Method: method, Scheme: u.Scheme, Authority: u.Host, Host: host, Port: port, Target: target}
	return nil
}

// hostAndPort returns those of an address; the port is the scheme's where none is written.
func hostAndPort(u *url.URL) (host string, port int, err error) {
	host = u.Hostname()
	if !isHost(host) {
		return "", 0, errors.New("expected a host name or an address behind " + u.Scheme + "://" + misspeltAddress(host))
	}
	switch {
	case u.Port() != "":
		if port, err = strconv.Atoi(u.Port()); err != nil || port < 1 || port > 65535 {
			return "", 0, errors.New("expected a port from 1 to 65535")
		}
	case u.Scheme == "https":
		port = 443
	default:
		port = 80
	}
	return host, port, nil
}

// Addr returns the address that the request itself names; not valid where it names a host.
func (r *TestRequest) Addr() netip.Addr {
	addr, err := netip.ParseAddr(r.Host)
	if err != nil {
		return netip.Addr{}
	}
	return addr
}

// IsTCP says whether the test connects and asks for nothing over HTTP.
func (r *TestRequest) IsTCP() bool { return r.Scheme == SchemeTCP }

// String returns the request as the site file has it.
func (r TestRequest) String() string { return r.Text }
