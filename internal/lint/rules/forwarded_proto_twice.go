package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

func forwardedProtoTwice() lint.Rule {
	return lint.Rule{
		ID: "LB2036", Name: "forwarded-proto-twice", Severity: diag.Warning, Since: "0.1",
		Title: "A raw line of a backend adds an X-Forwarded-Proto to the one that servers get already",
		Text: `Where TLS ends, the frontend sets X-Forwarded-Proto, unless ` + "`forwarded_proto: false`" + ` says otherwise. A raw
` + "`http-request add-header`" + ` in the backend comes after that and adds another: servers get two, and many join them to
"https,https", which is no scheme, or take the wrong one.`,
		Bad: `
frontends:
  - name: main
    binds: [{vip: VI_1, port: 443, tls: {certificate: /etc/haproxy/a.pem}}]
    default_backend: app
backends:
  - {name: app, raw: §http-request add-header X-Forwarded-Proto https, servers: [{name: web1, address: 198.51.100.11:80}]}
`,
		Good: `
frontends:
  - name: main
    binds: [{vip: VI_1, port: 443, tls: {certificate: /etc/haproxy/a.pem}}]
    default_backend: app
backends:
  - {name: app, servers: [{name: web1, address: 198.51.100.11:80}]}
`,
		Run: func(p *lint.Pass) {
			for i := range p.Site.Backends {
				b := &p.Site.Backends[i]
				if f := toldTwice(p.Site, b); f != "" {
					p.Report(lint.Finding{Path: b.Path().Key("raw"),
						Summary: fmt.Sprintf("frontend %q sets X-Forwarded-Proto too: servers get two", f),
						Detail:  "take the line out, or write set-header in place of add-header"})
				}
			}
		},
	}
}

// toldTwice is a frontend that sets the header and sends requests to a backend that
// adds another; "" if none does.
func toldTwice(s *site.Site, b *site.Backend) string {
	if !addsProto(b.Raw) {
		return ""
	}
	for i := range s.Frontends {
		if f := &s.Frontends[i]; tellsProto(f) && leadsTo(f, b.Name) {
			return f.Name
		}
	}
	return ""
}

func addsProto(raw model.Raw) bool {
	return slices.ContainsFunc(raw.Lines(), func(line string) bool {
		d := haproxy.ReadLine(line)
		return d != nil && d.Modifier == "" && d.Word(0) == "http-request" && d.Word(1) == "add-header" &&
			strings.EqualFold(d.Word(2), "X-Forwarded-Proto")
	})
}

// tellsProto says whether the frontend sets the header of itself.
func tellsProto(f *site.Frontend) bool {
	return f.Mode == model.ModeHTTP && f.ForwardedProto && f.EndsTLS()
}

// leadsTo says whether the frontend, or a route of it, sends requests to the backend.
func leadsTo(f *site.Frontend, backend string) bool {
	return f.DefaultBackend == backend || slices.ContainsFunc(f.Routes, func(r site.Route) bool { return r.Backend == backend })
}
