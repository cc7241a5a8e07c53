package rules

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/site"
)

func unusedBackend() lint.Rule {
	return lint.Rule{
		ID: "LB2001", Name: "unused-backend", Severity: diag.Warning, Since: "0.1",
		Title: "No request ever reaches the backend",
		Text: `No frontend and no route names the backend. HAProxy checks its servers all the same and says nothing.
Where a raw ` + "`use_backend`" + ` works the name out (a map, a part of the host), every backend that it may come to counts as used.`,
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
			used := named(p.Site)
			choices := rawChoices(p.Site)
			for i, b := range p.Site.Backends {
				may := slices.ContainsFunc(choices, func(c choice) bool { return c.mayBe(b.Name) })
				if !used[b.Name] && !may && !rawNames(p, b.Name) {
					p.Report(lint.Finding{Path: diag.Path("backends").Index(i),
						Summary: fmt.Sprintf("no frontend and no route uses backend %q", b.Name),
						Detail:  "name it in a default_backend or a route, or take it out"})
				}
			}
		},
	}
}

// named are the backends that the fields name: to send requests to, or to ask whether
// they have a server left.
func named(s *site.Site) map[string]bool {
	used := map[string]bool{}
	see := func(routes []site.Route) {
		for i := range routes {
			used[routes[i].Backend] = true
			for j := range routes[i].When {
				used[routes[i].When[j].Down] = true
			}
		}
	}
	for i := range s.Frontends {
		used[s.Frontends[i].DefaultBackend] = true
		see(s.Frontends[i].Routes)
	}
	for i := range s.Backends {
		see(s.Backends[i].Rules)
		for j := range s.Backends[i].Servers {
			backend, _, _ := strings.Cut(s.Backends[i].Servers[j].Track, "/")
			used[backend] = true
		}
	}
	return used
}

// rawNames says whether a raw line has the backend's name as a word, or as a part of
// one: nbsrv(app), app/web1.
func rawNames(p *lint.Pass, backend string) bool {
	for _, f := range p.Site.Written.RawFields() {
		for _, line := range f.Raw.Lines() {
			apart := func(r rune) bool {
				return !strings.ContainsRune("_.-", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
			}
			if !f.Keepalived && slices.Contains(strings.FieldsFunc(line, apart), backend) {
				return true
			}
		}
	}
	return false
}
