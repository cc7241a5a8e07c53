package rules

import (
	"slices"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

func acmeRedirected() lint.Rule {
	return lint.Rule{
		ID: "LB3005", Name: "acme-redirected", Severity: diag.Warning, Since: "0.1",
		Title: "The redirect to https takes the certificate authority along",
		Text: `A certificate authority asks over plain HTTP whether the name is yours. A redirect that comes first sends it
to https, where the certificate is the one that has just run out: it is never renewed.`,
		Bad: `
frontends:
  - name: main
    binds: [{vip: VI_1, port: 80}, {vip: VI_1, port: 443, tls: {certificate: /etc/haproxy/certs/site.pem}}]
    routes:
      - {when: [{tls: false}], redirect: §{scheme: https}}
      - {when: [{acme: true}], backend: app}
    default_backend: app
`,
		Good: `
frontends:
  - name: main
    binds: [{vip: VI_1, port: 80}, {vip: VI_1, port: 443, tls: {certificate: /etc/haproxy/certs/site.pem}}]
    routes:
      - {when: [{tls: false}, {acme: true, not: true}], redirect: {scheme: https}}
      - {when: [{acme: true}], backend: app}
    default_backend: app
`,
		Run: func(p *lint.Pass) {
			for i, f := range p.Site.Frontends {
				routes := diag.Path("frontends").Index(i).Key("routes")
				for j, r := range f.Routes {
					if r.Redirect == nil || r.Redirect.Scheme != "https" || excepts(r) {
						continue
					}
					if k := slices.IndexFunc(f.Routes[j+1:], asksACME); k >= 0 {
						p.Report(lint.Finding{Path: routes.Index(j).Key("redirect"), Summary: "the certificate authority is redirected before its route " +
							"is reached", Detail: "add {acme: true, not: true} to this route's when",
							Related: also(p, "its route", routes.Index(j+1+k))})
						break
					}
				}
			}
		},
	}
}

func asksACME(r site.Route) bool {
	return slices.ContainsFunc(r.When, func(m model.Match) bool { return m.ACME && !m.Not })
}

// excepts says whether the route leaves the authority's requests alone.
func excepts(r site.Route) bool {
	return slices.ContainsFunc(r.When, func(m model.Match) bool { return m.ACME && m.Not })
}
