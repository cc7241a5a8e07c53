package rules

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
)

func targetTooNew() lint.Rule {
	return lint.Rule{
		ID: "LB4004", Name: "target-too-new", Severity: diag.Warning, Since: "0.1",
		Title: "Nobody has tried what lbgen writes with this version",
		Text: `What is rendered is what the newest version gets that lbgen knows. A daemon takes most of what the one before it
took, and may refuse or warn of a word: ` + "`lbgen check --haproxy FILE --keepalived FILE`" + ` asks the programs themselves,
and ` + "`lbgen rehearse`" + ` runs them.`,
		Bad: `
platform: ubuntu2404
target: {haproxy: §"9.9"}
`,
		Good: `
platform: ubuntu2404
target: {haproxy: "3.4"}
`,
		Run: func(p *lint.Pass) {
			target := p.Site.Written.Target
			for _, d := range []struct {
				name, field, version string
				known                []string
			}{
				{"HAProxy", "haproxy", target.HAProxy, model.HAProxyVersions()},
				{"Keepalived", "keepalived", target.Keepalived, model.KeepalivedVersions()},
			} {
				if !model.IsNewer(d.version, d.known) {
					continue
				}
				newest := model.Newest(d.known)
				p.Report(lint.Finding{Path: diag.Path("target").Key(d.field),
					Summary: fmt.Sprintf("lbgen knows %s up to %s: it writes what that one reads", d.name, newest),
					Detail: fmt.Sprintf("have the program itself read it: lbgen check --%s FILE; or write target: {%[1]s: %q}", d.field,
						newest)})
			}
		},
	}
}
