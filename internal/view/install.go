package view

import (
	"cmp"
	"slices"

	"github.com/lbgen/lbgen/internal/model"
)

func resolveInstall(site *model.Site, n model.Node) Install {
	in := Install{Ports: resolvePorts(site)}
	for _, role := range roles(site) {
		for _, a := range n.Addresses[role] {
			in.Addresses = append(in.Addresses, Address{site.Device(n, role), a.String()})
		}
	}
	for _, v := range site.VRRP {
		for _, vip := range v.VIPs {
			in.VIPs = append(in.VIPs, Address{site.Device(n, v.NIC), vip.Address.Addr.String()})
		}
	}
	for _, peer := range site.Nodes {
		if len(site.VRRP) > 0 && peer.Name != n.Name {
			in.Peers = append(in.Peers, peer.Name)
		}
	}
	slices.Sort(in.Peers)
	return in
}

// resolvePorts lists every port once for each use, sorted.
func resolvePorts(site *model.Site) []Port {
	seen := map[Port]bool{}
	for _, f := range site.Frontends {
		for _, b := range f.Binds {
			for _, p := range b.AllPorts() {
				seen[Port{p, true}] = true
			}
		}
	}
	if site.Stats != nil {
		seen[Port{site.Stats.PortOrDefault(), true}] = true
	}
	if site.Peers != nil {
		seen[Port{site.Peers.PortOrDefault(), true}] = true
		seen[Port{site.Peers.PortOrDefault(), false}] = true
	}
	if page, asked := site.Alive(); asked != "" {
		seen[Port{page.Port, true}] = true
	}
	for i := range site.Backends {
		for _, p := range connects(&site.Backends[i]) {
			seen[Port{p, false}] = true
		}
	}
	delete(seen, Port{0, false}) // where nothing is written
	var ports []Port
	for p := range seen {
		ports = append(ports, p)
	}
	slices.SortFunc(ports, func(a, b Port) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(bit(b.Bind), bit(a.Bind)))
	})
	return ports
}

// connects lists the ports of a backend that HAProxy connects to: for clients
// and for checks. Some are 0.
func connects(b *model.Backend) []int {
	check := func(o model.ServerOptions) int {
		if o.Check == nil {
			return 0
		}
		return o.Check.Port
	}
	ports := []int{b.Health.Port, check(b.ServerDefaults)}
	if b.Health.Agent != nil {
		ports = append(ports, b.Health.Agent.Port)
	}
	for _, s := range b.Servers {
		ports = append(ports, int(s.Address.Port()), check(s.ServerOptions))
	}
	for _, t := range b.ServerTemplates {
		ports = append(ports, int(t.Address.Port()), check(t.ServerOptions))
	}
	if b.Sorry != nil && b.Sorry.Remote != nil {
		ports = append(ports, int(b.Sorry.Remote.Address.Port()))
	}
	return ports
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
