package rules

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func oneBadCheckTakesOut() lint.Rule {
	return lint.Rule{
		ID: "LB2020", Name: "one-bad-check-takes-out", Severity: diag.Warning, Since: "0.1",
		Title: "One bad check takes a server out",
		Text: `With fall 1 a single lost packet, or one slow answer in a garbage collection, takes a server out of service,
and often all of them at once: they share the network that lost it. To notice a dead server as fast, keep fall at 2
and write a short ` + "`fastinter`" + `.`,
		Bad: `
backends:
  - {name: app, health: {fall: §1}, servers: [{name: web1, address: 198.51.100.11:80}]}
`,
		Good: `
backends:
  - {name: app, health: {fall: 2, fastinter: 500ms}, servers: [{name: web1, address: 198.51.100.11:80}]}
`,
		Run: func(p *lint.Pass) {
			say := func(path diag.Path, who string) {
				p.Report(lint.Finding{Path: path.Key("fall"), Summary: "one bad check takes " + who + " out",
					Detail: "write fall: 2, and fastinter for the time between the two",
					Fix:    p.Set("fall: 2", path, "fall", "2")})
			}
			for i := range p.Site.Backends {
				b, path := &p.Site.Backends[i], diag.Path("backends").Index(i)
				if b.Health.Fall == 1 {
					say(path.Key("health"), fmt.Sprintf("a server of backend %q", b.Name))
				}
				if k := b.ServerDefaults.Check; k != nil && k.Fall == 1 {
					say(path.Key("server_defaults").Key("check"), fmt.Sprintf("a server of backend %q", b.Name))
				}
				for j := range b.Servers {
					if k := b.Servers[j].Check; k != nil && k.Fall == 1 {
						say(path.Key("servers").Index(j).Key("check"), fmt.Sprintf("server %q", b.Servers[j].Name))
					}
				}
			}
		},
	}
}
