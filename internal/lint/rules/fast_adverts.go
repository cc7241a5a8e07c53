package rules

import (
	"fmt"
	"time"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

// shortSilence is how long a master may be silent before the other node takes
// over: less than a second, and a pause of the machine is a failover.
const shortSilence = time.Second

func fastAdverts() lint.Rule {
	return lint.Rule{
		ID: "LB1015", Name: "fast-adverts", Severity: diag.Info, Since: "0.1",
		Title: "Adverts are so fast that a busy machine looks dead",
		Text: `A backup takes over after three advert intervals without one. Where that is less than a second, a master
that gets no processor for so long, as in a snapshot of its virtual machine or under load, is taken for dead, and
both hold the virtual IPs until it wakes up ("thread timer expired" in its log). ` + "`max_auto_priority`" + ` lets
Keepalived raise its own scheduling priority when it is late.`,
		Bad: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    version: 3
    advert_int: §100ms
    vips: [192.0.2.10]
`,
		Good: `
keepalived: {max_auto_priority: 50}
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    version: 3
    advert_int: 100ms
    vips: [192.0.2.10]
`,
		Run: func(p *lint.Pass) {
			for i, v := range p.Site.VRRP {
				silence := 3 * v.AdvertInt
				if silence < shortSilence && p.Site.Keepalived.MaxAutoPriority == 0 {
					p.Report(lint.Finding{Path: diag.Path("vrrp").Index(i).Key("advert_int"),
						Summary: fmt.Sprintf("a master that is late by %s loses the virtual IPs", silence),
						Detail:  "add keepalived: {max_auto_priority: 50}, or send adverts less often"})
				}
			}
		},
	}
}
