package rules_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/lint/rules"
)

// TestKeepalivedRules has what lies beside the rules' own examples: other ways
// to write what they find, and near misses.
func TestKeepalivedRules(t *testing.T) {
	vrrp := func(fields string) string {
		return "vrrp: [{name: VI_1, nic: front, virtual_router_id: 23, vips: [192.0.2.10], " + fields + "}]\n"
	}
	script := func(command string) string {
		return vrrp("track: {scripts: [{name: own, command: " + command + "}]}")
	}
	const back = `nics: {front: {device: eth0, subnet: 192.0.2.0/24}, back: {device: eth1, subnet: 198.51.100.0/24}}
nodes:
  - {name: lb1, priority: 100, addresses: {front: 192.0.2.1, back: 198.51.100.1}}
  - {name: lb2, priority: 50, addresses: {front: 192.0.2.2, back: 198.51.100.2}}
`
	watched := func(command string) string {
		return vrrp("preempt: true, track: {haproxy: false, scripts: [{name: chk_haproxy, command: " + command + "}]}")
	}
	for _, c := range []struct{ name, text, want string }{
		// LB1006. A weight that is too small is LB1001's, with the same remedy.
		{"a weight that moves nothing", vrrp("preempt: true, track: {haproxy: {weight: -20}}"), "LB1001"},
		{"a positive weight", vrrp("preempt: true, track: {haproxy: {weight: 60}}"), "LB1006"},
		{"a weight of a script", vrrp("preempt: true, track: {scripts: [{name: own, command: [/usr/local/bin/own], weight: -60}]}"), ""},

		// LB1007.
		{"servers behind a wildcard", back + "frontends: [{name: main, binds: [{address: '*', port: 80}], default_backend: app}]\n", "LB1007"},
		{"servers behind a route", back + "backends: [{name: app, servers: [{name: web1, address: 203.0.113.11:80}]}, {name: other, servers: " +
			"[{name: web2, address: 198.51.100.12:80}]}]\n" +
			"frontends: [{name: main, binds: [{vip: VI_1, port: 80}], routes: [{when: [{path_beg: /other}], backend: other}], default_backend: " +
			"app}]\n", "LB1007"},
		{"virtual IPs that no frontend binds", back + "frontends: [{name: main, binds: [{nic: front, port: 80}], default_backend: app}]\n",
			"LB1021"},

		// LB1001: HAProxy is watched by a script of the site's own.
		{"killall", watched("[/usr/bin/killall, -0, haproxy]"), "LB1008"},
		{"pidof", watched("[/usr/bin/pidof, haproxy]"), "LB1008"},
		{"pgrep in a shell", watched("[/usr/bin/sh, -c, 'pgrep -x haproxy']"), "LB1008"},
		{"systemctl", watched("[/usr/bin/systemctl, is-active, --quiet, haproxy.service]"), "LB1010"},
		{"its socket", watched("[/usr/bin/socat, /dev/null, 'UNIX-CONNECT:/run/haproxy/admin.sock']"), ""},
		{"its pid file", watched("[/usr/bin/pkill, '-0', -F, /run/haproxy.pid]"), ""},
		{"a script named after it", watched("[/usr/local/bin/check_haproxy.sh]"), ""},
		{"its port", watched("[/usr/bin/nc, -z, localhost, '80']") +
			"frontends: [{name: main, binds: [{address: '*', port: 80}], default_backend: app}]\n", ""},
		{"a port that it does not listen on", watched("[/usr/bin/nc, -z, localhost, '81']"), "LB1001"},
		{"a script that says nothing of it", watched("[/usr/local/bin/alive]"), "LB1001"},
		{"the site file says so", watched("[/usr/local/bin/alive], watches: haproxy"), ""},
		{"the site file says that it does not", watched("[/usr/local/bin/haproxy-disk], watches: other"), "LB1001"},
		{"with a weight that moves nothing", watched("[/usr/local/bin/check_haproxy.sh], weight: -20"), "LB1001"},

		// LB1021.
		{"a virtual router that nothing uses", back + "vrrp:\n  - {name: VI_1, nic: front, virtual_router_id: 23, vips: [192.0.2.10], " +
			"track: {nics: [back]}}\n  - {name: VI_2, nic: front, virtual_router_id: 24, vips: [192.0.2.11]}\n", "LB1021"},
		{"one that is for something else", "vrrp:\n  - {name: VI_1, nic: front, virtual_router_id: 23, vips: [192.0.2.10]}\n" +
			"  - {name: VI_2, nic: front, virtual_router_id: 24, vips: [192.0.2.11], track: {haproxy: false, scripts: [{name: dns, " +
			"command: [/usr/local/bin/dns]}]}}\n", ""},
		{"a raw bind", vrrp("preempt: true") + "frontends: [{name: main, binds: [{nic: front, port: 80}], default_backend: app, " +
			"raw: 'bind 192.0.2.10:80'}]\n", ""},
		{"a raw bind to all", vrrp("preempt: true") + "frontends: [{name: main, binds: [{nic: front, port: 81}], default_backend: app, " +
			"raw: 'bind :80'}]\n", ""},
		{"all of the other family", vrrp("preempt: true") + "frontends: [{name: main, binds: [{address: '::', port: 80}], " +
			"default_backend: app}]\n", "LB1021"},
		{"watched by the other instance of its group", back + "vrrp:\n  - {name: VI_1, nic: front, virtual_router_id: 23, vips: " +
			"[192.0.2.10], sync_group: g}\n" +
			"  - {name: VI_2, nic: back, virtual_router_id: 24, vips: [198.51.100.10], sync_group: g}\n", ""},
		{"a weight is a watch", back + vrrp("preempt: true, track: {nics: [{nic: back, weight: -60}]}"), ""},

		// LB1024.
		{"a gateway, in a shell", script("[/usr/bin/sh, -c, 'ping -c1 -W1 192.0.2.254 >/dev/null']"), "LB1024"},
		{"one of two is enough", script("[/usr/bin/sh, -c, 'ping -c1 192.0.2.254 || ping -c1 192.0.2.253']"), ""},
		{"either of two", script("[/usr/bin/sh, -c, 'ping -c1 192.0.2.254 && exit 0; ping -c1 192.0.2.253']"), ""},
		{"one machine twice", script("[/usr/bin/sh, -c, 'ping -c1 192.0.2.254 || ping -c1 192.0.2.254']"), "LB1024"},
		{"both of two", script("[/usr/bin/sh, -c, 'ping -c1 192.0.2.254 && ping -c1 192.0.2.253 || exit 1']"), "LB1024"},
		{"a page of another machine", script("[/usr/bin/curl, -sf, 'https://status.example.net/up']"), "LB1024"},
		{"a name", script("[/usr/bin/nc, -z, db.example.net, '3306']"), "LB1024"},
		{"an address and port", script("[/usr/local/bin/reach, '198.51.100.1:443']"), "LB1024"},
		{"preempt, and weight 0 all the same", vrrp("preempt: true, track: {scripts: [{name: gw, weight: 0, command: [/usr/bin/ping, -c1, " +
			"192.0.2.254]}]}"), "LB1024"},
		{"preempt", vrrp("preempt: true, track: {scripts: [{name: gw, command: [/usr/bin/ping, -c1, 192.0.2.254]}]}"), ""},
		{"oneself", script("[/usr/bin/curl, -sf, 'http://192.0.2.1:8080/']"), ""},
		{"a virtual IP", script("[/usr/local/bin/reach, '192.0.2.10:80']"), ""},
		{"what is no address", script("[/usr/local/bin/own, --version, 1.2.3, a.conf]"), ""},

		// LB1008 to LB1011.
		{"behind timeout", script("[/usr/bin/timeout, '2', /usr/bin/pgrep, -x, haproxy]"), "LB1008"},
		{"in a shell", script("[/usr/bin/sh, -c, 'docker exec lb true']"), "LB1010"},
		{"curl --fail", script("[/usr/bin/curl, -s, --fail, 'http://127.0.0.1:9000/']"), ""},
		{"curl with other options", script("[/usr/bin/curl, -sS, --location, 'http://127.0.0.1:9000/']"), "LB1009"},
		{"curl whose answer is read", script("[/usr/bin/sh, -c, 'curl -s http://127.0.0.1:9000/ | grep -q OK']"), ""},
		{"another port", script("[/usr/bin/curl, -sf, 'http://192.0.2.10:8080/']"), ""},
		{"another host", script("[/usr/bin/curl, -sf, 'http://203.0.113.1/']"), "LB1024"},
		{"no address at all", script("[/usr/bin/curl, -sf, 'http://%zz/']"), ""},
		{"loopback at a wildcard", script("[/usr/bin/curl, -sf, 'http://localhost/']") +
			"frontends: [{name: main, binds: [{address: '*', port: 80}], default_backend: app}]\n", "LB1011"},
		{"a frontend that answers itself", script("[/usr/bin/curl, -sf, 'http://192.0.2.10/']") +
			"frontends:\n  - {name: main, binds: [{vip: VI_1, port: 80}], routes: [{return: {status: 200}}]}\n" +
			"  - {name: next, binds: [{vip: VI_1, port: 81}], default_backend: app}\n", ""},

		// LB1012.
		{"rise of a slow check", vrrp("track: {scripts: [{name: own, command: [/usr/local/bin/own], interval: 30s, timeout: 5s, rise: 1, " +
			"fall: 3}]}"), ""},
		{"rise of a script", vrrp("track: {scripts: [{name: own, command: [/usr/local/bin/own], interval: 5s, timeout: 5s, rise: 4}]}"),
			"LB1012"},

		// LB1014, LB1015.
		{"a bridge", "nics: {front: {device: br0, subnet: 192.0.2.0/24}}\n", "LB1014"},
		{"a name that begins alike", "nics: {front: {device: bridge, subnet: 192.0.2.0/24}}\n", ""},
		{"three adverts in just over a second", vrrp("version: 3, advert_int: 340ms"), ""},

		// LB1016, LB1017.
		{"two raw lines", "vrrp:\n  - name: VI_1\n    nic: front\n    virtual_router_id: 23\n    vips: [192.0.2.10]\n    raw: |\n      " +
			"priority 200\n      use_vmac\n", "LB1016 LB1017"},
		{"strictness switched off", vrrp("raw: strict_mode off"), ""},
		{"a group that somebody has to join", "keepalived: {raw: vrrp_mcast_group4 239.0.0.18}\n", "LB1017"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := rules.NewExample(c.text)
			if e.Faults.HasErrors() {
				t.Fatalf("the fragment is refused: %+v", e.Faults)
			}
			var codes []string
			for _, f := range run(e) {
				if strings.HasPrefix(f.Code, "LB1") {
					codes = append(codes, f.Code)
				}
			}
			slices.Sort(codes)
			if got := strings.Join(codes, " "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
