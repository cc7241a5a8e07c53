package render

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/site"
)

// Firewall is what the node lets in. The zones are sorted by name, and each of
// their lists is in the order in which it is applied.
type Firewall struct {
	Zones    []Zone // what firewalld.sh makes so; none: it takes back what an earlier version of the site wanted
	Nftables []Zone // the chains of lbgen's own table
}

// NoForward returns the zones between whose interfaces nothing may pass.
func (f Firewall) NoForward() []Zone {
	return slices.DeleteFunc(slices.Clone(f.Nftables), func(z Zone) bool { return !z.NoForward })
}

// Zone is one zone, as far as lbgen changes it.
type Zone struct {
	Name       string
	Interfaces []string // moved into the zone
	// NoForward takes intra-zone forwarding away. Adding it is firewalld's own
	// default and never lbgen's business.
	NoForward      bool
	RemoveServices []string // such as ssh: taken away because the site file says so
	Openings       []Opening
}

// Has says whether the zone has a service that a zone has to begin with.
func (z Zone) Has(service string) bool { return !slices.Contains(z.RemoveServices, service) }

// Opening lets something in: the same in the words of both filters.
type Opening struct {
	Rich string    // in firewalld's rich language (firewalld.richlanguage(5))
	Nft  string    // a rule of nft(8)
	From diag.Path // what asked for it
}

// traffic is what an opening lets in. Without ports it is VRRP.
type traffic struct {
	source, destination string // "" for any
	protocol, ports     string
}

// ip returns the family of the addresses in nft's word, "" where there are none.
func (t traffic) ip() string {
	switch all := t.source + t.destination; {
	case all == "":
		return ""
	case strings.Contains(all, ":"):
		return "ip6"
	default:
		return "ip"
	}
}

func (t traffic) rich() string {
	words := []string{"rule"}
	add := func(value, format string) {
		if value != "" {
			words = append(words, fmt.Sprintf(format, value))
		}
	}
	add(map[string]string{"ip": "ipv4", "ip6": "ipv6"}[t.ip()], `family="%s"`)
	add(t.source, `source address="%s"`)
	add(t.destination, `destination address="%s"`)
	if t.ports == "" {
		words = append(words, `protocol value="vrrp"`)
	}
	add(t.ports, `port port="%s"`)
	add(t.protocol, `protocol="%s"`)
	return strings.Join(append(words, "accept"), " ")
}

// nft has VRRP by its number: a small system lacks /etc/protocols, which has the name.
func (t traffic) nft() string {
	var words []string
	if t.source != "" {
		words = append(words, t.ip(), "saddr", t.source)
	}
	if t.destination != "" {
		words = append(words, t.ip(), "daddr", t.destination)
	}
	if t.ports == "" {
		words = append(words, "meta l4proto 112")
	} else {
		words = append(words, t.protocol, "dport", t.ports)
	}
	return strings.Join(append(words, "accept"), " ")
}

// firewall collects what each zone of one node needs.
type firewall struct {
	site  *site.Site
	node  *site.Node
	zones []*Zone
	seen  map[string]bool // zone and rule: each stands once
}

func resolveFirewall(s *site.Site, n *site.Node) Firewall {
	switch s.Written.Firewall.Kind {
	case "none":
		return Firewall{}
	case "nftables":
		// A zone of NICs that this node has not would be a set without elements.
		return Firewall{Nftables: slices.DeleteFunc(resolveZones(s, n), func(z Zone) bool { return len(z.Interfaces) == 0 })}
	default:
		return Firewall{Zones: resolveZones(s, n)}
	}
}

func resolveZones(s *site.Site, n *site.Node) []Zone {
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
	f.others()
	slices.SortFunc(f.zones, func(a, b *Zone) int { return strings.Compare(a.Name, b.Name) })
	var zones []Zone
	for _, z := range f.zones {
		zones = append(zones, *z)
	}
	return zones
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
				f.open(v.NIC, v.Path(), traffic{source: a})
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
					f.open(t.Role, front.Path().Key("binds").Index(j), traffic{destination: t.Addr.String(), protocol: "tcp", ports: ports})
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
				f.open(s.NIC, "stats", traffic{from.String(), a.String(), "tcp", strconv.Itoa(s.Port)})
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
		f.open(p.NIC, "peers", traffic{from, to, "tcp", strconv.Itoa(p.Port)})
	}
}

// others opens what is not lbgen's.
func (f *firewall) others() {
	for _, z := range f.zones {
		for i, p := range f.site.Written.Firewall.Zones[z.Name].OpenPorts {
			path := diag.Path("firewall.zones").Entry(z.Name).Key("open_ports").Index(i)
			t := traffic{protocol: cmp.Or(p.Protocol, "tcp"), ports: strconv.Itoa(p.Port)}
			if len(p.From) == 0 {
				f.add(z, path, t)
			}
			for _, from := range p.From {
				t.source = netip.Prefix(from).String()
				f.add(z, path, t)
			}
		}
	}
}

func (f *firewall) open(role string, from diag.Path, t traffic) {
	if z := f.zone(role); z != nil {
		f.add(z, from, t)
	}
}

func (f *firewall) add(z *Zone, from diag.Path, t traffic) {
	rule := t.nft()
	if f.seen[z.Name+" "+rule] {
		return
	}
	f.seen[z.Name+" "+rule] = true
	z.Openings = append(z.Openings, Opening{Rich: t.rich(), Nft: rule, From: from})
}
