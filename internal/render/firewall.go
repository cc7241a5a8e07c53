package render

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/site"
)

// Firewall is what firewalld.sh makes true on the node. The zones are sorted
// by name, and each of their lists is in the order in which it is applied.
type Firewall struct {
	Zones []Zone
}

// Zone is one firewalld zone, as far as lbgen changes it.
type Zone struct {
	Name       string
	Interfaces []string // moved into the zone
	// NoForward takes intra-zone forwarding away. Adding it is firewalld's own
	// default and never lbgen's business.
	NoForward      bool
	RemoveServices []string // such as ssh: taken away because the site file says so
	RichRules      []RichRule
}

// RichRule is one rule in firewalld's rich language (firewalld.richlanguage(5)).
type RichRule struct {
	Rule string
	From diag.Path // what asked for it
}

// firewall collects what each zone of one node needs.
type firewall struct {
	site  *site.Site
	node  *site.Node
	zones []*Zone
	seen  map[string]bool // zone and rule: each stands once
}

func resolveFirewall(s *site.Site, n *site.Node) Firewall {
	f := &firewall{site: s, node: n, seen: map[string]bool{}}
	for _, nic := range n.NICs {
		if z := f.zone(nic.Role); z != nil && !slices.Contains(z.Interfaces, nic.Device) {
			z.Interfaces = append(z.Interfaces, nic.Device)
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
		want := f.site.Written.Firewall.Zones[z.Name]
		z.NoForward = want.Forward != nil && !*want.Forward
		z.RemoveServices = want.RemoveServices
	}
}

// adverts lets VRRP in from the peers and from nobody else.
func (f *firewall) adverts() {
	for i := range f.site.VRRP {
		v := &f.site.VRRP[i]
		for j := range f.site.Nodes {
			peer := &f.site.Nodes[j]
			if peer.Name == f.node.Name {
				continue
			}
			for _, a := range advertSources(v, peer) {
				f.rule(v.NIC, v.Path(), fmt.Sprintf(`rule family="%s" source address="%s" protocol value="vrrp" accept`, family(a), a))
			}
		}
	}
}

// advertSources are the addresses that the peer's adverts come from: its own,
// or for multicast of IPv6 its link-local one, which the site file does not know.
func advertSources(v *site.VRRP, peer *site.Node) []string {
	var sources []string
	for _, one := range v.Instances {
		switch family := one.Family; {
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
	for i := range f.site.Frontends {
		front := &f.site.Frontends[i]
		for j := range front.Binds {
			b := &front.Binds[j]
			to := f.site.OpenTo(f.node, b)
			for _, ports := range runs(b.Ports) {
				for _, t := range to {
					f.rule(t.Role, front.Path().Key("binds").Index(j),
						fmt.Sprintf(`rule family="%s" destination address="%s" port port="%s" protocol="tcp" accept`,
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
					family(from.Addr().String()), from, a, s.Port))
			}
		}
	}
}

// peers lets the other nodes' HAProxy in, and nobody else.
func (f *firewall) peers() {
	p := f.site.Peers
	if p == nil {
		return
	}
	for i, peer := range p.Addresses {
		if i == f.node.Index {
			continue
		}
		from, to := peer.String(), p.Addresses[f.node.Index].String()
		f.rule(p.NIC, "peers", fmt.Sprintf(`rule family="%s" source address="%s" destination address="%s" port port="%d" protocol="tcp" accept`,
			family(from), from, to, f.site.Peers.Port))
	}
}

func (f *firewall) rule(role string, from diag.Path, rule string) {
	z := f.zone(role)
	if z == nil || f.seen[z.Name+" "+rule] {
		return
	}
	f.seen[z.Name+" "+rule] = true
	z.RichRules = append(z.RichRules, RichRule{Rule: rule, From: from})
}

func family(addr string) string {
	if strings.Contains(addr, ":") {
		return "ipv6"
	}
	return "ipv4"
}
