package model

import (
	"net/netip"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
)

// Outgoing is an address that HAProxy goes out from to servers, and where the site
// file says so.
type Outgoing struct {
	Addr    netip.Addr
	Path    diag.Path
	Backend int // index; -1: all of them
}

// Outgoing returns the addresses that HAProxy is told to go out from.
func (s *Site) Outgoing() []Outgoing {
	all := rawOutgoing(s.Defaults.Raw, "defaults.raw", -1)
	for i := range s.Backends {
		b, path := &s.Backends[i], diag.Path("backends").Index(i)
		all = append(all, rawOutgoing(b.Raw, path.Key("raw"), i)...)
		add := func(path diag.Path, o *ServerOptions) {
			if o.Source.IsValid() {
				all = append(all, Outgoing{o.Source.Addr, path.Key("source"), i})
			}
		}
		add(path.Key("server_defaults"), &b.ServerDefaults)
		for j := range b.Servers {
			add(path.Key("servers").Index(j), &b.Servers[j].ServerOptions)
		}
		for j := range b.ServerTemplates {
			add(path.Key("server_templates").Index(j), &b.ServerTemplates[j].ServerOptions)
		}
	}
	return all
}

// rawOutgoing reads the line source, and the word of that name behind a server.
func rawOutgoing(raw Raw, path diag.Path, backend int) []Outgoing {
	var all []Outgoing
	for _, line := range raw.Lines() {
		d := haproxy.ReadLine(line)
		if d == nil || d.Word(0) != "source" && !strings.HasPrefix(d.Word(0), "server") && d.Word(0) != "default-server" {
			continue
		}
		for i, word := range d.Words() {
			if addr := sourceAddr(d.Word(i + 1)); word == "source" && addr.IsValid() {
				all = append(all, Outgoing{addr, path, backend})
			}
		}
	}
	return all
}

// sourceAddr reads the address of a source, which may have a port behind it.
func sourceAddr(word string) netip.Addr {
	if addr, err := netip.ParseAddr(strings.TrimRight(word, ":")); err == nil {
		return addr
	}
	if i := strings.LastIndexByte(word, ':'); i > 0 {
		if addr, err := netip.ParseAddr(strings.Trim(word[:i], "[]")); err == nil {
			return addr
		}
	}
	return netip.Addr{}
}

// HeldBy says who has an address: every node at times, as a virtual IP, or one of
// them. Both are "" where lbgen does not know it.
func (s *Site) HeldBy(addr netip.Addr) (vip, node string) {
	for _, v := range s.VRRP {
		for _, one := range v.VIPs {
			if one.Address.Addr == addr {
				return v.Name, ""
			}
		}
	}
	for _, n := range s.Nodes {
		for _, own := range n.Addresses {
			for _, a := range own {
				if a == addr {
					return "", n.Name
				}
			}
		}
	}
	return "", ""
}
