package model

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// MaxAuthPass is how many bytes of a VRRP password count: the field of RFC
// 2338 has eight, and Keepalived cuts the rest off.
const MaxAuthPass = 8

func (c *cross) vrrp() {
	names, routers := unique{}, map[string]string{}
	for i, v := range c.site.VRRP {
		path := index("vrrp", i)
		names.claim(c, v.Name, place{"vrrp", i, ".name"}, "VRRP instance or VIP")
		if v.HasFamily(4) && v.HasFamily(6) {
			names.claim(c, v.NameIPv6(), place{"vrrp", i, ".name"}, "VRRP instance or VIP")
		}
		for j, vip := range v.VIPs {
			names.claim(c, vip.Name, place{path + ".vips", j, ".name"}, "VRRP instance or VIP")
			c.vip(place{path + ".vips", j, ""}, v.NIC, vip.Address)
		}
		if c.refer(path+".nic", v.NIC, c.roles) {
			c.routerID(path, v, routers)
			if v.HasFamily(4) {
				c.addressesOn(v.NIC, path+".nic", "adverts are sent from it")
			}
		}
		c.priorities(path, v)
		c.advertInt(path+".advert_int", v)
		c.authPass(path+".auth_pass", v)
		c.track(path+".track", v)
	}
}

// NameIPv6 is the name of the second instance that an item with VIPs of both
// families becomes: one VRRP instance carries one family.
func (v VRRP) NameIPv6() string { return v.Name + "_v6" }

// HasFamily says whether one of the VIPs is of the family, 4 or 6.
func (v VRRP) HasFamily(family int) bool {
	return slices.ContainsFunc(v.VIPs, func(vip VIP) bool {
		return vip.Address.Addr.IsValid() && vip.Address.Addr.Is4() == (family == 4)
	})
}

func (c *cross) vip(at place, role string, vip VIPAddress) {
	addr := vip.Addr
	if !addr.IsValid() {
		return
	}
	first, taken := c.owners[addr]
	c.shared[addr] = c.shared[addr] || taken
	switch {
	case taken && strings.HasPrefix(first.list, "nodes"):
		c.add(at.String(), "duplicate", fmt.Sprintf("VIP %s is the own address of node %q", addr, c.site.Nodes[first.i].Name),
			"a VIP is an address that no node has", c.elsewhere("the node's address is here", first.String()))
	case taken:
		c.add(at.String(), "duplicate", fmt.Sprintf("VIP %s stands twice", addr), "a VIP belongs to one VRRP instance", c.elsewhere("it stands here already", first.String()))
	default:
		c.owners[addr] = at
		c.vipNetwork(at.String(), role, vip)
	}
}

// vipNetwork wants the VIP in the NIC's network unless it is written as a
// single host, which then needs a route of its own.
func (c *cross) vipNetwork(path, role string, vip VIPAddress) {
	subnets := c.site.NICs[role].Subnet
	subnet, ok := subnets.Of(vip.Addr)
	switch {
	case len(subnets) == 0 || c.hasFailedBelow(entry("nics", role)) || vip.Bits == vip.Addr.BitLen():
	case !ok || !subnet.Contains(vip.Addr):
		c.add(path, "outside-subnet", fmt.Sprintf("VIP %s is outside the network of NIC %q", vip.Addr, role),
			fmt.Sprintf("expected an address in %s, or %s/%d where clients have a route to it", subnets, vip.Addr, vip.Addr.BitLen()),
			c.elsewhere("the network is here", entry("nics", role)+".subnet"))
	case isEdge(vip.Addr, subnet):
		c.add(path, "bad-value", fmt.Sprintf("VIP %s is the network's own or its broadcast address", vip.Addr), "use another one of "+subnet.String())
	}
}

// routerID wants the number once on each interface and in each family. Two
// roles may be one interface, on one of the nodes alone too.
func (c *cross) routerID(path string, v VRRP, routers map[string]string) {
	for _, family := range []int{4, 6} {
		if !v.HasFamily(family) || v.VirtualRouterID == 0 {
			continue
		}
		for i, n := range c.site.Nodes {
			key := fmt.Sprintf("%d/%s/%d/%d", i, c.site.Device(n, v.NIC), family, v.VirtualRouterID)
			if first, ok := routers[key]; ok {
				c.add(path+".virtual_router_id", "duplicate", fmt.Sprintf("virtual_router_id %d stands twice on NIC %q", v.VirtualRouterID, v.NIC),
					"each instance on a network has a number of its own (1-255)", c.elsewhere("it stands here already", first+".virtual_router_id"))
				return
			}
			routers[key] = path
		}
	}
}

// priorities wants one for each node, all different: with equal ones the
// owner is decided by address, and both hold the VIP after a split.
func (c *cross) priorities(path string, v VRRP) {
	nodes := known{what: "node", list: "nodes", names: map[string]bool{}}
	for _, n := range c.site.Nodes {
		nodes.names[n.Name] = true
	}
	for _, name := range sortedKeys(v.Priorities) {
		c.refer(entry(path+".priorities", name), name, nodes)
	}
	owner := map[int]string{}
	for i, n := range c.site.Nodes {
		priority, at := v.Priority(n), index("nodes", i)+".priority"
		if _, own := v.Priorities[n.Name]; own {
			at = entry(path+".priorities", n.Name)
		}
		first, taken := owner[priority]
		switch {
		case c.failed[at], priority == 0 && c.hasFailedBelow(path+".priorities"):
		case priority == 0:
			c.add(index("nodes", i), "missing-field", fmt.Sprintf("node %q has no priority in VRRP instance %q", n.Name, v.Name),
				"add priority (1-254) to the node; the highest is the preferred master")
		case taken:
			c.add(at, "duplicate", fmt.Sprintf("priority %d stands twice in VRRP instance %q", priority, v.Name),
				"give each node another priority: with equal ones the address decides who is master", c.elsewhere("it stands here already", first))
		}
		if priority != 0 {
			owner[priority] = at
		}
	}
}

// Priority returns the node's priority in the instance; 0 if it has none.
func (v VRRP) Priority(n Node) int {
	if p, ok := v.Priorities[n.Name]; ok {
		return p
	}
	return n.Priority
}

// advertInt knows the two versions of VRRP: the field of version 2 is a byte
// of seconds (RFC 3768 5.3.7), that of version 3 twelve bits of hundredths
// (RFC 5798 5.2.7). Keepalived rounds what does not fit, down to nothing.
func (c *cross) advertInt(path string, v VRRP) {
	d := time.Duration(v.AdvertInt)
	switch {
	case d == 0:
	case v.HasFamily(4) && (d%time.Second != 0 || d > 255*time.Second):
		c.add(path, "bad-value", fmt.Sprintf("bad value %q for advert_int", v.AdvertInt),
			"VRRP version 2, which IPv4 VIPs use, counts whole seconds from 1s to 255s")
	case d%(10*time.Millisecond) != 0 || d > 40*time.Second:
		c.add(path, "bad-value", fmt.Sprintf("bad value %q for advert_int", v.AdvertInt),
			"VRRP version 3 counts hundredths of a second from 10ms to 40s")
	}
}

func (c *cross) authPass(path string, v VRRP) {
	if v.AuthPass.IsZero() {
		return
	}
	if len(v.VIPs) > 0 && !v.HasFamily(4) && v.HasFamily(6) {
		c.add(path, "bad-value", "auth_pass has no effect on IPv6 VIPs",
			"VRRP version 3 has no passwords (RFC 5798 9): take it out, the firewall lets adverts in from the peers only")
	}
}

// CheckAuthPass returns what is wrong with a VRRP password, "" if nothing is.
// It never repeats the password. Tried with Keepalived 2.2.7, 2.2.8 and 2.4.3:
// between double quotes they take $, #, !, {, ' and spaces as they are, but a
// backslash is itself in 2.2.7 and escapes what follows from 2.2.8 on, so there
// is no one way to write it, nor a double quote.
func CheckAuthPass(password string) string {
	switch {
	case password == "":
		return "it is empty"
	case len(password) > MaxAuthPass:
		return fmt.Sprintf("it has %d bytes, and VRRP sends the first %d only: shorten it", len(password), MaxAuthPass)
	case unprintable(password) != "":
		return "it holds " + unprintable(password)
	case strings.ContainsAny(password, `"\\`):
		return `it holds a double quote (") or a backslash (\), which the versions of Keepalived read differently`
	default:
		return ""
	}
}

// sameInterface says whether two roles are one interface on some node.
func (c *cross) sameInterface(a, b string) bool {
	return a == b || slices.ContainsFunc(c.site.Nodes, func(n Node) bool {
		return c.site.Device(n, a) != "" && c.site.Device(n, a) == c.site.Device(n, b)
	})
}

func (c *cross) track(path string, v VRRP) {
	seen := unique{}
	nics := path + ".nics"
	for i, nic := range v.Track.NICs {
		at, role := index(nics, i), nic.NIC
		seen.claim(c, role, place{nics, i, ".nic"}, "NIC")
		if c.refer(at+".nic", role, c.roles) && c.sameInterface(role, v.NIC) {
			c.add(at, "bad-value", fmt.Sprintf("NIC %q is the instance's own", role), "it is always watched: take it out of the list")
		}
	}
	if h := v.Track.HAProxy; h != nil {
		c.wholeSeconds(path+".haproxy.interval", h.Interval)
		c.wholeSeconds(path+".haproxy.timeout", h.Timeout)
	}
}
