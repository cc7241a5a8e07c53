package model

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time. In the site file it is a whole number and a
// unit (us, ms, s, m, h, d): never a bare number, which HAProxy would take for
// milliseconds and Keepalived for seconds.
type Duration time.Duration

var durationUnits = []struct {
	name string
	unit time.Duration
}{ // the order matters to String: the largest that divides wins
	{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second},
	{"ms", time.Millisecond}, {"us", time.Microsecond},
}

// maxDuration is HAProxy's: it keeps times in a signed 32-bit number of
// milliseconds and refuses more ("timer overflow").
const maxDuration = (1<<31 - 1) * time.Millisecond

func (d *Duration) parse(text string) error {
	digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyz")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || strings.HasPrefix(text, "+") {
		return errors.New("expected a whole number and a unit (us, ms, s, m, h, d), such as 2s or 500ms")
	}
	for _, u := range durationUnits {
		if text[len(digits):] != u.name {
			continue
		}
		if n == 0 {
			return errors.New("expected more than nothing, such as 2s or 500ms")
		}
		if n > int64(maxDuration/u.unit) {
			return errors.New("expected at most 24d: HAProxy's clock holds no more")
		}
		*d = Duration(time.Duration(n) * u.unit)
		return nil
	}
	if len(digits) == len(text) {
		return fmt.Errorf("expected a unit (us, ms, s, m, h, d): %ss or %sms?", text, text)
	}
	return fmt.Errorf("expected one of the units us, ms, s, m, h, d, not %q", text[len(digits):])
}

// String returns the duration in the largest unit that divides it, as HAProxy
// writes it: 2s, 500ms, 1m.
func (d Duration) String() string {
	for _, u := range durationUnits {
		if time.Duration(d)%u.unit == 0 {
			return strconv.FormatInt(int64(time.Duration(d)/u.unit), 10) + u.name
		}
	}
	return "0s"
}

// Span is a length of time that a browser keeps, and that may be longer than
// HAProxy's clock holds.
type Span time.Duration

// maxSpan is what nobody needs more of.
const maxSpan = 10 * 365 * 24 * time.Hour

func (s *Span) parse(text string) error {
	digits := strings.TrimRight(text, "smhd")
	n, err := strconv.ParseInt(digits, 10, 32)
	for _, u := range durationUnits {
		if err == nil && n > 0 && digits[0] != '+' && text[len(digits):] == u.name && n <= int64(maxSpan/u.unit) && u.unit >= time.Second {
			*s = Span(time.Duration(n) * u.unit)
			return nil
		}
	}
	return errors.New("expected a whole number and a unit (s, m, h, d), such as 365d, and at most 3650d")
}

// Seconds returns the length in seconds.
func (s Span) Seconds() int64 { return int64(time.Duration(s) / time.Second) }

// Seconds returns the duration in whole seconds, cut.
func (d Duration) Seconds() int { return int(time.Duration(d) / time.Second) }

func (d Duration) wholeSeconds() bool { return time.Duration(d)%time.Second == 0 }

// Addresses are the addresses of a node on one NIC: one, or a list.
type Addresses []netip.Addr

// Subnets are the networks of a NIC: one, or a list of both families.
type Subnets []netip.Prefix

// Of returns the subnet that has the family of addr.
func (s Subnets) Of(addr netip.Addr) (netip.Prefix, bool) {
	for _, p := range s {
		if p.Addr().Is4() == addr.Is4() {
			return p, true
		}
	}
	return netip.Prefix{}, false
}

// Network is a network, or a single address.
type Network netip.Prefix

func (n *Network) parse(text string) (err error) {
	*n, err = parseNetwork(text)
	return err
}

// Networks are one network or address, or a list of them.
type Networks []Network

func parseNetwork(text string) (Network, error) {
	if addr, err := netip.ParseAddr(text); err == nil && usable(addr) == nil {
		return Network(netip.PrefixFrom(addr, addr.BitLen())), nil
	}
	p, err := parsePrefix(text)
	return Network(p), err
}

// String returns the network as address/bits.
func (n Network) String() string { return netip.Prefix(n).String() }

// Words are one text, or a list of them.
type Words []string

// Ports are one TCP port, or a list of them.
type Ports []int

// Raw is lines that are handed on to the daemon as they are.
type Raw string

// Lines returns the lines without blanks around them; empty ones are left out.
func (r Raw) Lines() []string {
	var lines []string
	for line := range strings.Lines(string(r)) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// StatusList is HTTP statuses: one, a range, or a list of both.
type StatusList []StatusRange

// StatusRange is the statuses from From to To, both included (100-599).
type StatusRange struct{ From, To int }

// String returns the range as HAProxy reads it: 200 or 200-399.
func (r StatusRange) String() string {
	if r.From == r.To {
		return strconv.Itoa(r.From)
	}
	return strconv.Itoa(r.From) + "-" + strconv.Itoa(r.To)
}

func parseStatus(text string) (StatusRange, error) {
	expected := errors.New("expected a status from 100 to 599, or a range such as 200-399")
	first, last, isRange := strings.Cut(text, "-")
	if !isRange {
		last = first
	}
	from, err := strconv.Atoi(first)
	to, err2 := strconv.Atoi(last)
	if err != nil || err2 != nil || len(first) != 3 || len(last) != 3 || from < 100 || to > 599 || from > to {
		return StatusRange{}, expected
	}
	return StatusRange{from, to}, nil
}

// SysctlValue is what a kernel setting is set to: a number, or several.
type SysctlValue string

func (v *SysctlValue) parse(text string) error {
	if text == "" || len(text) > 200 || !(shape{alphanumeric + "-", alphanumeric + " ._:-", 200}).matches(text) ||
		strings.HasSuffix(text, " ") {
		return errors.New("expected a number, or words of letters, digits, . _ : and -")
	}
	*v = SysctlValue(text)
	return nil
}

// LogTarget is where log lines go: the zero LogTarget and Socket are /dev/log,
// otherwise Addr is a syslog server that takes UDP, Stream is stdout or stderr of
// HAProxy itself, or None: there is no log.
type LogTarget struct {
	Socket bool
	Addr   netip.AddrPort
	Stream string
	None   bool
}

// syslogPort is where syslog by UDP is expected (RFC 5426 3.3).
const syslogPort = 514

func (l *LogTarget) parse(text string) error {
	switch text {
	case "/dev/log":
		l.Socket = true
		return nil
	case "stdout", "stderr":
		l.Stream = text
		return nil
	case none:
		l.None = true
		return nil
	}
	ap, err := netip.ParseAddrPort(text)
	if addr, e := netip.ParseAddr(text); e == nil {
		ap, err = netip.AddrPortFrom(addr, syslogPort), nil
	}
	if err != nil || ap.Port() == 0 {
		return errors.New("expected /dev/log, the address of a syslog server such as 127.0.0.1 or 127.0.0.1:514, stdout, stderr or none")
	}
	l.Addr = ap
	return usable(ap.Addr())
}

// BindAddress is an address to listen on; 0.0.0.0 and :: are all of their
// family. The zero BindAddress says that none is written.
type BindAddress struct{ netip.Addr }

func (b *BindAddress) parse(text string) error {
	if text == "*" || text == "0.0.0.0" {
		b.Addr = netip.IPv4Unspecified()
		return nil
	}
	if text == "::" {
		b.Addr = netip.IPv6Unspecified()
		return nil
	}
	addr, err := parseAddr(text)
	if err != nil {
		return errors.New(`expected an address, "*" for all of IPv4 or "::" for all of IPv6`)
	}
	b.Addr = addr
	return nil
}

// VIPAddress is the address of a VIP. Bits is -1 where no prefix length was
// written.
type VIPAddress struct {
	Addr netip.Addr
	Bits int
}

func (v *VIPAddress) parse(text string) error {
	ip, bits, hasBits := strings.Cut(text, "/")
	addr, err := parseAddr(ip)
	if err != nil {
		return errors.New("expected an address such as 172.16.110.70 or 172.16.110.70/24" + misspeltAddress(ip))
	}
	v.Addr, v.Bits = addr, -1
	if hasBits {
		n, err := strconv.Atoi(bits)
		if err != nil || n < 1 || n > addr.BitLen() {
			return fmt.Errorf("expected a prefix length from 1 to %d behind the slash", addr.BitLen())
		}
		v.Bits = n
	}
	return nil
}

// Endpoint is an address and a TCP port, or a name and a port: then Host is
// the name, and the address is not valid.
type Endpoint struct {
	netip.AddrPort
	Host string
}

func (e *Endpoint) parse(text string) error {
	ap, err := netip.ParseAddrPort(text)
	if err != nil {
		ap, e.Host, err = parseHostPort(text)
	}
	switch {
	case err != nil:
		return err
	case ap.Port() == 0:
		return errors.New("expected a port from 1 to 65535")
	}
	e.AddrPort = ap
	if e.Host != "" {
		return nil
	}
	return usable(ap.Addr())
}

// parseHostPort reads name:port.
func parseHostPort(text string) (netip.AddrPort, string, error) {
	host, port, _ := strings.Cut(text, ":")
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || !isHostName(host) {
		return netip.AddrPort{}, "",
			errors.New("expected address:port, such as 192.168.50.61:80, [2001:db8::61]:80 or web1.example.com:80" + misspeltEndpoint(text))
	}
	return netip.AddrPortFrom(netip.Addr{}, uint16(n)), host, nil
}

// String returns address:port as HAProxy reads it, without the port where there is
// none.
func (e Endpoint) String() string {
	switch {
	case e.Port() == 0 && e.Host != "":
		return e.Host
	case e.Port() == 0 && e.Addr().Is4():
		return e.Addr().String()
	case e.Port() == 0 && e.IsValid():
		return "[" + e.Addr().String() + "]"
	}
	if e.Host != "" {
		return e.Host + ":" + strconv.Itoa(int(e.Port()))
	}
	return e.AddrPort.String()
}

func (l *Log) brief(text string) error { return l.Target.parse(text) }

func (v *VIP) brief(text string) error { return v.Address.parse(text) }

func (t *TrackNIC) brief(text string) error {
	t.NIC = text
	if strings.ContainsAny(text, " /:") {
		return errors.New("expected the role of a NIC")
	}
	return nil
}

func (t *TrackHAProxy) switched(on bool) { t.Off = !on }
func (f *ForwardFor) switched(on bool)   { f.Off = !on }
func (h *HealthTLS) switched(on bool)    { h.Off = !on }
func (t *ServerTLS) switched(on bool)    { t.Off = !on }

// BalanceAlgorithms returns the ones that need nothing beside their name.
func BalanceAlgorithms() []string {
	return []string{"roundrobin", "static-rr", "leastconn", "source", "uri", "first", "random"}
}

func (b *Balance) brief(text string) error {
	if !slices.Contains(BalanceAlgorithms(), text) {
		return errors.New(oneOf(text, append(BalanceAlgorithms(), "{url_param: NAME}", "{hdr: NAME}", "{uri: {…}}")))
	}
	b.Algorithm = text
	return nil
}

func parseAddr(text string) (netip.Addr, error) {
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return addr, errors.New("expected an IP address, such as 172.16.110.71 or 2001:db8::71" + misspeltAddress(text))
	}
	return addr, usable(addr)
}

// usable refuses addresses that parse and that no machine can have.
func usable(addr netip.Addr) error {
	switch {
	case addr.Zone() != "":
		return errors.New("expected an address without %zone: the NIC says which link it is on")
	case addr.Is4In6():
		return fmt.Errorf("expected plain IPv4: %s", addr.Unmap())
	case addr.IsUnspecified(), addr.IsMulticast(), addr == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return errors.New("expected the address of one machine")
	default:
		return nil
	}
}

func parsePrefix(text string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	switch {
	case err != nil || p.Addr().Is4In6():
		address, _, whole := strings.Cut(text, "/")
		why := misspeltAddress(address)
		if _, err := netip.ParseAddr(text); err == nil && !whole {
			why = "; its prefix length is missing"
		}
		return p, errors.New("expected a network, such as 172.16.10.0/24 or 2001:db8::/64" + why)
	case p != p.Masked():
		return p, fmt.Errorf("expected the network's own address: did you mean %s?", p.Masked())
	default:
		return p, nil
	}
}

// Secret is a password: from a file or an environment variable, or, which is
// accepted and flagged, written out. The zero Secret says that there is none.
type Secret struct {
	// File that holds it, relative to the file that names it. The newline at its end is not part of it.
	File string `yaml:"file" validate:"omitempty,beside"`
	// Environment variable that holds it.
	Env string `yaml:"env" validate:"omitempty,envname"`
	// Literal is what the site file itself holds.
	Literal string `yaml:"-"`
}

// IsZero says whether the site file names no secret.
func (s Secret) IsZero() bool { return s == Secret{} }
