package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/certificate"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

func certificateOfAnotherName() lint.Rule {
	return lint.Rule{
		ID: "LB3009", Name: "certificate-of-another-name", Severity: diag.Warning, Since: "0.1",
		Title: "No certificate of the frontend is for a host that it routes",
		Text: `The routes, or the tests, name a host that clients ask the frontend for, and none of its certificates has that
name: clients refuse the connection before any route is looked at. It is looked at where all certificates of the
frontend lie beside the site file. Ends of names and regular expressions are not looked at.`,
		Bad: `
frontends:
  - name: main
    binds: [{vip: VI_1, port: 443, tls: {certificate: §{file: certs/shop.pem}}}]
    routes: [{when: [{host: [www.example.com, shop.example.com]}], backend: app}]
    default_backend: app
`,
		Good: `
frontends:
  - name: main
    binds: [{vip: VI_1, port: 443, tls: {certificate: {file: certs/shop.pem}}}]
    routes: [{when: [{host: www.example.com}], backend: app}]
    default_backend: app
`,
		Run: func(p *lint.Pass) {
			for i := range p.Site.Frontends {
				f := &p.Site.Frontends[i]
				path, chains := chainsOf(p, f)
				var strange []string
				for _, host := range hostsOf(p.Site, f) {
					if !slices.ContainsFunc(chains, func(c certificate.Chain) bool { return c.Covers(host) }) {
						strange = append(strange, host)
					}
				}
				if len(chains) > 0 && len(strange) > 0 {
					p.Report(lint.Finding{Path: path, Summary: fmt.Sprintf("no certificate of frontend %q is for %s", f.Name, strings.Join(strange, ", ")),
						Detail: "have one made with these names too: it has " + strings.Join(chains[0].Leaf().DNSNames, ", ")})
				}
			}
		},
	}
}

// chainsOf returns the certificates of a frontend, and where the first is named; none where not
// all of them are at hand.
func chainsOf(p *lint.Pass, f *site.Frontend) (first diag.Path, chains []certificate.Chain) {
	for j, b := range f.Binds {
		if b.TLS == nil {
			continue
		}
		bundle, ok := p.Certificates[b.TLS.BindTLS.Certificate]
		if !ok {
			return "", nil
		}
		if chains == nil {
			first = f.Path().Key("binds").Index(j).Key("tls").Key("certificate")
		}
		chains = append(chains, bundle.Chain)
	}
	return first, chains
}

// hostsOf are the hosts that clients ask a frontend for, as its routes and the tests name them,
// each once.
func hostsOf(s *site.Site, f *site.Frontend) []string {
	var all []string
	add := func(hosts ...string) {
		for _, host := range hosts {
			if host = strings.ToLower(host); !slices.Contains(all, host) {
				all = append(all, host)
			}
		}
	}
	for _, r := range f.Routes {
		plain := slices.ContainsFunc(r.When, func(m model.Match) bool { return m.TLS != nil && *m.TLS == m.Not })
		for _, m := range r.When {
			if !m.Not && !plain {
				add(m.Host...)
				add(m.SNI...)
			}
		}
	}
	for i := range s.Written.Tests {
		if t := &s.Written.Tests[i]; t.Request.Scheme == "https" && !t.Request.Addr().IsValid() && onlyOne(s, f, t.Request.Port) {
			add(cmp.Or(t.SNI, t.Request.Host))
		}
	}
	return all
}

// onlyOne says whether the frontend is the one of the site that ends TLS on the port.
func onlyOne(s *site.Site, f *site.Frontend, port int) bool {
	for i := range s.Frontends {
		ends := slices.ContainsFunc(s.Frontends[i].Binds, func(b site.Bind) bool { return b.TLS != nil && slices.Contains(b.Ports, port) })
		if ends != (i == f.Index) {
			return false
		}
	}
	return true
}
