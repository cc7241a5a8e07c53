package rules

import (
	"slices"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/site"
)

func trustedForwardedFor() lint.Rule {
	return lint.Rule{
		ID: "LB2012", Name: "trusted-forwarded-for", Severity: diag.Warning, Since: "0.1",
		Title: "Clients may say who they are",
		Text: `With ` + "`" + `if_none` + "`" +
			` the servers get the X-Forwarded-For that the client sent.` + "\n" +
			`Anybody can write any address into it: logs lie, and rules by address are passed by.`,
		Bad: `
frontends:
  - name: main
    binds: [{vip: VI_1, port: 80}]
    forwardfor: {if_none: §true}
    default_backend: app
`,
		Good: `
frontends:
  - name: main
    binds: [{vip: VI_1, port: 80, accept_proxy: true}]
    forwardfor: {if_none: true}
    default_backend: app
`,
		Run: func(p *lint.Pass) {
			for i, f := range p.Site.Frontends {
				if f.Frontend.ForwardFor != nil && f.Frontend.ForwardFor.IfNone &&
					slices.ContainsFunc(f.Binds, func(b site.Bind) bool { return !b.AcceptProxy }) {
					p.Report(lint.Finding{Path: diag.Path("frontends").Index(i).Key("forwardfor").Key("if_none"),
						Summary: "clients of this frontend write their own X-Forwarded-For",
						Detail:  "take if_none out, unless every client is a proxy of yours"})
				}
			}
		},
	}
}
