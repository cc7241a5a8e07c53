package mistakes

// keepalived are the mistakes in keepalived.conf of one node.
func keepalived() []Row {
	return []Row{
		{ID: "KA01", Mistake: "`state MASTER` with `nopreempt`: the node fails back all the same", Answer: Impossible,
			File: "etc/keepalived/keepalived.conf", Has: []string{"state BACKUP", "nopreempt"}, HasNot: "state MASTER",
			Why: "`state BACKUP` on every node; the priorities decide"},
		{ID: "KA03", Mistake: "a weight beside `nopreempt`: the virtual IP moves once and never again", Answer: Rule, Rule: "LB1001"},
		{ID: "KA12", Mistake: "virtual_router_id missing, 0 or 256", Answer: Refused,
			Fragment: "vrrp: [{name: VI_1, nic: front, virtual_router_id: §256, vips: [192.0.2.10]}]\n", Says: "expected at most 255"},
	}
}
