package rules_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/lint/rules"
)

// TestHAProxyRules has what lies beside the examples of LB2013 to LB4002: other
// ways to write what they find, and near misses.
func TestHAProxyRules(t *testing.T) {
	backend := func(fields string) string {
		return "backends: [{name: app, " + fields + "servers: [{name: web1, address: 198.51.100.11:80}, {name: web2, address: " +
			"198.51.100.12:80}]}]\n"
	}
	servers := func(list string) string { return "backends: [{name: app, servers: [" + list + "]}]\n" }
	frontend := func(fields string) string {
		return "frontends: [{name: main, binds: [{vip: VI_1, port: 80}], " + fields + "default_backend: app}]\n"
	}
	routes := func(list string) string { return frontend("routes: [" + list + "], ") }
	const web1, web2 = "name: web1, address: '198.51.100.11:80'", "name: web2, address: '198.51.100.12:80'"
	const sockets = "{when: [{header: {name: upgrade, value: websocket}}], backend: app}"
	two := func(name string) string {
		return "backends: [{name: app, servers: [{" + web1 + "}]}, {name: " + name + ", servers: [{" + web2 + "}]}]\n"
	}
	const tcp = "defaults: {mode: tcp}\n"
	const adds = "raw: http-request add-header X-Forwarded-Proto https, "
	ends := func(fields string) string {
		return "frontends: [{name: main, binds: [{vip: VI_1, port: 443, tls: {certificate: /etc/haproxy/a.pem}}], " + fields +
			"routes: [{when: [{path_beg: /a}], backend: app}], default_backend: app}]\n"
	}
	for _, c := range []struct{ name, text, want string }{
		// LB2013.
		{"WebSockets", routes(sockets), "LB2013"},
		{"WebSockets with a tunnel", "global: {hard_stop_after: 1h}\n" + routes(sockets) + backend("timeouts: {tunnel: 1h}, "), ""},
		{"a database with long time-outs", "defaults: {mode: tcp, timeouts: {client: 10m, server: 10m}}\n" +
			backend("health: {pgsql: {user: lb}}, "), ""},
		{"all but WebSockets", routes("{when: [{header: {name: Upgrade}, not: true}], backend: app}"), ""},
		{"remote desktops", tcp + "peers: {nic: front}\n" + backend("persist: {table: {on: rdp_cookie}}, "), "LB2013"},

		// LB2014.
		{"20s and no more", backend("health: {fall: 4}, "), ""},
		{"longer than 20s", backend("health: {fall: 5}, "), "LB2014"},
		{"as Red Hat has it", backend("timeouts: {check: 10s}, "), "LB2014"},

		// LB2033, LB2034.
		{"a bare number in a raw line", frontend("raw: timeout client 30, "), "LB2022 LB2033"},
		{"a second", "defaults: {timeouts: {client: 1s, server: 1s}}\n", ""},
		{"of one backend", backend("timeouts: {server: 900ms}, "), "LB2033"},
		{"two raw lines that check", backend("raw: \"option ssl-hello-chk\\noption httpchk\", "), "LB2022 LB2034"},
		{"one twice", backend("raw: option httpchk, health: {http: {uri: /}}, "), "LB2022"},
		{"over that of defaults", "defaults: {raw: option tcp-check}\n" + backend("health: {http: {uri: /}}, "), ""},
		{"nobody looks", backend("health: {off: true}, timeouts: {check: 5m}, "), "LB2003"},

		// LB2036.
		{"no TLS, no header", backend("raw: http-request add-header X-Forwarded-Proto http, "), "LB2022"},
		{"through a route", ends("") + backend(adds), "LB2036"},
		{"told not to", ends("forwarded_proto: false, ") + backend(adds), "LB2022"},
		{"raw lines tell it", ends("raw: 'http-request set-header x-forwarded-proto https', ") + backend(adds), "LB2022 LB2022"},

		// LB2015.
		{"a tunnel of one backend", backend("timeouts: {tunnel: 1h}, "), "LB2015"},

		// LB2016.
		{"one node alone", "vrrp: []\nnodes: [{name: lb1, addresses: {front: 192.0.2.1}}]\nfrontends: [{name: main, binds: [{address: '*', " +
			"port: 80}], default_backend: app}]\n", ""},
		{"all of IPv6", "frontends: [{name: main, binds: [{address: '::', port: 80}], default_backend: app}]\n", "LB1021 LB2016"},

		// LB2017.
		{"port 443 in TCP", tcp + servers("{name: web1, address: '198.51.100.11:443'}"), ""},
		{"one server without TLS", "backends: [{name: app, server_defaults: {tls: {ca_file: /etc/ca.pem, sni: a.example.com}}, servers: " +
			"[{name: web1, address: '198.51.100.11:443', tls: false}]}]\n", "LB2017"},

		// LB2018.
		{"the PROXY protocol and another port", backend("health: {port: 8080}, server_defaults: {send_proxy: v1}, "), ""},
		{"one server with the PROXY protocol", servers("{" + web1 + ", send_proxy: v2, check: {port: 80}}"), "LB2018"},
		{"one server without", backend("health: {port: 80}, "), ""},

		// LB2019.
		{"all drained", servers("{" + web1 + ", weight: 0}, {" + web2 + ", disabled: true}"), "LB2019"},
		{"all but one", servers("{" + web1 + ", weight: 0}, {" + web2 + "}"), ""},
		{"switched on again", "backends: [{name: app, server_defaults: {disabled: true}, servers: [{" + web1 + ", disabled: false}]}]\n", ""},

		// LB2020, LB2021.
		{"fall 1 of one server", servers("{" + web1 + ", check: {fall: 1}}"), "LB2020"},
		{"fall 1 of all servers", backend("server_defaults: {check: {fall: 1}}, "), "LB2020"},
		{"no retry anywhere", "defaults: {retries: 0}\n", "LB2021"},

		// LB2001. What a raw line chooses is used.
		{"a map chooses", frontend("raw: 'use_backend %[req.hdr(host),lower,map_dom(/etc/haproxy/hosts.map,app)]', ") + two("shop"), ""},
		{"a part of the host chooses", frontend("raw: 'use_backend be_%[req.hdr(host),field(1,.)]', ") + two("be_shop"), ""},
		{"a prefix that does not fit", frontend("raw: 'use_backend be_%[req.hdr(host),field(1,.)]', ") + two("shop"), "LB2001"},
		{"an end that does not fit", frontend("raw: 'use_backend %[req.hdr(host),field(1,.)]-be', ") + two("shop-fe"), "LB2001"},
		{"in quotes", frontend("raw: 'use_backend \"shop\" if { path /a }', ") + two("shop"), "LB2022"},
		{"another one", frontend("raw: 'use_backend shopping if { path,lower /a }', ") + two("shop"), "LB2001"},
		{"asked for its servers", frontend("raw: 'http-request deny if { nbsrv(shop) lt 2 }', ") + two("shop"), "LB2022"},
		{"asked for its servers by a route", routes("{when: [{down: shop}], deny: 503}") + two("shop"), ""},

		// Advice that would break a right configuration.
		{"one address, two names", "backends: [{name: app, server_defaults: {tls: {ca_file: /etc/ca.pem}}, servers: [{" + web1 +
			", tls: {sni: a.example.com}}, {name: web2, address: '198.51.100.11:80', tls: {sni: b.example.com}}]}]\n", ""},
		{"each server has a name of its own", "backends: [{name: app, server_defaults: {tls: {ca_file: /etc/ca.pem}}, servers: [{" + web1 +
			", tls: {sni: a.example.com}}, {name: web2, address: 'b.example.com:443'}]}]\n", ""},
		{"one of two has none", "backends: [{name: app, server_defaults: {tls: {ca_file: /etc/ca.pem}}, servers: [{" + web1 +
			", tls: {sni: a.example.com}}, {" + web2 + "}]}]\n", "LB3003"},
		{"TLS ended before", "frontends: [{name: main, binds: [{vip: VI_1, port: 443, accept_proxy: true}], default_backend: app}]\n", ""},
		{"a page that is a redirect", backend("health: {http: {uri: /, expect: 302}}, "), ""},
		{"a tunnel in a raw line", "global: {hard_stop_after: 1h}\n" + backend("health: {redis: {}}, mode: tcp, raw: 'timeout tunnel 1h', ") +
			"frontends: [{name: main, mode: tcp, binds: [{vip: VI_1, port: 80}], default_backend: app}]\n", "LB2022"},

		// LB2032.
		{"two ports with TLS of their own", "frontends: [{name: main, binds: [{vip: VI_1, port: 80}, {address: 192.0.2.10, port: 8443, tls: " +
			"{certificate: /a.pem}}, {nic: front, port: 80}, {nic: front, port: 9443, tls: {certificate: /a.pem}}], routes: [{redirect: " +
			"{scheme: https}}], default_backend: app}]\n", "LB2032"},
		{"a proxy before it", "frontends: [{name: main, binds: [{vip: VI_1, port: 81, accept_proxy: true}, {nic: front, port: 443, tls: " +
			"{certificate: /a.pem}}], routes: [{redirect: {scheme: https}}], default_backend: app}]\n", ""},
		{"of one port alone", "frontends: [{name: main, binds: [{vip: VI_1, port: 81}, {vip: VI_1, port: 443, tls: " +
			"{certificate: /a.pem}}, {nic: front, port: 82}], routes: [{when: [{port: 81}], redirect: {scheme: https}}], default_backend: app}]\n",
			""},

		// LB2031.
		{"a virtual IP for all", "defaults: {raw: source 192.0.2.10}\n", "LB2031"},
		{"with a port, and transparent", backend("raw: 'source 192.0.2.10:0 usesrc clientip', "), "LB2031"},
		{"of all servers", backend("raw: 'default-server source 192.0.2.10', "), "LB2022 LB2031"},
		{"of the other node", backend("raw: source 192.0.2.1, "), "LB2031"},
		{"one that nobody holds here", backend("raw: source 203.0.113.9, "), ""},
		{"of servers that are not checked", backend("health: {off: true}, raw: source 192.0.2.10, "), "LB2003"},

		// LB2022, LB2027.
		{"a word more than the field has", backend("raw: balance random(2), "), ""},
		{"a word that the field has", backend("raw: balance leastconn, "), "LB2022"},
		{"taken back", "defaults: {raw: no option dontlognull}\n", "LB2022"},
		{"one finding a block", "defaults:\n  raw: |\n    retries 2\n    maxconn 5\n", "LB2022"},
		{"an option of two words", frontend("raw: option httpclose, "), "LB2022"},
		{"a bind of one's own", frontend("raw: 'bind 192.0.2.1:81', "), "LB2022"},
		{"a bind with more than the field has", frontend("raw: 'bind 192.0.2.1:81 backlog 5', "), ""},
		{"a rule", frontend("raw: 'http-request set-header X-A b if { path_beg /a }', "), "LB2022"},
		{"a rule that asks what no route does", frontend("raw: 'http-request set-header X-A b if { src_conn_rate gt 5 }', "), ""},
		{"a server", backend("raw: 'server web3 198.51.100.13:80 check', "), "LB2022"},
		{"a check", backend("raw: option pgsql-check user lb, "), "LB2022"},
		{"a log", "global: {raw: log 192.0.2.9 local0}\n", "LB2022"},
		{"in quotes, and a comment", "defaults:\n  raw: |\n    log-tag 'timeout client' # timeout client 5s\n", ""},
		{"a second socket in a file", "global: {raw: stats socket /run/haproxy/monitor.sock level user}\n", ""},
		{"a file in quotes", "global: {raw: 'stats socket \"/run/haproxy/m.sock\" level user'}\n", ""},
		{"an address in quotes", "global: {raw: 'stats socket \"127.0.0.1:9999\"'}\n", "LB2027"},
		{"a socket that the environment names", "global: {raw: 'stats socket \"$SOCKET\"'}\n", ""},
		{"a socket at an address", "global: {raw: 'stats socket 127.0.0.1:9999'}\n", "LB2027"},

		// LB2023.
		{"the limit of all servers", backend("server_defaults: {maxconn: 4001}, "), "LB2023"},
		{"as many as the whole", backend("server_defaults: {maxconn: 4000}, "), ""},

		// LB2024.
		{"a limit of clients", routes("{rate_limit: {requests: 10}}"), ""},
		{"the PROXY protocol tells", "frontends: [{name: main, binds: [{vip: VI_1, port: 80, accept_proxy: true}], forwardfor: {if_none: " +
			"true}, routes: [{rate_limit: {requests: 10}}], default_backend: app}]\n", ""},

		// LB2025.
		{"a host before its paths", routes("{when: [{host: A.example.com}], backend: app}, {when: [{path: /x}, {host: a.example.com}], deny: " +
			"403}"), "LB2025"},
		{"a host of two", routes("{when: [{host: a.example.com}], backend: app}, {when: [{host: [a.example.com, b.example.com]}], deny: 403}"),
			""},
		{"two hosts one by one", routes("{when: [{host: a.example.com}], backend: app}, {when: [{host: b.example.com}], backend: app}, " +
			"{when: [{host: [a.example.com, b.example.com]}], deny: 403}"), "LB2025"},
		{"a path below", routes("{when: [{path_beg: /a}], backend: app}, {when: [{path: /ab}], deny: 403}"), "LB2025"},
		{"allowed before", routes("{when: [{src: [10.0.0.0/8]}], allow: true}, {when: [{path_beg: /a}], deny: 403}, {when: [{path: /ab}], " +
			"backend: app}"), ""},
		{"denied to all", routes("{when: [{path_beg: /a}], deny: 403}, {when: [{path: /ab}], backend: app}"), "LB2025"},
		{"a path beside", routes("{when: [{path_beg: /a/}], backend: app}, {when: [{path: /ab}], deny: 403}"), ""},
		{"case is not looked at", routes("{when: [{path_beg: /a/}], backend: app}, {when: [{path_beg: /a/b, ignore_case: true}], deny: 403}"),
			""},
		{"the opposite", routes("{when: [{path_beg: /a/}], backend: app}, {when: [{path_beg: /a/, not: true}], deny: 403}"), ""},
		{"two conditions first", routes("{when: [{path_beg: /a/}, {method: GET}], backend: app}, {when: [{path_beg: /a/}], deny: 403}"), ""},
		{"a header first", routes("{when: [{path_beg: /a/}], set_header: {name: X-A, value: a}}, {when: [{path_beg: /a/}], backend: app}"), ""},
		{"names in TLS", tcp + routes("{when: [{sni: a.example.com}], backend: app}, {when: [{sni: a.example.com}], reject: true}"), "LB2025"},

		// LB2026.
		{"one frontend", tcp + frontend("timeouts: {client: 5m}, "), "LB2026"},
		{"a tunnel takes the place of both", "global: {hard_stop_after: 1h}\ndefaults: {mode: tcp, timeouts: {client: 30s, server: 5m, " +
			"tunnel: 1h}}\n", ""},
		{"HTTP", "defaults: {timeouts: {client: 30s, server: 5m}}\n", ""},

		// LB3006.
		{"without the names below", "frontends: [{name: main, binds: [{vip: VI_1, port: 443, tls: {certificate: /etc/a.pem}}], hsts: " +
			"{max_age: 730d, preload: true}, default_backend: app}]\n", "LB3006"},

		// LB4001, LB4002.
		{"as many as the kernel allows", "global: {maxconn: 523000}\n", ""},
		{"too few all the same", "global: {maxconn: 1000000}\nhost: {sysctl: {fs/nr_open: 1500000}}\n", "LB4001"},
		{"one of two logs", "log: [{level: err}, {facility: local3}]\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := rules.NewExample(c.text)
			if e.Faults.HasErrors() {
				t.Fatalf("the fragment is refused: %+v", e.Faults)
			}
			var codes []string
			for _, f := range run(e) {
				codes = append(codes, f.Code)
			}
			slices.Sort(codes)
			if got := strings.Join(codes, " "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
