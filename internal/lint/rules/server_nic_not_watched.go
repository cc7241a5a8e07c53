package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
)

func serverNICNotWatched() lint.Rule {
	return lint.Rule{
		ID: "LB1007", Name: "server-nic-not-watched", Severity: diag.Warning, Since: "0.1",
		Title: "Nobody watches the interface that leads to the servers",
		Text: `The servers are in the network of a NIC that the instance does not track. When its link is lost on the master, HAProxy
there marks all servers down and runs on: Keepalived sees nothing, the virtual IPs stay, and every client gets an error
although the other node reaches the servers. ` + "`track.nics`" + ` makes the node give the virtual IPs up.`,
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
			if len(p.Site.Nodes) < 2 {
				return
			}
			backends := backendsByVIP(p.Site)
			watched := watchedDevices(p.Site)
			for i, v := range p.Site.VRRP {
				roles := rolesOfServers(p.Site, backends[v.Name])
				roles = slices.DeleteFunc(roles, func(role string) bool { return watched[i][p.Site.NICs[role].Device] })
				if len(roles) > 0 {
					list := strings.Join(roles, ", ")
					p.Report(lint.Finding{Path: at("vrrp", i), Summary: fmt.Sprintf("%s: nobody watches NIC %s, which leads to the servers", v.Name, list),
						Detail: fmt.Sprintf("add track: {nics: [%s]}, so that a node whose link is lost gives the virtual IPs up", list)})
				}
			}
		},
	}
}

// backendsByVIP are the names of the backends that clients of each instance get
// to: those of the frontends that bind one of its virtual IPs, or all addresses.
func backendsByVIP(site *model.Site) map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for _, v := range site.VRRP {
		all[v.Name] = map[string]bool{}
		for _, f := range site.Frontends {
			if !slices.ContainsFunc(f.Binds, func(b model.Bind) bool { return takesIn(site, b, v) }) {
				continue
			}
			all[v.Name][f.DefaultBackend] = true
			for _, r := range f.Routes {
				all[v.Name][r.Backend] = true
			}
		}
	}
	return all
}

// takesIn says whether the bind gets what comes to one of the instance's
// virtual IPs.
func takesIn(site *model.Site, b model.Bind, v model.VRRP) bool {
	for _, a := range site.BindAddresses(b) {
		if a.IsUnspecified() || slices.ContainsFunc(v.VIPs, func(vip model.VIP) bool { return vip.Address.Addr == a }) {
			return true
		}
	}
	return false
}

// watchedDevices are the interfaces that make each instance leave its node: its
// own, those that it tracks, and those of the instances in its sync group.
func watchedDevices(site *model.Site) []map[string]bool {
	all := make([]map[string]bool, len(site.VRRP))
	group := map[string]map[string]bool{}
	for i, v := range site.VRRP {
		all[i] = group[v.SyncGroup]
		if v.SyncGroup == "" || all[i] == nil {
			all[i] = map[string]bool{}
			group[v.SyncGroup] = all[i]
		}
		all[i][site.NICs[v.NIC].Device] = true
		for _, nic := range v.Track.NICs {
			all[i][site.NICs[nic.NIC].Device] = true
		}
	}
	return all
}

// rolesOfServers are the NICs in whose networks servers of the backends are,
// sorted. A site with many servers has few networks: each is looked for once.
func rolesOfServers(site *model.Site, backends map[string]bool) []string {
	found := map[string]bool{}
	roles := slices.Sorted(maps.Keys(site.NICs))
	for _, b := range site.Backends {
		if !backends[b.Name] {
			continue
		}
		for _, s := range b.Servers {
			for _, role := range roles {
				if subnet, ok := site.NICs[role].Subnet.Of(s.Address.Addr()); !found[role] && ok && subnet.Contains(s.Address.Addr()) {
					found[role] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}
