package rules

import (
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func statsWithoutPassword() lint.Rule {
	return lint.Rule{
		ID: "LB2009", Name: "stats-without-password", Severity: diag.Warning, Since: "0.1",
		Title: "The statistics page asks for no password",
		Text: `The page shows every server with its address and state. In 41 of 100 public configurations that have one it
has no password. The allow list keeps other networks out, not other people.`,
		Bad: `
stats: §{nic: front, allow: [192.0.2.0/24]}
`,
		Good: `
stats: {nic: front, allow: [192.0.2.0/24], users: [{name: ops, password: {env: STATS_PASSWORD}}]}
`,
		Run: func(p *lint.Pass) {
			if s := p.Site.Stats; s != nil && len(s.Users) == 0 {
				p.Report(lint.Finding{Path: "stats", Summary: "the statistics page asks for no password",
					Detail: "add users: [{name: …, password: {file: PATH}}]"})
			}
		},
	}
}
