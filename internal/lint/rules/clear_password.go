package rules

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func clearPassword() lint.Rule {
	return lint.Rule{
		ID: "LB3004", Name: "clear-password", Severity: diag.Warning, Since: "0.1",
		Title: "A user list holds a password in clear text",
		Text: `Whoever reads haproxy.cfg has the password. A hash (mkpasswd -m sha-512) is as easy to use and tells
nothing.`,
		Bad: `
userlists:
  - {name: staff, users: [{name: ann, password: §{env: ANN}}]}
`,
		Good: `
userlists:
  - {name: staff, users: [{name: ann, password_hash: {env: ANN_HASH}}]}
`,
		Run: func(p *lint.Pass) {
			for i, l := range p.Site.Written.Userlists {
				for j, u := range l.Users {
					if !u.Password.IsZero() {
						p.Report(lint.Finding{Path: diag.Path("userlists").Index(i).Key("users").Index(j).Key("password"),
							Summary: fmt.Sprintf("haproxy.cfg will hold the password of %q in clear text", u.Name),
							Detail:  "write password_hash: {file: PATH} with what mkpasswd -m sha-512 prints"})
					}
				}
			}
		},
	}
}
