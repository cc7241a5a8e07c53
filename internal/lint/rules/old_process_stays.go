package rules

import (
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func oldProcessStays() lint.Rule {
	return lint.Rule{
		ID: "LB2015", Name: "old-process-stays", Severity: diag.Info, Since: "0.1",
		Title: "After a reload the old process stays as long as its longest tunnel",
		Text: `A reload starts a new process; the old one ends when its last connection does. Where tunnels last for hours,
each reload leaves a process behind, with its memory and with the old configuration. ` + "`global.hard_stop_after`" + ` ends
it.`,
		Bad: `
defaults: {timeouts: {tunnel: §1h}}
`,
		Good: `
global: {hard_stop_after: 2h}
defaults: {timeouts: {tunnel: 1h}}
`,
		Run: func(p *lint.Pass) {
			if p.Site.Global.HardStopAfter != 0 || rawSays(p.Site, "hard-stop-after", "global") {
				return
			}
			path := diag.Path("")
			if p.Site.Defaults.Timeouts.Tunnel != 0 {
				path = "defaults.timeouts.tunnel"
			}
			for i := range p.Site.Backends {
				if path == "" && p.Site.Backends[i].Timeouts.Tunnel != 0 {
					path = diag.Path("backends").Index(i).Key("timeouts").Key("tunnel")
				}
			}
			if path != "" {
				p.Report(lint.Finding{Path: path, Summary: "nothing ends the old process of a reload while a tunnel is open",
					Detail: "add global: {hard_stop_after: …}, the time after which its connections are cut"})
			}
		},
	}
}
