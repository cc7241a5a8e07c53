package model

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

func (c *cross) nics() {
	devices := map[string]string{} // device -> role
	for _, role := range sortedKeys(c.site.NICs) {
		nic, path := c.site.NICs[role], diag.Path("nics").Entry(role)
		if len(nic.Subnet) == 2 && nic.Subnet[0].Addr().Is4() == nic.Subnet[1].Addr().Is4() || len(nic.Subnet) > 2 {
			c.add(path.Key("subnet"), "bad-value", fmt.Sprintf("NIC %q has several subnets of one family", role),
				"write one IPv4 and one IPv6 network at most; a second network of one family is a NIC role of its own")
		}
		if other, ok := devices[nic.Device]; ok && c.site.NICs[other].Zone != nic.Zone {
			c.add(path.Key("zone"), "bad-value", fmt.Sprintf("interface %s would be in two firewall zones", nic.Device),
				"an interface is in one zone", c.elsewhere("the other zone is here", diag.Path("nics").Entry(other).Key("zone")))
		}
		if nic.Device != "" {
			devices[nic.Device] = role
		}
	}
	c.overlaps()
}

// overlaps wants the networks apart. In the order of their first addresses a
// network that overlaps an earlier one overlaps the widest of those.
func (c *cross) overlaps() {
	type network struct {
		netip.Prefix
		role string
	}
	var all []network
	for _, role := range sortedKeys(c.site.NICs) {
		for _, p := range c.site.NICs[role].Subnet {
			if p.IsValid() {
				all = append(all, network{p, role})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b network) int {
		return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Bits(), b.Bits()))
	})
	widest := network{}
	for _, n := range all {
		if !widest.IsValid() || !widest.Overlaps(n.Prefix) {
			widest = n
			continue
		}
		first, second := min(widest.role, n.role), max(widest.role, n.role)
		if first != second {
			c.add(diag.Path("nics").Entry(second).Key("subnet"), "duplicate",
				fmt.Sprintf("NICs %q and %q are in overlapping networks", first, second),
				"one network is one role: use it for both purposes", c.elsewhere("the other network is here",
					diag.Path("nics").Entry(first).Key("subnet")))
			c.failed[diag.Path("nics").Entry(second).Key("subnet")] = true
		}
	}
}

func (c *cross) nodes() {
	names := unique{}
	for i, n := range c.site.Nodes {
		path := diag.Path("nodes").Index(i)
		// A folder is named after the node, and not every file system tells case.
		names.claim(c, strings.ToLower(n.Name), place{"nodes", i, "name"}, "node")
		for _, role := range sortedKeys(n.Devices) {
			c.refer(path.Key("devices").Entry(role), role, c.roles)
		}
		for _, role := range sortedKeys(n.Addresses) {
			at := place{"nodes", i, diag.Path("addresses").Entry(role)}
			if c.refer(at.path(), role, c.roles) {
				c.nodeAddresses(at, role, n.Addresses[role])
			}
		}
	}
}

func (c *cross) nodeAddresses(at place, role string, addrs Addresses) {
	subnets := c.site.NICs[role].Subnet
	for _, a := range addrs {
		if !a.IsValid() {
			continue
		}
		path := at.path()
		subnet, ok := subnets.Of(a)
		switch first, twice := c.owners[a]; {
		case twice:
			c.add(path, "duplicate", fmt.Sprintf("address %s is defined twice", a), "each node has addresses of its own",
				c.elsewhere("it is defined here already", first.path()))
			c.shared[a] = true
		case len(subnets) > 0 && (!ok || !subnet.Contains(a)):
			if !c.hasFailedBelow(diag.Path("nics").Entry(role)) {
				c.add(path, "outside-subnet", fmt.Sprintf("address %s is outside the network of NIC %q", a, role),
					"expected an address in "+subnets.String(), c.elsewhere("the network is here", diag.Path("nics").Entry(role).Key("subnet")))
			}
		case ok && isEdge(a, subnet):
			c.add(path, "bad-value", fmt.Sprintf("address %s is the network's own or its broadcast address", a),
				"a node needs another one of "+subnet.String())
		}
		c.owners[a] = at
	}
}

// String returns the networks as a reader would write them.
func (s Subnets) String() string {
	var all []string
	for _, p := range s {
		all = append(all, p.String())
	}
	return strings.Join(all, " or ")
}

// isEdge says whether addr is the first or last address of an IPv4 network
// that has such (RFC 3021: one of /31 has not).
func isEdge(addr netip.Addr, subnet netip.Prefix) bool {
	if !addr.Is4() || subnet.Bits() > 30 {
		return false
	}
	last := subnet.Addr().As4()
	for i := subnet.Bits(); i < 32; i++ {
		last[i/8] |= 1 << (7 - i%8)
	}
	return addr == subnet.Addr() || addr == netip.AddrFrom4(last)
}

// Device returns the name of the node's interface in a role.
func (s *Site) Device(n Node, role string) string {
	if name, ok := n.Devices[role]; ok {
		return name
	}
	return s.NICs[role].Device
}

// addressesOn wants every node to have an address on the NIC.
func (c *cross) addressesOn(role string, path diag.Path, why string) {
	c.addressesOf(0, role, path, why)
}

// addressesOf wants it to be of a family, 4 or 6; 0 is either.
func (c *cross) addressesOf(family int, role string, path diag.Path, why string) {
	for i, n := range c.site.Nodes {
		what := "address"
		if len(n.Addresses[role]) > 0 && family != 0 {
			what = fmt.Sprintf("IPv%d address", family)
		}
		if !n.hasAddress(role, family) && !c.hasFailedBelow(diag.Path("nodes").Index(i).Key("addresses")) {
			c.addOnce(diag.Path("nodes").Index(i).Key("addresses"), "missing-field", fmt.Sprintf("node %q has no %s on NIC %q", n.Name, what, role),
				"add one: "+why, c.elsewhere("it is needed here", path))
		}
	}
}

func (n Node) hasAddress(role string, family int) bool {
	if family == 0 {
		return len(n.Addresses[role]) > 0
	}
	return n.Address(role, family).IsValid()
}

// Address returns the node's first address of the family, 4 or 6, on a NIC:
// the one that its adverts come from. It is not valid where there is none.
func (n Node) Address(role string, family int) netip.Addr {
	for _, a := range n.Addresses[role] {
		if a.IsValid() && a.Is4() == (family == 4) {
			return a
		}
	}
	return netip.Addr{}
}
