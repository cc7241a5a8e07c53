package rules

import (
	"fmt"
	"slices"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
)

func clearText443() lint.Rule {
	return lint.Rule{
		ID: "LB2010", Name: "clear-text-on-443", Severity: diag.Warning, Since: "0.1",
		Title: "Port 443 is served without TLS",
		Text: `Clients that come to 443 speak TLS. HAProxy answers in clear text and says nothing at its start; a browser
shows a protocol error. (Not of binds with accept_proxy: there TLS may have ended before.)`,
		Bad: `
frontends:
  - name: main
    binds: [{vip: VI_1, ports: §[80, 443]}]
    default_backend: app
`,
		Good: `
frontends:
  - name: main
    binds: [{vip: VI_1, port: 80}, {vip: VI_1, port: 443, tls: {certificate: /etc/haproxy/certs/site.pem}}]
    default_backend: app
`,
		Run: func(p *lint.Pass) {
			for i, f := range p.Site.Frontends {
				if f.Mode == model.ModeTCP {
					continue // passed through
				}
				for j, b := range f.Binds {
					if b.TLS == nil && !b.AcceptProxy && slices.Contains(b.Ports, 443) {
						path := diag.Path("frontends").Index(i).Key("binds").Index(j)
						field := "ports"
						if b.Port != 0 {
							field = "port"
						}
						p.Report(lint.Finding{Path: path.Key(field), Summary: fmt.Sprintf("frontend %q speaks clear text on port 443", f.Name),
							Detail: "add tls: {certificate: PATH} to a bind of its own"})
					}
				}
			}
		},
	}
}
