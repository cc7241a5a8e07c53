package rules

import (
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

func proxyIsLimited() lint.Rule {
	return lint.Rule{
		ID: "LB2024", Name: "proxy-is-limited", Severity: diag.Warning, Since: "0.1",
		Title: "The rate limit counts a proxy, not its clients",
		Text: `The frontend believes headers that a proxy before it writes (X-Forwarded-For, X-Forwarded-Proto): so its
clients come by that proxy, and from its address. A limit by address then counts all of them together, and refuses
everybody when many come. Count by the header that the proxy writes, or have it speak the PROXY protocol.`,
		Bad: `
frontends:
  - name: main
    binds: [{vip: VI_1, port: 80}]
    routes:
      - {when: [{header: {name: X-Forwarded-Proto, value: http}}], redirect: {scheme: https}}
      - {rate_limit: §{requests: 100}}
    default_backend: app
`,
		Good: `
frontends:
  - name: main
    binds: [{vip: VI_1, port: 80}]
    routes:
      - {when: [{header: {name: X-Forwarded-Proto, value: http}}], redirect: {scheme: https}}
      - {rate_limit: {requests: 100, header: X-Forwarded-For}}
    default_backend: app
`,
		Run: func(p *lint.Pass) {
			for i := range p.Site.Frontends {
				f := &p.Site.Frontends[i]
				if f.Mode != model.ModeHTTP || !believesProxy(f) {
					continue
				}
				for j := range f.Routes {
					if l := f.Routes[j].RateLimit; l != nil && l.Header == "" {
						p.Report(lint.Finding{Path: diag.Path("frontends").Index(i).Key("routes").Index(j).Key("rate_limit"),
							Summary: "the limit counts the proxy before this frontend, not its clients",
							Detail:  "count requests and add header: X-Forwarded-For, or write accept_proxy: true at the binds"})
					}
				}
			}
		},
	}
}

// believesProxy says whether a frontend reads what a proxy tells of its clients,
// and does not know their addresses.
func believesProxy(f *site.Frontend) bool {
	for i := range f.Binds {
		if f.Binds[i].AcceptProxy {
			return false
		}
	}
	if f.Frontend.ForwardFor != nil && f.Frontend.ForwardFor.IfNone {
		return true
	}
	for i := range f.Routes {
		for _, m := range f.Routes[i].When {
			if m.Header != nil && strings.HasPrefix(strings.ToLower(m.Header.Name), "x-forwarded-") {
				return true
			}
		}
	}
	return false
}
