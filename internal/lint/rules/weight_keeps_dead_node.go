package rules

import (
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/lint"
)

func weightKeepsDeadNode() lint.Rule {
	return lint.Rule{
		ID: "LB1006", Name: "weight-keeps-dead-node", Severity: diag.Warning, Since: "0.1",
		Title: "With a weight, a node whose HAProxy is dead stays a master",
		Text: `A weight lowers the priority and no more: a node whose HAProxy is dead goes on taking part. Where HAProxy is dead on
every node, one of them holds the virtual IPs and serves nobody, and no mail of FAULT is ever sent. The failover is slower
too, by up to three advert intervals: the backup has to wait until its timer runs out, where a node in FAULT says that it
leaves. Without the weight a failure is FAULT.`,
		Bad: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    preempt: true
    track: {haproxy: {weight: §-60}}
`,
		Good: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    preempt: true
    track: {haproxy: {weight: 0}}
`,
		Run: func(p *lint.Pass) {
			for i, v := range p.Site.VRRP {
				path := diag.Path("vrrp").Index(i).Key("track").Key("haproxy")
				if h := v.Track.HAProxy; h != nil && h.Weight != 0 && !isFaulty(p, path) {
					p.Report(lint.Finding{Path: path.Key("weight"), Summary: "where HAProxy is dead on all nodes, one of them still holds the virtual IPs",
						Detail: "take the weight out: a node without HAProxy then gives them up", Fix: p.Set("weight: 0", path, "weight", "0")})
				}
			}
		},
	}
}

// isFaulty says whether LB1001 speaks of the path: its remedy is the same.
func isFaulty(p *lint.Pass, path diag.Path) bool {
	for _, g := range failover.Groups(p.Site) {
		for _, f := range g.Prove() {
			if f.Path == path {
				return true
			}
		}
	}
	return false
}
