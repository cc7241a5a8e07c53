package model

import (
	"fmt"
	"net/netip"
)

// proxies looks at frontends, backends and what they listen on.
func (c *cross) proxies() {
	names := unique{}
	backends := known{what: "backend", list: "backends", names: make(map[string]bool, len(c.site.Backends))}
	for i, b := range c.site.Backends {
		c.proxyName(names, b.Name, place{"backends", i, ".name"})
		backends.names[b.Name] = true
		c.servers(index("backends", i), b)
	}
	l := c.newListeners()
	for i, f := range c.site.Frontends {
		c.proxyName(names, f.Name, place{"frontends", i, ".name"})
		if f.DefaultBackend != "" && !backends.names[f.DefaultBackend] {
			c.refer(index("frontends", i)+".default_backend", f.DefaultBackend, backends)
		}
		binds := index("frontends", i) + ".binds"
		for j, b := range f.Binds {
			c.bind(l, place{binds, j, ""}, b)
		}
	}
	c.loops(l)
}

// proxyName wants each name once among frontends and backends, and leaves that
// of the statistics page alone.
func (c *cross) proxyName(names unique, name string, at place) {
	if name == StatsName && c.site.Stats != nil {
		c.add(at.String(), "duplicate", fmt.Sprintf("proxy %q stands twice", name), "the statistics page has this name: give it another",
			c.elsewhere("the page is here", "stats"))
		return
	}
	if _, asked := c.site.Alive(); name == AliveName && asked != "" {
		c.add(at.String(), "duplicate", fmt.Sprintf("proxy %q stands twice", name), "the page where Keepalived asks HAProxy has this name: give it another",
			c.elsewhere("it is asked here", asked))
		return
	}
	names.claim(c, name, at, "proxy")
}

func (c *cross) servers(path string, b Backend) {
	if len(b.Servers) == 0 && len(b.ServerTemplates) == 0 && !c.hasFailedBelow(path) {
		c.add(path+".servers", "missing-field", fmt.Sprintf("backend %q has no server", b.Name), "add servers or server_templates")
	}
	names := make(unique, len(b.Servers))
	for i, s := range b.Servers {
		names.claim(c, s.Name, place{path + ".servers", i, ".name"}, "server")
	}
}

// MaxListeners is how many addresses and ports HAProxy may listen on. Each is
// a file descriptor in every process, and a line of the report of who is bound.
const MaxListeners = 100_000

// listeners are the addresses and ports that are taken.
type listeners struct {
	taken map[netip.AddrPort]place
	vips  known
	// addresses of each name that a bind may have
	byVIP, byNIC map[string][]netip.Addr
}

func (c *cross) newListeners() *listeners {
	l := &listeners{taken: map[netip.AddrPort]place{}, byVIP: map[string][]netip.Addr{}, byNIC: map[string][]netip.Addr{}}
	l.vips = known{what: "VRRP instance or VIP", list: "vrrp", names: map[string]bool{}}
	for _, name := range c.site.vipNames() {
		l.vips.names[name] = true
	}
	if s := c.site.Stats; s != nil {
		for _, addr := range c.site.addressesOn(s.NIC) {
			l.taken[netip.AddrPortFrom(addr, uint16(s.PortOrDefault()))] = place{list: "stats", i: noIndex}
		}
	}
	c.peerListeners(l)
	if page, asked := c.site.Alive(); asked != "" {
		l.taken[page.Listener()] = place{list: asked, i: noIndex}
	}
	return l
}

// addresses returns what BindAddresses does, and remembers it.
func (l *listeners) addresses(s *Site, b Bind) []netip.Addr {
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

// bind wants exactly one of vip and nic, and every address and port once:
// HAProxy would bind one twice and split the clients at random between them.
func (c *cross) bind(l *listeners, at place, b Bind) {
	path := at.String()
	switch {
	case c.failed[path+".vip"] || c.failed[path+".nic"]:
		return
	case (b.VIP == "") == (b.NIC == ""):
		c.add(path, "missing-field", "a bind listens on exactly one of vip and nic",
			"write {vip: NAME, ports: […]} for a virtual IP, or {nic: ROLE, ports: […]} for the nodes' own addresses")
		return
	case b.NIC != "":
		if c.refer(path+".nic", b.NIC, c.roles) {
			c.addressesOn(b.NIC, path+".nic", "HAProxy listens there")
		}
	case !c.refer(path+".vip", b.VIP, l.vips):
		return
	}
	for _, port := range b.AllPorts() {
		for _, addr := range l.addresses(c.site, b) {
			if port < 1 || port > 65535 || c.shared[addr] {
				continue
			}
			if !c.listen(l, netip.AddrPortFrom(addr, uint16(port)), at) {
				return // one finding a bind
			}
		}
	}
}

func (c *cross) listen(l *listeners, addr netip.AddrPort, at place) bool {
	if first, ok := l.taken[addr]; ok {
		c.add(at.String(), "duplicate", fmt.Sprintf("%s is bound twice", addr), "one address and port is one bind",
			c.elsewhere("it is bound here already", first.String()))
		return false
	}
	if len(l.taken) >= MaxListeners {
		if !c.tooMany {
			c.add(at.String(), "too-large", fmt.Sprintf("more than %d addresses and ports to listen on", MaxListeners), "bind fewer ports, or split the site")
		}
		c.tooMany = true
		return false
	}
	l.taken[addr] = at
	return true
}

// loops refuses a server that is HAProxy's own listener.
func (c *cross) loops(l *listeners) {
	for i, b := range c.site.Backends {
		for j, s := range b.Servers {
			if at, ok := l.taken[s.Address.AddrPort]; ok {
				c.add(index(index("backends", i)+".servers", j)+".address", "loop", fmt.Sprintf("%s is where HAProxy itself listens", s.Address),
					"requests would go round for ever: write the server's own address", c.elsewhere("it is bound here", at.String()))
			}
		}
	}
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
// one VIP, or every node's own address on the NIC, in the order of the file.
func (s *Site) BindAddresses(b Bind) []netip.Addr {
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
