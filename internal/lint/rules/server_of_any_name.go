package rules

import (
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func serverOfAnyName() lint.Rule {
	return lint.Rule{
		ID: "LB3003", Name: "server-of-any-name", Severity: diag.Warning, Since: "0.1",
		Title: "Any certificate of the authority is good for the server",
		Text: `The certificate is checked against the authority, but not for its name: with a public authority, or a
company-wide one, every machine that has some certificate can stand in for the server.`,
		Bad: `
backends:
  - name: app
    server_defaults: {tls: §{ca_file: /etc/haproxy/ca.pem}}
    servers: [{name: web1, address: 198.51.100.11:443}]
`,
		Good: `
backends:
  - name: app
    server_defaults: {tls: {ca_file: /etc/haproxy/ca.pem, verify_host: app.example.com}}
    servers: [{name: web1, address: 198.51.100.11:443}]
`,
		Run: func(p *lint.Pass) {
			for i := range p.Site.Backends {
				b := &p.Site.Backends[i]
				shared := false
				for j := range b.Servers {
					server := &b.Servers[j]
					t := b.TLS(&server.ServerOptions)
					if t.Off || t.Verify == "none" || t.SNI != "" || t.VerifyHost != "" || server.Address.Host != "" {
						continue
					}
					path := b.Path().Key("servers").Index(j)
					if server.TLS == nil {
						path = b.Path().Key("server_defaults")
						if shared {
							continue
						}
						shared = true
					}
					p.Report(lint.Finding{Path: path.Key("tls"), Summary: "the name in the server's certificate is not looked at",
						Detail: "write sni or verify_host with the name that must stand in it"})
				}
			}
		},
	}
}
