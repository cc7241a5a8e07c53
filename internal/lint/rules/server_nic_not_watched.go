package rules

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

func serverNICNotWatched() lint.Rule {
	return lint.Rule{
		ID: "LB1007", Name: "server-nic-not-watched", Severity: diag.Warning, Since: "0.1",
		Title: "Nobody watches the interface that leads to the servers",
		Text: `The servers are in the network of a NIC that the instance does not track. When its link is lost on the
master, HAProxy there marks all servers down and runs on: Keepalived sees nothing, the virtual IPs stay, and every
client gets an error although the other node reaches the servers. ` + "`track.nics`" + ` makes the node give the virtual IPs
up.`,
		Bad: `
nics:
  front: {device: eth0, subnet: 192.0.2.0/24}
  back: {device: eth1, subnet: 198.51.100.0/24}
nodes:
  - {name: lb1, priority: 100, addresses: {front: 192.0.2.1, back: 198.51.100.1}}
  - {name: lb2, priority: 50, addresses: {front: 192.0.2.2, back: 198.51.100.2}}
vrrp:
  - §name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
`,
		Good: `
nics:
  front: {device: eth0, subnet: 192.0.2.0/24}
  back: {device: eth1, subnet: 198.51.100.0/24}
nodes:
  - {name: lb1, priority: 100, addresses: {front: 192.0.2.1, back: 198.51.100.1}}
  - {name: lb2, priority: 50, addresses: {front: 192.0.2.2, back: 198.51.100.2}}
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    track: {nics: [back]}
`,
		Run: func(p *lint.Pass) {
			if len(p.Site.Nodes) < 2 || len(p.Site.NICs) < 2 {
				return
			}
			roles := rolesOfServers(p.Site)
			backends := backendsOfInstances(p.Site)
			watched := watchedDevices(p.Site)
			for i, v := range p.Site.VRRP {
				missing := map[string]bool{}
				for name := range backends[i] {
					for _, role := range roles[name] {
						if !watched[i][p.Site.NICs[role].Device] {
							missing[role] = true
						}
					}
				}
				if len(missing) > 0 {
					list := strings.Join(slices.Sorted(maps.Keys(missing)), ", ")
					p.Report(lint.Finding{Path: diag.Path("vrrp").Index(i), Summary: fmt.Sprintf("%s: nobody watches NIC %s, which leads to the servers",
						v.Name, list),
						Detail: fmt.Sprintf("add track: {nics: [%s]}, so that a node whose link is lost gives the virtual IPs up", list)})
				}
			}
		},
	}
}

// backendsOfInstances are the names of the backends that clients of each
// instance get to: those of the frontends that bind one of its virtual IPs, or
// all addresses.
func backendsOfInstances(s *site.Site) []map[string]bool {
	owner := map[netip.Addr]int{}
	all := make([]map[string]bool, len(s.VRRP))
	for i, v := range s.VRRP {
		all[i] = map[string]bool{}
		for _, vip := range v.VIPs {
			owner[vip.Address.Addr()] = i
		}
	}
	for k := range s.Frontends {
		f := &s.Frontends[k]
		for i := range instancesOf(s, f, owner) {
			all[i][f.DefaultBackend] = true
			for _, r := range f.Routes {
				all[i][r.Backend] = true
			}
		}
	}
	return all
}

// instancesOf are the instances whose virtual IPs the frontend serves.
func instancesOf(s *site.Site, f *site.Frontend, owner map[netip.Addr]int) map[int]bool {
	found := map[int]bool{}
	for _, b := range f.Binds {
		for _, a := range b.Addresses {
			if i, ok := owner[a]; ok {
				found[i] = true
			}
			for i, v := range s.VRRP {
				if a.IsUnspecified() && (v.HasFamily(4) || a.Is6()) {
					found[i] = true
				}
			}
		}
	}
	return found
}

// watchedDevices are the interfaces that make each instance leave its node: its
// own, those that it tracks, and those of the instances in its sync group.
func watchedDevices(s *site.Site) []map[string]bool {
	all := make([]map[string]bool, len(s.VRRP))
	group := map[string]map[string]bool{}
	for i, v := range s.VRRP {
		all[i] = group[v.SyncGroup]
		if v.SyncGroup == "" || all[i] == nil {
			all[i] = map[string]bool{}
			group[v.SyncGroup] = all[i]
		}
		all[i][s.NICs[v.NIC].Device] = true
		for _, nic := range v.Track.NICs {
			all[i][s.NICs[nic.NIC].Device] = true
		}
	}
	return all
}

// rolesOfServers are, by the name of the backend, the NICs in whose networks its
// servers are.
func rolesOfServers(s *site.Site) map[string][]string {
	all := make(map[string][]string, len(s.Backends))
	for _, b := range s.Backends {
		var found []string
		for j := range b.Servers {
			to := b.Servers[j].Address.Addr()
			i := slices.IndexFunc(s.Roles, func(role string) bool { return inNetwork(s.NICs[role], to) })
			if i >= 0 && !slices.Contains(found, s.Roles[i]) {
				found = append(found, s.Roles[i])
			}
		}
		all[b.Name] = found
	}
	return all
}

func inNetwork(nic model.NIC, a netip.Addr) bool {
	return slices.ContainsFunc(nic.Subnet, func(n netip.Prefix) bool { return n.Contains(a) })
}
