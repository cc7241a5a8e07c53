package model_test

import (
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/model"
)

const (
	mainBackend = "    default_backend: app"
	clientBind  = "      - {nic: client, ports: [80, 443]}"
	tlsBind     = clientBind + "\n      - {nic: web, port: 443, tls: {certificate: /etc/haproxy/certs/site.pem}}"
	tcpProxy    = "\n  - {name: raw, mode: tcp, servers: [{name: a, address: 192.168.50.63:80}]}"
)

// inRoutes is a fault of the routes of an HTTP frontend without TLS.
func inRoutes(name, routes, code string, words ...string) fault {
	return fault{name, mainBackend, "    routes:\n      - " + routes + "\n" + mainBackend, code, words}
}

// inMatch is a fault of one match there.
func inMatch(name, match, code string, words ...string) fault {
	return inRoutes(name, "{when: ["+match+"], deny: 403}", code, words...)
}

// withTLS puts a bind with TLS before the routes.
func withTLS(f fault) fault {
	f.old, f.new = clientBind+"\n"+f.old, tlsBind+"\n"+f.new
	return f
}

// inTCP is a fault of a TCP frontend: what stands behind its backend.
func inTCP(name, rest, code string, words ...string) fault {
	return fault{name, "    default_backend: app\nbackends:", "    default_backend: app\n  - name: tcp\n    mode: tcp\n    binds: [{nic: " +
		"web, port: 99}]\n" +
		"    default_backend: raw\n    " + rest + "\nbackends:" + tcpProxy, code, words}
}

func TestFaultsOfBinds(t *testing.T) {
	bind := func(name, bind, code string, words ...string) fault {
		return fault{name, clientBind, "      - " + bind, code, words}
	}
	checkFaults(t, []fault{
		bind("no port", "§{nic: client}", "missing-field", "exactly one of port and ports"),
		bind("port and ports", "§{nic: client, port: 80, ports: [443]}", "missing-field", "exactly one of port and ports"),
		bind("NIC and address", "§{nic: client, address: 172.16.110.71, port: 80}", "missing-field", "exactly one of vip, nic and address"),
		bind("no address", "{address: §all, port: 80}", "bad-value", `"*" for all of IPv4`),
		bind("multicast", "{address: §224.0.0.1, port: 80}", "bad-value", "expected an address"),
		bind("all beside a VIP", `§{address: "*", port: 80}`, "duplicate", "*:80 is bound twice", "takes one address of this port already"),
		bind("all beside the statistics page", `§{address: "*", port: 8404}`, "duplicate", "*:8404 is bound twice"),
		bind("all twice", "{address: 0.0.0.0, port: 81}\n      - §{address: \"*\", port: 81}", "duplicate", "*:81 is bound twice"),
		bind("a VIP beside all", "{address: \"*\", port: 81}\n      - §{vip: VI_1, port: 81}", "duplicate", "172.16.110.70:81 is bound twice",
			"takes all addresses"),
		bind("an address that is the VIP", "§{address: 172.16.110.70, port: 80}", "duplicate", "172.16.110.70:80 is bound twice"),
		bind("verify without authority", "{nic: client, port: 81, tls: {certificate: /etc/a.pem, client_verify: §optional}}", "missing-field",
			"nothing to check them by"),
		bind("certificate elsewhere", "{nic: client, port: 81, tls: {certificate: §a.pem}}", "bad-value", "an absolute path"),
		bind("certificate by two ways", "{nic: client, port: 81, tls: {certificate: §{file: a.pem, key: a.key}}}", "bad-value",
			"file and cert exclude each other", "{cert: NAME, key: NAME}"),
		bind("certificate without its key", "{nic: client, port: 81, tls: {certificate: §{cert: a.crt}}}", "missing-field", "by cert and key"),
		bind("certificate of nothing", "{nic: client, port: 81, tls: {certificate: §{}}}", "missing-field", `field "certificate" is missing`),
		bind("certificate with a blank", "{nic: client, port: 81, tls: {certificate: §{file: my shop.pem}}}", "bad-value", "bad file name"),
		bind("certificates of one name", "{nic: client, port: 81, tls: {certificate: {file: a/shop.pem}}}\n"+
			"      - {nic: client, port: 82, tls: {certificate: §{cert: b/shop.crt, key: b/shop.key}}}", "duplicate",
			"two different certificates are named shop.pem", "/etc/haproxy/tls/shop.pem"),
		bind("ALPN", `{nic: client, port: 81, tls: {certificate: /etc/a.pem, alpn: [§"h2,x"]}}`, "bad-value", "the name of a protocol"),
	})
	text := strings.Replace(base, clientBind, `      - {address: "*", port: 8080}`, 1)
	text = strings.Replace(text, "192.168.50.62:80}", "172.16.110.71:8080}", 1)
	if _, _, found := model.Load("site.yaml", []byte(text)); len(found) != 1 || found[0].Code != "loop" {
		t.Error("a server that is a bind to all addresses:\n" + list(found))
	}
}

func TestFaultsOfFrontends(t *testing.T) {
	checkFaults(t, []fault{
		{"nobody is answered", "\n" + mainBackend, "", "missing-field", []string{`frontend "main" answers nobody`, "add default_backend"}},
		{"an HTTP frontend to a TCP backend", "    default_backend: app\nbackends:", "    default_backend: §raw\nbackends:" + tcpProxy,
			"bad-value", []string{`backend "raw" speaks tcp and this frontend http`}},
		{"a route to a TCP backend", "    default_backend: app\nbackends:", "    routes: [{when: [{path: /}], backend: §raw}]\n    " +
			"default_backend: app\nbackends:" + tcpProxy, "bad-value", []string{`backend "raw" speaks tcp`}},
		{"a TCP frontend to an HTTP backend", mainBackend, "    mode: tcp\n    default_backend: §app", "bad-value",
			[]string{`backend "app" speaks http and this frontend tcp`}},
		{"HSTS without TLS", mainBackend, "    hsts: §{max_age: 365d}\n" + mainBackend, "missing-field",
			[]string{"browsers heed it by TLS only"}},
		withTLS(fault{"HSTS for too long", mainBackend, "    hsts: {max_age: §99999d}\n" + mainBackend, "bad-value", []string{"at most 3650d"}}),
		{"delay in HTTP", mainBackend, "    inspect_delay: §5s\n" + mainBackend, "bad-value",
			[]string{"means nothing in HTTP mode", "http_request"}},
		{"status of an error page", mainBackend, "    error_pages: {§\"418\": a.html}\n" + mainBackend, "bad-value",
			[]string{"a status that HAProxy sends itself"}},
		{"file name of an error page", mainBackend, "    error_pages: {\"404\": §my page.html}\n" + mainBackend, "bad-value",
			[]string{"bad file name"}},
		{"two pages of one name", mainBackend, "    error_pages: {\"404\": a/sorry.html}\n" + mainBackend, "duplicate",
			[]string{"two different pages are named sorry.html"}},
		inTCP("delay and nothing to look at", "inspect_delay: §5s", "bad-value", "without a route that looks"),
		inTCP("compression", "compression: §{}", "bad-value", "compression means nothing in TCP mode", "mode: http"),
		inTCP("forwardfor", "forwardfor: §{header: X-A}", "bad-value", "means nothing in TCP mode"),
		inTCP("http_connection", "http_connection: §close", "bad-value", "means nothing in TCP mode"),
		inTCP("monitor_uri", "monitor_uri: §/alive", "bad-value", "means nothing in TCP mode"),
		inTCP("error_pages", "error_pages: §{\"503\": sorry.html}", "bad-value", "means nothing in TCP mode"),
		inTCP("time for a request", "timeouts: {http_request: §5s}", "bad-value", "means nothing in TCP mode"),
		inTCP("time between requests", "timeouts: {http_keep_alive: §5s}", "bad-value", "means nothing in TCP mode"),
		{"forwardfor taken back", mainBackend + "\nbackends:\n  - name: app\n",
			"    forwardfor: {if_none: true}\n" + mainBackend + "\nbackends:\n  - name: app\n    forwardfor: §false\n",
			"bad-value", []string{"write it at the backends only"}},
	})
}

func TestFaultsOfRoutes(t *testing.T) {
	checkFaults(t, []fault{
		inRoutes("nothing is done", "§{when: [{path: /a}]}", "missing-field", "a route does nothing"),
		inRoutes("two things are done", "§{when: [{path: /a}], deny: 403, backend: app}", "bad-value", "has backend and deny"),
		inRoutes("no such backend", "{when: [{path: /a}], backend: §ap}", "unknown-reference", `did you mean "app"?`),
		inRoutes("never reached", "{backend: app}\n      - §{when: [{path: /a}], deny: 403}", "unreachable", "no request reaches this route"),
		inRoutes("never reached behind deny", "{deny: 403}\n      - §{backend: app}", "unreachable", "no request reaches"),
		inRoutes("deny 418", "{deny: §418}", "bad-value", "expected one of: 400"),
		inRoutes("redirect to nowhere", "{redirect: §{code: 301}}", "missing-field", "exactly one of scheme, prefix and location"),
		inRoutes("redirect to two places", "{redirect: §{prefix: 'https://a.example', location: /b}}", "missing-field", "exactly one of"),
		inRoutes("redirect code", "{redirect: {location: /b, code: §304}}", "bad-value", "expected one of: 301"),
		inRoutes("redirect to no address", "{redirect: {prefix: §www.example.com}}", "bad-value", "begins with http:// or https://"),
		inRoutes("drop_query of a location", "{redirect: {location: /b, drop_query: §true}}", "bad-value", "drop_query without prefix"),
		inRoutes("to https and nobody is there", "{redirect: {scheme: §https}}", "loop", "TLS ends nowhere in this site", "X-Forwarded-Proto"),
		withTLS(inRoutes("from https to https", "{when: [{tls: true}], redirect: {scheme: §https}}", "loop", "sent to where they are")),
		inRoutes("answer with two things", "{return: §{page: a.html, text: hi}}", "bad-value", "both page and text"),
		inRoutes("kind of nothing", "{return: {status: 204, content_type: §text/plain}}", "missing-field", "content_type of an empty answer"),
		inRoutes("status 600", "{return: {status: §600}}", "bad-value", "expected at most 599"),
		inRoutes("no userlist", "{auth: {userlist: §staff}}", "unknown-reference", "there is no userlist"),
		{"no group", "    default_backend: app\nbackends:", "    routes: [{auth: {userlist: l, groups: [§g2]}}]\n    default_backend: app\n" +
			"userlists: [{name: l, users: [{name: a, password: {file: p}, groups: [g1]}]}]\nbackends:", "unknown-reference",
			[]string{`did you mean "g1"?`}},
		inRoutes("header without value", "{set_header: §{name: X-A}}", "missing-field", "exactly one of value and sample"),
		inRoutes("header with both", "{add_response_header: §{name: X-A, value: a, sample: src}}", "missing-field",
			"exactly one of value and sample"),
		inRoutes("header that is no word", "{del_header: §X A}", "bad-value", "a word of letters"),
		inRoutes("a sample and more", "{set_header: {name: X-A, sample: §'src]%[x'}}", "bad-value", "one of HAProxy's samples"),
		inRoutes("strip nothing", "{strip_prefix: §/}", "bad-value", "every path begins with a slash"),
		inRoutes("path with a query", "{set_path: §'/a?b=c'}", "bad-value", "a path that begins with a slash"),
		inRoutes("limit of nothing", "{rate_limit: §{period: 10s}}", "missing-field", "exactly one of requests, connections and concurrent"),
		inRoutes("limit of two things", "{rate_limit: §{requests: 1, concurrent: 2}}", "missing-field", "two limits are two routes"),
		inRoutes("a fourth limit", "{rate_limit: {requests: 1}}\n      - {rate_limit: {requests: 2}}\n      - {rate_limit: {requests: 3}}\n  "+
			"    - {rate_limit: §{requests: 4}}", "bad-value", "more than 3 rate limits"),
		inRoutes("period of what is now", "{rate_limit: {concurrent: 10, period: §10s}}", "bad-value", "have no period"),
		inRoutes("connections by header", "{rate_limit: {connections: 10, header: §X-Forwarded-For}}", "bad-value",
			"the connections are the proxy's"),
		inTCP("deny in TCP", "routes: [{deny: §403}]", "bad-value", "deny means nothing in TCP mode"),
		inTCP("redirect in TCP", "routes: [{redirect: §{location: /a}}]", "bad-value", "redirect means nothing in TCP mode"),
		inTCP("header in TCP", "routes: [{set_header: §{name: A, value: b}}]", "bad-value", "set_header means nothing in TCP mode"),
		inTCP("requests in TCP", "routes: [{rate_limit: {requests: §10}}]", "bad-value", "there are no requests in TCP mode"),
		inTCP("status in TCP", "routes: [{rate_limit: {connections: 10, status: §429}}]", "bad-value", "status means nothing in TCP mode"),
		inTCP("limit by header in TCP", "routes: [{rate_limit: {connections: 10, header: §X-A}}]", "bad-value",
			"header means nothing in TCP mode"),
		{"a backend's rule names another", "    balance: roundrobin", "    rules: [{backend: §app}]\n    balance: roundrobin", "bad-value",
			[]string{"a rule of a backend cannot name another one"}},
		{"connections in a backend", "    balance: roundrobin", "    rules: [{rate_limit: {connections: §1}}]\n    balance: roundrobin",
			"bad-value", []string{"a backend sees requests only"}},
		{"limits of both", mainBackend + "\nbackends:\n  - name: app\n", "    routes: [{rate_limit: {requests: 1}}, {rate_limit: {requests: " +
			"2}}]\n" + mainBackend +
			"\nbackends:\n  - name: app\n    rules: [{rate_limit: {requests: 3}}, {rate_limit: §{requests: 4}}]\n", "bad-value",
			[]string{"those of the frontend and of the backend together"}},
		{"a backend named like a limit's table", "    default_backend: app\nbackends:",
			"    routes: [{rate_limit: §{requests: 1}}]\n    default_backend: app\nbackends:\n" +
				"  - {name: main.rate.0, servers: [{name: a, address: 192.168.50.63:80}]}", "duplicate",
			[]string{`proxy "main.rate.0" is defined twice`}},
	})
}

func TestFaultsOfMatches(t *testing.T) {
	checkFaults(t, []fault{
		inMatch("nothing", "§{not: true}", "missing-field", "matches nothing"),
		inMatch("two things", "§{path: /a, host: a.example}", "bad-value", "has host and path", "all items must match"),
		inMatch("acme false", "§{acme: false}", "missing-field", "matches nothing"),
		inMatch("path without slash", "{path_beg: §ms1/}", "bad-value", "a path that begins with a slash"),
		inMatch("one path without slash", "{path_beg: [/ms1/, §ms2/]}", "bad-value", "a path that begins with a slash"),
		inMatch("path with a query", "{path: §'/a?b'}", "bad-value", "a path that begins with a slash"),
		inMatch("host with a port", "{host: §'www.example.com:80'}", "bad-value", "a host name"),
		inMatch("host with a scheme", "{host: §'http://www.example.com'}", "bad-value", "a host name"),
		inMatch("end without a dot", "{host_end: §example.com}", "bad-value", "evilexample.com ends so too", "write .example.com"),
		inMatch("method in lower case", "{method: §post}", "bad-value", "POST"),
		inMatch("ignore_case of a network", "{src: 10.0.0.0/8, ignore_case: §true}", "bad-value", "ignore_case means nothing for src"),
		inMatch("network with host bits", "{src: §10.0.0.1/8}", "bad-value", "did you mean 10.0.0.0/8?"),
		inMatch("port", "{port: §70000}", "bad-value", "expected at most 65535"),
		inMatch("header without name", "{header: §{value: a}}", "missing-field", `"name" is missing`),
		inMatch("header compared twice", "{header: §{name: A, value: a, beg: b}}", "bad-value", "has value and beg"),
		inMatch("the end of a condition", "{cookie: {name: A, value: §'}'}}", "bad-value", "HAProxy cannot look for this alone"),
		inMatch("regex that opens", "{path_regex: §'^/a(b'}", "bad-value", "a ( is never closed"),
		inMatch("regex that closes", "{path_regex: [^/a, §'^/b)']}", "bad-value", "a ) closes nothing"),
		inMatch("regex with half a class", "{host_regex: §'^[ab'}", "bad-value", "a [ is never closed"),
		inMatch("regex that repeats nothing", "{header: {name: A, regex: §'*a'}}", "bad-value", "nothing before the *"),
		inMatch("regex that ends in a backslash", `{url_param: {name: A, regex: §'a\'}}`, "bad-value", "a backslash at its end"),
		inMatch("TLS that ends nowhere", "{tls: §true}", "missing-field", "no bind of this frontend ends TLS"),
		inMatch("SNI of no TLS", "{sni: §a.example}", "missing-field", "no bind of this frontend ends TLS"),
		withTLS(inMatch("certificates that nobody asks for", "{client_certificate: §true}", "missing-field", "asks clients for a certificate")),
		inMatch("no such backend", "{down: §ap}", "unknown-reference", `did you mean "app"?`),
		inTCP("path in TCP", "routes: [{when: [{path: §/a}], reject: true}]", "bad-value", "path means nothing in TCP mode"),
		inTCP("host in TCP", "routes: [{when: [{host: §a.example}], reject: true}]", "bad-value", "host means nothing in TCP mode"),
		{"SNI in a TCP backend", "stats: {nic", "  - {name: raw, mode: tcp, servers: [{name: a, address: 192.168.50.63:80}], rules: [{when: " +
			"[{sni: §a.example}], reject: true}]}\nstats: {nic", "bad-value", []string{"is not known in a TCP backend"}},
		{"SNI of both kinds of TLS", "    default_backend: app\nbackends:", "    default_backend: app\n  - name: tcp\n    mode: tcp\n    " +
			"binds: [{nic: web, port: 99}, {nic: web, port: 98, tls: {certificate: /etc/a.pem}}]\n" +
			"    routes: [{when: [{sni: §a.example}], backend: raw}]\nbackends:" + tcpProxy, "missing-field",
			[]string{"write a frontend for each kind"}},
	})
}

// TestGoodRegexes: what is refused must be wrong for certain.
func TestGoodRegexes(t *testing.T) {
	for _, regex := range []string{`^/a(b|c)+$`, `[]a]`, `[^]a(]`, `[^^(]`, `\(`, `\[`, `a\\`, `(?i)^a`, `[[:alpha:](]`, `\Q((\E`, `a{1,2}`,
		`[\](]`, `^$`} {
		f := inMatch(regex, "{path_regex: '"+regex+"'}", "")
		if found, _ := load(t, f.old, f.new); len(found) > 0 {
			t.Errorf("%s:\n%s", regex, list(found))
		}
	}
}
