package rehearse

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// stage is a site made ready to be stood up.
type stage struct {
	site   *Subject
	groups []group
	judged []judge.Group // the same for the judge
	plan   lab.Plan
	roles  map[string]string // network of each NIC role
	taken  map[netip.Addr]bool
	notes  []string
	bad    []string            // what of the site cannot be rehearsed, and why
	with   map[string][]string // servers that answer the checks of another one, too
	beyond string              // network over which everything is reached that is in none
	// booting is how the nodes boot; nil where the lab has them.
	booting *Booting
}

// group is one group of VRRP instances, and what the lab has to know of it
// beside the arithmetic.
type group struct {
	*failover.Group
	nics []string     // roles of the NICs that its adverts go over
	vips []netip.Addr // in the order of the site file
}

// newStage makes the plan of a lab for the site. The files are those of the
// sets, as they are.
func newStage(site *Subject, sets []artifact.Set, b *Booting) *stage {
	s := &stage{site: site, booting: b, roles: site.Networks(), taken: map[netip.Addr]bool{}, with: map[string][]string{}}
	s.groups = groups(site)
	s.plan.Networks = s.networkNames()
	s.beyond = s.farNetwork()
	s.take()
	for i := range site.Nodes {
		s.plan.Nodes = append(s.plan.Nodes, s.node(&site.Nodes[i], sets[i]))
	}
	s.servers()
	s.client()
	s.plan.Names = hostNames(site)
	s.always(sets)
	s.judge()
	return s
}

// always notes what is real in no rehearsal.
func (s *stage) always(sets []artifact.Set) {
	s.notes = append(s.notes, s.site.Notes...)
	s.note("the servers behind HAProxy are stubs that answer with their own name")
	if slices.ContainsFunc(sets, func(set artifact.Set) bool { return len(set.UnknownSecrets()) > 0 }) {
		s.note("passwords are stubs: a rehearsal needs none of the real ones")
	}
	if s.booting != nil {
		s.note("the networks are bridges of this machine, whose kernel all nodes share")
		return
	}
	s.note("systemd does not run: lbgen starts the daemons as their units do, and nothing restarts what was stopped or killed")
	for _, unused := range []struct{ path, note string }{
		{"firewalld.sh", "firewalld.sh is not run: there is no firewall"},
		{"etc/nftables.d/lbgen.nft", "the table of nftables is not loaded: nothing is filtered"},
	} {
		if slices.ContainsFunc(sets, func(set artifact.Set) bool { _, ok := set.File(unused.path); return ok }) {
			s.note("%s", unused.note)
		}
	}
}

func groups(site *Subject) []group {
	var all []group
	for _, g := range site.foreseen() {
		one := group{Group: g}
		for _, v := range site.VRRP {
			mine := false
			for _, vip := range v.VIPs {
				if slices.Contains(g.VIPs, vip.Address.Addr().String()) {
					one.vips, mine = append(one.vips, vip.Address.Addr()), true
				}
			}
			if mine {
				one.nics = append(one.nics, v.NIC)
			}
		}
		all = append(all, one)
	}
	return all
}

func (s *stage) networkNames() []string {
	var names []string
	for _, role := range s.site.Roles {
		names = append(names, s.roles[role])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// farNetwork is the network that stands in for the way to machines in none of
// the site's: the first NIC whose link is watched, where servers usually are;
// the first one without virtual IPs; any.
func (s *stage) farNetwork() string {
	var watched, plain string
	for _, role := range s.site.Roles {
		own := false
		for _, v := range s.site.VRRP {
			own = own || v.NIC == role
			if watched == "" && slices.ContainsFunc(v.Track.NICs, func(t model.TrackNIC) bool { return t.NIC == role }) {
				watched = role
			}
		}
		if plain == "" && !own {
			plain = role
		}
	}
	return s.roles[cmp.Or(watched, plain, s.site.Roles[0])]
}

// take notes the addresses that are somebody's.
func (s *stage) take() {
	for _, n := range s.site.Nodes {
		for _, addrs := range n.Addresses {
			for _, a := range addrs {
				s.taken[a] = true
			}
		}
	}
	for _, v := range s.site.VRRP {
		for _, vip := range v.VIPs {
			s.taken[vip.Address.Addr()] = true
		}
	}
	for i := range s.site.Backends {
		b := &s.site.Backends[i]
		for _, server := range b.Servers {
			s.taken[server.Address.Addr()] = true
		}
		if b.Sorry != nil && b.Sorry.Remote != nil {
			s.taken[b.Sorry.Remote.Address.Addr()] = true
		}
	}
}

func (s *stage) node(n *site.Node, set artifact.Set) lab.Node {
	node := lab.Node{Set: set, StatsSocket: s.site.socket(n.Name)}
	for _, g := range s.groups {
		node.VIPs = append(node.VIPs, g.vips...)
	}
	for _, d := range set.Host.Devices {
		node.Links = append(node.Links, lab.Link{Network: s.roles[s.roleOf(n, d.Name)], Device: d.Name, Addresses: d.Addresses})
	}
	return node
}

func (s *stage) roleOf(n *site.Node, device string) string {
	for _, role := range s.site.Roles {
		if n.Device(role) == device {
			return role
		}
	}
	return ""
}

// note adds to what is not as on the nodes.
func (s *stage) note(format string, args ...any) {
	if n := fmt.Sprintf(format, args...); !slices.Contains(s.notes, n) {
		s.notes = append(s.notes, n)
	}
}

// subnets are those of a network.
func (s *stage) subnets(network string) []netip.Prefix {
	var all []netip.Prefix
	for _, role := range s.site.Roles {
		if s.roles[role] == network {
			all = append(all, s.site.NICs[role].Subnet...)
		}
	}
	return all
}

// home returns the network and the subnet that an address is in.
func (s *stage) home(addr netip.Addr) (network string, subnet netip.Prefix, ok bool) {
	for _, n := range s.plan.Networks {
		for _, p := range s.subnets(n) {
			if p.Contains(addr) {
				return n, p, true
			}
		}
	}
	return "", netip.Prefix{}, false
}

// maxFree is how many addresses of a subnet are looked at from its end.
const maxFree = 1000

// free returns so many addresses of a subnet that nobody has, the highest first,
// and takes them.
func (s *stage) free(subnet netip.Prefix, count int) []netip.Prefix {
	var found []netip.Prefix
	addr := last(subnet)
	if addr.Is4() && subnet.Bits() < 31 {
		addr = addr.Prev() // not the broadcast address
	}
	for range maxFree {
		if len(found) == count || !subnet.Contains(addr) || addr == subnet.Masked().Addr() {
			break
		}
		if !s.taken[addr] {
			s.taken[addr] = true
			found = append(found, netip.PrefixFrom(addr, subnet.Bits()))
		}
		addr = addr.Prev()
	}
	return found
}

// last is the last address of a network.
func last(p netip.Prefix) netip.Addr {
	bytes := p.Masked().Addr().AsSlice()
	for i := p.Bits(); i < len(bytes)*8; i++ {
		bytes[i/8] |= 1 << (7 - i%8)
	}
	addr, _ := netip.AddrFromSlice(bytes)
	return addr
}

// clientAddresses is how many addresses the client has in each subnet: asking
// from several, it is no single visitor who asks very often.
const clientAddresses = 8

// client puts the client into every network that clients may come from: those
// of the virtual IPs, or all where there are none.
func (s *stage) client() {
	for i, network := range s.plan.Networks {
		if !s.entered(network) {
			continue
		}
		link := lab.Link{Network: network, Device: fmt.Sprintf("eth%d", i)}
		for _, subnet := range s.subnets(network) {
			link.Addresses = append(link.Addresses, s.free(subnet, clientAddresses)...)
		}
		for _, g := range s.groups {
			for j, vip := range g.vips {
				if _, _, ok := s.home(vip); !ok && s.roles[g.nics[min(j, len(g.nics)-1)]] == network {
					link.Routes = append(link.Routes, netip.PrefixFrom(vip, vip.BitLen()))
				}
			}
		}
		s.plan.Client = append(s.plan.Client, link)
	}
}

// entered says whether clients come in by the network.
func (s *stage) entered(network string) bool {
	if len(s.groups) == 0 {
		return true
	}
	return slices.ContainsFunc(s.groups, func(g group) bool {
		return slices.ContainsFunc(g.nics, func(role string) bool { return s.roles[role] == network })
	})
}

// hostNames are the names that a certificate may have to be good for.
func hostNames(site *Subject) []string {
	var names []string
	add := func(all ...string) {
		for _, n := range all {
			if n = strings.TrimPrefix(n, "."); n != "" && !strings.Contains(n, " ") && !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	for i := range site.Frontends {
		f := &site.Frontends[i]
		for _, r := range f.Routes {
			for _, m := range r.When {
				add(slices.Concat(m.Host, m.SNI)...)
			}
		}
	}
	for i := range site.Backends {
		b := &site.Backends[i]
		if b.Health.HTTP != nil {
			add(b.Health.HTTP.Host)
		}
		for _, t := range serverTLS(b) {
			add(t.SNI, t.VerifyHost)
		}
	}
	return names
}

func serverTLS(b *site.Backend) []*model.ServerTLS {
	all := []*model.ServerTLS{b.ServerDefaults.TLS}
	for _, s := range b.Servers {
		all = append(all, s.TLS)
	}
	return slices.DeleteFunc(all, func(t *model.ServerTLS) bool { return t == nil })
}
