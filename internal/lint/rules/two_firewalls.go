package rules

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func twoFirewalls() lint.Rule {
	return lint.Rule{
		ID: "LB4003", Name: "two-firewalls", Severity: diag.Warning, Since: "0.1",
		Title: "nftables lets in what firewalld goes on refusing",
		Text: `A packet has to pass every table. The distribution comes with firewalld, and while that runs its zones refuse
adverts and clients whatever lbgen's own table lets in: both nodes are master, and nobody is served.`,
		Bad: `
platform: rocky9
nics: {front: {device: eth0, subnet: 192.0.2.0/24, zone: public}}
firewall: {kind: §nftables}
`,
		Good: `
platform: rocky9
nics: {front: {device: eth0, subnet: 192.0.2.0/24, zone: public}}
firewall: {kind: firewalld}
`,
		Run: func(p *lint.Pass) {
			if p.Site.Written.Firewall.Kind != "nftables" || !p.Site.Machine.Firewalld {
				return
			}
			p.Report(lint.Finding{Path: "firewall.kind",
				Summary: fmt.Sprintf("%s comes with firewalld, which refuses what its own zones do not let in", p.Site.Written.Platform),
				Detail:  "take kind out, or see that firewalld is disabled on the nodes and waive this"})
		},
	}
}
