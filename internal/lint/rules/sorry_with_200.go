package rules

import (
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func sorryWith200() lint.Rule {
	return lint.Rule{
		ID: "LB2011", Name: "sorry-with-200", Severity: diag.Warning, Since: "0.1",
		Title: "The sorry page says that all is well",
		Text: `With status 200 caches keep the page, search engines put it on their lists, and monitoring sees a healthy
site. 503 says what is true; browsers show the page all the same.`,
		Bad: `
backends:
  - {name: app, sorry: {page: sorry.html, status: §200}, servers: [{name: web1, address: 198.51.100.11:80}]}
`,
		Good: `
backends:
  - {name: app, sorry: {page: sorry.html}, servers: [{name: web1, address: 198.51.100.11:80}]}
`,
		Run: func(p *lint.Pass) {
			for i, b := range p.Site.Backends {
				if b.Sorry != nil && b.Sorry.Status == 200 {
					path := diag.Path("backends").Index(i).Key("sorry")
					p.Report(lint.Finding{Path: path.Key("status"), Summary: "the sorry page is sent with status 200",
						Detail: "write 503, or take status out", Fix: p.Set("status: 503", path, "status", "503")})
				}
			}
		},
	}
}
