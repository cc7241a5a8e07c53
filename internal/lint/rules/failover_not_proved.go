package rules

import (
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/lint"
)

func failoverNotProved() lint.Rule {
	return lint.Rule{
		ID: "LB1001", Name: "failover-not-proved", Since: "0.1",
		Title: "A failure leaves the virtual IPs where nobody is served",
		Text: `There is a failure after which the virtual IPs stay on a node that does not serve, although another one could.
Neither Keepalived nor HAProxy sees that: each node's file is right by itself. The usual reasons are a weight that is
smaller than the gap between the priorities, a weight beside ` + "`nopreempt`" + `, which moves the virtual IPs once and never
again, and a HAProxy that nothing watches. ` + "`lbgen prove`" + ` prints every step.`,
		Bad: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    track: {haproxy: §{weight: 20}}
`,
		Good: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    track: {haproxy: {interval: 1s, timeout: 1s}}
`,
		Run: func(p *lint.Pass) {
			for _, g := range failover.Groups(p.Site) {
				byPath := map[diag.Path]bool{}
				for _, f := range g.Prove() {
					if byPath[f.Path] { // both nodes have the same fault
						continue
					}
					byPath[f.Path] = true
					p.Report(lint.Finding{Path: f.Path, Summary: f.Text, Detail: g.Detail(f)})
				}
			}
		},
	}
}
