package rules

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
)

func oneBackupServes() lint.Rule {
	return lint.Rule{
		ID: "LB2006", Name: "one-backup-serves", Severity: diag.Warning, Since: "0.1",
		Title: "Of several backup servers one alone serves",
		Text:  `When the others are down HAProxy gives everything to the first backup server, and nothing to the rest, unless ` + "`" + `allbackups` + "`" + ` is set (configuration.txt, option allbackups).`,
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
			for i, b := range p.Site.Backends {
				if spare := backups(b); len(spare) > 1 && !b.AllBackups {
					servers := at("backends", i) + ".servers"
					p.Report(lint.Finding{Path: at(servers, spare[1]) + ".backup", Summary: fmt.Sprintf("server %q serves only when %q is down too", b.Servers[spare[1]].Name, b.Servers[spare[0]].Name),
						Detail: "write allbackups: true if they shall share, or leave one", Related: also(p, "the first backup server", at(servers, spare[0])+".backup")})
				}
			}
		},
	}
}

// backups are the indexes of the backup servers.
func backups(b model.Backend) []int {
	var spare []int
	for i, s := range b.Servers {
		if s.Backup != nil && *s.Backup || s.Backup == nil && b.ServerDefaults.Backup != nil && *b.ServerDefaults.Backup {
			spare = append(spare, i)
		}
	}
	return spare
}
