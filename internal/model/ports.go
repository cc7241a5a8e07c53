package model

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
)

// BindPorts are the ports of a bind: numbers, and ranges of them.
type BindPorts []int

// maxBindPorts is more than any service has.
const maxBindPorts = 10_000

// appendPorts adds a port, or those of a range.
func appendPorts(all BindPorts, text string) (BindPorts, error) {
	first, last, isRange := strings.Cut(text, "-")
	if !isRange {
		last = first
	}
	from, err := portOf(first)
	to, err2 := portOf(last)
	switch {
	case err != nil || err2 != nil || from > to:
		return append(all, 1), errors.New("expected a port from 1 to 65535, or a range such as 30000-30100")
	case len(all)+to-from >= maxBindPorts:
		return append(all, 1), fmt.Errorf("expected at most %d ports in one bind", maxBindPorts)
	}
	for port := from; port <= to; port++ {
		all = append(all, port)
	}
	return all, nil
}

// portOf reads a port. One with a 0 before it is refused: programs read it differently.
func portOf(text string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != text {
		return 0, errors.New("no port")
	}
	return int(n), nil
}

// ServerAddress is where a server is. Its port is 0 where that is the one which the
// client came to.
type ServerAddress struct{ Endpoint }

func (a *ServerAddress) parse(text string) error {
	bare := strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	if addr, err := netip.ParseAddr(bare); err == nil && (addr.Is4() || text != bare) {
		a.AddrPort = netip.AddrPortFrom(addr, 0)
		return usable(addr)
	}
	if !strings.ContainsAny(text, ":_") && isHostName(text) {
		a.Host = text
		return nil
	}
	if isSRV(text) {
		return errors.New("expected address:port; the name of SRV records stands for several servers: write it under server_templates")
	}
	return a.Endpoint.parse(text)
}

// TemplateAddress is the name that the servers of a template have.
type TemplateAddress struct {
	Endpoint
	SRV bool // the name server tells ports, too
}

func (a *TemplateAddress) parse(text string) error {
	host, port, hasPort := strings.Cut(text, ":")
	if !isSRV(host) {
		return a.Endpoint.parse(text)
	}
	if hasPort {
		return fmt.Errorf("the SRV records of %s tell the ports: take :%s out", host, port)
	}
	a.Host, a.SRV = host, true
	return nil
}

// isSRV says whether the text is the name of SRV records (RFC 2782): a service, a
// protocol and a domain.
func isSRV(text string) bool {
	parts := strings.SplitN(text, ".", 3)
	label := shape{alphanumeric, alphanumeric + "-", 62}
	return len(parts) == 3 && len(text) <= 253 && strings.HasPrefix(parts[0], "_") && label.matches(parts[0][1:]) &&
		strings.HasPrefix(parts[1], "_") && label.matches(parts[1][1:]) && isHostName(parts[2])
}

// HostAddress is an address of a machine. The zero one says that none is written.
type HostAddress struct{ netip.Addr }

func (a *HostAddress) parse(text string) (err error) {
	a.Addr, err = parseAddr(text)
	return err
}

// RawWords are words of a line that are handed on to HAProxy as they are.
type RawWords string

func (w *RawWords) parse(text string) error {
	line := strings.TrimSpace(text)
	fault, instead := haproxy.LineFault(line)
	switch {
	case line == "":
		return errors.New("expected words of the line, or nothing")
	case unprintable(line) != "":
		return errors.New("expected one line: it holds " + unprintable(line))
	case fault != "":
		return fmt.Errorf("it %s: %s", fault, instead)
	case haproxy.HasComment(line):
		return errors.New("a comment would take away what stands behind it: put it into the site file")
	}
	*w = RawWords(line)
	return nil
}

// isTracked wants BACKEND/SERVER.
func isTracked(s string) bool {
	backend, server, ok := strings.Cut(s, "/")
	name := shape{alphanumeric, alphanumeric + "_.-", 63}
	return ok && name.matches(backend) && name.matches(server)
}

// isDown wants BACKEND, or BACKEND/SERVER.
func isDown(s string) bool {
	return isTracked(s) || !strings.Contains(s, "/") && shape{alphanumeric, alphanumeric + "_.-", 63}.matches(s)
}
