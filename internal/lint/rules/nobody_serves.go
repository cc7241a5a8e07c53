package rules

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

func nobodyServes() lint.Rule {
	return lint.Rule{
		ID: "LB2019", Name: "nobody-serves", Severity: diag.Warning, Since: "0.1",
		Title: "Every server of a backend is switched off",
		Text: `` + "`disabled`" + ` does not switch the check off: it takes the server out of service until somebody brings it back
by the runtime socket, and at every start anew. With ` + "`weight: 0`" + ` a server gets nobody but who was there already. A
backend that has no other servers answers 503. (For no check there is ` + "`check: {off: true}`" + `.)`,
		Bad: `
backends:
  - {name: app, servers: [{name: web1, address: 198.51.100.11:80, disabled: §true}]}
`,
		Good: `
backends:
  - {name: app, servers: [{name: web1, address: 198.51.100.11:80, disabled: true}, {name: web2, address: 198.51.100.12:80}]}
`,
		Run: func(p *lint.Pass) {
			for i := range p.Site.Backends {
				b := &p.Site.Backends[i]
				if len(b.Servers) == 0 || len(b.ServerTemplates) > 0 {
					continue
				}
				serving := false
				for j := range b.Servers {
					serving = serving || off(b, &b.Servers[j].ServerOptions) == ""
				}
				if !serving {
					path := diag.Path("backends").Index(i).Key("servers").Index(0)
					p.Report(lint.Finding{Path: path.Key(off(b, &b.Servers[0].ServerOptions)),
						Summary: fmt.Sprintf("no server of backend %q serves anybody", b.Name),
						Detail:  "take disabled or weight: 0 out where a server shall serve"})
				}
			}
		},
	}
}

// off returns the field by which a server gets no clients, "" if it gets some.
func off(b *site.Backend, o *model.ServerOptions) string {
	switch {
	case b.Disabled(o):
		return "disabled"
	case b.Weight(o) == 0:
		return "weight"
	default:
		return ""
	}
}
