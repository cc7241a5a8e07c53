package rules

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func tableLostOnFailover() lint.Rule {
	return lint.Rule{
		ID: "LB2005", Name: "table-lost-on-failover", Severity: diag.Warning, Since: "0.1",
		Title: "A failover forgets which client was on which server",
		Text: `The table that ties clients to servers is in the memory of one HAProxy. When the virtual IP moves, every
client may get another server and lose its session. With ` + "`" + `peers` + "`" + ` the nodes tell each other.`,
		Bad: `
backends:
  - {name: app, persist: {table: §{on: src}}, servers: [{name: web1, address: 198.51.100.11:80}]}
`,
		Good: `
peers: {nic: front}
backends:
  - {name: app, persist: {table: {on: src}}, servers: [{name: web1, address: 198.51.100.11:80}]}
`,
		Run: func(p *lint.Pass) {
			if p.Site.Peers != nil || len(p.Site.Nodes) < 2 || len(p.Site.VRRP) == 0 {
				return
			}
			for i, b := range p.Site.Backends {
				if b.Persist != nil && b.Persist.Table != nil {
					p.Report(lint.Finding{Path: diag.Path("backends").Index(i).Key("persist").Key("table"),
						Summary: fmt.Sprintf("a failover loses the table of backend %q", b.Name),
						Detail:  "add peers: {nic: ROLE}, or tie clients by a cookie, which needs no memory"})
				}
			}
		},
	}
}
