package rules

import (
	"fmt"
	"time"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
)

func preloadRefused() lint.Rule {
	const year = model.Span(365 * 24 * time.Hour)
	return lint.Rule{
		ID: "LB3006", Name: "preload-refused", Severity: diag.Warning, Since: "0.1",
		Title: "Browser makers refuse this request to be on their list",
		Text: `` + "`preload: true`" + ` asks browser makers to put the name on the list that they ship. They take names whose
header says at least a year (31536000 seconds) and includes the names below (hstspreload.org, submission
requirements). With less the word does nothing.`,
		Bad: `
frontends:
  - name: main
    binds: [{vip: VI_1, port: 443, tls: {certificate: /etc/haproxy/certs/site.pem}}]
    hsts: {max_age: 30d, include_subdomains: true, preload: §true}
    default_backend: app
`,
		Good: `
frontends:
  - name: main
    binds: [{vip: VI_1, port: 443, tls: {certificate: /etc/haproxy/certs/site.pem}}]
    hsts: {max_age: 365d, include_subdomains: true, preload: true}
    default_backend: app
`,
		Run: func(p *lint.Pass) {
			for i := range p.Site.Frontends {
				if h := p.Site.Frontends[i].HSTS; h != nil && h.Preload && (h.MaxAge < year || !h.IncludeSubdomains) {
					p.Report(lint.Finding{Path: diag.Path("frontends").Index(i).Key("hsts").Key("preload"),
						Summary: fmt.Sprintf("frontend %q asks to be preloaded and will be refused", p.Site.Frontends[i].Name),
						Detail:  "write max_age: 365d and include_subdomains: true once all names below speak TLS, or take preload out"})
				}
			}
		},
	}
}
