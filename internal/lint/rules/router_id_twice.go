package rules

import (
	"fmt"
	"net/netip"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func routerIDTwice() lint.Rule {
	return lint.Rule{
		ID: "LB9001", Name: "virtual-router-id-twice", Since: "0.1",
		Title: "Two sites use one virtual_router_id in one network",
		Text: `Both pairs send adverts with the same number to the same multicast group. Each takes the other for its own
peer: adverts are dropped for their addresses, masters come and go.`,
		Bad: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: §24
    vips: [192.0.2.10]
`,
		Good: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
`,
		RunAll: func(passes []*lint.Pass) {
			type key struct {
				network netip.Prefix
				id      int
			}
			first := map[key]diag.Range{}
			for _, p := range passes {
				for i, v := range p.Site.VRRP {
					path := diag.Path("vrrp").Index(i).Key("virtual_router_id")
					for _, n := range p.Site.NICs[v.NIC].Subnet {
						if !v.HasFamily(family(n.Addr())) {
							continue
						}
						k := key{n, v.VirtualRouterID}
						if other, ok := first[k]; ok && other.File != p.Source.Name {
							p.Report(lint.Finding{Path: path, Summary: fmt.Sprintf("another site uses virtual_router_id %d in %s too", v.VirtualRouterID, n),
								Detail:  "give one of them another number",
								Related: []diag.Related{{Message: "the other is here", Range: other}}})
							continue
						}
						first[k] = p.Source.Range(path)
					}
				}
			}
		},
	}
}

func family(a netip.Addr) int {
	if a.Is4() {
		return 4
	}
	return 6
}
