package rules

import (
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

func oldTLS() lint.Rule {
	return lint.Rule{
		ID: "LB3001", Name: "old-tls", Severity: diag.Warning, Since: "0.1",
		Title: "TLS older than 1.2 is spoken",
		Text:  `TLS 1.0 and 1.1 are broken and no browser of the last years needs them (RFC 8996).`,
		Bad: `
global: {tls: {min_version: §TLSv1.0}}
`,
		Good: `
global: {tls: {min_version: TLSv1.2}}
`,
		Run: func(p *lint.Pass) {
			say := func(path diag.Path, field, version string) {
				if version == "TLSv1.0" || version == "TLSv1.1" {
					p.Report(lint.Finding{Path: path.Key(field), Summary: version + " is spoken", Detail: "write TLSv1.2",
						Fix: p.Set("min_version: TLSv1.2", path, field, "TLSv1.2")})
				}
			}
			say("global.tls", "min_version", p.Site.Global.TLS.MinVersion)
			for i, f := range p.Site.Frontends {
				for j, b := range f.Binds {
					if b.TLS != nil {
						say(diag.Path("frontends").Index(i).Key("binds").Index(j).Key("tls"), "min_version", b.TLS.BindTLS.MinVersion)
					}
				}
			}
			eachServerTLS(p.Site, func(path diag.Path, t *model.ServerTLS) { say(path, "min_version", t.MinVersion) })
		},
	}
}

// eachServerTLS visits every place at which TLS to a server is described.
func eachServerTLS(s *site.Site, visit func(path diag.Path, t *model.ServerTLS)) {
	for i := range s.Backends {
		b, path := &s.Backends[i], diag.Path("backends").Index(i)
		if b.ServerDefaults.TLS != nil {
			visit(path.Key("server_defaults").Key("tls"), b.ServerDefaults.TLS)
		}
		for j := range b.Servers {
			if t := b.Servers[j].TLS; t != nil {
				visit(path.Key("servers").Index(j).Key("tls"), t)
			}
		}
		for j := range b.ServerTemplates {
			if t := b.ServerTemplates[j].TLS; t != nil {
				visit(path.Key("server_templates").Index(j).Key("tls"), t)
			}
		}
	}
}
