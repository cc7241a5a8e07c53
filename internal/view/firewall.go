package view

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
)

// firewall collects what each zone of one node needs.
type firewall struct {
	site  *model.Site
	node  model.Node
	zones []*Zone
	seen  map[string]bool // zone and rule: each stands once
}

func resolveFirewall(site *model.Site, n model.Node) Firewall {
	f := &firewall{site: site, node: n, seen: map[string]bool{}}
	for _, role := range roles(site) {
		if z := f.zone(role); z != nil && !slices.Contains(z.Interfaces, site.Device(n, role)) {
			z.Interfaces = append(z.Interfaces, site.Device(n, role))
		}
	}
	f.takeAway()
	f.adverts()
	f.clients()
	f.stats()
	f.peers()
	slices.SortFunc(f.zones, func(a, b *Zone) int { return strings.Compare(a.Name, b.Name) })
	var fw Firewall
	for _, z := range f.zones {
		fw.Zones = append(fw.Zones, *z)
	}
	return fw
}

// zone returns the zone of a NIC, or nil where the site file names none: then
// lbgen does not touch the firewall for it.
func (f *firewall) zone(role string) *Zone {
	name := f.site.NICs[role].Zone
	if name == "" {
		return nil
	}
	for _, z := range f.zones {
		if z.Name == name {
			return z
		}
	}
	f.zones = append(f.zones, &Zone{Name: name})
	return f.zones[len(f.zones)-1]
}

func (f *firewall) takeAway() {
	for _, z := range f.zones {
		want := f.site.Firewall.Zones[z.Name]
		z.NoForward = want.Forward != nil && !*want.Forward
		z.RemoveServices = want.RemoveServices
	}
}

// adverts lets VRRP in from the peers and from nobody else.
func (f *firewall) adverts() {
	for i, v := range f.site.VRRP {
		for _, peer := range f.site.Nodes {
			if peer.Name == f.node.Name {
				continue
			}
			for _, a := range advertSources(v, peer) {
				f.rule(v.NIC, at("vrrp", i), fmt.Sprintf(`rule family="%s" source address="%s" protocol value="vrrp" accept`, family(a), a))
			}
		}
	}
}

// advertSources are the addresses that the peer's adverts come from: its own,
// or for multicast of IPv6 its link-local one, which the site file does not know.
func advertSources(v model.VRRP, peer model.Node) []string {
	var sources []string
	for _, family := range []int{4, 6} {
		switch {
		case !v.HasFamily(family):
		case family == 6 && !v.Unicast:
			sources = append(sources, "fe80::/10")
		case v.Unicast || v.MulticastSource:
			sources = append(sources, peer.Address(v.NIC, family).String())
		default: // the interface's first one, and the site file may have several
			for _, a := range peer.Addresses[v.NIC] {
				if a.Is4() {
					sources = append(sources, a.String())
				}
			}
		}
	}
	return sources
}

// clients opens the binds: those to VIPs and to addresses, and the nodes' own
// where a bind says so.
func (f *firewall) clients() {
	for i, front := range f.site.Frontends {
		for j, b := range front.Binds {
			to := f.site.OpenTo(f.node, b)
			for _, ports := range runs(b.AllPorts()) {
				for _, t := range to {
					f.rule(t.Role, at(at("frontends", i)+".binds", j), fmt.Sprintf(`rule family="%s" destination address="%s" port port="%s" protocol="tcp" accept`,
						family(t.Addr.String()), t.Addr, ports))
				}
			}
		}
	}
}

// runs joins neighbouring ports, such as 8000-8099: each rule takes firewalld's
// tools a tenth of a second.
func runs(ports []int) []string {
	ports = slices.Compact(slices.Sorted(slices.Values(ports)))
	var all []string
	for len(ports) > 0 {
		n := 1
		for n < len(ports) && ports[n] == ports[0]+n {
			n++
		}
		run := strconv.Itoa(ports[0])
		if n > 1 {
			run += "-" + strconv.Itoa(ports[n-1])
		}
		all, ports = append(all, run), ports[n:]
	}
	return all
}

func (f *firewall) stats() {
	s := f.site.Stats
	if s == nil {
		return
	}
	for _, allow := range s.Allow {
		from := netip.Prefix(allow)
		for _, a := range f.node.Addresses[s.NIC] {
			if a.Is4() == from.Addr().Is4() {
				f.rule(s.NIC, "stats", fmt.Sprintf(`rule family="%s" source address="%s" destination address="%s" port port="%d" protocol="tcp" accept`,
					family(from.Addr().String()), from, a, s.PortOrDefault()))
			}
		}
	}
}

// peers lets the other nodes' HAProxy in, and nobody else.
func (f *firewall) peers() {
	for _, peer := range f.site.Nodes {
		if f.site.Peers == nil || peer.Name == f.node.Name {
			continue
		}
		from, to := f.site.PeerAddress(peer).String(), f.site.PeerAddress(f.node).String()
		f.rule(f.site.Peers.NIC, "peers", fmt.Sprintf(`rule family="%s" source address="%s" destination address="%s" port port="%d" protocol="tcp" accept`,
			family(from), from, to, f.site.Peers.PortOrDefault()))
	}
}

func (f *firewall) rule(role, origin, rule string) {
	z := f.zone(role)
	if z == nil || f.seen[z.Name+" "+rule] {
		return
	}
	f.seen[z.Name+" "+rule] = true
	z.RichRules = append(z.RichRules, RichRule{Rule: rule, Origin: Mark(origin)})
}

func family(addr string) string {
	if strings.Contains(addr, ":") {
		return "ipv6"
	}
	return "ipv4"
}
