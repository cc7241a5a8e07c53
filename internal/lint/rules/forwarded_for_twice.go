package rules

import (
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
)

func forwardedForTwice() lint.Rule {
	return lint.Rule{
		ID: "LB2029", Name: "forwarded-for-twice", Severity: diag.Warning, Since: "0.1",
		Title: "A route sets X-Forwarded-For, and HAProxy adds another",
		Text: `HAProxy's own ` + "`option forwardfor`" + `, which is on unless the site file says otherwise, adds the header after
the routes have set theirs: servers get two, and each takes another of them for the client's address.`,
		Bad: `
frontends:
  - name: main
    binds: [{vip: VI_1, port: 80}]
    routes: [{set_header: §{name: X-Forwarded-For, sample: src}}]
    default_backend: app
`,
		Good: `
frontends:
  - name: main
    binds: [{vip: VI_1, port: 80}]
    forwardfor: false
    routes: [{set_header: {name: X-Forwarded-For, sample: src}}]
    default_backend: app
`,
		Run: func(p *lint.Pass) {
			for i, f := range p.Site.Frontends {
				if f.Mode != model.ModeHTTP || f.ForwardFor == nil {
					continue
				}
				for j, r := range f.Routes {
					for field, h := range map[string]*model.Header{"set_header": r.SetHeader, "add_header": r.AddHeader} {
						if h != nil && strings.EqualFold(h.Name, f.ForwardFor.Header) {
							p.Report(lint.Finding{Path: diag.Path("frontends").Index(i).Key("routes").Index(j).Key(field),
								Summary: "HAProxy adds " + h.Name + " too: servers get two",
								Detail:  "write forwardfor: false in this frontend, or leave the header to HAProxy"})
						}
					}
				}
			}
		},
	}
}
