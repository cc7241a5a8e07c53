package model

import (
	"fmt"
	"net/netip"

	"github.com/lbgen/lbgen/internal/diag"
)

// MaxListeners is how many addresses and ports HAProxy may listen on. Each is
// a file descriptor in every process, and a line of the report of who is bound.
const MaxListeners = 100_000

// listeners are the addresses and ports that are taken.
type listeners struct {
	taken map[netip.AddrPort]place
	all   map[family]place // every address of the family: "*" and "::"
	some  map[family]place // the first of single addresses
	vips  known
	// addresses of each name that a bind may have
	byVIP, byNIC map[string][]netip.Addr
}

// family is a port in one of the two address families.
type family struct {
	is4  bool
	port uint16
}

func familyOf(addr netip.AddrPort) family { return family{addr.Addr().Is4(), addr.Port()} }

func (l *listeners) take(addr netip.AddrPort, at place) {
	l.taken[addr] = at
	if addr.Addr().IsUnspecified() {
		l.all[familyOf(addr)] = at
	} else if _, ok := l.some[familyOf(addr)]; !ok {
		l.some[familyOf(addr)] = at
	}
}

// clash returns what an address and port cannot be bound beside, and why.
func (l *listeners) clash(addr netip.AddrPort) (first place, why string) {
	if at, ok := l.taken[addr]; ok {
		return at, "one address and port is one bind"
	}
	if at, ok := l.all[familyOf(addr)]; ok {
		return at, "a bind takes all addresses of this port already"
	}
	if at, ok := l.some[familyOf(addr)]; ok && addr.Addr().IsUnspecified() {
		return at, "a bind takes one address of this port already: list the others, or take that bind out"
	}
	return place{}, ""
}

func (c *cross) newListeners() *listeners {
	l := &listeners{taken: map[netip.AddrPort]place{}, all: map[family]place{}, some: map[family]place{}, byVIP: map[string][]netip.Addr{},
		byNIC: map[string][]netip.Addr{}}
	l.vips = known{what: "VRRP instance or VIP", list: "vrrp", names: map[string]bool{}}
	for _, name := range c.site.vipNames() {
		l.vips.names[name] = true
	}
	if s := c.site.Stats; s != nil {
		for _, addr := range c.site.addressesOn(s.NIC) {
			l.take(netip.AddrPortFrom(addr, uint16(s.PortOrDefault())), place{list: "stats", i: noIndex})
		}
	}
	c.peerListeners(l)
	if page, asked := c.site.Alive(); asked != "" {
		l.take(page.Listener(), place{list: asked, i: noIndex})
	}
	return l
}

// addresses returns what BindAddresses does, and remembers it.
func (l *listeners) addresses(s *Site, b Bind) []netip.Addr {
	if b.Address.IsValid() {
		return s.BindAddresses(b)
	}
	cache, name := l.byVIP, b.VIP
	if b.NIC != "" {
		cache, name = l.byNIC, b.NIC
	}
	addrs, ok := cache[name]
	if !ok {
		addrs = s.BindAddresses(b)
		cache[name] = addrs
	}
	return addrs
}

// bind wants exactly one of vip, nic and address, and every address and port
// once: HAProxy would bind one twice and split the clients at random between
// them.
func (c *cross) bind(l *listeners, at place, b Bind) {
	path := at.path()
	if c.failed[path.Key("vip")] || c.failed[path.Key("nic")] || c.failed[path.Key("address")] {
		return
	}
	c.bindTLS(path.Key("tls"), b.TLS)
	switch {
	case len(keys([]written{{"vip", b.VIP != ""}, {"nic", b.NIC != ""}, {"address", b.Address.IsValid()}})) != 1:
		c.add(path, "missing-field", "a bind listens on exactly one of vip, nic and address",
			"write {vip: NAME, ports: […]} for a virtual IP, {nic: ROLE, ports: […]} for the nodes' own addresses, or {address: \"*\", ports: "+
				"[…]} for all")
		return
	case b.NIC != "":
		if c.refer(path.Key("nic"), b.NIC, c.roles) {
			c.addressesOn(b.NIC, path.Key("nic"), "HAProxy listens there")
		}
	case b.VIP != "" && !c.refer(path.Key("vip"), b.VIP, l.vips):
		return
	}
	c.bindPorts(path, b)
	if b.Proto != "" && b.TLS != nil && len(b.TLS.ALPN) > 0 {
		c.add(path.Key("proto"), "bad-value", "proto and tls.alpn exclude each other", "with TLS clients choose by alpn: take proto out")
	}
	for _, port := range b.AllPorts() {
		for _, addr := range l.addresses(c.site, b) {
			if port < 1 || port > 65535 || c.shared[addr] || addr.IsUnspecified() && !b.Address.IsValid() {
				continue
			}
			if !c.listen(l, netip.AddrPortFrom(addr, uint16(port)), at) {
				return // one finding a bind
			}
		}
	}
}

// bindPorts wants port or ports.
func (c *cross) bindPorts(path diag.Path, b Bind) {
	if (b.Port == 0) == (len(b.Ports) == 0) && !c.hasFailedBelow(path) {
		c.add(path, "missing-field", "a bind has exactly one of port and ports", "write port: 80, or ports: [80, 8080]")
	}
}

func (c *cross) bindTLS(path diag.Path, t *BindTLS) {
	if t != nil {
		c.certificate(path.Key("certificate"), t.Certificate)
	}
	if t != nil && t.CRLFile != "" && t.ClientCA == "" {
		c.add(path.Key("crl_file"), "missing-field", "clients' certificates are not asked for, so that none can be one of the list",
			"add client_ca: the file with the authorities that they must come from")
	}
	if t != nil && t.ClientVerify != "" && t.ClientCA == "" {
		c.add(path.Key("client_verify"), "missing-field", "clients' certificates are asked for and there is nothing to check them by",
			"add client_ca: the file with the authorities that they must come from")
	}
}

func (c *cross) listen(l *listeners, addr netip.AddrPort, at place) bool {
	if first, why := l.clash(addr); why != "" {
		c.add(at.path(), "duplicate", fmt.Sprintf("%s is bound twice", bindName(addr)), why,
			c.elsewhere("it is bound here already", first.path()))
		return false
	}
	if len(l.taken) >= MaxListeners {
		if !c.tooMany {
			c.add(at.path(), "too-large", fmt.Sprintf("more than %d addresses and ports to listen on", MaxListeners),
				"bind fewer ports, or split the site")
		}
		c.tooMany = true
		return false
	}
	l.take(addr, at)
	return true
}

// bindName is an address and port as haproxy.cfg has them.
func bindName(addr netip.AddrPort) string {
	if addr.Addr() == netip.IPv4Unspecified() {
		return fmt.Sprintf("*:%d", addr.Port())
	}
	return addr.String()
}

// loops refuses a server that is HAProxy's own listener.
func (c *cross) loops(l *listeners) {
	for i := range c.site.Backends {
		b, path := &c.site.Backends[i], diag.Path("backends").Index(i)
		servers := path.Key("servers")
		for j := range b.Servers {
			c.loop(l, place{servers, j, "address"}, b.Servers[j].Address.Endpoint)
		}
		if b.Sorry != nil && b.Sorry.Remote != nil {
			c.loop(l, place{path, noIndex, "sorry.remote.address"}, b.Sorry.Remote.Address)
		}
	}
}

func (c *cross) loop(l *listeners, path place, e Endpoint) {
	at, ok := l.taken[e.AddrPort]
	if !ok && e.IsValid() && c.isOurs(e.Addr()) {
		at, ok = l.all[familyOf(e.AddrPort)]
		if e.Port() == 0 { // whatever port clients come to
			at, ok = path, true
		}
	}
	if ok {
		c.add(path.path(), "loop", fmt.Sprintf("%s is where HAProxy itself listens", e),
			"requests would go round for ever: write the server's own address", c.elsewhere("it is bound here", at.path()))
	}
}

// isOurs says whether the address is a node's or a VIP.
func (c *cross) isOurs(addr netip.Addr) bool {
	_, ok := c.owners[addr]
	return ok || addr.IsLoopback()
}

// vipNames are the names that a bind may refer to.
func (s *Site) vipNames() []string {
	var names []string
	for _, v := range s.VRRP {
		names = append(names, v.Name)
		for _, vip := range v.VIPs {
			if vip.Name != "" {
				names = append(names, vip.Name)
			}
		}
	}
	return names
}

// BindAddresses returns what a bind listens on: all VIPs of the instance, the
// one VIP, every node's own address on the NIC, in the order of the file, or the
// one address, which is unspecified where the bind takes all of a family.
func (s *Site) BindAddresses(b Bind) []netip.Addr {
	if b.Address.IsValid() {
		return []netip.Addr{b.Address.Addr}
	}
	if b.NIC != "" {
		return s.addressesOn(b.NIC)
	}
	var addrs []netip.Addr
	for _, v := range s.VRRP {
		for _, vip := range v.VIPs {
			if (v.Name == b.VIP || vip.Name == b.VIP) && vip.Address.Addr.IsValid() {
				addrs = append(addrs, vip.Address.Addr)
			}
		}
	}
	return addrs
}

func (s *Site) addressesOn(role string) []netip.Addr {
	var addrs []netip.Addr
	for _, n := range s.Nodes {
		for _, a := range n.Addresses[role] {
			if a.IsValid() {
				addrs = append(addrs, a)
			}
		}
	}
	return addrs
}

// AllPorts are the ports of the bind, whichever way they are written.
func (b Bind) AllPorts() []int {
	if b.Port != 0 {
		return []int{b.Port}
	}
	return b.Ports
}
