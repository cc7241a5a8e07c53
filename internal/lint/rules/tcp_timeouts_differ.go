package rules

import (
	"cmp"
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/view"
)

func tcpTimeoutsDiffer() lint.Rule {
	return lint.Rule{
		ID: "LB2026", Name: "tcp-timeouts-differ", Severity: diag.Info, Since: "0.1",
		Title: "In TCP the client's time-out is not the server's",
		Text: `HTTP knows whose turn it is to speak, TCP does not: the shorter of the two time-outs cuts a connection, whichever side is
silent, and the log blames that side. HAProxy's manual recommends strongly to have them equal in TCP mode (configuration.txt, timeout client).`,
		Bad: `
defaults: {mode: tcp, timeouts: {client: §30s, server: 5m}}
`,
		Good: `
defaults: {mode: tcp, timeouts: {client: 5m, server: 5m}}
`,
		Run: func(p *lint.Pass) {
			d, backends, said := p.Site.Defaults.Timeouts, backendsByName(p.Site), map[string]bool{}
			for i := range p.Site.Frontends {
				f := &p.Site.Frontends[i]
				j, ok := backends[f.DefaultBackend]
				if !ok || p.Site.FrontendMode(*f) != model.ModeTCP {
					continue
				}
				b := &p.Site.Backends[j]
				client := cmp.Or(f.Timeouts.Client, d.Client, model.Duration(view.TimeoutClient))
				server := cmp.Or(b.Timeouts.Server, d.Server, model.Duration(view.TimeoutServer))
				if client == server || cmp.Or(b.Timeouts.Tunnel, d.Tunnel) != 0 {
					continue
				}
				path := timeoutPath(f, b, i, j, d)
				if !said[path] {
					p.Report(lint.Finding{Path: path, Summary: fmt.Sprintf("from frontend %q to backend %q a client may be silent for %s, the server for %s", f.Name, b.Name, client, server),
						Detail: "write the same for both, or timeouts: {tunnel: …}, which takes the place of both"})
				}
				said[path] = true
			}
		},
	}
}

// timeoutPath is where the most particular of the time-outs is written.
func timeoutPath(f *model.Frontend, b *model.Backend, i, j int, d model.DefaultTimeouts) string {
	switch {
	case f.Timeouts.Client != 0:
		return at("frontends", i) + ".timeouts.client"
	case b.Timeouts.Server != 0:
		return at("backends", j) + ".timeouts.server"
	case d.Client != 0:
		return "defaults.timeouts.client"
	default:
		return "defaults.timeouts.server"
	}
}

func backendsByName(site *model.Site) map[string]int {
	all := make(map[string]int, len(site.Backends))
	for i := range site.Backends {
		all[site.Backends[i].Name] = i
	}
	return all
}
