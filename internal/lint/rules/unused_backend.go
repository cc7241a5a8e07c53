package rules

import (
	"fmt"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func unusedBackend() lint.Rule {
	return lint.Rule{
		ID: "LB2001", Name: "unused-backend", Severity: diag.Warning, Since: "0.1",
		Title: "No request ever reaches the backend",
		Text:  `No frontend and no route names the backend. HAProxy checks its servers all the same and says nothing.`,
		Bad: `
backends:
  - {name: app, servers: [{name: web1, address: 198.51.100.11:80}]}
  - §{name: old, servers: [{name: web9, address: 198.51.100.19:80}]}
`,
		Good: `
backends:
  - {name: app, servers: [{name: web1, address: 198.51.100.11:80}]}
`,
		Run: func(p *lint.Pass) {
			used := map[string]bool{}
			for _, f := range p.Site.Frontends {
				used[f.DefaultBackend] = true
				for _, r := range f.Routes {
					used[r.Backend] = true
				}
			}
			for i, b := range p.Site.Backends {
				// A raw line may name any of them.
				if !used[b.Name] && !rawNames(p, b.Name) {
					p.Report(lint.Finding{Path: diag.Path("backends").Index(i), Summary: fmt.Sprintf("no frontend and no route uses backend %q", b.Name),
						Detail: "name it in a default_backend or a route, or take it out"})
				}
			}
		},
	}
}

func rawNames(p *lint.Pass, backend string) bool {
	for _, f := range p.Site.Frontends {
		if strings.Contains(string(f.Raw), backend) {
			return true
		}
	}
	return false
}
