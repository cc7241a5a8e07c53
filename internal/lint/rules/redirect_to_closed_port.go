package rules

import (
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func redirectToClosedPort() lint.Rule {
	return lint.Rule{
		ID: "LB2032", Name: "redirect-to-closed-port", Severity: diag.Warning, Since: "0.1",
		Title: "A redirect to another scheme leads where nobody speaks it",
		Text: `A redirect by ` + "`scheme`" + ` keeps the host that the browser has asked for. lbgen takes its port off and writes the one of the
bind where TLS ends on the same address, unless that is 80 to 443, which browsers do by themselves. Where no bind of the address ends
TLS, or two do on different ports, there is no right one.`,
		Bad: `
frontends:
  - name: main
    binds: [{vip: VI_1, port: 80}, {nic: front, port: 443, tls: {certificate: /etc/haproxy/certs/site.pem}}]
    routes: [{when: [{tls: false}], redirect: §{scheme: https}}]
    default_backend: app
`,
		Good: `
frontends:
  - name: main
    binds: [{vip: VI_1, port: 80}, {vip: VI_1, port: 443, tls: {certificate: /etc/haproxy/certs/site.pem}}]
    routes: [{when: [{tls: false}], redirect: {scheme: https}}]
    default_backend: app
`,
		Run: func(p *lint.Pass) {
			for i := range p.Site.Frontends {
				f := &p.Site.Frontends[i]
				for j := range f.Routes {
					if d := f.Routes[j].Redirect; d != nil && d.Port.Fault != "" {
						p.Report(lint.Finding{Path: f.Path().Key("routes").Index(j).Key("redirect"), Summary: d.Port.Fault,
							Detail: "end TLS at a bind of that address, write a route for each port (when: [{port: …}]), or location with the whole address"})
					}
				}
			}
		},
	}
}
