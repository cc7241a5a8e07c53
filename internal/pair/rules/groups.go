package rules

import (
	"net/netip"
	"slices"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
)

// groupRules are about instances that have to do with each other, and about processes
// that they watch.
func groupRules() []Rule {
	return []Rule{
		{ID: "LB1013", Name: "process-events", Severity: diag.Warning, Mistakes: []string{"KA62", "KA63"},
			Bad: "\nvrrp_track_process haproxy {\n    process haproxy\n}\n" +
				instance("track_process {\n    §haproxy\n}\ntrack_script {\n    alive\n}"),
			Run: each(func(p *Pass, m *pair.Member) {
				for _, t := range m.Tracks {
					if t.Script != nil && t.Script.Keyword() == "vrrp_track_process" && t.Script.Of("process") == "haproxy" {
						p.Report(t.At, "where the kernel tells of no processes the node is in FAULT for ever, and a HAProxy that hangs is not seen",
							"track a script that asks HAProxy itself, such as curl -sf --max-time 1 of a monitor-uri")
					}
				}
			})},
		{ID: "LB5031", Name: "virtual-ip-is-own-address", Severity: diag.Error, Mistakes: []string{"KA32"},
			Title: "A virtual IP is a node's own address",
			Text:  "It is on that node whoever is master, so that two machines answer for it.",
			Bad: instance("@lb1 unicast_src_ip 192.0.2.1\n@lb2 unicast_src_ip 192.0.2.2\n" +
				"unicast_peer {\n    @lb1 192.0.2.2\n    @lb2 192.0.2.1\n}\nvirtual_ipaddress {\n    192.0.2.10/24\n    §192.0.2.2/24\n}"),
			Run: each(func(p *Pass, m *pair.Member) {
				for _, v := range m.Block.Listed("virtual_ipaddress") {
					if a, ok := address(v.Keyword()); ok {
						if n := ownerOf(p.Pair, a); n != "" {
							p.Report(v.Range, a.String()+" is the own address of "+n, "write an address that no node has")
						}
					}
				}
			})},
		{ID: "LB5032", Name: "sync-group-pulls-apart", Severity: diag.Warning, Mistakes: []string{"XN15"},
			Title: "The members of a sync group prefer different nodes",
			Text: "They move together: what one wins the other loses at once, and the elections find no end. Give one node the highest " +
				"priority in all of them.",
			Bad: "\nvrrp_sync_group G1 {\n    group {\n        VI_1\n        VI_2\n    }\n}\n\n§vrrp_instance VI_2 {\n    interface eth2\n    " +
				"virtual_router_id 24\n    @lb1 priority 90\n    @lb2 priority 100\n    virtual_ipaddress {\n        198.51.100.10/24\n    }\n    " +
				"track_script {\n        alive\n    }\n}\n",
			Run: pulledApart},
	}
}

// ownerOf is the node whose own address one is, as far as the files say; "" where it is
// nobody's.
func ownerOf(p *pair.Pair, a netip.Addr) string {
	for _, r := range p.Routers() {
		for _, m := range r.Members {
			if slices.Contains(m.Addresses(), a) {
				return m.Node.Name
			}
		}
	}
	return ""
}

// first is the node with the highest priority of a router; "" where there is but one, or
// two have the same.
func first(r *pair.Router) string {
	var best *pair.Member
	tie := false
	for _, m := range r.Members {
		switch {
		case best == nil || m.Priority > best.Priority:
			best, tie = m, false
		case m.Priority == best.Priority:
			tie = true
		}
	}
	if tie || len(r.Members) < 2 {
		return ""
	}
	return best.Node.Name
}

func pulledApart(p *Pass) {
	preferred := map[string]string{}
	for _, r := range p.Pair.Routers() {
		group, node := r.Members[0].SyncGroup, first(r)
		if group == "" || node == "" {
			continue
		}
		if preferred[group] == "" {
			preferred[group] = node
		} else if preferred[group] != node {
			p.Report(r.Members[0].Block.Range, "sync group "+group+" moves as one, and its instances prefer "+preferred[group]+" and "+node,
				"give one node the highest priority in all of them")
		}
	}
}
