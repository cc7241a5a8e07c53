package rules

import (
	"fmt"
	"regexp"
	"sync"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func bondWithoutDelay() lint.Rule {
	return lint.Rule{
		ID: "LB1014", Name: "bond-without-delay", Severity: diag.Info, Since: "0.1",
		Title: "Adverts go over a bond or a bridge, and Keepalived does not wait at its start",
		Text: `A bond, a team or a bridge has its link before it passes packets: LACP and the spanning tree take seconds,
30 at worst with the classic tree. A node that boots hears no master in that time and becomes one itself. Both hold
the virtual IPs then, and when they hear each other the higher one keeps them, ` + "`nopreempt`" + ` or not.
` + "`keepalived: {vrrp_startup_delay: 30s}`" + ` has it listen first. Inside of it a node takes nothing over: nobody serves
so long where both nodes are switched on together, or the other one fails then. With ` + "`preempt`" + ` Keepalived up to
2.2.7 takes back after a multiple of it only (6 s written, 26 s measured).`,
		Bad: `
nics: {front: {device: §bond0, subnet: 192.0.2.0/24}}
`,
		Good: `
nics: {front: {device: bond0, subnet: 192.0.2.0/24}}
keepalived: {vrrp_startup_delay: 30s}
`,
		Run: func(p *lint.Pass) {
			said := map[string]bool{}
			for _, v := range p.Site.VRRP {
				device := p.Site.NICs[v.NIC].Device
				if p.Site.Keepalived.StartupDelay != 0 || said[v.NIC] || !slowLink().MatchString(device) {
					continue
				}
				said[v.NIC] = true
				p.Report(lint.Finding{Path: diag.Path("nics").Entry(v.NIC).Key("device"),
					Summary: fmt.Sprintf("%s passes packets some time after its link is up, and Keepalived does not wait for it", device),
					Detail:  "add keepalived: {vrrp_startup_delay: 30s}"})
			}
		},
	}
}

// slowLink matches the names that bonds, teams and bridges have.
var slowLink = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(bond|team|br|vmbr)-?\d`) })
