package rules

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/site"
)

func unheardVIP() lint.Rule {
	return lint.Rule{
		ID: "LB1021", Name: "unheard-vip", Severity: diag.Warning, Since: "0.1",
		Title: "Nothing listens on a virtual IP",
		Text: `The virtual IP moves from node to node and is on the network, and HAProxy has no frontend on it: whoever connects is refused.
Mostly a bind names the nodes' own NIC where the virtual IP was meant, or a virtual router is left over. Where the address is for something
else than HAProxy, write ` + "`track: {haproxy: false}`" + ` in its virtual router: HAProxy then has no part in who holds it.
A virtual router in a sync group with one that is listened on may be the servers' gateway, and is left alone.`,
		Bad: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10, §192.0.2.11]
frontends: [{name: main, binds: [{address: 192.0.2.10, port: 80}], default_backend: app}]
`,
		Good: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10, 192.0.2.11]
frontends: [{name: main, binds: [{vip: VI_1, port: 80}], default_backend: app}]
`,
		Run: func(p *lint.Pass) {
			for i := range p.Site.VRRP {
				if v := &p.Site.VRRP[i]; v.Track.HAProxy != nil && !joined(p.Site, v) {
					unheard(p, v)
				}
			}
		},
	}
}

// joined says whether the virtual router moves with another one that is listened
// on: as that of the servers' gateway does.
func joined(s *site.Site, v *site.VRRP) bool {
	for i := range s.VRRP {
		other := &s.VRRP[i]
		if v.SyncGroup == "" || other.SyncGroup != v.SyncGroup || other.Index == v.Index {
			continue
		}
		for j := range other.VIPs {
			if s.Hears(other.VIPs[j].Address.Addr()) {
				return true
			}
		}
	}
	return false
}

// unheard reports the VIPs of one virtual router that nothing listens on: as one
// finding where that is all of them.
func unheard(p *lint.Pass, v *site.VRRP) {
	var some []int
	for i := range v.VIPs {
		if !p.Site.Hears(v.VIPs[i].Address.Addr()) {
			some = append(some, i)
		}
	}
	if len(some) == len(v.VIPs) {
		p.Report(lint.Finding{Path: v.Path(), Summary: fmt.Sprintf("no frontend listens on a virtual IP of %q", v.Name),
			Detail: fmt.Sprintf("bind one to it with vip: %s, or take the virtual router out", v.Name)})
		return
	}
	for _, i := range some {
		p.Report(lint.Finding{Path: v.Path().Key("vips").Index(i),
			Summary: fmt.Sprintf("no frontend listens on virtual IP %s", v.VIPs[i].Address.Addr()),
			Detail:  "bind one to it, or take the virtual IP out"})
	}
}
