package model

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

// crossCheck finds what no single field can show: references to nothing, the
// same thing twice, addresses outside their network. It passes over what could
// not be read.
func (d *decoder) crossCheck(s *Site) {
	c := &cross{decoder: d, site: s}
	c.nics()
	c.nodes()
	c.vrrp()
	c.proxies()
	c.stats()
	c.pages()
	c.firewall()
	c.notifications()
}

type cross struct {
	*decoder
	site *Site
}

func (c *cross) add(path, code, summary, detail string, related ...diag.Related) {
	if c.failed[path] {
		return
	}
	c.found = append(c.found, diag.Diagnostic{Code: code, Path: path, Summary: summary, Detail: detail, Related: related})
}

// elsewhere points at a second place that a finding is about.
func (c *cross) elsewhere(message, path string) diag.Related {
	return diag.Related{Message: message, Range: c.src.Range(path)}
}

// unique remembers names and reports the second of two equal ones.
type unique map[string]string

func (u unique) claim(c *cross, name, path, what string) {
	if name == "" {
		return
	}
	if first, ok := u[name]; ok {
		c.add(path, "duplicate", fmt.Sprintf("%s %q stands twice", what, name), "give one of them another name",
			c.elsewhere("it stands here already", first))
		return
	}
	u[name] = path
}

// refer reports a reference to nothing.
func (c *cross) refer(path, name, what string, known []string) bool {
	if name == "" || slices.Contains(known, name) {
		return name != ""
	}
	slices.Sort(known)
	detail := fmt.Sprintf("there is no %s yet", what)
	if len(known) > 0 {
		detail = "there are: " + strings.Join(known, ", ")
	}
	if near := nearest(name, known); near != "" {
		detail = fmt.Sprintf("did you mean %q? %s", near, detail)
	}
	c.add(path, "unknown-reference", fmt.Sprintf("there is no %s %q", what, name), detail)
	return false
}

func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// entry is the path of a mapping's value, as validator writes it too.
func entry(path, key string) string { return path + "[" + key + "]" }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func (c *cross) nics() {
	for i, role := range sortedKeys(c.site.NICs) {
		nic, path := c.site.NICs[role], entry("nics", role)
		if len(nic.Subnet) == 2 && nic.Subnet[0].Addr().Is4() == nic.Subnet[1].Addr().Is4() || len(nic.Subnet) > 2 {
			c.add(path+".subnet", "bad-value", fmt.Sprintf("NIC %q has several subnets of one family", role),
				"write one IPv4 and one IPv6 network at most; a second network of one family is a NIC role of its own")
		}
		for _, other := range sortedKeys(c.site.NICs)[:i] {
			c.sameDevice(role, other)
		}
	}
}

// sameDevice looks at two roles on one interface: that may be, in two networks
// and in one firewall zone.
func (c *cross) sameDevice(role, other string) {
	a, b := c.site.NICs[role], c.site.NICs[other]
	path := entry("nics", role)
	overlap := slices.ContainsFunc(a.Subnet, func(p netip.Prefix) bool {
		return slices.ContainsFunc(b.Subnet, p.Overlaps)
	})
	switch {
	case overlap:
		c.add(path+".subnet", "duplicate", fmt.Sprintf("NICs %q and %q are in overlapping networks", other, role),
			"one network is one role: use it for both purposes", c.elsewhere("the other network is here", entry("nics", other)+".subnet"))
	case a.Device == b.Device && a.Device != "" && a.Zone != b.Zone:
		c.add(path+".zone", "bad-value", fmt.Sprintf("interface %s would be in two firewall zones", a.Device),
			"an interface is in one zone", c.elsewhere("the other zone is here", entry("nics", other)+".zone"))
	}
}

func (c *cross) nodes() {
	names, owners := unique{}, map[netip.Addr]string{}
	for i, n := range c.site.Nodes {
		path := index("nodes", i)
		// A folder is named after the node, and not every file system tells case.
		names.claim(c, strings.ToLower(n.Name), path+".name", "node")
		for _, role := range sortedKeys(n.Devices) {
			c.refer(entry(path+".devices", role), role, "NIC", sortedKeys(c.site.NICs))
		}
		for _, role := range sortedKeys(n.Addresses) {
			c.nodeAddresses(entry(path+".addresses", role), role, n.Addresses[role], owners)
		}
	}
}

func (c *cross) nodeAddresses(path, role string, addrs Addresses, owners map[netip.Addr]string) {
	if !c.refer(path, role, "NIC", sortedKeys(c.site.NICs)) {
		return
	}
	subnets := c.site.NICs[role].Subnet
	for _, a := range addrs {
		if !a.IsValid() {
			continue
		}
		subnet, ok := subnets.Of(a)
		switch first, twice := owners[a]; {
		case twice:
			c.add(path, "duplicate", fmt.Sprintf("address %s stands twice", a), "each node has addresses of its own",
				c.elsewhere("it stands here already", first))
		case len(subnets) > 0 && (!ok || !subnet.Contains(a)):
			c.add(path, "outside-subnet", fmt.Sprintf("address %s is outside the network of NIC %q", a, role),
				"expected an address in "+subnets.String(), c.elsewhere("the network is here", entry("nics", role)+".subnet"))
		case ok && isEdge(a, subnet):
			c.add(path, "bad-value", fmt.Sprintf("address %s is the network's own or its broadcast address", a), "a node needs another one of "+subnet.String())
		}
		owners[a] = path
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
func (c *cross) addressesOn(role, path, why string) {
	for i, n := range c.site.Nodes {
		if len(n.Addresses[role]) == 0 && !c.hasFailedBelow(index("nodes", i)+".addresses") {
			c.add(index("nodes", i)+".addresses", "missing-field", fmt.Sprintf("node %q has no address on NIC %q", n.Name, role),
				"add one: "+why, c.elsewhere("it is needed here", path))
		}
	}
}

func (c *cross) stats() {
	s := c.site.Stats
	if s == nil {
		return
	}
	if c.refer("stats.nic", s.NIC, "NIC", sortedKeys(c.site.NICs)) {
		c.addressesOn(s.NIC, "stats.nic", "the statistics page is served there")
	}
	if s.Refresh != 0 && !s.Refresh.wholeSeconds() {
		c.add("stats.refresh", "bad-value", fmt.Sprintf("bad value %q for refresh", s.Refresh), "a browser counts whole seconds")
	}
}

// pages wants the names of the pages to be fit for the node, and different.
func (c *cross) pages() {
	first := map[string]string{}
	for i, b := range c.site.Backends {
		if b.Sorry == nil || b.Sorry.Page == "" {
			continue
		}
		path := index("backends", i) + ".sorry.page"
		name := PageName(b.Sorry.Page)
		if !fitsPage(name) {
			c.add(path, "bad-value", fmt.Sprintf("bad file name %q", name), "expected letters, digits, _ . and - in a page's file name")
			continue
		}
		for other, otherPage := range first {
			if otherPage != b.Sorry.Page && PageName(otherPage) == name {
				c.add(path, "duplicate", fmt.Sprintf("two different pages are named %s", name),
					"both would be etc/haproxy/pages/"+name+": rename one", c.elsewhere("the other is here", other))
			}
		}
		first[path] = b.Sorry.Page
	}
}

// PageName returns the name that a page has on the node, in HAProxy's folder
// of pages.
func PageName(page string) string { return page[strings.LastIndexByte(page, '/')+1:] }

func fitsPage(name string) bool {
	return name != "" && name[0] != '.' && name[0] != '-' && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == ""
}

func (c *cross) firewall() {
	c.zonesNeeded()
	zones := []string{}
	for _, role := range sortedKeys(c.site.NICs) {
		if z := c.site.NICs[role].Zone; z != "" && !slices.Contains(zones, z) {
			zones = append(zones, z)
		}
	}
	for _, zone := range sortedKeys(c.site.Firewall.Zones) {
		c.refer(entry("firewall.zones", zone), zone, "NIC in the zone", zones)
	}
}

// zonesNeeded wants a zone wherever a rule has to go into one.
func (c *cross) zonesNeeded() {
	if p, ok := PlatformNamed(c.site.Platform); !ok || !p.Firewalld {
		return
	}
	needed := map[string]string{} // role -> path that needs it
	if s := c.site.Stats; s != nil {
		needed[s.NIC] = "stats.nic"
	}
	for i, f := range c.site.Frontends {
		for j, b := range f.Binds {
			if b.Open != nil && *b.Open {
				needed[b.NIC] = index(index("frontends", i)+".binds", j)
			}
		}
	}
	for i, v := range c.site.VRRP {
		needed[v.NIC] = index("vrrp", i) + ".nic"
	}
	for _, role := range sortedKeys(c.site.NICs) {
		if path, ok := needed[role]; ok && c.site.NICs[role].Zone == "" && !c.hasFailedBelow(entry("nics", role)+".zone") {
			c.add(entry("nics", role), "missing-field", fmt.Sprintf("NIC %q has no firewall zone", role),
				fmt.Sprintf("add zone: on %s firewalld is in use, and rules for this NIC must go into its zone", c.site.Platform),
				c.elsewhere("it needs rules because of this", path))
		}
	}
}

func (c *cross) notifications() {
	if e := c.site.Notifications.Email; e != nil {
		c.wholeSeconds("notifications.email.smtp_connect_timeout", e.SMTPConnectTimeout)
	}
}

// wholeSeconds refuses parts of a second where Keepalived would cut them.
func (c *cross) wholeSeconds(path string, d Duration) {
	if d != 0 && !d.wholeSeconds() {
		c.add(path, "bad-value", fmt.Sprintf("bad value %q", d), "Keepalived counts whole seconds here, such as 2s")
	}
}
