package rules

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
)

// instanceRules are about the lines of one vrrp_instance.
func instanceRules() []Rule {
	return []Rule{
		{ID: "LB1003", Name: "common-virtual-router-id", Severity: diag.Warning, Mistakes: []string{"KA14"},
			Bad: instance("§virtual_router_id 51"), Run: each(func(p *Pass, m *pair.Member) {
				if m.VRID == 51 || m.VRID == 1 {
					p.Report(m.At("virtual_router_id"), fmt.Sprintf("virtual_router_id %d is everybody's: it stands in every example", m.VRID),
						"choose another number, unique in this network: two pairs with one number disturb each other")
				}
			})},
		{ID: "LB1015", Name: "fast-adverts", Severity: diag.Info, Mistakes: []string{"KA60"},
			Bad: instance("version 3\n§advert_int 0.1"), Run: each(func(p *Pass, m *pair.Member) {
				if m.Version == 3 && m.AdvertInt < 300e6 && m.Node.Global("vrrp_priority") == nil && m.Node.Global("max_auto_priority") == nil {
					p.Report(m.At("advert_int"), "adverts are so frequent that a busy machine misses its turn, and the other node takes over",
						"write max_auto_priority in global_defs, or a longer advert_int")
				}
			})},
		{ID: "LB1017", Name: "raw-splits-pair", Severity: diag.Warning, Mistakes: []string{"KA25", "KA64", "KA65"},
			Bad: "\nglobal_defs {\n    enable_script_security\n    script_user root\n    §vrrp_strict\n}\n", Run: splits},
		{ID: "LB5006", Name: "password-is-cut", Severity: diag.Warning, Mistakes: []string{"KA08"},
			Title: "`auth_pass` has more than 8 bytes",
			Text:  "Keepalived takes 8 bytes and forgets the rest. Two passwords that differ behind them are one.",
			Bad:   instance("authentication {\n    auth_type PASS\n    §auth_pass longer-than-8\n}"), Run: each(func(p *Pass, m *pair.Member) {
				if l := m.Block.Line("authentication").Line("auth_pass"); l != nil && len(l.Value()) > 8 {
					p.Report(l.Range, "auth_pass has more than 8 bytes: the rest is forgotten", "cut it to 8 bytes on all nodes")
				}
			})},
		{ID: "LB5007", Name: "password-is-a-comment", Severity: diag.Warning, Mistakes: []string{"KA09"},
			Title: "A part of `auth_pass` is a comment",
			Text:  "`#` and `!` begin a comment wherever they stand without quotes. What is behind them is no part of the password.",
			Bad:   instance("authentication {\n    auth_type PASS\n    §auth_pass pass#word\n}"), Run: each(commentedPassword)},
		{ID: "LB5008", Name: "password-without-effect", Severity: diag.Warning, Mistakes: []string{"KA10"},
			Title: "A password in VRRP version 3",
			Text: "Version 3, and with it every IPv6 address, has no passwords (RFC 5798): Keepalived passes over it, and whoever reaches the " +
				"network can be master.",
			Bad: instance("version 3\n§authentication {\n    auth_type PASS\n    auth_pass s3cretpw\n}"), Run: each(func(p *Pass,
				m *pair.Member) {
				if m.Version == 3 && m.Block.Line("authentication") != nil {
					p.Report(m.At("authentication"), "VRRP version 3 has no passwords: this block has no effect", "take it out, or write version 2")
				}
			})},
		{ID: "LB5009", Name: "bad-virtual-router-id", Severity: diag.Error, Mistakes: []string{"KA12"},
			Title: "`virtual_router_id` is missing or no number from 1 to 255",
			Text:  "Keepalived does not use the instance then: nobody has its virtual IPs.",
			Bad:   instance("§virtual_router_id 256"), Run: each(func(p *Pass, m *pair.Member) {
				if m.VRID < 1 || m.VRID > 255 {
					p.Report(m.At("virtual_router_id"), "virtual_router_id must be a number from 1 to 255", "write one that is unique in this network")
				}
			})},
		{ID: "LB5010", Name: "virtual-router-id-twice-on-a-node", Severity: diag.Error, Mistakes: []string{"KA13"},
			Title: "Two instances of a node have one `virtual_router_id` on one interface",
			Text:  "Their adverts cannot be told apart.",
			Bad: "\nvrrp_instance VI_2 {\n    interface eth0\n    §virtual_router_id 23\n    @lb1 priority 110\n    virtual_ipaddress {\n    " +
				"    192.0.2.11/24\n    }\n    track_script {\n        alive\n    }\n}\n",
			Run: numberTwice},
		{ID: "LB5011", Name: "bad-priority", Severity: diag.Error, Mistakes: []string{"KA15", "KA16"},
			Title: "`priority` is no number from 1 to 254",
			Text: "0 and more than 255 are 100 without a word. 255 is that of the router that has the addresses itself: weights do not change " +
				"it, and it takes everything back at once.",
			Bad: instance("@lb1 §priority 255\n@lb2 priority 100"), Run: each(badPriority)},
		{ID: "LB5012", Name: "bad-state", Severity: diag.Warning, Mistakes: []string{"KA19"},
			Title: "`state` is neither MASTER nor BACKUP",
			Text:  "Capitals count. Keepalived passes over any other word, and the node begins as BACKUP.",
			Bad:   instance("§state SLAVE"), Run: each(func(p *Pass, m *pair.Member) {
				if m.State != "MASTER" && m.State != "BACKUP" {
					p.Report(m.At("state"), "state "+m.State+" is not known: it counts as BACKUP", "write state BACKUP")
				}
			})},
		{ID: "LB5013", Name: "part-of-a-second", Severity: diag.Warning, Mistakes: []string{"KA24"},
			Title: "`advert_int` has a part of a second in VRRP version 2",
			Text:  "Version 2 counts whole seconds: the part is rounded, and less than half a second becomes a flood.",
			Bad:   instance("§advert_int 0.5"), Run: each(func(p *Pass, m *pair.Member) {
				if m.Version == 2 && m.AdvertInt%1e9 != 0 {
					p.Report(m.At("advert_int"), "VRRP version 2 counts whole seconds", "write whole seconds, or version 3 on all nodes")
				}
			})},
		{ID: "LB5014", Name: "typographic-quotes", Severity: diag.Error, Mistakes: []string{"HA15"},
			Title: "A typographic quote or a no-break space stands in a file",
			Text:  "They look like quotes and blanks, and the daemons take them for a part of the word: a program of this name is not there.",
			Bad:   instance("notify §“/usr/local/bin/note”"), Run: typographic},
	}
}

func splits(p *Pass) {
	for _, n := range p.Pair.Nodes {
		if l := n.Global("vrrp_strict"); l != nil {
			p.Report(l.Range, "vrrp_strict allows no unicast peers and no password, and drops what is sent to the virtual IPs", "take it out")
		}
		if l := n.Global("vrrp_mcast_group4"); l != nil && !strings.HasPrefix(l.Value(), "224.0.0.") {
			p.Report(l.Range, "a group outside of 224.0.0.0/24 is sent on to who has asked for it alone: no advert may arrive, and both are "+
				"master",
				"take it out, or choose one of 224.0.0.0/24")
		}
	}
	for _, r := range p.Pair.Routers() {
		for _, m := range r.Members {
			if l := m.Block.Line("use_vmac"); l != nil {
				p.Report(l.Range, "use_vmac: the switch of a virtual machine drops what comes from another MAC address",
					"take it out where the nodes are virtual machines")
			}
		}
	}
}

// commentedPassword looks at the text of the line: the reader has dropped the rest.
func commentedPassword(p *Pass, m *pair.Member) {
	l := m.Block.Line("authentication").Line("auth_pass")
	if l == nil {
		return
	}
	text := p.Pair.Texts[l.Range.File].Line(l.Range.Start.Line)
	if regexp.MustCompile(`auth_pass\s+[^"\s#!]+[#!]\S`).MatchString(text) {
		p.Report(l.Range, "a # or ! in auth_pass begins a comment: the rest is no part of the password",
			"put the password between double quotes")
	}
}

func numberTwice(p *Pass) {
	for _, n := range p.Pair.Nodes {
		seen := map[string]*keepalived.Node{}
		for _, r := range p.Pair.Routers() {
			m := r.Of(n)
			if m == nil {
				continue
			}
			key := fmt.Sprintf("%s %d %d", m.Interface, m.VRID, m.Family)
			if first := seen[key]; first != nil {
				p.Report(m.At("virtual_router_id"), fmt.Sprintf("virtual_router_id %d stands in %s, too, on the same interface", m.VRID,
					first.Value()),
					"give it another number", diag.Related{Message: "the first", Range: first.Range})
			}
			seen[key] = m.Block
		}
	}
}

func badPriority(p *Pass, m *pair.Member) {
	l := m.Block.Line("priority")
	if l == nil {
		return
	}
	n, err := strconv.Atoi(l.Value())
	switch {
	case err != nil || n < 1 || n > 255:
		p.Report(l.Range, "priority must be a number from 1 to 254: it is 100 otherwise", "write one")
	case n == 255 && !ownsAddress(m):
		p.Report(l.Range, "priority 255 is for the router that has the virtual IPs as its own: weights do not change it", "write at most 254")
	}
}

func ownsAddress(m *pair.Member) bool {
	return slices.ContainsFunc(m.Addresses(), func(a netip.Addr) bool { return slices.Contains(m.VIPs, a.String()) })
}
