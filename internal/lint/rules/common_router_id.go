package rules

import (
	"fmt"
	"slices"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func commonRouterID() lint.Rule {
	return lint.Rule{
		ID: "LB1003", Name: "common-virtual-router-id", Severity: diag.Warning, Since: "0.1",
		Title: "The virtual_router_id is the one that everybody takes",
		Text: `51 stands in Keepalived's samples and in 58 of 100 public configurations, 1 in most of the rest. Two pairs with one number
in one network take each other for a broken peer: adverts are dropped, and with equal passwords one pair takes part in the
other's elections. Choose a number that nobody has here; ` + "`lbgen lint sites/*.yaml`" + ` compares your own sites.`,
		Bad: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: §51
    vips: [192.0.2.10]
`,
		Good: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
`,
		Run: func(p *lint.Pass) {
			for i, v := range p.Site.VRRP {
				if slices.Contains([]int{1, 51}, v.VirtualRouterID) {
					p.Report(lint.Finding{Path: diag.Path("vrrp").Index(i).Key("virtual_router_id"),
						Summary: fmt.Sprintf("virtual_router_id %d is the one that most others have", v.VirtualRouterID),
						Detail:  "take a number from 2 to 255 that is used nowhere else in this network"})
				}
			}
		},
	}
}
