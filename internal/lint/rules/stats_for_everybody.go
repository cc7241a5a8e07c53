package rules

import (
	"net/netip"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func statsForEverybody() lint.Rule {
	return lint.Rule{
		ID: "LB2028", Name: "stats-for-everybody", Severity: diag.Warning, Since: "0.1",
		Title: "Every network may see the statistics page",
		Text: `The list of networks is what keeps strangers from the page and from the metrics, which ask for no password
at all: in HAProxy and in the firewall. A network of every address keeps nobody out.`,
		Bad: `
stats: {nic: front, allow: [§0.0.0.0/0], users: [{name: ops, password: {env: STATS_PASSWORD}}]}
`,
		Good: `
stats: {nic: front, allow: [192.0.2.0/24], users: [{name: ops, password: {env: STATS_PASSWORD}}]}
`,
		Run: func(p *lint.Pass) {
			if p.Site.Stats == nil {
				return
			}
			for i, n := range p.Site.Stats.Allow {
				if netip.Prefix(n).Bits() == 0 {
					p.Report(lint.Finding{Path: diag.Path("stats.allow").Index(i), Summary: n.String() + " is every address there is",
						Detail: "write the networks from which the page is looked at"})
				}
			}
		},
	}
}
