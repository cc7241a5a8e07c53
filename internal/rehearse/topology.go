package rehearse

import (
	"net/netip"

	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/lab"
)

// topology is the plan as a picture shows it.
func (s *stage) topology() judge.Topology {
	t := judge.Topology{Client: judge.Host{Name: "client", Links: links(s.plan.Client)}}
	for _, n := range s.plan.Networks {
		t.Networks = append(t.Networks, judge.Network{Name: n, Subnets: texts(s.subnets(n))})
	}
	for _, n := range s.plan.Nodes {
		t.Nodes = append(t.Nodes, judge.Host{Name: n.Set.Node, Links: links(n.Links)})
	}
	for _, server := range s.plan.Servers {
		at := judge.Link{Network: server.Network,
			Addresses: []string{netip.AddrPortFrom(server.Address.Addr(), server.Ports[len(server.Ports)-1]).String()}}
		t.Servers = append(t.Servers, judge.Host{Name: server.Name, Links: []judge.Link{at}})
	}
	for _, g := range s.groups {
		for _, vip := range g.vips {
			network, _, ok := s.home(vip)
			if !ok {
				network = s.roles[g.nics[0]]
			}
			preferred := ""
			if names := g.Names(g.Start()); len(names) > 0 {
				preferred = names[0]
			}
			t.VIPs = append(t.VIPs, judge.VIP{Address: vip.String(), Network: network, Group: g.Name, Preferred: preferred})
		}
	}
	return t
}

func links(all []lab.Link) []judge.Link {
	var out []judge.Link
	for _, l := range all {
		out = append(out, judge.Link{Network: l.Network, Device: l.Device, Addresses: texts(l.Addresses)})
	}
	return out
}

func texts(all []netip.Prefix) []string {
	var out []string
	for _, p := range all {
		out = append(out, p.String())
	}
	return out
}
