package rehearse

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// servers plans a stub for every address behind HAProxy.
func (s *stage) servers() {
	for i := range s.site.Backends {
		b := &s.site.Backends[i]
		for _, server := range b.Servers {
			s.server(b, server)
		}
		if b.Sorry != nil && b.Sorry.Remote != nil {
			s.stub(sorryServer(b), b.Sorry.Remote.Address, lab.Server{})
		}
		if len(b.ServerTemplates) > 0 {
			s.bad = append(s.bad, fmt.Sprintf("backend %s: a name server tells its servers' addresses, and there is none here", b.Name))
		}
	}
}

// serverName is what a server is called: as HAProxy's log has it.
func serverName(b *site.Backend, server model.Server) string { return b.Name + "/" + server.Name }

// sorryServer is the machine that has the page for when no server is left.
func sorryServer(b *site.Backend) string { return b.Name + "/sorry" }

func (s *stage) server(b *site.Backend, server model.Server) {
	one := lab.Server{Health: checkedBy(b).health, Begins: begins(s.site, b, server)}
	if c := b.Persist; c != nil && c.Cookie != nil && (c.Cookie.Mode == "rewrite" || c.Cookie.Mode == "prefix") {
		one.Cookie = c.Cookie.Name
	}
	if port := b.Check(&server.ServerOptions).Port; port != 0 {
		one.Ports = append(one.Ports, uint16(port))
	}
	at := server.Address.Endpoint
	if ports := portsTo(s.site, b); at.Port() == 0 && len(ports) > 0 {
		one.Ports = append(one.Ports, ports[1:]...)
		at.AddrPort = netip.AddrPortFrom(at.Addr(), ports[0])
	}
	s.stub(serverName(b, server), at, one)
}

// portsTo are those that clients of a backend come to, which a server without a port
// of its own gets them at.
func portsTo(s *Subject, b *site.Backend) []uint16 {
	var all []uint16
	for i := range s.Frontends {
		f := &s.Frontends[i]
		leads := f.DefaultBackend == b.Name || slices.ContainsFunc(f.Routes, func(r site.Route) bool { return r.Backend == b.Name })
		for j := range f.Binds {
			for _, port := range f.Binds[j].Ports {
				if leads && !slices.Contains(all, uint16(port)) {
					all = append(all, uint16(port))
				}
			}
		}
	}
	return all
}

// stub adds the stub for the address. A second server at one address and
// port is the first one under another name.
func (s *stage) stub(name string, at model.Endpoint, one lab.Server) {
	addr := at.Addr()
	if at.Host != "" {
		addr = s.namedHost(at.Host)
		if !addr.IsValid() {
			s.bad = append(s.bad, fmt.Sprintf("%s: no address is left for %s", name, at.Host))
			return
		}
	}
	network, subnet, ok := s.home(addr)
	if !ok {
		network, subnet = s.beyond, netip.PrefixFrom(addr, addr.BitLen())
		s.note("%s is in none of the site's networks: the way there goes straight over NIC %s", addr, network)
		s.routeTo(network, subnet)
		one.Routes = s.subnets(network)
	}
	one.Name, one.Network, one.Address = name, network, netip.PrefixFrom(addr, subnet.Bits())
	one.Ports = slices.Compact(append(one.Ports, at.Port()))
	if s.shared(&one, at.Port()) {
		s.note("%s has the address and port of another server: that one answers for it", name)
		return
	}
	s.plan.Servers = append(s.plan.Servers, one)
}

// shared says whether another server has the address and port of one already, and
// then answers its checks, too. A port that is only checked is the other one's alone.
func (s *stage) shared(one *lab.Server, port uint16) bool {
	for i := range s.plan.Servers {
		other := &s.plan.Servers[i]
		if other.Address != one.Address {
			continue
		}
		theirs := slices.ContainsFunc(one.Ports, func(p uint16) bool { return slices.Contains(other.Ports, p) })
		if theirs {
			other.Health.Talks = append(other.Health.Talks, one.Health.Talks...)
			other.Health.Member = other.Health.Member || one.Health.Member
			s.with[one.Name] = append(s.with[one.Name], other.Name)
		}
		if slices.Contains(other.Ports, port) {
			return true
		}
		one.Ports = slices.DeleteFunc(one.Ports, func(p uint16) bool { return slices.Contains(other.Ports, p) })
	}
	return false
}

// namedHost gives a host that the site knows by name an address.
func (s *stage) namedHost(name string) netip.Addr {
	for _, n := range s.plan.Nodes {
		for _, line := range n.Hosts {
			var addr, host string
			if _, err := fmt.Sscan(line, &addr, &host); err == nil && host == name {
				return netip.MustParseAddr(addr)
			}
		}
	}
	subnets := s.subnets(s.beyond)
	if len(subnets) == 0 {
		return netip.Addr{}
	}
	found := s.free(subnets[0], 1)
	if len(found) == 0 {
		return netip.Addr{}
	}
	addr := found[0].Addr()
	s.note("host name %s is for the node to look up: here it is %s", name, addr)
	for i := range s.plan.Nodes {
		s.plan.Nodes[i].Hosts = append(s.plan.Nodes[i].Hosts, addr.String()+" "+name)
	}
	return addr
}

// routeTo lets every node reach the address over its NIC in the network.
func (s *stage) routeTo(network string, to netip.Prefix) {
	for i := range s.plan.Nodes {
		for j := range s.plan.Nodes[i].Links {
			if link := &s.plan.Nodes[i].Links[j]; link.Network == network && !slices.Contains(link.Routes, to) {
				link.Routes = append(link.Routes, to)
			}
		}
	}
}

// checkOf is how HAProxy checks one server, and whether it does at all.
func checkOf(b *site.Backend, server model.Server) (failover.ServerCheck, bool) {
	k := b.Check(&server.ServerOptions)
	return failover.ServerCheck{
		Inter: k.Inter, FastInter: k.FastInter, DownInter: k.DownInter, Rise: k.Rise, Fall: k.Fall,
		Connect: b.Timeouts.Connect, Check: b.Timeouts.Check, Twice: checkedBy(b).twice,
	}, b.Checked(&server.ServerOptions)
}

// getsRequests says whether the server gets requests beside others that are well.
func getsRequests(b *site.Backend, server model.Server) bool {
	return !b.Backup(&server.ServerOptions) && b.Weight(&server.ServerOptions) > 0
}
