package rules

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func rawSplitsPair() lint.Rule {
	return lint.Rule{
		ID: "LB1017", Name: "raw-splits-pair", Severity: diag.Warning, Since: "0.1",
		Title: "A raw line that makes two masters of many pairs",
		Text: `Three settings of Keepalived look harmless and cut nodes off from each other or from the clients, without a
word of its checker:

- ` + "`vrrp_strict` and `strict_mode`" + `: the RFC to the letter. No unicast, no password, and firewall rules that drop what is sent to
  the virtual IP.
- ` + "`vrrp_mcast_group4`" + ` outside 224.0.0.0/24: a switch with IGMP snooping passes 224.0.0.0/24 on to everybody, and any other
  group only where it has seen somebody join, which takes a querier in the network. No advert arrives: two masters.
- ` + "`use_vmac`" + `: the virtual IP has a MAC address of its own. Virtual switches and clouds drop packets with a MAC address that they
  did not give out.`,
		Bad: `
keepalived: {raw: §vrrp_strict}
`,
		Good: `
keepalived: {raw: vrrp_mcast_group4 224.0.0.100}
`,
		Run: func(p *lint.Pass) {
			keepalivedRaw(p.Site, func(path diag.Path, line string) {
				if harm := harmOf(strings.Fields(line)); harm != "" {
					p.Report(lint.Finding{Path: path, Summary: fmt.Sprintf("raw line %q: %s", firstWord(line), harm),
						Detail: "take it out, or say why it is right in this network"})
				}
			})
		},
	}
}

// harmOf says what a raw line does to many pairs, "" for nothing.
func harmOf(words []string) string {
	switch {
	case len(words) == 0:
		return ""
	case words[0] == "vrrp_strict", words[0] == "strict_mode" && !slices.Contains(words, "off") && !slices.Contains(words, "false") &&
		!slices.Contains(words, "no"):
		return "no unicast, no password, and the virtual IP answers nobody"
	case words[0] == "use_vmac":
		return "virtual switches drop packets from a MAC address that they did not give out"
	case words[0] == "vrrp_mcast_group4" && len(words) > 1:
		if a, err := netip.ParseAddr(words[1]); err == nil && !netip.MustParsePrefix("224.0.0.0/24").Contains(a) {
			return "adverts to a group outside 224.0.0.0/24 do not arrive"
		}
	}
	return ""
}
