package model

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/diag"
)

// MaxAuthPass is how many bytes of a VRRP password count: the field of RFC
// 2338 has eight, and Keepalived cuts the rest off.
const MaxAuthPass = 8

func (c *cross) vrrp() {
	names, routers := unique{}, map[string]diag.Path{}
	for i, v := range c.site.VRRP {
		path := diag.Path("vrrp").Index(i)
		names.claim(c, v.Name, place{"vrrp", i, "name"}, "VRRP instance or VIP")
		if v.HasFamily(4) && v.HasFamily(6) {
			names.claim(c, v.NameIPv6(), place{"vrrp", i, "name"}, "VRRP instance or VIP")
		}
		for j, vip := range v.VIPs {
			names.claim(c, vip.Name, place{path.Key("vips"), j, "name"}, "VRRP instance or VIP")
			c.vip(place{path.Key("vips"), j, ""}, v.NIC, vip.Address)
			c.label(path.Key("vips").Index(j).Key("label"), v.NIC, vip)
		}
		if c.refer(path.Key("nic"), v.NIC, c.roles) {
			c.routerID(path, v, routers)
			c.advertSources(path, v)
		}
		c.priorities(path, v)
		c.version(path, v)
		c.advertInt(path.Key("advert_int"), v)
		c.authPass(path, v)
		c.authHMAC(path, v)
		c.preempt(path, v)
		c.garp(path.Key("garp"), v.GARP)
		c.notify(path, v)
	}
	c.tracks()
	c.syncGroups()
	c.keepalived()
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
	case taken && first.list == "nodes":
		c.add(at.path(), "duplicate", fmt.Sprintf("VIP %s is the own address of node %q", addr, c.site.Nodes[first.i].Name),
			"a VIP is an address that no node has", c.elsewhere("the node's address is here", first.path()))
	case taken:
		c.add(at.path(), "duplicate", fmt.Sprintf("VIP %s is defined twice", addr), "a VIP belongs to one VRRP instance",
			c.elsewhere("it is defined here already", first.path()))
	default:
		c.owners[addr] = at
		c.vipNetwork(at.path(), role, vip)
	}
}

// vipNetwork wants the VIP in the NIC's network unless it is written as a
// single host, which then needs a route of its own.
func (c *cross) vipNetwork(path diag.Path, role string, vip VIPAddress) {
	subnets := c.site.NICs[role].Subnet
	subnet, ok := subnets.Of(vip.Addr)
	switch {
	case len(subnets) == 0 || c.hasFailedBelow(diag.Path("nics").Entry(role)) || vip.Bits == vip.Addr.BitLen():
	case !ok:
		family, example := "IPv6", "2001:db8:1::/64"
		if vip.Addr.Is4() {
			family, example = "IPv4", "192.0.2.0/24"
		}
		c.add(path, "outside-subnet", fmt.Sprintf("VIP %s has no network: NIC %q has none of %s", vip.Addr, role, family),
			fmt.Sprintf("give the NIC one more, subnet: [%s, %s], or write %s/%d where clients have a route to it", subnets, example,
				vip.Addr, vip.Addr.BitLen()), c.elsewhere("its networks are here", diag.Path("nics").Entry(role).Key("subnet")))
	case !subnet.Contains(vip.Addr):
		c.add(path, "outside-subnet", fmt.Sprintf("VIP %s is outside the network of NIC %q", vip.Addr, role),
			fmt.Sprintf("expected an address in %s, or %s/%d where clients have a route to it", subnets, vip.Addr, vip.Addr.BitLen()),
			c.elsewhere("the network is here", diag.Path("nics").Entry(role).Key("subnet")))
	case isEdge(vip.Addr, subnet):
		c.add(path, "bad-value", fmt.Sprintf("VIP %s is the network's own or its broadcast address", vip.Addr),
			"use another one of "+subnet.String())
	}
}

// routerID wants the number once on each interface and in each family. Two
// roles may be one interface, on one of the nodes alone too.
func (c *cross) routerID(path diag.Path, v VRRP, routers map[string]diag.Path) {
	for _, family := range []int{4, 6} {
		if !v.HasFamily(family) || v.VirtualRouterID == 0 {
			continue
		}
		for i, n := range c.site.Nodes {
			key := fmt.Sprintf("%d/%s/%d/%d", i, c.site.Device(n, v.NIC), family, v.VirtualRouterID)
			if first, ok := routers[key]; ok {
				c.add(path.Key("virtual_router_id"), "duplicate", fmt.Sprintf("virtual_router_id %d is defined twice on NIC %q", v.VirtualRouterID,
					v.NIC),
					"each instance on a network has a number of its own (1-255)",
					c.elsewhere("it is defined here already", first.Key("virtual_router_id")))
				return
			}
			routers[key] = path
		}
	}
}

// priorities wants one for each node, all different: with equal ones the
// owner is decided by address, and both hold the VIP after a split.
func (c *cross) priorities(path diag.Path, v VRRP) {
	nodes := known{what: "node", list: "nodes", names: map[string]bool{}}
	for _, n := range c.site.Nodes {
		nodes.names[n.Name] = true
	}
	for _, name := range sortedKeys(v.Priorities) {
		c.refer(path.Key("priorities").Entry(name), name, nodes)
	}
	owner := map[int]diag.Path{}
	for i, n := range c.site.Nodes {
		priority, at := v.Priority(n), diag.Path("nodes").Index(i).Key("priority")
		if _, own := v.Priorities[n.Name]; own {
			at = path.Key("priorities").Entry(n.Name)
		}
		first, taken := owner[priority]
		switch {
		case c.failed[at], priority == 0 && c.hasFailedBelow(path.Key("priorities")):
		case priority == 0:
			c.add(diag.Path("nodes").Index(i), "missing-field", fmt.Sprintf("node %q has no priority in VRRP instance %q", n.Name, v.Name),
				"add priority (1-254) to the node; the highest is the preferred master")
		case taken:
			c.add(at, "duplicate", fmt.Sprintf("priority %d is defined twice in VRRP instance %q", priority, v.Name),
				"give each node another priority: with equal ones the address decides who is master", c.elsewhere("it is defined here already", first))
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

// VRRPVersion returns the version of VRRP that VIPs of the family, 4 or 6,
// use: RFC 3768 has no IPv6.
func (v VRRP) VRRPVersion(family int) int {
	if family == 6 || v.Version == 3 {
		return 3
	}
	return 2
}

func (c *cross) version(path diag.Path, v VRRP) {
	if v.Version == 2 && v.HasFamily(6) && !v.HasFamily(4) {
		c.add(path.Key("version"), "bad-value", "VRRP version 2 has no IPv6", "take version out: IPv6 VIPs always use version 3 (RFC 5798)")
	}
	if n := v.count(6); n > maxVIPs6 {
		c.add(path.Key("vips"), "bad-value", fmt.Sprintf("%d IPv6 VIPs in one instance", n),
			fmt.Sprintf("an advert of 1500 bytes holds %d of them: make a second instance, with a virtual_router_id of its own", maxVIPs6))
	}
}

// maxVIPs6 is how many IPv6 addresses Keepalived puts into one advert on an
// Ethernet of 1500 bytes (tried with 2.2.7 and 2.4.3). Of IPv4 addresses it is
// more than a list of VIPs may have.
const maxVIPs6 = 89

func (v VRRP) count(family int) (n int) {
	for _, vip := range v.VIPs {
		if vip.Address.Addr.IsValid() && vip.Address.Addr.Is4() == (family == 4) {
			n++
		}
	}
	return n
}

// advertInt knows the two versions of VRRP: the field of version 2 is a byte
// of seconds (RFC 3768 5.3.7), that of version 3 twelve bits of hundredths
// (RFC 5798 5.2.7). Keepalived rounds what does not fit, down to nothing.
func (c *cross) advertInt(path diag.Path, v VRRP) {
	d := time.Duration(v.AdvertInt)
	switch {
	case d == 0:
	case v.HasFamily(4) && v.VRRPVersion(4) == 2 && (d%time.Second != 0 || d > 255*time.Second):
		c.add(path, "bad-value", fmt.Sprintf("bad value %q for advert_int", v.AdvertInt),
			"VRRP version 2, which IPv4 VIPs use, counts whole seconds from 1s to 255s; version: 3 counts hundredths, and has no auth_pass")
	case v.HasFamily(4) && v.VRRPVersion(4) == 2 && !v.HasFamily(6):
	case d%(10*time.Millisecond) != 0 || d > 40*time.Second:
		c.add(path, "bad-value", fmt.Sprintf("bad value %q for advert_int", v.AdvertInt),
			"VRRP version 3 counts hundredths of a second from 10ms to 40s")
	}
}

func (c *cross) authPass(item diag.Path, v VRRP) {
	path := item.Key("auth_pass")
	if v.AuthPass.IsZero() {
		return
	}
	const detail = "VRRP version 3 has no passwords (RFC 5798 9): take it out, the firewall lets adverts in from the peers only"
	switch {
	case v.HasFamily(6) && !v.HasFamily(4):
		c.add(path, "bad-value", "auth_pass has no effect on IPv6 VIPs", detail)
	case v.Version == 3:
		c.add(path, "bad-value", "auth_pass has no effect in VRRP version 3", detail, c.elsewhere("the version is here", item.Key("version")))
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

// maxLabel is how many characters the kernel keeps of an address's label
// (IFNAMSIZ in if.h, without the zero at the end).
const maxLabel = 15

// hasDevice says whether the role is the interface on some node.
func (c *cross) hasDevice(role, device string) bool {
	return c.site.NICs[role].Device == device ||
		slices.ContainsFunc(c.site.Nodes, func(n Node) bool { return c.site.Device(n, role) == device })
}

// LabelTail is the label without the interface's name, which each node puts before it.
func (v *VIP) LabelTail() string {
	_, tail, ok := strings.Cut(v.Label, ":")
	if !ok {
		return v.Label
	}
	return tail
}

func (c *cross) label(path diag.Path, role string, vip VIP) {
	if vip.Label == "" || !vip.Address.Addr.IsValid() {
		return
	}
	if !vip.Address.Addr.Is4() {
		c.add(path, "bad-value", "an IPv6 address has no label", "the kernel labels IPv4 addresses only: take it out")
		return
	}
	if device, rest, ok := strings.Cut(vip.Label, ":"); ok && !c.hasDevice(role, device) && !c.hasFailedBelow("nics") {
		c.add(path, "bad-value", fmt.Sprintf("label %s begins with another interface than that of NIC %q", vip.Label, role),
			fmt.Sprintf("ip takes labels that begin with the interface's own name: write %s:%s, or %s alone, before which it is put on every node",
				c.site.NICs[role].Device, rest, rest))
		return
	}
	for _, n := range c.site.Nodes {
		if device := c.site.Device(n, role); len(device)+1+len(vip.LabelTail()) > maxLabel {
			c.add(path, "bad-value", fmt.Sprintf("label %s:%s is longer than %d characters", device, vip.LabelTail(), maxLabel),
				fmt.Sprintf("shorten it to %d characters at most: the interface's name and the colon count too", max(0, maxLabel-1-len(device))))
			return
		}
	}
}

// advertSources wants every node to have the address that its adverts come
// from: Keepalived finds none, or sends by multicast where unicast was meant.
func (c *cross) advertSources(path diag.Path, v VRRP) {
	if v.Unicast && len(c.site.Nodes) == 1 {
		c.add(path.Key("unicast"), "bad-value", "unicast needs another node", "one node alone has no peers: take it out")
	}
	if v.MulticastSource && v.Unicast {
		c.add(path.Key("mcast_src_ip"), "bad-value", "mcast_src_ip has no effect with unicast",
			"unicast adverts come from the node's own address anyway: take it out",
			c.elsewhere("unicast is here", path.Key("unicast")))
	}
	if v.MulticastSource && !v.HasFamily(4) && v.HasFamily(6) {
		c.add(path.Key("mcast_src_ip"), "bad-value", "mcast_src_ip has no effect on IPv6 VIPs",
			"their adverts come from the link-local address (RFC 5798 5.1.2.1): take it out")
	}
	if v.HasFamily(4) {
		c.addressesOf(4, v.NIC, path.Key("nic"), "adverts are sent from it")
	}
	if v.HasFamily(6) && v.Unicast {
		c.addressesOf(6, v.NIC, path.Key("nic"), "unicast adverts are sent from it")
	}
}

// maxPreemptDelay is Keepalived's (TIMER_MAX_SEC).
const maxPreemptDelay = 1000 * time.Second

func (c *cross) preempt(path diag.Path, v VRRP) {
	at := path.Key("preempt_delay")
	switch d := time.Duration(v.PreemptDelay); {
	case d == 0:
	case !v.Preempt:
		c.add(at, "bad-value", "preempt_delay has no effect without preempt",
			"write preempt: true beside it, or take it out: the VIP does not go back by itself")
	case d > maxPreemptDelay:
		c.add(at, "bad-value", fmt.Sprintf("bad value %q for preempt_delay", v.PreemptDelay), "Keepalived waits 1000s at most")
	default:
		c.wholeSeconds(at, v.PreemptDelay)
	}
}

func (c *cross) garp(path diag.Path, g GARP) {
	c.wholeSeconds(path.Key("master_delay"), g.MasterDelay)
	if g.MasterRefresh != 0 && !g.MasterRefresh.wholeSeconds() { // as long as one likes: 2.2 keeps whole seconds of it
		c.wholeSeconds(path.Key("master_refresh"), g.MasterRefresh)
	}
	if g.MasterRefreshRepeat != 0 && g.MasterRefresh == 0 {
		c.add(path.Key("master_refresh_repeat"), "bad-value", "master_refresh_repeat has no effect without master_refresh",
			"write master_refresh, such as 60s, or take it out")
	}
}

// keepalived looks at global_defs.
func (c *cross) keepalived() {
	k := c.site.Keepalived
	if k != (KeepalivedGlobal{}) && len(c.site.VRRP) == 0 && !c.hasFailedBelow("vrrp") {
		c.add("keepalived", "bad-value", "there is no Keepalived on the nodes", "a site without vrrp has none: take keepalived out, or add vrrp")
	}
	c.wholeSeconds("keepalived.vrrp_startup_delay", k.StartupDelay)
	c.betweenPackets("keepalived.vrrp_garp_interval", k.GARPInterval)
	c.betweenPackets("keepalived.vrrp_gna_interval", k.GNAInterval)
}

// betweenPackets refuses what Keepalived calls very large: so long would each
// address wait for the one before.
func (c *cross) betweenPackets(path diag.Path, d Duration) {
	if time.Duration(d) >= time.Second {
		c.add(path, "bad-value", fmt.Sprintf("bad value %q", d), "expected less than 1s between two packets, such as 10ms: a failover of "+
			"many VIPs takes as many times as long")
	}
}
