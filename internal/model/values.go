package model

import (
	"errors"
	"fmt"
	"net/netip"
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

func (n *Network) parse(text string) error {
	if addr, err := netip.ParseAddr(text); err == nil && usable(addr) == nil {
		*n = Network(netip.PrefixFrom(addr, addr.BitLen()))
		return nil
	}
	p, err := parsePrefix(text)
	*n = Network(p)
	return err
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
		return errors.New("expected an address such as 172.16.110.70 or 172.16.110.70/24")
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

// Endpoint is an address and a TCP port.
type Endpoint netip.AddrPort

func (e *Endpoint) parse(text string) error {
	ap, err := netip.ParseAddrPort(text)
	switch {
	case err != nil:
		return errors.New("expected address:port, such as 192.168.50.61:80 or [2001:db8::61]:80")
	case ap.Port() == 0:
		return errors.New("expected a port from 1 to 65535")
	}
	*e = Endpoint(ap)
	return usable(ap.Addr())
}

// String returns address:port as HAProxy reads it.
func (e Endpoint) String() string { return netip.AddrPort(e).String() }

func parseAddr(text string) (netip.Addr, error) {
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return addr, errors.New("expected an IP address, such as 172.16.110.71 or 2001:db8::71")
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
		return p, errors.New("expected a network, such as 172.16.10.0/24 or 2001:db8::/64")
	case p != p.Masked():
		return p, fmt.Errorf("expected the network's own address: did you mean %s?", p.Masked())
	default:
		return p, nil
	}
}

// Secret is a password: from a file or an environment variable, or, which is
// accepted and flagged, written out. The zero Secret says that there is none.
type Secret struct {
	// File that holds it, relative to the site file. The newline at its end is not part of it.
	File string `yaml:"file" validate:"omitempty,text"`
	// Environment variable that holds it.
	Env string `yaml:"env" validate:"omitempty,envname"`
	// Literal is what the site file itself holds.
	Literal string `yaml:"-"`
}

// IsZero says whether the site file names no secret.
func (s Secret) IsZero() bool { return s == Secret{} }
