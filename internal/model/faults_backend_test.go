package model_test

import (
	"strings"
	"testing"
)

// another is a second backend at the end of base, with keys of its own.
func another(keys string) string {
	return "  - {name: other, servers: [{name: a, address: 192.168.50.63:80}, {name: b, address: 192.168.50.64:80}], " + keys + "}\nstats: {"
}

// servers is a second backend with servers of its own.
func servers(list, keys string) string {
	return "  - {name: other, " + keys + "servers: [" + list + "]}\nstats: {"
}

// TestBackendFaults is about how servers are chosen, how clients come back, and
// what clients get when no server is left.
func TestBackendFaults(t *testing.T) {
	const end = "stats: {"
	tcp := func(keys string) string { return another("mode: tcp, " + keys) }
	cookie := func(keys string) string { return another("persist: {cookie: {name: SRV, " + keys + "}}") }
	var table []fault
	add := func(name, text, code string, words ...string) {
		table = append(table, fault{name, end, text, code, words})
	}

	add("two ways to choose", another("balance: {url_param: user, hdr: §X-User}"), "bad-value", "url_param and hdr exclude each other",
		"in one way")
	add("consistent and no hash", another("balance: leastconn, hash_consistent: §true"), "bad-value", "hash_consistent has no effect", "uri")
	add("first without limits", servers("§{name: a, address: 192.168.50.63:80}, {name: b, address: 192.168.50.64:80}", "balance: first, "),
		"missing-field", `server "a" has no maxconn`)

	add("tcp and http_connection", tcp("http_connection: §close"), "bad-value", "http_connection means nothing in TCP mode", "mode: http")
	add("tcp and http_reuse", tcp("http_reuse: §always"), "bad-value", "http_reuse means nothing in TCP mode")
	add("tcp and http_pretend_keepalive", tcp("http_pretend_keepalive: §true"), "bad-value", "http_pretend_keepalive means nothing")
	add("tcp and forwardfor", tcp("forwardfor: §{}"), "bad-value", "forwardfor means nothing")
	add("tcp and compression", tcp("compression: §{}"), "bad-value", "compression means nothing")
	add("tcp and error pages", tcp("error_pages: §{503: sorry.html}"), "bad-value", "error_pages means nothing")
	add("tcp and balance by path", tcp("balance: §uri"), "bad-value", "balance means nothing in TCP mode")
	add("tcp and balance by header", tcp("balance: §{hdr: X-User}"), "bad-value", "balance means nothing")
	add("tcp and a cookie", tcp("persist: {cookie: §{name: SRV}}"), "bad-value", "persist.cookie means nothing")
	add("tcp and a table of cookies", tcp("persist: {table: {cookie: §JSESSIONID}}"), "bad-value", "persist.table.cookie means nothing")
	add("tcp and a table of headers", tcp("persist: {table: {header: §X-User}}"), "bad-value", "persist.table.header means nothing")
	add("tcp and a sorry page", tcp("sorry: §{page: sorry.html}"), "bad-value", "no sorry page in mode tcp", "backup: true")

	add("no way back", another("persist: §{}"), "missing-field", "by cookie or by table", "write one of: cookie, table")
	add("two ways back", another("persist: {cookie: {name: SRV}, table: §{}}"), "bad-value", "cookie and table exclude each other")
	add("two things to be known by", another("persist: {table: {cookie: A, header: §B}}"), "bad-value", "cookie and header exclude each other")
	add("address and cookie", another("persist: {table: {on: src, cookie: §A}}"), "bad-value", "on and cookie exclude each other")
	for _, key := range []string{"indirect: §true", "nocache: §true", "postonly: §true", "preserve: §true", "httponly: §true", "secure: §true",
		"domain: §.example.com", "maxidle: §5m", "maxlife: §5m", "samesite: §Lax"} {
		add("rewrite and "+key, cookie("mode: rewrite, "+key), "bad-value", "has no effect on a cookie that the server makes", "mode: insert")
	}
	add("prefix and indirect", cookie("mode: prefix, indirect: §true"), "bad-value", "indirect has no effect")
	add("parts of a second", cookie("maxidle: §1500ms"), "bad-value", `bad value "1500ms" for maxidle`, "whole seconds")
	add("SameSite=None in the clear", cookie("samesite: §None"), "bad-value", "browsers drop a cookie", "secure: true")

	add("cookie without persist",
		servers("{name: a, address: 192.168.50.63:80, cookie: §x}, {name: b, address: 192.168.50.64:80, cookie: y}", ""), "bad-value",
		"the cookie has no effect", "persist: {cookie")
	add("cookie twice", servers("{name: a, address: 192.168.50.63:80, cookie: x}, {name: b, address: 192.168.50.64:80, cookie: §x}",
		"persist: {cookie: {name: SRV}}, "), "duplicate", `cookie value "x" is defined twice`)
	add("cookie like another's name", servers("{name: a, address: 192.168.50.63:80}, {name: b, address: 192.168.50.64:80, cookie: §a}",
		"persist: {cookie: {name: SRV}}, "), "duplicate", `cookie value "a" is defined twice`)

	add("no answer", another("sorry: §{}"), "missing-field", "exactly one answer", "write one of: page, remote, redirect")
	add("two answers", another("sorry: {page: sorry.html, redirect: §'https://example.com/'}"), "bad-value",
		"page and redirect exclude each other")
	add("status of a redirect", another("sorry: {redirect: 'https://example.com/', status: §503}"), "bad-value",
		"status has no effect on a redirect")
	add("redirect to nowhere", another("sorry: {redirect: §example.com}"), "bad-value", "begins with http:// or https://")
	add("a page for 503 twice", another("error_pages: {503: §sorry.html}, sorry: {page: sorry.html}"), "duplicate",
		"two answers for status 503")
	add("remote path", another("sorry: {remote: {address: 10.0.0.9:80, path: §maintenance.html}}"), "bad-value", "begins with a slash")
	add("remote without a name", another("sorry: {remote: {address: 10.0.0.9:443, path: /m.html, tls: §{}}}"), "missing-field",
		"nothing says whose certificate is good", "verify: none")
	add("remote without TLS", another("sorry: {remote: {address: 10.0.0.9:80, path: /m.html, tls: §false}}"), "bad-value",
		"tls: false has no effect")
	add("remote is HAProxy itself", another("sorry: {remote: {address: §172.16.110.70:80, path: /m.html}}"), "loop",
		"where HAProxy itself listens")
	checkFaults(t, table)
}

// TestSorryNameFaults: the backend of a remote sorry server has a name too.
func TestSorryNameFaults(t *testing.T) {
	const sorry, page = "    sorry: {remote: {address: 10.0.0.9:80, path: /m.html}}", "    sorry: {page: sorry.html, status: 200}"
	checkFaults(t, []fault{
		{"taken by another backend", page, strings.Replace(sorry, "{address", "§{address", 1) +
			"\n  - {name: app_sorry, servers: [{name: a, address: 192.168.50.63:80}]}",
			"duplicate", []string{`proxy "app_sorry" is defined twice`}},
	})
}

// TestHealthFaults is about how servers are checked.
func TestHealthFaults(t *testing.T) {
	const end = "stats: {"
	health := func(keys string) string { return another("health: {" + keys + "}") }
	var table []fault
	add := func(name, text, code string, words ...string) {
		table = append(table, fault{name, end, text, code, words})
	}

	add("two ways", health("http: {uri: /}, mysql: §{user: check}"), "bad-value", "http and mysql exclude each other", "in one way")
	add("two others", health("smtp: lb.example.com, ldap: §true"), "bad-value", "smtp and ldap exclude each other")
	add("off and a way", health("off: true, http: §{uri: /}"), "bad-value", "http has no effect where checks are off")
	add("off and an interval", health("off: true, inter: §1s"), "bad-value", "inter has no effect where checks are off")
	add("HTTP/1.1 without a host", health("http: {uri: /, version: §'1.1'}"), "missing-field", "by HTTP/1.1 names a host", "400")
	add("status and body", health("http: {uri: /, expect: 200, body: §OK}"), "bad-value", "expect and body exclude each other")
	add("a body from HEAD", health("http: {uri: /, method: §HEAD, body: OK}"), "bad-value", "an answer to HEAD has no body")
	add("body and regex", health("http: {uri: /, body: OK, body_regex: §O.}"), "bad-value", "body and body_regex exclude each other")
	add("regex", health("http: {uri: /, body_regex: §'(OK'}"), "bad-value", "bad regular expression", "never closed")
	add("host as a header", health("http: {uri: /, headers: [{name: §host, value: a}]}"), "bad-value", "a field of its own", "write host")
	add("length as a header", health("http: {uri: /, headers: [{name: §Content-Length, value: '5'}]}"), "bad-value",
		"HAProxy makes Content-Length itself")
	add("sample in a header", health("http: {uri: /, headers: [{name: X-A, sample: §src}]}"), "bad-value", "a check has no client")
	add("header without value", health("http: {uri: /, headers: [§{name: X-A}]}"), "missing-field", "header X-A has no value")
	add("a step that does nothing", health("tcp: [§{}]"), "missing-field", "exactly one thing", "send, expect, expect_regex")
	add("a step that does two things", health("tcp: [{send: a, expect: §b}]"), "bad-value", "send and expect exclude each other")
	add("bad escape", health(`tcp: [{send: §'a\q'}]`), "bad-value", "bad value for send", `\xHH`)
	add("bad hex", health(`tcp: [{send: §'\xg0'}]`), "bad-value", "two hexadecimal digits")
	add("cut hex", health(`tcp: [{send: §'\x4'}]`), "bad-value", "two hexadecimal digits")
	add("backslash at the end", health(`tcp: [{send: §'a\'}]`), "bad-value", "where there is a backslash")
	add("NUL expected", health(`tcp: [{expect: §'a\x00'}]`), "bad-value", `no answer beyond a \x00`)
	add("regex of a step", health(`tcp: [{expect_regex: §'[a'}]`), "bad-value", "bad regular expression")
	add("TLS of nobody", health("tls: §true"), "missing-field", "whose certificate is good for a check", "ca_file")
	add("TLS twice", health("tls_hello: true, tls: §true"), "bad-value", "tls and tls_hello exclude each other")
	add("TLS none with a CA", health("tls: {verify: none, ca_file: §/etc/ca.pem}"), "bad-value", "ca_file has no effect with verify: none")
	add("TLS of the traffic", another("server_defaults: {tls: {verify: none}}, health: {tls: {verify: §none}}"), "bad-value",
		"the traffic has TLS of its own")
	add("hello where TLS is spoken", another("server_defaults: {tls: {verify: none}}, health: {tls_hello: §true}"), "bad-value",
		"tls_hello has no effect here")
	add("TLS off where there is none", health("tls: §false"), "bad-value", "tls: false has no effect here")
	add("redis role", health("redis: {role: §master}"), "bad-value", "expected one of: any, primary")
	checkFaults(t, table)
}

// TestServerFaults is about servers and what they may have.
func TestServerFaults(t *testing.T) {
	const end = "stats: {"
	const a = "name: a, address: 192.168.50.63:80"
	server := func(keys string) string { return servers("{"+a+", "+keys+"}", "") }
	dns := func(text string) string {
		return strings.Replace(text, "stats: {", "resolvers: [{name: dns, parse_resolv_conf: true}]\nstats: {", 1)
	}
	template := func(keys string) string { return dns("  - {name: other, server_templates: [" + keys + "]}\nstats: {") }
	var table []fault
	add := func(name, text, code string, words ...string) {
		table = append(table, fault{name, end, text, code, words})
	}

	add("weight", server("weight: §257"), "bad-value", "at most 256")
	add("slowstart without effect", servers("{"+a+", slowstart: §10s}", "balance: static-rr, "), "bad-value",
		"slowstart has no effect with this balance", "hash_consistent")
	add("slowstart of all without effect", another("balance: source, server_defaults: {slowstart: §10s}"), "bad-value",
		"slowstart has no effect")
	add("maxqueue without maxconn", server("maxqueue: §10"), "bad-value", "maxqueue has no effect without maxconn")
	add("check where checks are off", servers("{"+a+", check: §{port: 81}}", "health: {off: true}, "), "bad-value",
		"the backend's checks are off")
	add("port of no check", server("check: {off: true, port: §81}"), "bad-value", "port has no effect where the server is not checked")
	add("TLS of nobody", server("tls: §true"), "missing-field", "nothing says whose certificate is good", "sni")
	add("TLS of nobody for all", another("server_defaults: {tls: §{}}"), "missing-field", "nothing says whose certificate is good")
	add("TLS none with a name", server("tls: {verify: none, verify_host: §a.example.com}"), "bad-value",
		"verify_host has no effect with verify: none")
	add("TLS none with a CA", server("tls: {verify: none, ca_file: §/etc/ca.pem}"), "bad-value", "ca_file has no effect with verify: none")
	add("TLS off where it is not on", server("tls: §false"), "bad-value", "tls: false has no effect here")
	add("TLS off for all", another("server_defaults: {tls: §false}"), "bad-value", "tls: false has no effect here")
	add("host header in TCP", servers("{"+a+", tls: {sni: §host header}}", "mode: tcp, "), "bad-value", "no host header in mode tcp")
	add("PROXY protocol none", server("send_proxy: §none"), "bad-value", "send_proxy: none has no effect here")
	add("PROXY protocol none for all", another("server_defaults: {send_proxy: §none}"), "bad-value", "send_proxy: none has no effect here")
	add("allbackups without a backup", another("allbackups: §true"), "bad-value", "allbackups has no effect without a backup server")
	add("on_marked_up without a backup", another("server_defaults: {on_marked_up: §shutdown-backup-sessions}"), "bad-value",
		"on_marked_up has no effect without a backup server")
	add("resolvers of an address", dns(server("resolvers: §dns")), "bad-value", "resolvers has no effect on an address")

	add("template of an address", template("{prefix: w, count: 3, resolvers: dns, address: §192.168.50.63:80}"), "bad-value",
		"the same server again and again")
	add("template that nobody looks up", template("§{prefix: w, count: 3, address: web.example.com:80}"), "missing-field",
		"nobody looks up the addresses of web.example.com", "add resolvers")
	add("templates of one prefix", template("{prefix: w, count: 3, resolvers: dns, address: web.example.com:80}, {prefix: §w, count: 3, "+
		"resolvers: dns, address: web.example.com:81}"), "duplicate", `server "w1" is defined twice`)
	add("templates that meet", template("{prefix: w, count: 30, resolvers: dns, address: web.example.com:80}, {prefix: §w1, count: 3, "+
		"resolvers: dns, address: web.example.com:81}"), "duplicate", `"w11" is defined twice`)
	add("server and template", dns("  - {name: other, servers: [{name: §w2, address: 192.168.50.63:80}], server_templates: [{prefix: w, "+
		"count: 3, resolvers: dns, address: web.example.com:80}]}\nstats: {"),
		"duplicate", `server "w2" is defined twice`, "a template makes")
	add("template and cookie", dns("  - {name: other, persist: {cookie: {name: SRV}}, server_templates: [§{prefix: w, count: 3, "+
		"resolvers: dns, address: web.example.com:80}]}\nstats: {"),
		"bad-value", "would have the same cookie", "dynamic_key")
	checkFaults(t, table)
}

// TestBackendFine wants no finding where the tables above have a near miss.
func TestBackendFine(t *testing.T) {
	for _, text := range []string{
		another("balance: source, hash_consistent: true, server_defaults: {slowstart: 10s}"),
		another("balance: {uri: {depth: 2}}"),
		another("balance: first, server_defaults: {maxconn: 10, maxqueue: 5}"),
		servers("{name: a, address: 192.168.50.63:80, maxconn: 10}, {name: b, address: 192.168.50.64:80}", "balance: first, "),
		another("mode: tcp, health: {http: {uri: /}}, persist: {table: {}}, balance: source"),
		another("health: {off: true, agent: {port: 9999}}"),
		another("health: {tls: {verify: none}}"),
		another("health: {tls: {sni: a.example.com}}"),
		another("health: {tcp: [{send: 'QUIT\\r\\n\\x00\\\\'}, {expect_regex: '(?=a)b'}]}"),
		another("server_defaults: {tls: {ca_file: /etc/ca.pem}}, health: {tls: {sni: a.example.com}}"),
		servers("{name: a, address: web1.example.com:443, tls: true}", ""),
		servers("{name: a, address: 192.168.50.63:443}, {name: b, address: 192.168.50.63:80, tls: false}",
			"server_defaults: {tls: {sni: a.example.com}}, "),
		servers("{name: a, address: 192.168.50.63:80, backup: true}, {name: b, address: 192.168.50.64:80, backup: true}", "allbackups: true, "),
		servers("{name: a, address: 192.168.50.63:80, send_proxy: none}", "server_defaults: {send_proxy: v2}, "),
		servers("{name: a, address: 192.168.50.63:80, cookie: b}, {name: b, address: 192.168.50.64:80, cookie: a}",
			"persist: {cookie: {name: SRV}}, "),
		another("sorry: {remote: {address: sorry.example.com:443, path: /m.html, tls: true}}"),
	} {
		if found, _ := load(t, "stats: {", text); len(found) > 0 {
			t.Errorf("%s\n%s", text, list(found))
		}
	}
}
