package model

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/diag"
)

// crossCheck finds what no single field can show: references to nothing, the
// same thing twice, addresses outside their network. It passes over what could
// not be read. Its time is linear in the size of the site, as long as there are
// no more nodes and VIPs than a site may have.
func (d *decoder) crossCheck(s *Site) {
	if d.full() || d.tooMany {
		return
	}
	c := &cross{decoder: d, site: s, noted: map[string]int{}, owners: map[netip.Addr]place{}, shared: map[netip.Addr]bool{}}
	c.roles = known{what: "NIC", list: "nics", names: keySet(s.NICs)}
	c.nics()
	c.nodes()
	c.vrrp()
	c.proxies()
	c.stats()
	c.userlists()
	c.peers()
	c.resolvers()
	c.pages()
	c.firewall()
	c.notifications()
	c.target()
	c.host()
	c.raws()
	c.secrets()
}

type cross struct {
	*decoder
	site   *Site
	roles  known
	owners map[netip.Addr]place // whose each address is
	shared map[netip.Addr]bool  // addresses that are reported to be several things
	noted  map[string]int       // findings that several places may cause, by what they say
}

// place is a path that is put together only when it is shown.
type place struct {
	list diag.Path
	i    int
	rest diag.Path // of the item's value, from the item on; "" for the item itself
}

// noIndex is the index of a place that is no list's item.
const noIndex = -1

func (p place) path() diag.Path {
	path := p.list
	if p.i != noIndex {
		path = path.Index(p.i)
	}
	if p.rest == "" {
		return path
	}
	return path.Key(string(p.rest))
}

func (c *cross) add(path diag.Path, code, summary, detail string, related ...diag.Related) {
	if c.failed[path] {
		return
	}
	c.decoder.add(diag.Diagnostic{Code: code, Path: path, Summary: summary, Detail: detail, Related: related})
}

// addOnce reports what several places cause as one finding, with the first few
// of them.
func (c *cross) addOnce(path diag.Path, code, summary, detail string, related diag.Related) {
	key := code + summary
	i, ok := c.noted[key]
	if !ok {
		c.noted[key] = len(c.found)
		c.add(path, code, summary, detail, related)
		return
	}
	c.relate(i, related)
}

// elsewhere points at a second place that a finding is about.
func (c *cross) elsewhere(message string, path diag.Path) diag.Related {
	return diag.Related{Message: message, Range: c.src.Range(path)}
}

// unique remembers names and reports the second of two equal ones.
type unique map[string]place

func (u unique) claim(c *cross, name string, at place, what string) {
	if name == "" {
		return
	}
	if first, ok := u[name]; ok {
		c.add(at.path(), "duplicate", fmt.Sprintf("%s %q is defined twice", what, name), "give one of them another name",
			c.elsewhere("it is defined here already", first.path()))
		return
	}
	u[name] = at
}

// known is what a reference may name.
type known struct {
	what  string
	list  diag.Path // the path of where it is defined
	names map[string]bool
}

func keySet[V any](m map[string]V) map[string]bool {
	set := make(map[string]bool, len(m))
	for k := range m {
		set[k] = true
	}
	return set
}

// maxListed is how many names a message lists.
const maxListed = 12

// refer reports a reference to nothing, once for each name. Where the list of
// what is there could not be read, it has its own finding.
func (c *cross) refer(path diag.Path, name string, to known) bool {
	if name == "" || to.names[name] {
		return name != ""
	}
	isKey := strings.HasSuffix(string(path), "["+name+"]")
	if c.failed[to.list] || c.failed[path] && !isKey || c.failed[keyOf(path)] {
		return false
	}
	defer func() { c.failed[path] = true }()
	if i, ok := c.noted[to.what+name]; ok {
		c.relate(i, diag.Related{Message: "it is named here too", Range: c.nameRange(path, name)})
		return false
	}
	c.noted[to.what+name] = len(c.found)
	c.decoder.add(diag.Diagnostic{
		Code: "unknown-reference", Path: path, Summary: fmt.Sprintf("there is no %s %q", to.what, name),
		Detail: to.suggest(name), Subject: c.nameRange(path, name),
	})
	return false
}

// nameRange is where a name stands that is a value or, at the end of a path
// like nodes[0].addresses[client], a key.
func (c *cross) nameRange(path diag.Path, name string) diag.Range {
	if strings.HasSuffix(string(path), "["+name+"]") {
		return c.src.KeyRange(path)
	}
	return c.src.Range(path)
}

// relate adds a further place to a finding, up to a handful.
func (c *cross) relate(i int, r diag.Related) {
	if i < len(c.found) && len(c.found[i].Related) < 5 {
		c.found[i].Related = append(c.found[i].Related, r)
	}
}

func (k known) suggest(name string) string {
	if len(k.names) == 0 {
		return fmt.Sprintf("there is no %s yet: add it under %s", k.what, k.list)
	}
	all := sortedKeys(k.names)
	detail := "there are: " + strings.Join(all[:min(len(all), maxListed)], ", ")
	if len(all) > maxListed {
		detail += fmt.Sprintf(" and %d more", len(all)-maxListed)
	}
	if near := nearest(name, all); near != "" {
		detail = fmt.Sprintf("did you mean %q? %s", near, detail)
	}
	return detail
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

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

// pages wants the names of the pages to be fit for the node, and different.
func (c *cross) pages() {
	first := map[string]PageRef{} // by the name on the node
	for _, ref := range c.site.PageRefs() {
		name := PageName(ref.File)
		if !fitsPage(name) {
			c.add(ref.Path, "bad-value", fmt.Sprintf("bad file name %q", name), "expected letters, digits, _ . and - in a page's file name")
			continue
		}
		other, taken := first[name]
		if taken && other.File != ref.File {
			c.add(ref.Path, "duplicate", fmt.Sprintf("two different pages are named %s", name),
				"both would be "+c.site.Machine().Pages()+"/"+name+": rename one", c.elsewhere("the other is here", other.Path))
		}
		if !taken {
			first[name] = ref
		}
	}
}

// PageName returns the name that a page has on the node, in HAProxy's folder
// of pages.
func PageName(page string) string { return page[strings.LastIndexByte(page, '/')+1:] }

func fitsPage(name string) bool {
	return name != "" && name[0] != '.' && name[0] != '-' && strings.Trim(name,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == ""
}

func (c *cross) firewall() {
	if !c.zonesNeeded() {
		return
	}
	zones := known{what: "firewall zone of a NIC", list: "nics", names: map[string]bool{}}
	for _, nic := range c.site.NICs {
		if nic.Zone != "" {
			zones.names[nic.Zone] = true
		}
	}
	for _, zone := range sortedKeys(c.site.Firewall.Zones) {
		c.refer(diag.Path("firewall.zones").Entry(zone), zone, zones)
	}
}

// zonesNeeded wants a zone wherever a rule has to go into one, and says
// whether all are there.
func (c *cross) zonesNeeded() bool {
	if p, ok := PlatformNamed(c.site.Platform); !ok || !p.Firewalld {
		return true
	}
	needed := map[string]diag.Path{} // role -> path that needs it
	if s := c.site.Stats; s != nil {
		needed[s.NIC] = "stats.nic"
	}
	if p := c.site.Peers; p != nil {
		needed[p.NIC] = "peers.nic"
	}
	for i, f := range c.site.Frontends {
		for j, b := range f.Binds {
			c.bindZones(needed, diag.Path("frontends").Index(i).Key("binds").Index(j), b)
		}
	}
	for i, v := range c.site.VRRP {
		needed[v.NIC] = diag.Path("vrrp").Index(i).Key("nic")
	}
	before := len(c.found)
	for _, role := range sortedKeys(c.site.NICs) {
		if path, ok := needed[role]; ok && c.site.NICs[role].Zone == "" && !c.hasFailedBelow(diag.Path("nics").Entry(role).Key("zone")) {
			c.add(diag.Path("nics").Entry(role), "missing-field", fmt.Sprintf("NIC %q has no firewall zone", role),
				fmt.Sprintf("add zone: on %s firewalld is in use, and rules for this NIC must go into its zone", c.site.Platform),
				c.elsewhere("it needs rules because of this", path))
		}
	}
	return len(c.found) == before
}

// bindZones notes the NIC whose zone has to let a bind's clients in; that of a
// VIP is needed anyhow. Where they may come by several NICs, as for "*", those
// with a zone are enough, but not none.
func (c *cross) bindZones(needed map[string]diag.Path, path diag.Path, b Bind) {
	switch {
	case !b.IsOpen():
	case b.NIC != "":
		needed[b.NIC] = path
	case b.Address.IsValid() && c.inTheDark(b) && !c.hasFailedBelow("nics") && !c.hasFailedBelow("nodes"):
		c.add(path, "missing-field", "the firewall lets nobody in to this bind: no NIC that its clients come by has a zone",
			"add zone to these NICs, or write open: false where something else lets clients in")
	}
}

// inTheDark says whether clients come by NICs that have no zone, and by no others.
func (c *cross) inTheDark(b Bind) bool {
	dark := false
	for _, n := range c.site.Nodes {
		for _, h := range c.site.OpenTo(n, b) {
			if c.site.NICs[h.Role].Zone != "" {
				return false
			}
			dark = true
		}
	}
	return dark
}

func (c *cross) notifications() {
	if e := c.site.Notifications.Email; e != nil {
		c.wholeSeconds("notifications.email.smtp_connect_timeout", e.SMTPConnectTimeout)
	}
}

// maxKeepalived is the longest time that Keepalived takes: 32 bits of
// microseconds (UINT_MAX / TIMER_HZ).
const maxKeepalived = 4294 * time.Second

// wholeSeconds refuses parts of a second where Keepalived would cut them.
func (c *cross) wholeSeconds(path diag.Path, d Duration) {
	switch {
	case d == 0:
	case !d.wholeSeconds():
		c.add(path, "bad-value", fmt.Sprintf("bad value %q", d), "Keepalived counts whole seconds here, such as 2s")
	case time.Duration(d) > maxKeepalived:
		c.add(path, "bad-value", fmt.Sprintf("bad value %q", d), "Keepalived counts 4294s at most")
	}
}
