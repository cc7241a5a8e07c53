package rules

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

func tcpTimeoutsDiffer() lint.Rule {
	return lint.Rule{
		ID: "LB2026", Name: "tcp-timeouts-differ", Severity: diag.Info, Since: "0.1",
		Title: "In TCP the client's time-out is not the server's",
		Text: `HTTP knows whose turn it is to speak, TCP does not: the shorter of the two time-outs cuts a connection,
whichever side is silent, and the log blames that side. HAProxy's manual recommends strongly to have them equal in
TCP mode (configuration.txt, timeout client).`,
		Bad: `
defaults: {mode: tcp, timeouts: {client: §30s, server: 5m}}
`,
		Good: `
defaults: {mode: tcp, timeouts: {client: 5m, server: 5m}}
`,
		Run: func(p *lint.Pass) {
			said := map[diag.Path]bool{}
			for i := range p.Site.Frontends {
				f := &p.Site.Frontends[i]
				b := p.Site.Backend(f.DefaultBackend)
				if b == nil || f.Mode != model.ModeTCP {
					continue
				}
				client, server := model.Duration(f.Timeouts.Client), model.Duration(b.Timeouts.Server)
				if client == server || b.Timeouts.Tunnel != 0 {
					continue
				}
				path := timeoutPath(f, b, p.Site.Defaults.Defaults)
				if !said[path] {
					p.Report(lint.Finding{Path: path, Summary: fmt.Sprintf("from frontend %q to backend %q a client may be silent for %s, the server "+
						"for %s", f.Name, b.Name, client, server),
						Detail: "write the same for both, or timeouts: {tunnel: …}, which takes the place of both"})
				}
				said[path] = true
			}
		},
	}
}

// timeoutPath is where the most particular of the time-outs is written.
func timeoutPath(f *site.Frontend, b *site.Backend, d *model.Defaults) diag.Path {
	switch {
	case f.Frontend.Timeouts.Client != 0:
		return f.Path().Key("timeouts").Key("client")
	case b.Backend.Timeouts.Server != 0:
		return b.Path().Key("timeouts").Key("server")
	case d.Timeouts.Client != 0:
		return "defaults.timeouts.client"
	default:
		return "defaults.timeouts.server"
	}
}
