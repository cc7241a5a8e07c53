package rules

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func targetsDiverge() lint.Rule {
	return lint.Rule{
		ID: "LB9003", Name: "targets-diverge", Severity: diag.Info, Since: "0.1",
		Title: "Two sites of one platform run different daemons",
		Text: `What works at one site need not work at the other, and what was learned there is learned again. Often one of
the two was forgotten in an upgrade; ` + "`lbgen upgrade-check`" + ` says what the step would change.`,
		Bad:  "target: §{haproxy: \"2.8\"}\n",
		Good: "target: {haproxy: \"2.6\"}\n",
		RunAll: func(passes []*lint.Pass) {
			type daemons struct{ haproxy, keepalived string }
			type first struct {
				daemons
				at diag.Range
			}
			seen := map[string]first{} // by platform
			for _, p := range passes {
				m := p.Site.Machine
				mine := daemons{m.HAProxy, m.Keepalived}
				other, ok := seen[p.Site.Written.Platform]
				if !ok {
					seen[p.Site.Written.Platform] = first{mine, p.Source.Range("target")}
					continue
				}
				if other.daemons != mine {
					p.Report(lint.Finding{Path: "target", Summary: fmt.Sprintf("HAProxy %s and Keepalived %s here, %s and %s at another site",
						mine.haproxy, mine.keepalived, other.haproxy, other.keepalived),
						Detail:  "bring both to one version, or say why not on this line",
						Related: []diag.Related{{Message: "the other site is here", Range: other.at}}})
				}
			}
		},
	}
}
