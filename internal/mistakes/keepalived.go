package mistakes

import (
	"fmt"
	"slices"
	"strings"
)

const keepalivedConf = "etc/keepalived/keepalived.conf"

// keepalived are the mistakes in keepalived.conf of one node.
func keepalived() []Row {
	return slices.Concat(ownership(), adverts(), addresses(), tracking(), scripts(), surroundings())
}

// instance is the rules' common instance with further fields.
func instance(fields string) string {
	return "vrrp: [{name: VI_1, nic: front, virtual_router_id: 23, vips: [192.0.2.10], " + fields + "}]\n"
}

// nodes are the rules' common nodes with other fields for the second.
func nodes(second string) string {
	return "nodes:\n  - {name: lb1, priority: 100, addresses: {front: 192.0.2.1}}\n  - {name: lb2, " + second + "}\n"
}

// ownership is about who is to be master.
func ownership() []Row {
	return []Row{
		{ID: "KA01", Mistake: "`state MASTER` with `nopreempt`: the node fails back all the same", Answer: Impossible,
			File: keepalivedConf, On: "lb1", Has: []string{"state BACKUP", "nopreempt"}, HasNot: "state MASTER",
			Holds: []string{"Preempt = disabled"},
			Why:   "`state BACKUP` on every node; the priorities decide"},
		{ID: "KA02", Mistake: "`nopreempt` on the lower node only: no effect, the higher one takes the virtual IP back", Answer: Impossible,
			File: keepalivedConf, On: "lb2", HasNot: "nopreempt", Why: "it stands on all nodes but the lowest"},
		{ID: "KA03", Mistake: "a weight beside `nopreempt`: the virtual IP moves once and never again", Answer: Rule, Rule: "LB1001",
			Fragment: instance("track: {haproxy: §{weight: -60}}")},
		{ID: "KA04", Mistake: "a positive weight that is not larger than the gap of the priorities: the virtual IP never moves", Answer: Rule,
			Rule:     "LB1001",
			Fragment: instance("preempt: true, track: {haproxy: §{weight: 50}}")},
		{ID: "KA05", Mistake: "a negative weight that is not larger than the gap: the same", Answer: Rule, Rule: "LB1001",
			Fragment: instance("preempt: true, track: {haproxy: §{weight: -50}}")},
		{ID: "KA06", Mistake: "HAProxy with a weight: where it is dead on all nodes, one of them still is master", Answer: Rule, Rule: "LB1006",
			Fragment: instance("preempt: true, track: {haproxy: {weight: §-60}}")},
		{ID: "KA07", Mistake: "nothing watches HAProxy: it dies, and the virtual IP stays", Answer: Rule, Rule: "LB1001",
			Fragment: "vrrp:\n  - §" + instance("track: {haproxy: false}")[len("vrrp: ["):len(instance("track: {haproxy: false}"))-2] + "\n",
			Why:      "it is watched unless the site file says `haproxy: false`"},
	}
}

// adverts is about what the nodes send each other.
func adverts() []Row {
	return []Row{
		{ID: "KA08", Mistake: "auth_pass of more than 8 bytes: cut, so that two may become equal", Answer: Refused,
			Fragment: instance("auth_pass: §passw0rd9"), Says: "it has 9 bytes",
			Why: "a password from a file or the environment is looked at when the site is rendered"},
		{ID: "KA09", Mistake: "`#` or `!` in auth_pass without quotes: the rest is a comment", Answer: Impossible,
			Fragment: instance(`auth_pass: 'a#b!c $d'`),
			File:     keepalivedConf, Has: []string{`auth_pass "a#b!c $d"`}, Holds: []string{"Password = a#b!c $d"},
			Why: "it is quoted: Keepalived holds `a#b!c $d` where the site file says that; a double quote or a backslash, which its versions " +
				"read differently, is refused"},
		{ID: "KA10", Mistake: "auth_pass in VRRP version 3 or for IPv6: ignored", Answer: Refused,
			Fragment: instance("version: 3, auth_pass: §passw0rd"), Says: "no effect in VRRP version 3"},
		{ID: "KA11", Mistake: "unicast without auth_hmac although Keepalived 2.4 has it", Answer: Waits,
			Why: "`auth_hmac` signs adverts, where `target` says 2.4: no platform ships it, and it is for who wants it. In any case " +
				"`check_unicast_src` drops adverts that come from no peer"},
		{ID: "KA12", Mistake: "virtual_router_id missing, 0 or 256", Answer: Refused,
			Fragment: "vrrp: [{name: VI_1, nic: front, virtual_router_id: §256, vips: [192.0.2.10]}]\n", Says: "expected at most 255"},
		{ID: "KA13", Mistake: "one virtual_router_id twice on an interface", Answer: Refused, Says: "virtual_router_id 23 is defined twice",
			Fragment: "vrrp:\n  - {name: VI_1, nic: front, virtual_router_id: 23, vips: [192.0.2.10]}\n  - {name: VI_2, nic: front, " +
				"virtual_router_id: §23, vips: [192.0.2.20]}\n"},
		{ID: "KA14", Mistake: "virtual_router_id 51 or 1, as everybody's: two pairs in one network disturb each other", Answer: Rule,
			Rule: "LB1003",
			Why:  "[LB9001](rules/LB9001.md) compares the sites of one call"},
		{ID: "KA15", Mistake: "priority 0 or above 255: 100 without a word", Answer: Refused,
			Fragment: nodes("priority: §256, addresses: {front: 192.0.2.2}"), Says: "expected at most 254"},
		{ID: "KA16", Mistake: "priority 255, which weights cannot change", Answer: Refused,
			Fragment: nodes("priority: §255, addresses: {front: 192.0.2.2}"), Says: "expected at most 254"},
		{ID: "KA17", Mistake: "equal priorities: the addresses decide, and both are master after a split", Answer: Refused,
			Fragment: nodes("priority: §100, addresses: {front: 192.0.2.2}"), Says: "priority 100 is defined twice"},
		{ID: "KA18", Mistake: "an interface that the node does not have, or has under another name", Answer: Impossible, On: "lb2",
			Fragment: nodes("priority: 50, addresses: {front: 192.0.2.2}, devices: {front: ens3}"), File: "node.table",
			Has: []string{"address ens3 192.0.2.2"},
			Why: "a name that differs stands under the node's `devices`; install.sh refuses a machine that has not the node's addresses on " +
				"these interfaces"},
		{ID: "KA19", Mistake: "`state master`, `Master` or `SLAVE`: not understood", Answer: Impossible, File: keepalivedConf,
			Has: []string{"state BACKUP"}},
		{ID: "KA20", Mistake: "a comment that begins with `//`", Answer: Check, Fragment: "keepalived: {raw: §// as before}\n",
			Says: "Unknown keyword",
			Why:  "lbgen writes `!`; in a raw line Keepalived's own checker says so, at its line of the site file"},
		{ID: "KA21", Mistake: "a brace too few or too many: the rest of the file means something else", Answer: Refused,
			Fragment: "keepalived:\n  raw: §|\n    }\n", Says: "closes a block",
			Why: "of a raw line's unknown word `lbgen check` tells, at its line of the site file"},
	}
}

// addresses is about the virtual IPs and where adverts go.
func addresses() []Row {
	const v6 = `nics: {front: {device: eth0, subnet: [192.0.2.0/24, "2001:db8::/64"]}}` + "\n"
	both := v6 + `vrrp: [{name: VI_1, nic: front, virtual_router_id: 23, vips: [192.0.2.10, "2001:db8::10"]}]` + "\n"
	return []Row{
		{ID: "KA22", Mistake: "IPv4 and IPv6 in one virtual_ipaddress: the second family is dropped", Answer: Impossible, Fragment: both,
			File: keepalivedConf,
			Has:  []string{"vrrp_instance VI_1 {", "vrrp_instance VI_1_v6 {", "vrrp_sync_group VI_1 {"},
			Why:  "each family has an instance of its own, and both are one sync group"},
		{ID: "KA23", Mistake: "the first IPv6 virtual IP is not link-local (RFC 5798 5.2.9)", Answer: Impossible, File: keepalivedConf,
			HasNot:   "vrrp_strict",
			Fragment: v6 + `vrrp: [{name: VI_1, nic: front, virtual_router_id: 23, vips: ["fe80::23/128", "2001:db8::10"]}]` + "\n",
			Has:      []string{"fe80::23/128 dev eth0"},
			Why: "the RFC wants it for routers, which hosts know by that address, and Keepalived insists on it with vrrp_strict alone, which " +
				"lbgen never writes; who wants it lists it first"},
		{ID: "KA24", Mistake: "part of a second as advert_int in version 2: rounded, 0.4 to a flood", Answer: Refused,
			Fragment: instance("advert_int: §400ms"), Says: "counts whole seconds"},
		{ID: "KA25", Mistake: "`vrrp_strict`: no unicast, no password, and a virtual IP that does not answer", Answer: Rule, Rule: "LB1017",
			Fragment: "keepalived: {raw: §vrrp_strict}\n", Why: "lbgen never writes it, but a raw line may"},
		{ID: "KA26", Mistake: "unicast_src_ip without unicast_peer: multicast all the same", Answer: Impossible,
			Fragment: instance("unicast: true"), On: "lb1",
			File: keepalivedConf, Has: []string{"unicast_src_ip 192.0.2.1", "unicast_peer {", "192.0.2.2"},
			Holds: []string{"  Using unicast", "Check unicast src : yes"}, Why: "the peers are the other nodes; one node alone is refused"},
		{ID: "KA27", Mistake: "the node's own address among its peers", Answer: Impossible, Fragment: instance("unicast: true"), On: "lb1",
			File: keepalivedConf, HasNot: "        192.0.2.1\n"},
		{ID: "KA28", Mistake: "a unicast_src_ip that the node does not have", Answer: Impossible, Fragment: instance("unicast: true"), On: "lb1",
			File: "node.table", Has: []string{"address eth0 192.0.2.1"}, Why: "it is the node's own address, and install.sh refuses a machine " +
				"that does not hold it"},
		{ID: "KA29", Mistake: "a peer of the other family: passed over, and multicast again", Answer: Refused, Says: "has no IPv6 address",
			Fragment: v6 + "nodes:\n  - {name: lb1, priority: 100, addresses: §{front: 192.0.2.1}}\n  - {name: lb2, priority: 50, addresses: " +
				"{front: [192.0.2.2, \"2001:db8::2\"]}}\n" +
				`vrrp: [{name: VI_1, nic: front, virtual_router_id: 23, unicast: true, vips: ["2001:db8::10"]}]` + "\n"},
		{ID: "KA30", Mistake: "no virtual IP, or none that is an address", Answer: Refused, Says: "expected an address such as",
			Fragment: "vrrp: [{name: VI_1, nic: front, virtual_router_id: 23, vips: [§192.0.2.300]}]\n"},
		{ID: "KA31", Mistake: "one virtual IP in two instances", Answer: Refused, Says: "VIP 192.0.2.10 is defined twice",
			Fragment: "vrrp:\n  - {name: VI_1, nic: front, virtual_router_id: 23, vips: [192.0.2.10]}\n  - {name: VI_2, nic: front, " +
				"virtual_router_id: 24, vips: [§192.0.2.10]}\n"},
		{ID: "KA32", Mistake: "a virtual IP that is a node's own address", Answer: Refused, Says: "is the own address of node",
			Fragment: "vrrp: [{name: VI_1, nic: front, virtual_router_id: 23, vips: [§192.0.2.2]}]\n"},
		{ID: "KA33", Mistake: "a virtual IP outside the interface's network", Answer: Refused, Says: "is outside the network of NIC",
			Fragment: "vrrp: [{name: VI_1, nic: front, virtual_router_id: 23, vips: [§192.0.3.10]}]\n"},
		{ID: "KA34", Mistake: "a virtual IP without a prefix length: a single host's", Answer: Impossible, File: keepalivedConf,
			Has: []string{"192.0.2.10/24 dev eth0"},
			Why: "it gets the length of the NIC's subnet"},
		{ID: "KA35", Mistake: "more virtual IPs than an advert holds", Answer: Refused, Says: "an advert of 1500 bytes holds 89",
			Fragment: v6 + "vrrp: [{name: VI_1, nic: front, virtual_router_id: 23, vips: §[" + manyIPv6(90) + "]}]\n",
			Why:      "200 IPv4 addresses, as many as an instance may have, fit in"},
		{ID: "KA36", Mistake: "preempt_delay beside nopreempt: forgotten", Answer: Refused, Fragment: instance("preempt_delay: §30s"),
			Says: "no effect without preempt"},
	}
}

func manyIPv6(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`"2001:db8::%x"`, i+0x10))
	}
	return strings.Join(all, ", ")
}

// script is an instance with a script of the site's own.
func script(command string) string {
	return instance("track: {scripts: [{name: own, command: " + command + "}]}")
}

// tracking is about what is watched.
func tracking() []Row {
	return []Row{
		{ID: "KA37", Mistake: "track_script names a script that is not there: nothing is watched", Answer: Impossible,
			Fragment: script("[/usr/bin/true]"),
			File:     keepalivedConf, Has: []string{"vrrp_script own {", "own"}, Holds: []string{"  own weight 0"},
			Why: "a script is defined where it is used"},
		{ID: "KA38", Mistake: "a script that nothing uses", Answer: Impossible, Fragment: script("[/usr/local/bin/own]"), File: keepalivedConf,
			Has: []string{"track_script {", "own"}},
		{ID: "KA39", Mistake: "the script's file is missing: nothing is watched", Answer: Waits,
			Why: "a program of the site's own is on the node only; install.sh has the node's Keepalived check the file first, and refuses what " +
				"it says; that of HAProxy's own check is looked for by name"},
		{ID: "KA40", Mistake: "scripts without enable_script_security", Answer: Impossible, File: keepalivedConf,
			Has: []string{"enable_script_security"}},
		{ID: "KA41", Mistake: "enable_script_security, and neither script_user nor the account keepalived_script: the script is taken out",
			Answer: Impossible,
			File:   keepalivedConf, Has: []string{"enable_script_security", "script_user root"}},
		{ID: "KA42", Mistake: "a script that others than root may write: not run", Answer: Waits,
			Why: "modes are the node's; install.sh has the node's Keepalived check the file first, and refuses what it says"},
		{ID: "KA53", Mistake: "track_interface of the instance's own interface, or of one that is not there", Answer: Refused,
			Fragment: instance("track: {nics: [§front]}"), Says: "it is always watched"},
		{ID: "KA54", Mistake: "a weight in a member of a sync group: ignored", Answer: Refused, Says: "a weight has no effect in a sync group",
			Fragment: "vrrp:\n  - {name: VI_1, nic: front, virtual_router_id: 23, vips: [192.0.2.10], sync_group: g, track: {haproxy: {weight: " +
				"§-60}}}\n" +
				"  - {name: VI_2, nic: front, virtual_router_id: 24, vips: [192.0.2.20], sync_group: g}\n"},
		{ID: "KA55", Mistake: "a sync group of one, or of instances that are not there", Answer: Refused, Fragment: instance("sync_group: §g"),
			Says: "has one member"},
	}
}

// scripts is about what a check does, and what is called on a change.
func scripts() []Row {
	const path = "/usr/bin/"
	return []Row{
		{ID: "KA43", Mistake: "a pipe, `&&` or `>` in a check: no shell reads it, so that it always succeeds or always fails", Answer: Refused,
			Fragment: script("[" + path + "true, §'|', " + path + "false]"), Says: "no shell reads the command"},
		{ID: "KA44", Mistake: "a program without its path", Answer: Refused, Fragment: script("[§pidof, haproxy]"),
			Says: "is not the path of a program"},
		{ID: "KA45", Mistake: "`killall -0`, `pidof` or `pgrep`: a process is there, whether it serves or not", Answer: Rule, Rule: "LB1008",
			Fragment: script("§[" + path + "pidof, haproxy]"), Why: "lbgen's own check is `killall -0` unless `haproxy: {http: {}}` has HAProxy " +
				"itself answer; install.sh wants psmisc"},
		{ID: "KA46", Mistake: "`curl` without `-f`: an answer of 503 counts as good", Answer: Rule, Rule: "LB1009",
			Fragment: script("§[" + path + "curl, -s, 'http://127.0.0.1:9000/up']"),
			Why:      "lbgen's own check has it, and a time limit"},
		{ID: "KA47", Mistake: "a script that prints its result and always ends with 0", Answer: Waits,
			Why: "the script is a file of the node's own, which lbgen does not read"},
		{ID: "KA48", Mistake: "`systemctl`, `docker` or `kubectl` in a check: refused by D-Bus or SELinux, or slow", Answer: Rule, Rule: "LB1010",
			Fragment: script("§[" + path + "systemctl, is-active, haproxy]")},
		{ID: "KA49", Mistake: "a check that goes through HAProxy to its servers: they die, and the virtual IP wanders", Answer: Rule,
			Rule:     "LB1011",
			Fragment: script("§[" + path + "curl, -sf, 'http://192.0.2.10/']")},
		{ID: "KA50", Mistake: "a time-out longer than the interval, or an interval x fall that is too slow", Answer: Rule, Rule: "LB1004",
			Why: "and [LB1002](rules/LB1002.md) with `failover_budget`"},
		{ID: "KA51", Mistake: "fall 1: one bad check moves the virtual IP; rise 10: it takes long until the node counts again", Answer: Rule,
			Rule: "LB1005", Why: "and [LB1012](rules/LB1012.md)"},
		{ID: "KA52", Mistake: "a notify script starts and stops HAProxy: slow, and a check of it fails on every backup", Answer: Impossible,
			Fragment: "frontends: [{name: main, binds: [{vip: VI_1, port: 80}], default_backend: app}]\n",
			File:     "etc/sysctl.d/99-nonlocal_bind.conf", Has: []string{"net.ipv4.ip_nonlocal_bind = 1"},
			Why: "HAProxy runs on every node and binds addresses that it does not hold; a site's own notify script is not read"},
		{ID: "KA56", Mistake: "the notify script is missing: nobody hears of anything", Answer: Impossible,
			Fragment: instance("notify: {script: /usr/local/bin/tell}"),
			File:     "install.sh", Has: []string{
				`problem "$script is missing, or cannot be run: the site file has it as notify.script, put it there first"`},
			Why: "install.sh refuses"},
		{ID: "KA57", Mistake: "smtp_alert without a mail server", Answer: Impossible,
			Fragment: instance("smtp_alert: true") + "notifications: {email: {to: [ops@example.com], from: lb@example.com}}\n",
			File:     keepalivedConf, Has: []string{"smtp_alert", "smtp_server localhost"}, Why: "without `notifications.email` it is refused"},
	}
}

// surroundings is about the network and the machine around Keepalived.
func surroundings() []Row {
	return []Row{
		{ID: "KA58", Mistake: "no garp_master_refresh: after a split some machines keep the old place of the virtual IP", Answer: Waits,
			Why: "whose memory is stale shows in the network only; `garp: {master_refresh: 60s}` tells it again and again"},
		{ID: "KA59", Mistake: "no delay at the start where a bond or a switch takes a while: the node hears nobody and becomes master",
			Answer: Rule, Rule: "LB1014"},
		{ID: "KA60", Mistake: "Keepalived gets no processor in time, and the other node takes over", Answer: Rule, Rule: "LB1015"},
		{ID: "KA61", Mistake: "an include that matches nothing", Answer: Refused,
			Fragment: "keepalived: {raw: §include /etc/keepalived/conf.d/*.conf}\n", Says: "includes another file"},
		{ID: "KA62", Mistake: "track_process where the kernel tells of no processes, as in a container: FAULT for ever", Answer: Rule,
			Rule: "LB1013", Fragment: instance("track: {haproxy: {method: §process}}")},
		{ID: "KA63", Mistake: "track_process of a HAProxy that hangs: it lives", Answer: Rule, Rule: "LB1013",
			Fragment: instance("track: {haproxy: {method: §process}}")},
		{ID: "KA64", Mistake: "a multicast group outside 224.0.0.0/24: no advert arrives, two masters", Answer: Rule, Rule: "LB1017",
			Fragment: "keepalived: {raw: §vrrp_mcast_group4 239.1.1.1}\n", Why: "lbgen never writes it, but a raw line may"},
		{ID: "KA65", Mistake: "use_vmac on a virtual machine: the switch drops what has another MAC address", Answer: Rule, Rule: "LB1017",
			Fragment: instance("raw: §use_vmac"), Why: "lbgen never writes it, but a raw line may"},
		{ID: "KA66", Mistake: "everybody may read keepalived.conf, password and all", Answer: Impossible,
			Fragment: instance("auth_pass: passw0rd"), File: keepalivedConf, Mode: 0o640},
	}
}
