package rules

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func noRetry() lint.Rule {
	return lint.Rule{
		ID: "LB2021", Name: "no-retry", Severity: diag.Warning, Since: "0.1",
		Title: "A connection that a server refuses is an error at once",
		Text: `A retry tries to connect again, and with ` + "`redispatch`" + ` to another server; nothing has been sent by then, so
that it is always safe. With ` + "`retries: 0`" + ` every restart of a server shows: until its checks have noticed, its
share of the clients gets 503.`,
		Bad: `
backends:
  - {name: app, retries: §0, servers: [{name: web1, address: 198.51.100.11:80}, {name: web2, address: 198.51.100.12:80}]}
`,
		Good: `
backends:
  - {name: app, retries: 1, servers: [{name: web1, address: 198.51.100.11:80}, {name: web2, address: 198.51.100.12:80}]}
`,
		Run: func(p *lint.Pass) {
			if p.Site.Defaults.Retries == 0 {
				p.Report(lint.Finding{Path: "defaults.retries", Summary: "no server is tried twice, and no other one",
					Detail: "take retries out, or write at least 1"})
			}
			for i := range p.Site.Backends {
				b := &p.Site.Backends[i]
				if b.Backend.Retries != nil && b.Retries == 0 {
					p.Report(lint.Finding{Path: diag.Path("backends").Index(i).Key("retries"),
						Summary: fmt.Sprintf("no server of backend %q is tried twice, and no other one", b.Name),
						Detail:  "take retries out, or write at least 1"})
				}
			}
		},
	}
}
