package rules

import (
	"fmt"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// silence is how long a connection that is meant to stay may be silent: pools of
// database connections keep an idle one for ten minutes (HikariCP, idleTimeout).
const silence = 10 * time.Minute

func longSessionsCut() lint.Rule {
	return lint.Rule{
		ID: "LB2013", Name: "long-sessions-cut", Severity: diag.Warning, Since: "0.1",
		Title: "Connections that are meant to stay are cut when they are silent",
		Text: `A WebSocket, a pool's connection to a database or a remote desktop is often silent for minutes.
` + "`timeouts.server`" + ` cuts it then, by default after one minute, and the application reports a lost connection at
random. ` + "`timeouts.tunnel`" + ` is for these: it takes the place of client and server once a connection is a tunnel. The
rule looks at backends that are checked as a database, that tie clients by an RDP cookie, or that a route gives
WebSockets to.`,
		Bad: `
frontends: [{name: main, mode: tcp, binds: [{vip: VI_1, port: 3306}], default_backend: app}]
backends:
  - §{name: app, mode: tcp, health: {mysql: {user: check}}, servers: [{name: db1, address: 198.51.100.11:3306}]}
`,
		Good: `
global: {hard_stop_after: 2h}
frontends: [{name: main, mode: tcp, binds: [{vip: VI_1, port: 3306}], default_backend: app}]
backends:
  - {name: app, mode: tcp, timeouts: {tunnel: 1h}, health: {mysql: {user: check}}, servers: [{name: db1, address: 198.51.100.11:3306}]}
`,
		Run: func(p *lint.Pass) {
			sockets := webSockets(p.Site)
			for i := range p.Site.Backends {
				b := &p.Site.Backends[i]
				what := stays(b, sockets)
				if what == "" || b.Timeouts.Tunnel != 0 || b.Timeouts.Server >= silence {
					continue
				}
				if rawSays(p.Site, "timeout tunnel", "defaults", b.Path()) || rawSays(p.Site, "timeout server", "defaults", b.Path()) {
					continue
				}
				p.Report(lint.Finding{Path: diag.Path("backends").Index(i),
					Summary: fmt.Sprintf("%s of backend %q are cut after %s of silence", what, b.Name, model.Duration(b.Timeouts.Server)),
					Detail:  "add timeouts: {tunnel: 1h} to the backend"})
			}
		},
	}
}

// stays says what connections to the backend are that are meant to stay, "" if
// nothing shows it.
func stays(b *site.Backend, sockets map[string]bool) string {
	h := &b.Health
	switch {
	case sockets[b.Name]:
		return "WebSockets"
	case h.MySQL != nil || h.PgSQL != nil || h.Redis != nil:
		return "database connections"
	case b.Persist != nil && b.Persist.Table != nil && b.Persist.Table.On == "rdp_cookie":
		return "remote desktops"
	default:
		return ""
	}
}

// webSockets returns the backends that a route gives WebSockets to.
func webSockets(s *site.Site) map[string]bool {
	to := map[string]bool{}
	for i := range s.Frontends {
		for _, r := range s.Frontends[i].Routes {
			for _, m := range r.When {
				if m.Header != nil && !m.Not && strings.EqualFold(m.Header.Name, "Upgrade") {
					to[r.Backend] = true
				}
			}
		}
	}
	return to
}
