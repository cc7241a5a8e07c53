package rules

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func onlyBackups() lint.Rule {
	return lint.Rule{
		ID: "LB2007", Name: "only-backups", Severity: diag.Warning, Since: "0.1",
		Title: "Every server of a backend is a backup",
		Text: `A backup serves when the others are down; here there are no others. The first one gets everything, and
nothing is shared.`,
		Bad: `
backends:
  - {name: app, servers: [{name: web1, address: 198.51.100.11:80, backup: §true}]}
`,
		Good: `
backends:
  - {name: app, servers: [{name: web1, address: 198.51.100.11:80}]}
`,
		Run: func(p *lint.Pass) {
			for i := range p.Site.Backends {
				b := &p.Site.Backends[i]
				if n := len(b.Servers); n > 0 && len(b.ServerTemplates) == 0 && len(backups(b)) == n {
					p.Report(lint.Finding{Path: diag.Path("backends").Index(i).Key("servers").Index(0).Key("backup"),
						Summary: fmt.Sprintf("every server of backend %q is a backup", b.Name), Detail: "take backup out where a server shall always serve"})
				}
			}
		},
	}
}
