package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
)

func checkOverCheck() lint.Rule {
	return lint.Rule{
		ID: "LB2034", Name: "check-over-check", Severity: diag.Warning, Since: "0.1",
		Title: "One way to check servers takes the place of another",
		Text: `Servers are checked in one way. Of ` + "`option httpchk`, `option tcp-check`, `option mysql-check`" + ` and their like the last
one in a section counts, and HAProxy says nothing of those before it: a database that is asked for its log-in page is down, and
a web server that only has to accept a connection is up.`,
		Bad: `
backends:
  - {name: app, health: {http: {uri: /ready}}, raw: §option spop-check, servers: [{name: web1, address: 198.51.100.11:80}]}
`,
		Good: `
backends:
  - {name: app, health: {http: {uri: /ready}}, servers: [{name: web1, address: 198.51.100.11:80}]}
`,
		Run: func(p *lint.Pass) {
			say := func(path diag.Path, raw model.Raw, first string) {
				for _, option := range checkOptions(raw) {
					if first != "" && first != option {
						p.Report(lint.Finding{Path: path.Key("raw"), Summary: fmt.Sprintf("%s takes the place of %s", option, first),
							Detail: "keep one of them: the last one counts"})
						return
					}
					first = option
				}
			}
			say("defaults", p.Site.Written.Defaults.Raw, "")
			for i := range p.Site.Backends {
				b := &p.Site.Backends[i]
				say(b.Path(), b.Raw, checkOf(b.Health.Health))
			}
		},
	}
}

// checkOptions are the raw lines that say how servers are checked, in their order.
func checkOptions(raw model.Raw) []string {
	ways := strings.Fields("httpchk tcp-check ssl-hello-chk mysql-check pgsql-check redis-check smtpchk ldap-check spop-check external-check")
	var all []string
	for _, line := range raw.Lines() {
		if d := haproxy.ReadLine(line); d != nil && d.Modifier == "" && d.Word(0) == "option" && slices.Contains(ways, d.Word(1)) {
			all = append(all, "option "+d.Word(1))
		}
	}
	return all
}

// checkOf is the option that a backend's health becomes; "" for a connection alone.
func checkOf(h *model.Health) string {
	switch {
	case h.HTTP != nil:
		return "option httpchk"
	case len(h.TCP) > 0 || h.Redis != nil && (h.Redis.Role == "primary" || !h.Redis.Password.IsZero()):
		return "option tcp-check"
	case h.MySQL != nil:
		return "option mysql-check"
	case h.PgSQL != nil:
		return "option pgsql-check"
	case h.Redis != nil:
		return "option redis-check"
	case h.SMTP != "":
		return "option smtpchk"
	case h.LDAP:
		return "option ldap-check"
	default:
		return ""
	}
}
