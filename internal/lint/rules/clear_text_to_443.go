package rules

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
)

func clearTextTo443() lint.Rule {
	return lint.Rule{
		ID: "LB2017", Name: "clear-text-to-443", Severity: diag.Warning, Since: "0.1",
		Title: "HTTP in clear text is sent to a server's port 443",
		Text: `Behind port 443 a server speaks TLS. It answers HTTP in clear text with 400 or closes the connection, and
every client gets that. A check that only connects says that all is well.`,
		Bad: `
backends:
  - {name: app, servers: [{name: web1, address: §198.51.100.11:443}]}
`,
		Good: `
backends:
  - {name: app, server_defaults: {tls: {ca_file: /etc/haproxy/ca.pem, sni: app.example.com}}, servers: [{name:
web1, address: 198.51.100.11:443}]}
`,
		Run: func(p *lint.Pass) {
			for i := range p.Site.Backends {
				b := &p.Site.Backends[i]
				if b.Mode != model.ModeHTTP {
					continue
				}
				for j := range b.Servers {
					if s := &b.Servers[j]; s.Address.Port() == 443 && !speaksTLS(s.TLS, b.ServerDefaults.TLS) {
						p.Report(lint.Finding{Path: diag.Path("backends").Index(i).Key("servers").Index(j).Key("address"),
							Summary: fmt.Sprintf("server %q gets clear text on port 443", s.Name),
							Detail:  "add tls: {…} to server_defaults, or to the server"})
						break // what is true of one is true of its siblings
					}
				}
			}
		},
	}
}

// speaksTLS says whether a server does, by what it and server_defaults say.
func speaksTLS(own, shared *model.ServerTLS) bool {
	if own == nil {
		own = shared
	}
	return own != nil && !own.Off
}
