package mistakes

// nftables are the mistakes of who filters with it.
func nftables() []Row {
	const filtered = "nics: {front: {device: eth0, subnet: 192.0.2.0/24, zone: public}}\nfirewall: {kind: nftables}\n"
	return []Row{
		{ID: "SY16", Mistake: "a filter of nftables drops ICMPv6: after a while no neighbour is found", Answer: Impossible,
			Fragment: filtered, File: "etc/nftables.d/lbgen.nft", On: "lb1", Has: []string{"meta l4proto { 1, 2, 58 } accept"},
			Why: "and with IGMP a switch hears who wants the adverts"},
		{ID: "SY17", Mistake: "a filter of nftables takes VRRP from everybody, or from nobody", Answer: Impossible,
			Fragment: filtered, File: "etc/nftables.d/lbgen.nft", On: "lb1", Has: []string{"ip saddr 192.0.2.2 meta l4proto 112 accept"}},
		{ID: "SY18", Mistake: "a table of nftables beside firewalld: what one lets in, the other refuses", Answer: Rule, Rule: "LB4003",
			Fragment: zoned + "firewall: {kind: §nftables}\n"},
	}
}
