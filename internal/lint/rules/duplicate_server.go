package rules

import (
	"fmt"
	"reflect"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

func duplicateServer() lint.Rule {
	return lint.Rule{
		ID: "LB2002", Name: "duplicate-server", Severity: diag.Warning, Since: "0.1",
		Title: "Two servers of a backend are the same machine and port",
		Text: `One machine gets the share of two, is checked twice, and its maxconn counts twice. Usually a line was copied
and its address not changed.`,
		Bad: `
backends:
  - name: app
    servers:
      - {name: web1, address: 198.51.100.11:80}
      - {name: web2, address: §198.51.100.11:80}
`,
		Good: `
backends:
  - name: app
    servers:
      - {name: web1, address: 198.51.100.11:80}
      - {name: web2, address: 198.51.100.12:80}
`,
		Run: func(p *lint.Pass) {
			for i, b := range p.Site.Backends {
				first := make(map[model.Endpoint]int, len(b.Servers))
				for j, s := range b.Servers {
					if k, ok := first[s.Address.Endpoint]; ok && spokenToAlike(&b, &s.ServerOptions, &b.Servers[k].ServerOptions) {
						servers := diag.Path("backends").Index(i).Key("servers")
						p.Report(lint.Finding{Path: servers.Index(j).Key("address"),
							Summary: fmt.Sprintf("servers %q and %q are both %s", b.Servers[k].Name, s.Name, s.Address),
							Detail:  "give each its own address; a larger share is written with weight",
							Related: also(p, "it is defined here already", servers.Index(k).Key("address"))})
						continue
					}
					first[s.Address.Endpoint] = j
				}
			}
		},
	}
}

// spokenToAlike says whether nothing tells two servers of one address apart: behind it
// may be a proxy that goes by the name in TLS.
func spokenToAlike(b *site.Backend, one, other *model.ServerOptions) bool {
	return reflect.DeepEqual(b.TLS(one), b.TLS(other)) && one.SendProxy == other.SendProxy &&
		one.Source == other.Source && one.Proto == other.Proto
}
