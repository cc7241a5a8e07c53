package rules

import (
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/lint"
)

func outsideCheck() lint.Rule {
	return lint.Rule{
		ID: "LB1024", Name: "outside-check-faults-all", Severity: diag.Warning, Since: "0.1",
		Title: "A check of another machine takes the virtual IPs away from every node",
		Text: `A check without a weight leads to FAULT. Where it asks a machine that is none of the nodes, such as a gateway, all nodes
see that machine fail at once: each of them is in FAULT then, nobody has the virtual IPs, and clients that could be served are not.

With a weight that is larger than the gap between the priorities, a node that alone sees nobody gives the virtual IPs away, and
where all see nobody, all become lower and the master stays. That is the default with ` + "`preempt: true`" + `. Without preempt a weight
moves them once and never again (LB1001): have one script ask two machines, and fail where neither answers.`,
		Bad: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    track: {scripts: [§{name: gateway, command: [/usr/bin/ping, -c, '1', -W, '1', 192.0.2.254]}]}
`,
		Good: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    preempt: true
    track: {scripts: [{name: gateway, command: [/usr/bin/ping, -c, '1', -W, '1', 192.0.2.254]}]}
`,
		Run: func(p *lint.Pass) {
			for _, g := range failover.Groups(p.Site) {
				for _, f := range g.CommonFaults() {
					p.Report(lint.Finding{Path: f.Path, Summary: f.Text, Detail: f.Remedy})
				}
			}
		},
	}
}
