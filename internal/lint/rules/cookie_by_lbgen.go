package rules

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func cookieByLbgen() lint.Rule {
	return lint.Rule{
		ID: "LB2035", Name: "cookie-values-added", Severity: diag.Info, Since: "0.1",
		Title: "The servers get values for a cookie of their own that the site file does not have",
		Text: `With mode prefix or rewrite HAProxy changes a cookie that the servers send, by the value that each ` + "`server`" + ` line has
for it. A line without one leaves the cookie as it is, and nobody comes back to the server: in a haproxy.cfg written by hand
that is a mistake which nothing reports. lbgen writes the server's name. Where sessions that exist shall go on, write the values
that were there before: ` + "`servers: [{name: web1, cookie: w1}]`" + `.`,
		Bad: `
backends:
  - name: app
    persist: {cookie: §{name: JSESSIONID, mode: prefix}}
    servers: [{name: web1, address: 198.51.100.11:80}]
`,
		Good: `
backends:
  - name: app
    persist: {cookie: {name: JSESSIONID, mode: prefix}}
    servers: [{name: web1, address: 198.51.100.11:80, cookie: web1}]
`,
		Run: func(p *lint.Pass) {
			for i := range p.Site.Backends {
				b := &p.Site.Backends[i]
				if b.Persist == nil || b.Persist.Cookie == nil || b.Persist.Cookie.Mode == "insert" || !b.Persist.Cookie.DynamicKey.IsZero() {
					continue
				}
				for j := range b.Servers {
					if b.Servers[j].Cookie == "" {
						p.Report(lint.Finding{Path: b.Path().Key("persist").Key("cookie"),
							Summary: fmt.Sprintf("server %q gets its name as the value of cookie %s", b.Servers[j].Name, b.Persist.Cookie.Name),
							Detail:  "write cookie: VALUE at each server where sessions that exist shall go on"})
						break
					}
				}
			}
		},
	}
}
