package rules

import (
	"slices"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/site"
)

func requestsNotLogged() lint.Rule {
	return lint.Rule{
		ID: "LB4002", Name: "requests-not-logged", Severity: diag.Warning, Since: "0.1",
		Title: "No request is ever logged",
		Text: `HAProxy logs requests and connections with level info. Every target of ` + "`log`" + ` here takes more important
lines only: when something goes wrong, nobody can say who asked for what.`,
		Bad: `
log: [{level: §notice}]
`,
		Good: `
log: [{level: info}]
`,
		Run: func(p *lint.Pass) {
			if len(p.Site.Logs) == 0 || rawSays(p.Site, "log", "global") || rawSays(p.Site, "log", "defaults") {
				return
			}
			if !slices.ContainsFunc(p.Site.Logs, takesRequests) {
				p.Report(lint.Finding{Path: "log[0].level", Summary: "no target takes the lines of requests",
					Detail: "write level: info, or take level out"})
			}
		},
	}
}

func takesRequests(l site.Log) bool {
	return l.Level == "" || l.Level == "info" || l.Level == "debug"
}
