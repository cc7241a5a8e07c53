package rules

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func limitNeverReached() lint.Rule {
	return lint.Rule{
		ID: "LB2023", Name: "limit-never-reached", Severity: diag.Warning, Since: "0.1",
		Title: "A server's maxconn is more than HAProxy takes in all",
		Text: `The limit protects a server: what is above it waits in HAProxy. One that is higher than ` + "`global.maxconn`" + `
is never reached; clients then wait before HAProxy, where nobody sees them. Either the server can bear less than
that, or HAProxy should take more.`,
		Bad: `
backends:
  - {name: app, servers: [{name: web1, address: 198.51.100.11:80, maxconn: §5000}]}
`,
		Good: `
global: {maxconn: 20000}
backends:
  - {name: app, servers: [{name: web1, address: 198.51.100.11:80, maxconn: 5000}]}
`,
		Run: func(p *lint.Pass) {
			whole := p.Site.Global.Maxconn
			say := func(path diag.Path, n int) {
				p.Report(lint.Finding{Path: path.Key("maxconn"), Summary: fmt.Sprintf("maxconn %d is never reached: HAProxy takes %d in all", n,
					whole), Detail: "lower it to what the server can bear, or raise global.maxconn",
					Related: also(p, "the whole is here", "global.maxconn")})
			}
			for i := range p.Site.Backends {
				b := &p.Site.Backends[i]
				if n := b.ServerDefaults.Maxconn; n > whole {
					say(diag.Path("backends").Index(i).Key("server_defaults"), n)
				}
				for j := range b.Servers {
					if n := b.Servers[j].Maxconn; n > whole {
						say(diag.Path("backends").Index(i).Key("servers").Index(j), n)
					}
				}
			}
		},
	}
}
