package rules

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/site"
)

func oneBackupServes() lint.Rule {
	return lint.Rule{
		ID: "LB2006", Name: "one-backup-serves", Severity: diag.Warning, Since: "0.1",
		Title: "Of several backup servers one alone serves",
		Text: `When the others are down HAProxy gives everything to the first backup server, and nothing to the rest, unless ` + "`" +
			`allbackups` + "`" + ` is set (configuration.txt, option allbackups).`,
		Bad: `
backends:
  - name: app
    servers:
      - {name: web1, address: 198.51.100.11:80}
      - {name: spare1, address: 198.51.100.21:80, backup: true}
      - {name: spare2, address: 198.51.100.22:80, backup: §true}
`,
		Good: `
backends:
  - name: app
    allbackups: true
    servers:
      - {name: web1, address: 198.51.100.11:80}
      - {name: spare1, address: 198.51.100.21:80, backup: true}
      - {name: spare2, address: 198.51.100.22:80, backup: true}
`,
		Run: func(p *lint.Pass) {
			for i := range p.Site.Backends {
				b := &p.Site.Backends[i]
				if spare := backups(b); len(spare) > 1 && !b.AllBackups && !rawSays(p.Site, "option allbackups", "defaults", b.Path()) {
					servers := diag.Path("backends").Index(i).Key("servers")
					p.Report(lint.Finding{Path: servers.Index(spare[1]).Key("backup"),
						Summary: fmt.Sprintf("server %q serves only when %q is down too", b.Servers[spare[1]].Name, b.Servers[spare[0]].Name),
						Detail:  "write allbackups: true if they shall share, or leave one",
						Related: also(p, "the first backup server", servers.Index(spare[0]).Key("backup"))})
				}
			}
		},
	}
}

// backups are the indexes of the backup servers.
func backups(b *site.Backend) []int {
	var spare []int
	for i := range b.Servers {
		if b.Backup(&b.Servers[i].ServerOptions) {
			spare = append(spare, i)
		}
	}
	return spare
}
