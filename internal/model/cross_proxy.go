package model

import (
	"fmt"
	"net/netip"
	"slices"
)

// StatsName is the name of the frontend that serves the statistics page.
const StatsName = "stats"

// proxies looks at frontends, backends and what they listen on.
func (c *cross) proxies() {
	names := unique{}
	if c.site.Stats != nil {
		names[StatsName] = "stats"
	}
	var backends []string
	for i, b := range c.site.Backends {
		names.claim(c, b.Name, index("backends", i)+".name", "proxy")
		backends = append(backends, b.Name)
		c.servers(index("backends", i), b)
	}
	listeners := c.statsListeners()
	for i, f := range c.site.Frontends {
		path := index("frontends", i)
		names.claim(c, f.Name, path+".name", "proxy")
		c.refer(path+".default_backend", f.DefaultBackend, "backend", slices.Clone(backends))
		for j, b := range f.Binds {
			c.bind(index(path+".binds", j), b, listeners)
		}
	}
	c.loops(listeners)
}

func (c *cross) servers(path string, b Backend) {
	names := unique{}
	for i, s := range b.Servers {
		names.claim(c, s.Name, index(path+".servers", i)+".name", "server")
	}
}

// bind wants exactly one of vip and nic, and every address and port once:
// HAProxy would bind one twice and split the clients at random between them.
func (c *cross) bind(path string, b Bind, listeners map[netip.AddrPort]string) {
	switch {
	case c.hasFailedBelow(path+".vip") || c.hasFailedBelow(path+".nic"):
		return
	case (b.VIP == "") == (b.NIC == ""):
		c.add(path, "missing-field", "a bind listens on exactly one of vip and nic",
			"write {vip: NAME, ports: […]} for a virtual IP, or {nic: ROLE, ports: […]} for the nodes' own addresses")
		return
	case b.NIC != "":
		if c.refer(path+".nic", b.NIC, "NIC", sortedKeys(c.site.NICs)) {
			c.addressesOn(b.NIC, path+".nic", "HAProxy listens there")
		}
	case !c.refer(path+".vip", b.VIP, "VRRP instance or VIP", c.site.vipNames()):
		return
	}
	for _, port := range b.Ports {
		for _, addr := range c.site.BindAddresses(b) {
			c.listen(listeners, netip.AddrPortFrom(addr, uint16(port)), path)
		}
	}
}

func (c *cross) listen(listeners map[netip.AddrPort]string, at netip.AddrPort, path string) {
	if first, ok := listeners[at]; ok {
		c.add(path, "duplicate", fmt.Sprintf("%s is bound twice", at), "one address and port is one bind", c.elsewhere("it is bound here already", first))
		return
	}
	listeners[at] = path
}

func (c *cross) statsListeners() map[netip.AddrPort]string {
	listeners := map[netip.AddrPort]string{}
	if c.site.Stats != nil {
		for _, addr := range c.site.addressesOn(c.site.Stats.NIC) {
			listeners[netip.AddrPortFrom(addr, uint16(c.site.Stats.PortOrDefault()))] = "stats"
		}
	}
	return listeners
}

// DefaultStatsPort is the port of the statistics page: the one that HAProxy's
// own examples and S1 use.
const DefaultStatsPort = 8404

// PortOrDefault returns the port of the page (1-65535).
func (s *Stats) PortOrDefault() int {
	if s.Port == 0 {
		return DefaultStatsPort
	}
	return s.Port
}

// loops refuses a server that is HAProxy's own listener.
func (c *cross) loops(listeners map[netip.AddrPort]string) {
	for i, b := range c.site.Backends {
		for j, s := range b.Servers {
			if at, ok := listeners[netip.AddrPort(s.Address)]; ok {
				c.add(index(index("backends", i)+".servers", j)+".address", "loop", fmt.Sprintf("%s is where HAProxy itself listens", s.Address),
					"requests would go round for ever: write the server's own address", c.elsewhere("it is bound here", at))
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
