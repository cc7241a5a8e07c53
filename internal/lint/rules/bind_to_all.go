package rules

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func bindToAll() lint.Rule {
	return lint.Rule{
		ID: "LB2016", Name: "bind-to-all", Severity: diag.Info, Since: "0.1",
		Title: "A frontend answers at every address of the nodes",
		Text: `The site has virtual IPs, and this bind takes every address: those of the nodes themselves, too, on every
network that they are in. Clients that learn a node's own address stay there when the virtual IP moves, and a
service for one network is reachable from the others.`,
		Bad: `
frontends: [{name: main, binds: [{address: §"*", port: 80}], default_backend: app}]
`,
		Good: `
frontends: [{name: main, binds: [{vip: VI_1, port: 80}], default_backend: app}]
`,
		Run: func(p *lint.Pass) {
			if len(p.Site.VRRP) == 0 {
				return
			}
			for i := range p.Site.Frontends {
				f := &p.Site.Frontends[i]
				for j := range f.Binds {
					if f.Binds[j].Address.IsUnspecified() {
						p.Report(lint.Finding{Path: diag.Path("frontends").Index(i).Key("binds").Index(j).Key("address"),
							Summary: fmt.Sprintf("frontend %q listens on all addresses, not on a virtual IP alone", f.Name),
							Detail:  "write vip: NAME, and nic: ROLE where the nodes' own addresses are meant, too"})
					}
				}
			}
		},
	}
}
