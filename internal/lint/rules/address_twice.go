package rules

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/site"
)

func addressTwice() lint.Rule {
	return lint.Rule{
		ID: "LB9002", Name: "address-twice", Since: "0.1",
		Title: "Two sites claim one address",
		Text: `An address belongs to one machine, or to one group as a virtual IP. Two that have it answer by turns, and
clients reach the one that shouted last.`,
		Bad: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [§192.0.2.110]
`,
		Good: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
`,
		RunAll: func(passes []*lint.Pass) {
			first := map[netip.Addr]diag.Range{}
			for _, p := range passes {
				for _, c := range claims(p.Site) {
					at := p.Source.Range(c.path)
					if other, ok := first[c.addr]; ok && other.File != p.Source.Name {
						p.Report(lint.Finding{Path: c.path, Summary: fmt.Sprintf("another site has %s too", c.addr),
							Detail:  "an address belongs to one site: change one of them",
							Related: []diag.Related{{Message: "the other is here", Range: other}}})
						continue
					}
					first[c.addr] = at
				}
			}
		},
	}
}

// claim is an address that a site has, and where it says so.
type claim struct {
	addr netip.Addr
	path diag.Path
}

// claims are the nodes' own addresses and the virtual IPs, in the order of the
// file.
func claims(s *site.Site) []claim {
	var all []claim
	for i, n := range s.Nodes {
		for _, role := range slices.Sorted(maps.Keys(n.Addresses)) {
			for _, a := range n.Addresses[role] {
				all = append(all, claim{a, diag.Path("nodes").Index(i).Key("addresses").Entry(role)})
			}
		}
	}
	for i, v := range s.VRRP {
		for j, vip := range v.VIPs {
			all = append(all, claim{vip.Address.Addr(), diag.Path("vrrp").Index(i).Key("vips").Index(j)})
		}
	}
	return all
}
