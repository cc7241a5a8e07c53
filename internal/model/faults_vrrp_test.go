package model_test

import (
	"fmt"
	"strings"
	"testing"
)

// vrrpFaults are what Keepalived would complain of, or pass over without a word.
func vrrpFaults() []fault {
	const vips, auth, haproxy, nics = "    vips: [172.16.110.70]\n", "    auth_pass: {file: secret}\n",
		"      haproxy: {interval: 2s, timeout: 2s, rise: 2, fall: 2}", "      nics: [web]\n"
	before := func(old, line string) string { return "    " + line + "\n" + old }
	second := func(fields string) string {
		return "  - {name: VI_2, nic: client, virtual_router_id: 2, vips: [172.16.110.80], " + fields + "}\nfrontends:"
	}
	only6 := "    vips: [\"2001:db8::70/128\"]\n"
	return []fault{
		// The versions of VRRP.
		{"version 4", vips, before(vips, "version: §4"), "bad-value", []string{"expected one of: 2, 3"}},
		{"a password in version 3", auth, "    version: 3\n    auth_pass: §{file: secret}\n", "bad-value",
			[]string{"no effect in VRRP version 3", "RFC 5798"}},
		{"a password for IPv6", vips, only6, "bad-value", []string{"auth_pass has no effect on IPv6 VIPs"}},
		{"version 2 for IPv6", auth + vips, "    version: §2\n" + only6, "bad-value", []string{"VRRP version 2 has no IPv6"}},
		{"part of a second in version 2", "advert_int: 1s", "advert_int: §500ms", "bad-value", []string{"whole seconds", "version: 3"}},
		{"less than a hundredth in version 3", "    advert_int: 1s\n" + auth, "    version: 3\n    advert_int: §5ms\n", "bad-value",
			[]string{"hundredths"}},
		{"more IPv6 VIPs than an advert holds", auth + vips, "    vips: §[" + strings.Join(addresses6(90), ", ") + "]\n", "bad-value",
			[]string{"90 IPv6 VIPs", "holds 89"}},

		// Where adverts come from and go to.
		{"mcast_src_ip with unicast", vips, before(vips, "unicast: true\n    mcast_src_ip: §true"), "bad-value",
			[]string{"no effect with unicast"}},
		{"mcast_src_ip for IPv6", auth + vips, "    mcast_src_ip: §true\n" + only6, "bad-value", []string{"no effect on IPv6 VIPs"}},

		// Labels.
		{"label of an IPv6 address", vips, "    vips: [172.16.110.70, {address: \"2001:db8::70/128\", label: §vip}]\n", "bad-value",
			[]string{"an IPv6 address has no label"}},
		{"label of another interface", vips, "    vips: [{address: 172.16.110.70, label: §\"ens9:1\"}]\n", "bad-value",
			[]string{"begins with another interface", "write ens224:1, or 1 alone"}},
		{"label of two colons", vips, "    vips: [{address: 172.16.110.70, label: §\"ens224:1:2\"}]\n", "bad-value", []string{"bad value"}},
		{"label that is too long", vips, "    vips: [{address: 172.16.110.70, label: §frontend99}]\n", "bad-value",
			[]string{"ens224:frontend99 is longer than 15 characters", "8 characters at most"}},

		// Who takes the VIP back.
		{"preempt_delay without preempt", vips, before(vips, "preempt_delay: §30s"), "bad-value", []string{"no effect without preempt"}},
		{"preempt_delay of an hour", vips, before(vips, "preempt: true\n    preempt_delay: §1h"), "bad-value", []string{"1000s at most"}},
		{"preempt_delay of half a second", vips, before(vips, "preempt: true\n    preempt_delay: §500ms"), "bad-value",
			[]string{"whole seconds"}},
		{"priority 255", "priority: 100", "priority: §255", "bad-value", []string{"expected at most 254"}},
		{"equal priorities of an instance", vips, before(vips, "priorities: {lb1: 50}"), "duplicate", []string{"priority 50 is defined twice"}},
		{"priority of a node that is not there", vips, before(vips, "priorities: {§lb3: 70}"), "unknown-reference",
			[]string{`there is no node "lb3"`}},

		// Gratuitous ARP.
		{"master_delay of half a second", vips, before(vips, "garp: {master_delay: §500ms}"), "bad-value", []string{"whole seconds"}},
		{"master_delay of a day", vips, before(vips, "garp: {master_delay: §1d}"), "bad-value", []string{"4294s at most"}},
		{"repeats of what never is", vips, before(vips, "garp: {master_refresh_repeat: §2}"), "bad-value",
			[]string{"no effect without master_refresh"}},

		// Tracking.
		{"one interface by two roles", nics, "      nics: [web, §web2]\n", "unknown-reference", []string{`no NIC "web2"`}},
		{"a NIC twice", nics, "      nics: [web, §web]\n", "duplicate", []string{`NIC "web" is defined twice`}},
		{"the instance's own NIC", nics, "      nics: [§client]\n", "bad-value", []string{"always watched"}},
		{"a weight beyond 253", nics, "      nics: [{nic: web, weight: §254}]\n", "bad-value", []string{"expected at most 253"}},
		{"a weight below -253", haproxy, "      haproxy: {weight: §-254}", "bad-value", []string{"expected at least -253"}},
		{"no such method", haproxy, "      haproxy: {method: §pidof}", "bad-value", []string{"killall, process, http"}},
		{"a page with another method", haproxy, "      haproxy: {method: killall, http: §{uri: /alive}}", "bad-value",
			[]string{"no effect with method killall"}},
		{"an interval of events", haproxy, "      haproxy: {method: process, interval: §2s}", "bad-value",
			[]string{"interval has no effect with method process"}},
		{"a fall of events", haproxy, "      haproxy: {method: process, fall: §2}", "bad-value", []string{"fall has no effect"}},
		{"an interval of a day", haproxy, "      haproxy: {interval: §1d}", "bad-value", []string{"4294s at most"}},
		{"a page that Keepalived would read otherwise", haproxy, "      haproxy: {http: {uri: §/$_PWD}}", "bad-value", []string{"plain path"}},
		{"the page's port is a bind's", haproxy + "\nfrontends:\n  - name: main\n    binds:\n",
			"      haproxy: {method: http}\nfrontends:\n  - name: main\n    binds:\n      - §{address: \"*\", port: 8405}\n", "duplicate",
			[]string{"bound twice"}},
		{"the page's name is a frontend's", haproxy + "\nfrontends:\n  - name: main",
			"      haproxy: {method: http}\nfrontends:\n  - name: §alive", "duplicate", []string{"Keepalived asks HAProxy has this name"}},
		{"HAProxy switched on by a word", haproxy, "      haproxy: §yes", "wrong-type", []string{"expected"}},

		// Own scripts.
		{"a name for a path", haproxy, "      scripts: [{name: own, command: [§pidof]}]", "bad-value",
			[]string{"not the path of a program", "absolute path"}},
		{"a whole line for a path", haproxy, "      scripts: [{name: own, command: [§/usr/bin/pgrep haproxy]}]", "bad-value",
			[]string{"as further items"}},
		{"a path behind a link", haproxy, "      scripts: [{name: own, command: [§/bin/true]}]", "bad-value",
			[]string{"symbolic link", "write /usr/bin/true"}},
		{"a variable that no shell reads", haproxy, "      scripts: [{name: own, command: [/usr/bin/test, §$HOME]}]", "bad-value",
			[]string{"without quotes, backslashes and $"}},
		{"a pipe", haproxy, "      scripts: [{name: own, command: [/usr/bin/true, §'|', /usr/bin/false]}]", "bad-value",
			[]string{"no shell reads the command"}},
		{"a command longer than Keepalived's line", haproxy, "      scripts: [{name: own, command: §[/usr/bin/test, " +
			strings.Repeat("x", 500) + ", " + strings.Repeat("y", 500) + "]}]", "bad-value", []string{"has 1015 characters", "holds 800"}},
		{"no command", haproxy, "      scripts: [{name: own, command: §[]}]", "missing-field", []string{"at least one"}},
		{"a script twice", haproxy, "      scripts: [{name: own, command: [/usr/bin/true]}, {name: §own, command: [/usr/bin/true]}]",
			"duplicate", []string{`script "own" is defined twice`}},
		{"HAProxy's own check by name", haproxy, "      scripts: [{name: §chk_haproxy, command: [/usr/bin/true]}]", "duplicate",
			[]string{"give the script another name"}},
		{"one name, two scripts", haproxy + "\nfrontends:", "      scripts: [{name: own, command: [/usr/bin/true]}]\n" +
			second("track: {scripts: [{name: §own, command: [/usr/bin/false]}]}"), "duplicate", []string{`script "own" is defined in two ways`}},

		// Who hears of it.
		{"a state that there is not", vips, before(vips, "notify: {mail: [master, §slave]}"), "bad-value",
			[]string{"master, backup, fault, stop"}},
		{"a state twice", vips, before(vips, "notify: {syslog: §[master, master]}"), "bad-value", nil},
		{"a notify script behind a link", vips, before(vips, "notify: {script: §/sbin/tell}"), "bad-value", []string{"write /usr/sbin/tell"}},

		// Groups.
		{"a group of one", vips, before(vips, "sync_group: §g"), "bad-value", []string{`sync group "g" has one member`}},
		{"a weight where the VIPs of two families are a group", vips + "    track:\n" + nics,
			"    vips: [172.16.110.70, \"2001:db8::70/128\"]\n    track:\n      nics: [{nic: web, weight: §-60}]\n", "bad-value",
			[]string{"no effect in a sync group"}},

		// global_defs.
		{"half a second before the start", "stats: {", "keepalived: {vrrp_startup_delay: §1500ms}\nstats: {", "bad-value",
			[]string{"whole seconds"}},
		{"a second between two packets", "stats: {", "keepalived: {vrrp_garp_interval: §1s}\nstats: {", "bad-value", []string{"less than 1s"}},
		{"a second between two adverts of a neighbour", "stats: {", "keepalived: {vrrp_gna_interval: §2s}\nstats: {", "bad-value",
			[]string{"less than 1s"}},
		{"priority of the process", "stats: {", "keepalived: {max_auto_priority: §100}\nstats: {", "bad-value", []string{"at most 99"}},
	}
}

func addresses6(n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("%q", fmt.Sprintf("2001:db8::%x/128", i+1)))
	}
	return all
}

func TestKeepalivedFaults(t *testing.T) { checkFaults(t, vrrpFaults()) }

// TestKeepalivedFaultsOfTwoPlaces is what only two lines together get wrong.
func TestKeepalivedFaultsOfTwoPlaces(t *testing.T) {
	const email, lb2 = "\nnotifications: {email: {to: [root@localhost], from: root@localhost, smtp_server: localhost}}",
		"  - {name: lb2, priority: 50, addresses: {management: 172.16.10.72, client: 172.16.110.72, web: 192.168.50.72}}\n"
	const vips = "    vips: [172.16.110.70]\n"
	group := func(fields string) string {
		return "  - {name: VI_2, nic: client, virtual_router_id: 2, vips: [172.16.110.80], " + fields + "}\nfrontends:"
	}
	for _, c := range []struct {
		name    string
		replace []string // old, new, old, new
		words   []string
	}{
		{"mail to nobody", []string{email, "", vips, "    notify: {mail: §[master]}\n" + vips}, []string{"nobody is named", "add notifications"}},
		{"an alert to nobody", []string{email, "", vips, "    smtp_alert: §true\n" + vips}, []string{"nobody is named"}},
		{"unicast to nobody", []string{lb2, "", vips, "    unicast: §true\n" + vips}, []string{"unicast needs another node"}},
		{"unicast without an address of the family", []string{"subnet: 172.16.110.0/24", `subnet: [172.16.110.0/24, "2001:db8::/64"]`,
			"client: 172.16.110.71", `client: [172.16.110.71, "2001:db8::71"]`,
			"priority: 50, addresses: {", "priority: 50, addresses: §{", vips, "    unicast: true\n    vips: [172.16.110.70, \"2001:db8::70\"]\n"},
			[]string{`node "lb2" has no IPv6 address on NIC "client"`, "unicast adverts"}},
		{"a group that prefers two nodes", []string{vips, "    sync_group: g\n" + vips, "frontends:",
			group("sync_group: §g, priorities: {lb1: 50, lb2: 100}")},
			[]string{"prefer different nodes", "lb1 > lb2 or lb2 > lb1"}},
		{"a group that differs in preempt", []string{vips, "    sync_group: g\n" + vips, "frontends:", group("sync_group: §g, preempt: true")},
			[]string{"differ in preempt"}},
		{"a group that differs in preempt_delay", []string{vips, "    sync_group: g\n    preempt: true\n" + vips, "frontends:",
			group("sync_group: §g, preempt: true, preempt_delay: 5s")}, []string{"differ in preempt"}},
		{"a weight in a group", []string{vips, "    sync_group: g\n" + vips, "frontends:",
			group("sync_group: g, track: {haproxy: {weight: §-60}}")}, []string{"no effect in a sync group"}},
		{"a group named like another", []string{vips, "    vips: [172.16.110.70, \"2001:db8::70/128\"]\n", "frontends:",
			strings.Replace(group("sync_group: §VI_1"), "172.16.110.80", `172.16.110.80, "2001:db8::80/128"`, 1)},
			[]string{`sync group "VI_1" is defined twice`}},
		{"two pages", []string{"haproxy: {interval: 2s, timeout: 2s, rise: 2, fall: 2}", "haproxy: {http: {uri: /alive}}", "frontends:",
			group("track: {haproxy: {http: §{uri: /up}}}")},
			[]string{"two pages to ask HAProxy on"}},
		{"one interface by two roles", []string{"nodes:\n", "  web2: {device: ens256, subnet: 192.168.60.0/24, zone: public}\nnodes:\n",
			"nics: [web]", "nics: [web, §web2]"},
			[]string{`"web" and "web2" are one interface`}},
		{"Keepalived without VRRP", []string{base[strings.Index(base, "vrrp:"):strings.Index(base, "frontends:")],
			"keepalived: §{max_auto_priority: 1}\n", "      - {vip: VI_1, ports: [80, 443]}\n", ""},
			[]string{"no Keepalived on the nodes"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := base
			for i := 0; i < len(c.replace); i += 2 {
				if strings.Count(text, c.replace[i]) != 1 {
					t.Fatalf("%q does not stand once", c.replace[i])
				}
				text = strings.Replace(text, c.replace[i], c.replace[i+1], 1)
			}
			found, at := loadMarked(text)
			if len(found) == 0 || at.Line > 0 && found[0].Subject.Start != at {
				t.Fatalf("want one finding at %v:\n%s", at, list(found))
			}
			for _, w := range c.words {
				if !strings.Contains(found[0].Summary+"\n"+found[0].Detail, w) {
					t.Errorf("%q is not in:\n%s", w, list(found))
				}
			}
			if len(found) > 1 {
				t.Errorf("more than one finding:\n%s", list(found))
			}
		})
	}
}

// TestKeepalivedIsFine wants no finding where the tables above have a near miss.
func TestKeepalivedIsFine(t *testing.T) {
	const vips, haproxy = "    vips: [172.16.110.70]\n", "      haproxy: {interval: 2s, timeout: 2s, rise: 2, fall: 2}"
	for _, c := range []struct{ name, old, new string }{
		{"version 3 for IPv4", "    advert_int: 1s\n    auth_pass: {file: secret}\n", "    version: 3\n    advert_int: 250ms\n"},
		{"the longest interval of version 2", "    advert_int: 1s\n", "    advert_int: 255s\n"},
		{"unicast", vips, "    unicast: true\n" + vips},
		{"mcast_src_ip", vips, "    mcast_src_ip: true\n" + vips},
		{"a label as ip has it", vips, "    vips: [{address: 172.16.110.70, label: \"ens224:1\"}]\n"},
		{"the longest label", vips, "    vips: [{address: 172.16.110.70, label: frontend}]\n"},
		{"preempt_delay", vips, "    preempt: true\n    preempt_delay: 1000s\n" + vips},
		{"weights", haproxy, "      haproxy: {weight: -253}\n      scripts: [{name: own, command: [/usr/bin/true], weight: 253}]"},
		{"weight 0", haproxy, "      haproxy: {weight: 0}"},
		{"HAProxy not watched", haproxy, "      haproxy: false"},
		{"an argument with blanks and signs", haproxy, "      scripts: [{name: own, command: [/usr/bin/test, 'a # b! {c} @d ~SEQ(1,2)', '=', " +
			"x]}]"},
		{"one script of two instances", haproxy + "\nfrontends:", "      scripts: [{name: own, command: [/usr/bin/true]}]\n" +
			"  - {name: VI_2, nic: client, virtual_router_id: 2, vips: [172.16.110.80], track: {scripts: [{name: own, command: " +
			"[/usr/bin/true]}]}}\nfrontends:"},
		{"a page, with the name of no frontend", haproxy, "      haproxy: {http: {}}"},
		{"mails of ours and no alert", vips, "    notify: {mail: [master, fault], syslog: [stop], script: /usr/local/bin/tell}\n    " +
			"smtp_alert: false\n" + vips},
		{"a group", vips + "    track:\n      nics: [web]\n" + haproxy + "\nfrontends:", "    sync_group: g\n" + vips +
			"  - {name: VI_2, nic: web, virtual_router_id: 1, vips: [192.168.50.80], sync_group: g, priorities: {lb1: 20, lb2: 10}}\nfrontends:"},
		{"a dual master", "frontends:", "  - {name: VI_2, nic: client, virtual_router_id: 2, vips: [172.16.110.80], priorities: {lb1: 50, " +
			"lb2: 100}}\nfrontends:"},
		{"global_defs", "stats: {", "keepalived: {script_user: nobody, vrrp_startup_delay: 30s, vrrp_garp_interval: 10ms, vrrp_gna_interval: " +
			"500us, max_auto_priority: 99}\nstats: {"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if found, _ := load(t, c.old, c.new); len(found) > 0 {
				t.Error(list(found))
			}
		})
	}
}
