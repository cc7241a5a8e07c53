package rehearse

import (
	"github.com/lbgen/lbgen/internal/judge"
)

// topology names what is in the plan.
func (s *stage) topology() judge.Topology {
	var t judge.Topology
	for _, l := range s.plan.Client {
		link := judge.Link{Network: l.Network}
		for _, p := range l.Addresses {
			link.Addresses = append(link.Addresses, p.Addr().String())
		}
		t.Client = append(t.Client, link)
	}
	for _, n := range s.plan.Nodes {
		t.Nodes = append(t.Nodes, n.Set.Node)
	}
	for _, server := range s.plan.Servers {
		t.Servers = append(t.Servers, server.Name)
	}
	for _, g := range s.groups {
		for _, vip := range g.vips {
			t.VIPs = append(t.VIPs, judge.VIP{Address: vip.String(), Group: g.Name})
		}
	}
	return t
}
