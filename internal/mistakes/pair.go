package mistakes

// pair are the mistakes that only two nodes side by side show. All nodes come
// from one site file: what they must have in common is said once.
func pair() []Row { return append(vrrpOfPair(), restOfPair()...) }

func vrrpOfPair() []Row {
	const one = "it is said once, for all nodes"
	const three = "  - {name: lb3, priority: 10, addresses: {front: 192.0.2.3}}\n"
	return []Row{
		{ID: "XN01", Mistake: "virtual_router_id differs: two masters", Answer: Impossible, File: keepalivedConf,
			Has: []string{"virtual_router_id 23"}, Why: one},
		{ID: "XN02", Mistake: "the password differs: two masters", Answer: Impossible, Fragment: instance("auth_pass: passw0rd"),
			File: keepalivedConf,
			Has:  []string{"auth_type PASS", `auth_pass "passw0rd"`}, Why: one},
		{ID: "XN03", Mistake: "advert_int differs", Answer: Impossible, Fragment: instance("advert_int: 2s"), File: keepalivedConf,
			Has: []string{"advert_int 2"}, Why: one},
		{ID: "XN04", Mistake: "the lists of virtual IPs differ: adverts are dropped", Answer: Impossible, File: keepalivedConf,
			Fragment: "vrrp: [{name: VI_1, nic: front, virtual_router_id: 23, vips: [192.0.2.10, 192.0.2.11]}]\n",
			Has:      []string{"192.0.2.10/24 dev eth0", "192.0.2.11/24 dev eth0"}, Why: one},
		{ID: "XN05", Mistake: "the version of VRRP differs", Answer: Impossible, Fragment: instance("version: 3"), File: keepalivedConf,
			Has: []string{"version 3"}, Why: one},
		{ID: "XN06", Mistake: "one node sends to its peers, the other to the multicast group", Answer: Impossible,
			Fragment: instance("unicast: true"), File: keepalivedConf, Has: []string{"unicast_peer {"}, Why: one},
		{ID: "XN07", Mistake: "a peer is missing, or has another address", Answer: Impossible,
			Fragment: nodes("priority: 50, addresses: {front: 192.0.2.2}") + three + instance("unicast: true"), On: "lb2",
			File: keepalivedConf, Has: []string{"unicast_src_ip 192.0.2.2", "192.0.2.1", "192.0.2.3"},
			Why: "the peers are the addresses that the other nodes send from"},
		{ID: "XN08", Mistake: "a weight that is right for two nodes and not for the third", Answer: Rule, Rule: "LB1001",
			Why:      "equal priorities are refused",
			Fragment: nodes("priority: 90, addresses: {front: 192.0.2.2}") + three + instance("preempt: true, track: {haproxy: §{weight: -20}}")},
		{ID: "XN09", Mistake: "`state MASTER` on more than one node", Answer: Impossible, File: keepalivedConf, HasNot: "state MASTER"},
		{ID: "XN10", Mistake: "the nodes' interfaces are in different networks, and adverts go by multicast", Answer: Refused,
			Fragment: nodes("priority: 50, addresses: {front: §203.0.113.2}"), Says: "outside the network",
			Why: "a NIC has one subnet; two VLANs with one subnet show on the node only"},
	}
}

func restOfPair() []Row {
	return []Row{
		{ID: "XN11", Mistake: "haproxy.cfg differs between the nodes, or binds the other node's address", Answer: Impossible, Same: true,
			Fragment: "frontends: [{name: main, binds: [{nic: front, port: 80}], default_backend: app}]\n", File: "etc/haproxy/haproxy.cfg",
			Has: []string{"bind 192.0.2.1:80", "bind 192.0.2.2:80"}, Why: "one file for all nodes; ip_nonlocal_bind lets each bind all of its " +
				"addresses"},
		{ID: "XN12", Mistake: "a page or a certificate is missing on one node", Answer: Impossible, Same: true,
			Fragment: "backends: [{name: app, servers: [{name: web1, address: 198.51.100.11:80}], sorry: {page: sorry.html}}]\n",
			File:     "etc/haproxy/pages/sorry.html",
			Why:      "pages are in every node's tree; a certificate is on the node, and install.sh has the node's HAProxy check the file first"},
		{ID: "XN13", Mistake: "`nopreempt` on all nodes", Answer: Impossible, On: "lb2", File: keepalivedConf, HasNot: "nopreempt",
			Why: "it stands on all nodes but the lowest"},
		{ID: "XN14", Mistake: "IPv4 and IPv6 virtual IPs part: no sync group", Answer: Impossible, File: keepalivedConf,
			Has: []string{"vrrp_sync_group VI_1 {", "VI_1", "VI_1_v6"},
			Fragment: `nics: {front: {device: eth0, subnet: [192.0.2.0/24, "2001:db8::/64"]}}` + "\n" +
				`vrrp: [{name: VI_1, nic: front, virtual_router_id: 23, vips: [192.0.2.10, "2001:db8::10"]}]` + "\n",
			Why: "both families of one item are a sync group"},
		{ID: "XN15", Mistake: "the members of a sync group prefer different nodes: elections without end", Answer: Refused,
			Says: "prefer different nodes",
			Fragment: "vrrp:\n  - {name: VI_1, nic: front, virtual_router_id: 23, vips: [192.0.2.10], sync_group: g}\n" +
				"  - {name: VI_2, nic: front, virtual_router_id: 24, vips: [192.0.2.20], sync_group: §g, priorities: {lb1: 10, lb2: 20}}\n"},
		{ID: "XN16", Mistake: "a dual master whose nodes cannot carry the other's part too", Answer: Waits,
			Why: "how much a machine carries shows under load only; each node gets all of `global.maxconn`"},
		{ID: "XN17", Mistake: "versions of Keepalived that do not understand each other", Answer: Refused,
			Fragment: "target: {keepalived: §'1.3'}\n", Says: "from 2.2 on",
			Why: "the checksum of version 3 is one since 1.3.6, and auth_hmac is refused where `target` is before 2.4"},
		{ID: "XN18", Mistake: "auth_hmac with times, and clocks that differ", Answer: Waits,
			Why: "the clock of a running node shows there only; Keepalived warns in its log from half the `time_window` on. `anti_replay: " +
				"monotonic` needs no clock"},
		{ID: "XN19", Mistake: "one path for VRRP: where it breaks, both are master", Answer: Waits,
			Why: "for a network that breaks: a pair cannot survive that by design, and `lbgen prove` says so; a second path is the network's to " +
				"build"},
		{ID: "XN20", Mistake: "`peers` lacks a node, or its name is not the node's", Answer: Impossible, Fragment: "peers: {nic: front}\n",
			Same: true, File: "etc/haproxy/haproxy.cfg",
			Has: []string{"peer lb1 192.0.2.1:10001", "peer lb2 192.0.2.2:10001"},
			Why: "all nodes are peers, and each is started with its own name (`-L`)"},
	}
}
