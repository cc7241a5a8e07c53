package rules

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func cookieWithoutRedispatch() lint.Rule {
	return lint.Rule{
		ID: "LB2008", Name: "cookie-without-redispatch", Severity: diag.Warning, Since: "0.1",
		Title: "A client is tied to a server that is down",
		Text: `Between the moment in which a server fails and the one in which its checks notice, a client whose cookie
names it is sent there again and again. With ` + "`" + `redispatch` + "`" + ` the last attempt goes to another server.`,
		Bad: `
backends:
  - name: app
    redispatch: §false
    persist: {cookie: {name: SRV}}
    servers: [{name: web1, address: 198.51.100.11:80, cookie: w1}]
`,
		Good: `
backends:
  - name: app
    persist: {cookie: {name: SRV}}
    servers: [{name: web1, address: 198.51.100.11:80, cookie: w1}]
`,
		Run: func(p *lint.Pass) {
			for i, b := range p.Site.Backends {
				path := diag.Path("backends").Index(i).Key("redispatch")
				if b.Backend.Redispatch == nil {
					path = "defaults.redispatch"
				}
				if b.Persist != nil && b.Persist.Cookie != nil && !b.Redispatch && !rawSays(p.Site, "option redispatch", b.Path()) {
					p.Report(lint.Finding{Path: path, Summary: fmt.Sprintf("clients of backend %q stay with a server that is down", b.Name),
						Detail:  "take redispatch: false out",
						Related: also(p, "the cookie that ties them", diag.Path("backends").Index(i).Key("persist").Key("cookie"))})
				}
			}
		},
	}
}
