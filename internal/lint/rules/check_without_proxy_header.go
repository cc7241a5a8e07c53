package rules

import (
	"cmp"
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/site"
)

func checkWithoutProxyHeader() lint.Rule {
	return lint.Rule{
		ID: "LB2018", Name: "check-without-proxy-header", Severity: diag.Warning, Since: "0.1",
		Title: "Checks come without the header that the server waits for",
		Text: `A check begins with the PROXY protocol's header where the traffic does, unless a port for checks is written: then HAProxy sends
none, even where it is the very same port (configuration.txt, check-send-proxy). The server waits for the header, or takes the check for
an attack, and is marked down.`,
		Bad: `
backends:
  - {name: app, health: {port: §8080}, server_defaults: {send_proxy: v2}, servers: [{name: web1, address: 198.51.100.11:8080}]}
`,
		Good: `
backends:
  - {name: app, server_defaults: {send_proxy: v2}, servers: [{name: web1, address: 198.51.100.11:8080}]}
`,
		Run: func(p *lint.Pass) {
			for i := range p.Site.Backends {
				if b := &p.Site.Backends[i]; !b.Health.Off {
					checkedAsServed(p, diag.Path("backends").Index(i), b)
				}
			}
		},
	}
}

// checkedAsServed looks for servers whose port for checks is their own.
func checkedAsServed(p *lint.Pass, path diag.Path, b *site.Backend) {
	shared := b.Health.Port
	if k := b.ServerDefaults.Check; k != nil && k.Port != 0 {
		shared = k.Port
	}
	for j := range b.Servers {
		s := &b.Servers[j]
		port, field := shared, path.Key("health").Key("port")
		if shared != b.Health.Port {
			field = path.Key("server_defaults").Key("check").Key("port")
		}
		if s.Check != nil && s.Check.Port != 0 {
			port, field = s.Check.Port, path.Key("servers").Index(j).Key("check").Key("port")
		}
		sends := cmp.Or(s.SendProxy, b.ServerDefaults.SendProxy, "none") != "none"
		if sends && port == int(s.Address.Port()) && (s.Check == nil || !s.Check.Off) {
			p.Report(lint.Finding{Path: field, Summary: fmt.Sprintf("the checks of server %q come without the PROXY protocol's header", s.Name),
				Detail: "take the port out: it is the server's own"})
			return
		}
	}
}
