package rules

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
)

func redirectIsHealthy() lint.Rule {
	return lint.Rule{
		ID: "LB2004", Name: "redirect-is-healthy", Severity: diag.Warning, Since: "0.1",
		Title: "A redirect counts as a good health check",
		Text: `An application that is broken often still sends everybody to its login page. If 3xx counts as well, such a
server stays in rotation.`,
		Bad: `
backends:
  - {name: app, health: {http: {uri: /ready, expect: §200-399}}, servers: [{name: web1, address: 198.51.100.11:80}]}
`,
		Good: `
backends:
  - {name: app, health: {http: {uri: /ready, expect: 200}}, servers: [{name: web1, address: 198.51.100.11:80}]}
`,
		Run: func(p *lint.Pass) {
			for i, b := range p.Site.Backends {
				if b.Health.HTTP == nil {
					continue
				}
				for _, r := range b.Health.HTTP.Expect {
					if r.From <= 399 && r.To >= 300 && !alwaysRedirects(b.Health.HTTP.Expect) {
						p.Report(lint.Finding{Path: diag.Path("backends").Index(i).Key("health").Key("http").Key("expect"),
							Summary: fmt.Sprintf("a redirect (%s) counts as healthy", r), Detail: "expect the one status that the page has when all is well"})
						break
					}
				}
			}
		},
	}
}

// alwaysRedirects says whether no other answer than a redirect is good: the page is
// one, and not what a broken application does.
func alwaysRedirects(expect model.StatusList) bool {
	for _, r := range expect {
		if r.From < 300 || r.To > 399 {
			return false
		}
	}
	return true
}
