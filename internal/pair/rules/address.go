package rules

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
)

// addressRules are about virtual IPs, peers and groups of instances.
func addressRules() []Rule {
	return []Rule{
		{ID: "LB5020", Name: "both-families-in-one-list", Severity: diag.Error, Mistakes: []string{"KA22"},
			Title: "IPv4 and IPv6 stand in one `virtual_ipaddress`",
			Text:  "An advert carries one family. Keepalived drops what is not of the first one's: nobody has these addresses.",
			Bad:   instance("virtual_ipaddress {\n    192.0.2.10/24\n    §2001:db8::10/64\n}"), Run: each(bothFamilies)},
		{ID: "LB5021", Name: "no-virtual-ip", Severity: diag.Error, Mistakes: []string{"KA30"},
			Title: "An instance has no virtual IP",
			Text:  "Keepalived does not use it.",
			Bad: "\n§vrrp_instance VI_2 {\n    interface eth0\n    virtual_router_id 24\n    @lb1 priority 110\n    track_script {\n        " +
				"alive\n    }\n}\n",
			Run: each(func(p *Pass, m *pair.Member) {
				if len(m.VIPs) == 0 && m.Block.Line("virtual_routes") == nil {
					p.Report(m.Block.Range, "the instance has no virtual IP", "write virtual_ipaddress")
				}
			})},
		{ID: "LB5022", Name: "no-address", Severity: diag.Error, Mistakes: []string{},
			Title: "A virtual IP is no address",
			Text:  "Keepalived passes over it: nobody has it.",
			Bad:   instance("virtual_ipaddress {\n    192.0.2.10/24\n    §192.0.2.300/24\n}"), Run: each(func(p *Pass, m *pair.Member) {
				for _, v := range m.Block.Listed("virtual_ipaddress") {
					if _, ok := address(v.Keyword()); !ok {
						p.Report(v.Range, v.Keyword()+" is no address", "write an address and the length of its network, such as 192.0.2.10/24")
					}
				}
			})},
		{ID: "LB5023", Name: "virtual-ip-twice", Severity: diag.Error, Mistakes: []string{"KA31"},
			Title: "One virtual IP stands in two instances",
			Text:  "Two nodes may have it at the same time.",
			Bad: "\nvrrp_instance VI_2 {\n    interface eth0\n    virtual_router_id 24\n    @lb1 priority 110\n    virtual_ipaddress {\n     " +
				"   §192.0.2.10/24\n    }\n    track_script {\n        alive\n    }\n}\n",
			Run: vipTwice},
		{ID: "LB5024", Name: "no-prefix-length", Severity: diag.Info, Mistakes: []string{"KA34"},
			Title: "A virtual IP without the length of its network",
			Text:  "It gets the length of a single host (/32). It works as long as the node has an own address in the same network.",
			Bad:   instance("virtual_ipaddress {\n    §192.0.2.10\n}"), Run: each(func(p *Pass, m *pair.Member) {
				for _, v := range m.Block.Listed("virtual_ipaddress") {
					if a, ok := address(v.Keyword()); ok && !strings.Contains(v.Keyword(), "/") {
						p.Report(v.Range, v.Keyword()+" has no prefix length: it is one of a single host",
							"write "+a.String()+"/24, or what the network has")
						return
					}
				}
			})},
		{ID: "LB5025", Name: "source-without-peers", Severity: diag.Warning, Mistakes: []string{"KA26"},
			Title: "`unicast_src_ip` without `unicast_peer`",
			Text:  "Adverts go by multicast all the same.",
			Bad:   instance("§unicast_src_ip 192.0.2.1\n@lb2 unicast_src_ip 192.0.2.2"), Run: each(func(p *Pass, m *pair.Member) {
				if m.Source != "" && len(m.Peers) == 0 {
					p.Report(m.At("unicast_src_ip"), "without unicast_peer the adverts go by multicast all the same",
						"write the other nodes' addresses into unicast_peer")
				}
			})},
		{ID: "LB5026", Name: "own-address-among-peers", Severity: diag.Warning, Mistakes: []string{"KA27"},
			Title: "A node is its own peer",
			Text: "It sends adverts to itself, and may take them for another master's. Usually one file was copied to all nodes, and another " +
				"node is missing in the list.",
			Bad: instance("@lb1 unicast_src_ip 192.0.2.1\n@lb2 unicast_src_ip 192.0.2.2\nunicast_peer {\n    §192.0.2.1\n    192.0.2.2\n}"),
			Run: each(func(p *Pass, m *pair.Member) {
				for _, l := range m.Block.Listed("unicast_peer") {
					if m.Source != "" && l.Keyword() == m.Source {
						p.Report(l.Range, "the node's own address stands among its peers", "take it out of unicast_peer on this node")
					}
				}
			})},
		{ID: "LB5027", Name: "peer-of-another-family", Severity: diag.Error, Mistakes: []string{"KA29"},
			Title: "A peer has an address of the other family",
			Text:  "Keepalived passes over it. Where no other is left the adverts go by multicast.",
			Bad: instance("@lb1 unicast_src_ip 192.0.2.1\n@lb2 unicast_src_ip 192.0.2.2\nunicast_peer {\n    @lb1 192.0.2.2\n    @lb2 " +
				"192.0.2.1\n    §2001:db8::2\n}"),
			Run: each(func(p *Pass, m *pair.Member) {
				for _, l := range m.Block.Listed("unicast_peer") {
					if a, ok := address(l.Keyword()); ok && a.Is4() != (m.Family == 4) {
						p.Report(l.Range, "the peer's address is of another family than the virtual IPs", "write its address of their family")
					}
				}
			})},
		{ID: "LB5028", Name: "sync-group-of-one", Severity: diag.Warning, Mistakes: []string{"KA55"},
			Title: "A sync group of one instance, or of one that is not there",
			Text:  "A group is for instances that move together.",
			Bad:   "\nvrrp_sync_group §G1 {\n    group {\n        VI_1\n    }\n}\n", Run: nodes(smallGroup)},
		{ID: "LB5029", Name: "weight-in-sync-group", Severity: diag.Warning, Mistakes: []string{"KA54"},
			Title: "A weight in a member of a sync group has no effect",
			Text:  "The priorities of a group stay what they are unless it has `sync_group_tracking_weight`.",
			Bad: "\nvrrp_sync_group G1 {\n    group {\n        VI_1\n        VI_2\n    }\n}\n" + instance("track_interface {\n    §eth1 weight "+
				"-20\n}") +
				"\nvrrp_instance VI_2 {\n    interface eth2\n    virtual_router_id 24\n    @lb1 priority 110\n    virtual_ipaddress {\n        " +
				"198.51.100.10/24\n    }\n    track_script {\n        alive\n    }\n}\n",
			Run: each(func(p *Pass, m *pair.Member) {
				g := m.Node.Keepalived.Block("vrrp_sync_group", m.SyncGroup)
				for _, t := range m.Tracks {
					if m.SyncGroup != "" && t.Weight != 0 && g.Line("sync_group_tracking_weight") == nil {
						p.Report(t.At, "a weight has no effect in a member of a sync group",
							"take the weight out, or write sync_group_tracking_weight in the group")
					}
				}
			})},
		{ID: "LB5030", Name: "own-interface-tracked", Severity: diag.Info, Mistakes: []string{"KA53"},
			Title: "An instance tracks its own interface",
			Text:  "It is always tracked: a node whose own link is down is in FAULT.",
			Bad:   instance("track_interface {\n    §eth0\n}"), Run: each(func(p *Pass, m *pair.Member) {
				for _, l := range m.Block.Listed("track_interface") {
					if l.Keyword() == m.Interface && len(l.Words) == 1 {
						p.Report(l.Range, "the instance's own interface is tracked in any case", "take it out")
					}
				}
			})},
	}
}

// address reads an address, with or without the length of its network.
func address(text string) (netip.Addr, bool) {
	text, _, _ = strings.Cut(text, "/")
	a, err := netip.ParseAddr(text)
	return a, err == nil
}

func bothFamilies(p *Pass, m *pair.Member) {
	first := netip.Addr{}
	for _, v := range m.Block.Listed("virtual_ipaddress") {
		a, ok := address(v.Keyword())
		switch {
		case !ok:
		case !first.IsValid():
			first = a
		case a.Is4() != first.Is4():
			p.Report(v.Range, "IPv4 and IPv6 stand in one list: Keepalived drops this address",
				"give it an instance of its own, and put both into a vrrp_sync_group")
		}
	}
}

func vipTwice(p *Pass) {
	for _, n := range p.Pair.Nodes {
		seen := map[string]diag.Range{}
		for _, r := range p.Pair.Routers() {
			m := r.Of(n)
			if m == nil {
				continue
			}
			for _, v := range m.Block.Listed("virtual_ipaddress") {
				a, ok := address(v.Keyword())
				if !ok {
					continue
				}
				if at, twice := seen[a.String()]; twice {
					p.Report(v.Range, a.String()+" stands in two lists", "leave it in one", diag.Related{Message: "the first", Range: at})
				}
				seen[a.String()] = v.Range
			}
		}
	}
}

func smallGroup(p *Pass, n *pair.Node) {
	var names []string
	for _, b := range n.Keepalived.Lines {
		if b.Keyword() == "vrrp_instance" {
			names = append(names, b.Value())
		}
	}
	for _, g := range n.Keepalived.Lines {
		if g.Keyword() != "vrrp_sync_group" || g.Skipped || len(g.Words) < 2 {
			continue
		}
		members := g.Listed("group")
		if len(members) == 1 {
			p.Report(g.Words[1].Range, "the group has one member", "take it out, or write what moves together")
		}
		for _, l := range members {
			if !slices.Contains(names, l.Keyword()) {
				p.Report(l.Range, "there is no instance "+l.Keyword(), "write the name of one")
			}
		}
	}
}
