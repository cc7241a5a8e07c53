package rules

import (
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func processEvents() lint.Rule {
	return lint.Rule{
		ID: "LB1013", Name: "process-events", Severity: diag.Warning, Since: "0.1",
		Title: "HAProxy is watched by process events, which not every node has",
		Text: `With ` + "`method: process`" + ` the kernel tells Keepalived when HAProxy ends. In a container, in a network
namespace and with older SELinux policies it tells nothing: the instance is in FAULT from its start, on that node
for ever, and ` + "`keepalived -t`" + ` says that all is well. And a HAProxy that hangs has not ended. ` + "`http`" + ` asks HAProxy
itself, wherever the node runs. Where process events have been tried on these machines, accept this finding with
that reason.`,
		Bad: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    track: {haproxy: {method: §process}}
`,
		Good: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    track: {haproxy: {method: http}}
`,
		Run: func(p *lint.Pass) {
			for i, v := range p.Site.VRRP {
				if h := v.Track.HAProxy; h != nil && h.Method == "process" {
					p.Report(lint.Finding{Path: diag.Path("vrrp").Index(i).Key("track").Key("haproxy").Key("method"),
						Summary: "where the kernel tells of no processes the node is in FAULT for ever, and a HAProxy that hangs is not seen",
						Detail:  "write method: http, or say that process events were tried on these machines"})
				}
			}
		},
	}
}
