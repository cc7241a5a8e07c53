package rehearse

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/model"
)

// servers plans a stand-in for every address behind HAProxy.
func (s *stage) servers() {
	for _, b := range s.site.Backends {
		for _, server := range b.Servers {
			s.server(b, server)
		}
		if b.Sorry != nil && b.Sorry.Remote != nil {
			s.standIn(sorryServer(b), b.Sorry.Remote.Address, lab.Server{})
		}
		if len(b.ServerTemplates) > 0 {
			s.bad = append(s.bad, fmt.Sprintf("backend %s: a name server tells its servers' addresses, and there is none here", b.Name))
		}
	}
}

// serverName is what a server is called: as HAProxy's log has it.
func serverName(b model.Backend, server model.Server) string { return b.Name + "/" + server.Name }

// sorryServer is the machine that has the page for when no server is left.
func sorryServer(b model.Backend) string { return b.Name + "/sorry" }

func (s *stage) server(b model.Backend, server model.Server) {
	one := lab.Server{Health: health(b)}
	if c := b.Persist; c != nil && c.Cookie != nil && (c.Cookie.Mode == "rewrite" || c.Cookie.Mode == "prefix") {
		one.Cookie = c.Cookie.Name
	}
	if port := checkPort(b, server); port != 0 {
		one.Ports = append(one.Ports, uint16(port))
	}
	s.standIn(serverName(b, server), server.Address, one)
}

func checkPort(b model.Backend, server model.Server) int {
	if server.Check != nil && server.Check.Port != 0 {
		return server.Check.Port
	}
	return b.Health.Port
}

// standIn adds the stand-in for the address. A second server at one address and
// port is the first one under another name.
func (s *stage) standIn(name string, at model.Endpoint, one lab.Server) {
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
	if slices.ContainsFunc(s.plan.Servers, func(other lab.Server) bool {
		return other.Address == one.Address && slices.Contains(other.Ports, at.Port())
	}) {
		s.note("%s has the address and port of another server: that one answers for it", name)
		return
	}
	s.plan.Servers = append(s.plan.Servers, one)
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

// health is what a stand-in has to say for its checks to find it well.
func health(b model.Backend) lab.Health {
	h := b.Health.HTTP
	if h == nil {
		return lab.Health{}
	}
	status := 0
	if len(h.Expect) > 0 && !slices.ContainsFunc(h.Expect, func(r model.StatusRange) bool { return r.From <= 200 && 200 <= r.To }) {
		status = h.Expect[0].From
	}
	return lab.Health{Path: h.URI, Status: status, Body: h.Body}
}

// checkOf is how HAProxy checks one server.
func checkOf(site *model.Site, b model.Backend, server model.Server) (failover.ServerCheck, bool) {
	c, checked := failover.CheckOf(site, b)
	own := server.Check
	if own == nil {
		return c, checked
	}
	if own.Inter != 0 && b.Health.FastInter == 0 {
		b.Health.FastInter = own.Inter
	}
	b.Health.Inter = cmp.Or(own.Inter, b.Health.Inter)
	b.Health.FastInter = cmp.Or(own.FastInter, b.Health.FastInter)
	b.Health.DownInter = cmp.Or(own.DownInter, b.Health.DownInter)
	b.Health.Rise, b.Health.Fall = cmp.Or(own.Rise, b.Health.Rise), cmp.Or(own.Fall, b.Health.Fall)
	c, _ = failover.CheckOf(site, b)
	return c, checked && !own.Off
}

// isBackup says whether the server serves only when the others are down.
func isBackup(b model.Backend, server model.Server) bool {
	if server.Backup != nil {
		return *server.Backup
	}
	return b.ServerDefaults.Backup != nil && *b.ServerDefaults.Backup
}

// isDisabled says whether the server is out of service until somebody switches it on.
func isDisabled(b model.Backend, server model.Server) bool {
	if server.Disabled != nil {
		return *server.Disabled
	}
	return b.ServerDefaults.Disabled != nil && *b.ServerDefaults.Disabled
}

// getsRequests says whether the server gets requests beside others that are well.
func getsRequests(b model.Backend, server model.Server) bool {
	weight := server.Weight
	if weight == nil {
		weight = b.ServerDefaults.Weight
	}
	return !isBackup(b, server) && (weight == nil || *weight > 0)
}
