package adopt

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/pair"
)

// facts are what other files of the trees say.
type facts struct {
	site, platform string
	program        string // HAProxy's, where it is not the package's
	// addresses are the nodes' own: node, device, addresses.
	addresses map[string]map[string][]string
	zones     map[string]string // of firewalld, by device
}

// facts reads node.table, where lbgen has rendered the tree, and what the tree has of
// its distribution.
func (im *importer) facts() facts {
	f := facts{addresses: map[string]map[string][]string{}, zones: map[string]string{}}
	for node, devices := range im.opts.Addresses {
		for device, all := range devices {
			for _, a := range all {
				f.own(node, device, a)
			}
		}
	}
	for _, n := range im.nodes {
		data, err := n.File("node.table")
		if err != nil {
			found, like := platformOf(n)
			f.platform = cmp.Or(f.platform, found)
			if like != "" && im.opts.Platform == "" {
				im.asked("%s", like)
			}
			continue
		}
		for line := range strings.Lines(string(data)) {
			words := strings.Fields(line)
			switch {
			case len(words) == 2 && words[0] == "site":
				f.site = words[1]
			case len(words) == 2 && words[0] == "platform":
				f.platform = words[1]
			case len(words) == 2 && words[0] == "program" && strings.HasPrefix(words[1], "/"):
				f.program = words[1]
			case len(words) == 3 && words[0] == "address":
				f.own(n.Name, words[1], words[2])
			}
		}
		f.readZones(n)
	}
	if f.platform == "" && im.opts.Platform == "" {
		f.platform = "debian12"
		im.asked("no file says which distribution the nodes have: debian12 is taken; --platform says another")
	}
	return f
}

// readZones reads the zones of the interfaces from firewalld.table.
func (f *facts) readZones(n *pair.Node) {
	data, err := n.File("firewalld.table")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(data)) {
		if words := strings.Fields(line); len(words) == 3 && words[0] == "interface" {
			f.zones[words[2]] = words[1]
		}
	}
}

func (f *facts) own(node, device, address string) {
	if f.addresses[node] == nil {
		f.addresses[node] = map[string][]string{}
	}
	if !slices.Contains(f.addresses[node][device], address) {
		f.addresses[node][device] = append(f.addresses[node][device], address)
	}
}

// roles are the NICs of the nodes, by the role that each device plays.
type roles struct {
	order   []string
	devices map[string]map[string]string         // role to node to device
	own     map[string]map[string][]netip.Prefix // node to role to its addresses
	zones   map[string]string
	rhel    bool // firewalld is in use unless somebody has taken it out
}

// findRoles gives each device of the instances and of the facts a role.
func (im *importer) findRoles(f facts) {
	r := &roles{devices: map[string]map[string]string{}, own: map[string]map[string][]netip.Prefix{}, zones: f.zones,
		rhel: !strings.HasPrefix(im.site.get("platform"), "debian") && !strings.HasPrefix(im.site.get("platform"), "ubuntu")}
	im.roles = r
	role := func(name string) {
		if r.devices[name] == nil {
			r.order, r.devices[name] = append(r.order, name), map[string]string{}
		}
	}
	for i, router := range im.routers {
		name := r.of(router.Members[0].Node.Name, router.Members[0].Interface)
		if name == "" {
			name = []string{"front", "back", "other"}[min(i, 2)]
			for n := 2; r.devices[name] != nil; n++ {
				name = fmt.Sprintf("nic%d", n)
			}
			role(name)
		}
		for _, m := range router.Members {
			r.devices[name][m.Node.Name] = m.Interface
			for _, a := range m.Addresses() {
				r.address(m.Node.Name, name, im.network(a, m))
			}
		}
	}
	for _, n := range im.nodes {
		for _, device := range devicesOf(n, f) {
			if r.of(n.Name, device) != "" {
				continue
			}
			name := device
			role(name)
			r.devices[name][n.Name] = device
		}
		for device, all := range f.addresses[n.Name] {
			for _, text := range all {
				if p, ok := prefix(text); ok {
					r.address(n.Name, r.of(n.Name, device), im.networkOf(p))
				}
			}
		}
	}
	if len(r.order) == 0 {
		role("front")
		for _, n := range im.nodes {
			r.devices["front"][n.Name] = "eth0"
		}
		im.asked("no file names an interface: eth0 is taken")
	}
	im.guess()
}

// devicesOf are the devices that a node's tracks and the facts name, sorted.
func devicesOf(n *pair.Node, f facts) []string {
	var all []string
	for d := range f.addresses[n.Name] {
		all = append(all, d)
	}
	if n.Keepalived != nil {
		for _, b := range n.Keepalived.Lines {
			for _, l := range b.Listed("track_interface") {
				all = append(all, l.Keyword())
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// of returns the role of a node's device, "" where it has none.
func (r *roles) of(node, device string) string {
	for _, role := range r.order {
		if r.devices[role][node] == device {
			return role
		}
	}
	return ""
}

func (r *roles) address(node, role string, p netip.Prefix) {
	if r.own[node] == nil {
		r.own[node] = map[string][]netip.Prefix{}
	}
	if !slices.ContainsFunc(r.own[node][role], func(o netip.Prefix) bool { return o.Addr() == p.Addr() }) {
		r.own[node][role] = append(r.own[node][role], p)
	}
}

func prefix(text string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(text); err == nil {
		return p, true
	}
	a, err := netip.ParseAddr(text)
	return netip.PrefixFrom(a, -1), err == nil
}

// network is an address of an instance with the length of the first VIP's network
// that it is in.
func (im *importer) network(a netip.Addr, m *pair.Member) netip.Prefix {
	for _, v := range m.Block.Listed("virtual_ipaddress") {
		if p, err := netip.ParsePrefix(v.Keyword()); err == nil && !p.IsSingleIP() && p.Masked().Contains(a) {
			return netip.PrefixFrom(a, p.Bits())
		}
	}
	return netip.PrefixFrom(a, usualBits(a))
}

// networkOf gives an address without a length that of a VIP's network, or the usual
// one.
func (im *importer) networkOf(p netip.Prefix) netip.Prefix {
	if p.Bits() >= 0 {
		return p
	}
	for _, r := range im.routers {
		for _, v := range r.Members[0].Block.Listed("virtual_ipaddress") {
			if vip, err := netip.ParsePrefix(v.Keyword()); err == nil && !vip.IsSingleIP() && vip.Masked().Contains(p.Addr()) {
				return netip.PrefixFrom(p.Addr(), vip.Bits())
			}
		}
	}
	return netip.PrefixFrom(p.Addr(), usualBits(p.Addr()))
}

func usualBits(a netip.Addr) int {
	if a.Is4() {
		return 24
	}
	return 64
}

// guess gives a node without an address in a role one of the role's network, and asks
// for the right one.
func (im *importer) guess() {
	r := im.roles
	im.byPeers()
	for _, role := range r.order {
		for i, n := range im.nodes {
			if r.devices[role][n.Name] == "" {
				r.devices[role][n.Name] = im.deviceLike(role)
			}
			for _, four := range im.familiesOf(role, n) {
				if slices.ContainsFunc(r.own[n.Name][role], func(p netip.Prefix) bool { return p.Addr().Is4() == four }) {
					continue
				}
				p := im.free(role, i, four)
				r.address(n.Name, role, p)
				im.asked("no file says the address of %s on %s: %s is taken; --address %s=%s:ADDRESS/LENGTH says the right one",
					n.Name, r.devices[role][n.Name], p, n.Name, r.devices[role][n.Name])
			}
		}
	}
}

// familiesOf says of which families a node needs addresses in a role: those of its
// virtual IPs; IPv4 where it has none and the node has no address. True is IPv4.
func (im *importer) familiesOf(role string, n *pair.Node) []bool {
	var all []bool
	for _, router := range im.routers {
		m := router.Members[0]
		if im.roles.of(m.Node.Name, m.Interface) != role {
			continue
		}
		for _, v := range m.Block.Listed("virtual_ipaddress") {
			if p, ok := prefix(v.Keyword()); ok && !slices.Contains(all, p.Addr().Is4()) {
				all = append(all, p.Addr().Is4())
			}
		}
	}
	if len(all) == 0 && len(im.roles.own[n.Name][role]) == 0 {
		return []bool{true}
	}
	return all
}

func (im *importer) deviceLike(role string) string {
	for _, n := range im.nodes {
		if d := im.roles.devices[role][n.Name]; d != "" {
			return d
		}
	}
	return "eth0"
}

// free is an address of the role's network that nobody has: of a VIP's, or of
// documentation (RFC 5737).
func (im *importer) free(role string, i int, four bool) netip.Prefix {
	network := netip.MustParsePrefix("192.0.2.0/24")
	if n := slices.Index(im.roles.order, role); n > 0 {
		network = netip.MustParsePrefix(fmt.Sprintf("198.18.%d.0/24", n)) // RFC 2544
	}
	for _, router := range im.routers {
		m := router.Members[0]
		if im.roles.of(m.Node.Name, m.Interface) != role {
			continue
		}
		for _, v := range m.Block.Listed("virtual_ipaddress") {
			if p, ok := prefix(v.Keyword()); ok && p.Addr().Is4() == four {
				bits := p.Bits()
				if bits <= 0 || p.IsSingleIP() {
					bits = usualBits(p.Addr())
				}
				network = netip.PrefixFrom(p.Addr(), bits).Masked()
				return im.unused(network, i)
			}
		}
	}
	return im.unused(network, i)
}

// unused is the next address of a network from .241 on, or from its beginning where it
// is small, that no file has.
func (im *importer) unused(network netip.Prefix, i int) netip.Prefix {
	a := network.Addr().Next()
	if network.Addr().Is4() && network.Bits() <= 24 {
		b := network.Addr().As4()
		b[3] = byte(240 + i)
		a = netip.AddrFrom4(b)
	}
	for ; network.Contains(a); a = a.Next() {
		if !im.taken(a) {
			return netip.PrefixFrom(a, network.Bits())
		}
	}
	return netip.PrefixFrom(network.Addr().Next(), network.Bits())
}

func (im *importer) taken(a netip.Addr) bool {
	for _, all := range im.roles.own {
		for _, list := range all {
			if slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Addr() == a }) {
				return true
			}
		}
	}
	for _, r := range im.routers {
		if slices.Contains(r.Members[0].VIPs, a.String()) {
			return true
		}
	}
	for _, n := range im.nodes {
		for _, s := range n.HAProxy.Sections {
			for _, server := range pair.Servers(s) {
				if host, _, _ := strings.Cut(server.Address(), ":"); host == a.String() {
					return true
				}
			}
		}
	}
	return false
}

// write puts nics and nodes into the site.
func (r *roles) write(im *importer) {
	nics := mapping()
	for _, role := range r.order {
		nic := mapping()
		nic.set("device", im.deviceLike(role))
		var subnets []string
		for _, n := range im.nodes {
			for _, p := range r.own[n.Name][role] {
				if s := p.Masked().String(); !slices.Contains(subnets, s) {
					subnets = append(subnets, s)
				}
			}
		}
		nic.put("subnet", oneOrList(subnets))
		nic.set("zone", r.zones[im.deviceLike(role)])
		if r.rhel && nic.get("zone") == "" {
			nic.set("zone", "public")
			im.asked("no file says the firewall zone of %s: public is taken", im.deviceLike(role))
		}
		nics.set(role, nic)
	}
	im.site.set("nics", nics)
	var nodes []*node
	for _, n := range im.nodes {
		one := mapping()
		one.set("name", n.Name)
		im.priority(n, one)
		addresses, devices := mapping(), mapping()
		for _, role := range r.order {
			var all []string
			for _, p := range r.own[n.Name][role] {
				all = append(all, p.Addr().String())
			}
			addresses.put(role, oneOrList(all))
			if d := r.devices[role][n.Name]; d != im.deviceLike(role) {
				devices.set(role, d)
			}
		}
		one.set("addresses", addresses)
		one.set("devices", devices)
		if l := n.Global("router_id"); l != nil {
			im.becomes(l.Range, Field, "")
			if l.Value() != n.Name {
				one.set("router_id", l.Value())
			}
		}
		nodes = append(nodes, one)
	}
	im.site.set("nodes", append(nodes, im.strangers()...))
}

func oneOrList(all []string) *node {
	if len(all) == 1 {
		return of(all[0])
	}
	return of(all)
}
