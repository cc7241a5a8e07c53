package rules

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func serversNotChecked() lint.Rule {
	return lint.Rule{
		ID: "LB2003", Name: "servers-not-checked", Severity: diag.Warning, Since: "0.1",
		Title: "Servers are not checked",
		Text: `A server that is not checked always counts as up: clients keep getting errors from it, and a sorry page or a
backup server never gets its turn.`,
		Bad: `
backends:
  - {name: app, health: {off: §true}, servers: [{name: web1, address: 198.51.100.11:80}]}
`,
		Good: `
backends:
  - {name: app, health: {http: {uri: /ready}}, servers: [{name: web1, address: 198.51.100.11:80}]}
`,
		Run: func(p *lint.Pass) {
			for i, b := range p.Site.Backends {
				if off := b.ServerDefaults.Check; off != nil && off.Off && !b.Health.Off {
					p.Report(lint.Finding{Path: diag.Path("backends").Index(i).Key("server_defaults").Key("check").Key("off"),
						Summary: fmt.Sprintf("the servers of backend %q are not checked", b.Name), Detail: "take off out"})
				}
				for j, s := range b.Servers {
					if s.Check != nil && s.Check.Off && !b.Health.Off {
						p.Report(lint.Finding{Path: diag.Path("backends").Index(i).Key("servers").Index(j).Key("check").Key("off"),
							Summary: fmt.Sprintf("server %q is not checked", s.Name), Detail: "take off out, or say why on this line"})
					}
				}
				if b.Health.Off {
					p.Report(lint.Finding{Path: diag.Path("backends").Index(i).Key("health").Key("off"),
						Summary: fmt.Sprintf("the servers of backend %q are not checked", b.Name),
						Detail:  "ask a page of theirs (health: {http: {uri: …}}), or at least connect: take off out"})
				}
			}
		},
	}
}
