package rules

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func sourceOfOneNode() lint.Rule {
	return lint.Rule{
		ID: "LB2031", Name: "source-of-one-node", Severity: diag.Warning, Since: "0.1",
		Title: "HAProxy goes out from an address that only one node has",
		Text: `With ` + "`source`" + ` requests and health checks leave from that address. The node that does not hold it gets no answer:
a virtual IP leads the answers to the other node, and an address of the other node is not there at all. To the node all
servers are down. At a failover it takes the virtual IP over and has nobody to send clients to until the checks have found
the servers again. Leave ` + "`source`" + ` out: the address is then that of the NIC which leads to the server. Where servers
believe one address only, tell them those of all nodes.`,
		Bad: `
backends:
  - {name: app, raw: §source 192.0.2.10, servers: [{name: web1, address: 198.51.100.11:80}]}
`,
		Good: `
backends:
  - {name: app, servers: [{name: web1, address: 198.51.100.11:80}]}
`,
		Run: func(p *lint.Pass) {
			if len(p.Site.Nodes) < 2 {
				return
			}
			for _, o := range p.Site.Written.Outgoing() {
				if unchecked(p, o.Backend) {
					continue
				}
				vip, node := p.Site.Written.HeldBy(o.Addr)
				switch {
				case vip != "":
					p.Report(lint.Finding{Path: o.Path, Summary: fmt.Sprintf("a node without virtual IP %s gets no answer to its checks: to it all "+
						"servers are down", o.Addr), Detail: "take source out, or write an address that every node has of its own"})
				case node != "":
					p.Report(lint.Finding{Path: o.Path, Summary: fmt.Sprintf("%s is an address of %s alone: to the other nodes all servers are down",
						o.Addr, node), Detail: "take source out: haproxy.cfg is the same on every node"})
				}
			}
		},
	}
}

// unchecked says whether the servers of the backend are not checked, so that they
// count as up on every node.
func unchecked(p *lint.Pass, backend int) bool {
	return backend >= 0 && p.Site.Backends[backend].Health.Off
}
