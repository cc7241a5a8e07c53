//go:build linux

package behaviour_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// maker makes sites and requests at random: the same from the same seed.
type maker struct {
	*rand.Rand
	b        strings.Builder
	backends []string // of mode http
	tcp      []string // of mode tcp
	tls      bool     // the section being made ends TLS
	asks     bool     // and asks for certificates
	mode     string
	front    bool // a frontend's routes are being made
	limits   int
}

func newMaker(seed uint64) *maker { return &maker{Rand: rand.New(rand.NewPCG(seed, 14))} }

func (g *maker) chance(percent int) bool { return g.IntN(100) < percent }

func one[T any](g *maker, all ...T) T { return all[g.IntN(len(all))] }

func (g *maker) add(format string, args ...any) { fmt.Fprintf(&g.b, format, args...) }

// The words of sites and requests are few, so that they meet.
func hostWords() []string {
	return []string{"a.example.com", "B.example.com", "www.example.org", "x.y.example.org", "v12.example.net", "example.org"}
}

func pathWords() []string {
	return []string{"/", "/a", "/A", "/a/b", "/app", "/app/x", "/app/", "/apple", "/img/x.png", "/IMG/X.PNG", "/%61", "/a%2Fb", "/a//b",
		"/a/../b",
		"/.well-known/acme-challenge/t", "/v12/x", "/a;b=c", "/old", "/a+b", "/a&b", "/100%25"}
}

func valueWords() []string {
	return []string{"one", "two", "One", "ONE two", "one,two", "a, b", "-i", `"q,q"`, "x}y", "100% of", "v12", "{}", "a=b", "one ", "é"}
}

func headerWords() []string { return []string{"X-A", "X-B", "x-c", "X-Real-IP"} }
func paramWords() []string  { return []string{"q", "debug", "Q"} }
func cookieWords() []string { return []string{"c", "beta", "SRV"} }
func methodWords() []string {
	return []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PURGE"}
}
func sourceWords() []string {
	return []string{"10.1.0.0/16", "10.2.0.0/16", "10.0.0.0/8", "203.0.113.9", "2001:db8:1::/48", "2001:db8::/32", "198.51.100.1",
		"192.0.2.0/24"}
}

func regexWords() []string {
	return []string{`^/a`, `[0-9]+`, `\.png$`, `^/(app|img)/`, `a.b`, `^v[0-9]{1,2}`, `^(one|two)$`, `\bone\b`, `x\}y`, `o+ne`, `(?i)ONE`,
		`[[:upper:]]`,
		`example\.(com|org)$`, `^[^.]+\.example`, `a(?=p)`}
}

func quoted(s string) string { return strconv.Quote(s) }

func list(words []string) string {
	all := make([]string, 0, len(words))
	for _, w := range words {
		all = append(all, quoted(w))
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// some returns one to three of the words, now and then many.
func (g *maker) some(words []string) []string {
	n := 1 + g.IntN(3)
	all := make([]string, 0, n)
	for range n {
		all = append(all, one(g, words...))
	}
	return all
}

const routeSecret = "right 1"

// site makes the text of a site file.
func (g *maker) site() string {
	g.b.Reset()
	g.backends, g.tcp = []string{"b0", "b1", "b2", "b3", "away"}[:3+g.IntN(2)], []string{"t0", "t1"}
	// One thread takes connections in the order in which they come. Of two, one may still
	// have to take those that a limit of concurrent ones should have counted.
	g.add("version: 1\nsite: made\nplatform: debian12\nglobal: {nbthread: 1}\nnics: {front: {device: eth0, subnet: 192.0.2.0/24}}\n" +
		"nodes: [{name: lb1, addresses: {front: 192.0.2.1}}]\n")
	g.add("userlists:\n  - name: staff\n    users:\n      - {name: anna, password: %q, groups: [admins]}\n", routeSecret)
	g.add("      - {name: bert, password: %q}\n", routeSecret)
	g.defaults()
	g.add("frontends:\n")
	for i := range 1 + g.IntN(2) {
		g.web(i)
	}
	for i := range g.IntN(3) {
		g.stream(i)
	}
	g.add("backends:\n")
	for i, name := range g.backends {
		g.backend(i, name)
	}
	for i, name := range g.tcp {
		g.add("  - name: %s\n    mode: tcp\n    health: {off: true}\n", name)
		g.servers(20+i, 19000, false)
		g.section(false, "tcp", false, false)
		g.rules("rules", g.IntN(3))
	}
	if g.chance(50) {
		g.add("stats: {nic: front, port: 8404, allow: [10.1.0.0/16, 2001:db8::/32], uri: /stats%s}\n", one(g, "", ", prometheus: /metrics"))
	}
	return g.b.String()
}

func (g *maker) defaults() {
	var fields []string
	if g.chance(30) {
		fields = append(fields, "error_pages: {'403': page403.html, '503': page503.html}")
	}
	if g.chance(20) {
		fields = append(fields, "forwardfor: "+one(g, "false", "{except: 10.1.0.0/16}", "{header: X-Client, if_none: true}"))
	}
	if g.chance(20) {
		fields = append(fields, "profile: rhel")
	}
	if g.chance(10) {
		fields = append(fields, "forwarded_proto: false")
	}
	if len(fields) > 0 {
		g.add("defaults: {%s}\n", strings.Join(fields, ", "))
	}
}

// web makes an HTTP frontend.
func (g *maker) web(i int) {
	tls, asks, asked := g.chance(60), g.chance(50), one(g, "optional", "required", "optional")
	g.add("  - name: web%d\n    mode: http\n    binds:\n      - {address: \"*\", port: %d}\n      - {address: \"::\", port: %d}\n", i,
		8000+i, 8000+i)
	if g.chance(15) {
		g.add("      - {nic: front, port: %d, accept_proxy: true}\n", 8100+i)
	}
	if g.chance(15) {
		g.add("      - {nic: front, port: %d, proto: h2}\n", 8200+i)
	}
	if tls {
		more := ""
		if asks {
			more = ", client_ca: /etc/haproxy/clients.pem, client_verify: " + asked
		}
		g.add("      - {address: \"*\", port: %d, tls: {certificate: /etc/haproxy/site.pem%s%s}}\n", 8440+i, more, one(g, "",
			", alpn: [http/1.1]", ""))
	}
	if tls && g.chance(20) {
		g.add("    hsts: {max_age: 30d%s}\n", one(g, "", ", include_subdomains: true"))
	}
	fallback := g.chance(85)
	if !fallback || g.chance(10) {
		g.add("    monitor_uri: %s\n", one(g, "/alive", "/a", "/a?q=one"))
	}
	if g.chance(20) {
		g.add("    error_pages: {'403': page403.html, '429': other429.html, '503': other503.html}\n")
	}
	if g.chance(10) {
		g.add("    forwardfor: %s\n", one(g, "false", "true", "{except: 10.2.0.0/16, header: X-Client}"))
	}
	if g.chance(4) {
		g.add("    raw: |\n      %s\n", one(g, "http-request set-header X-A raw", "http-request deny if { path /raw }",
			"use_backend b1 if { path /a }",
			"acl never always_false"))
	}
	g.section(true, "http", tls, tls && asks)
	g.rules("routes", 3+g.IntN(12))
	if fallback {
		g.add("    default_backend: %s\n", one(g, g.backends...))
	}
}

// stream makes a TCP frontend.
func (g *maker) stream(i int) {
	tls := g.chance(30)
	g.add("  - name: tcp%d\n    mode: tcp\n    binds:\n", i)
	if tls {
		g.add("      - {address: \"*\", port: %d, tls: {certificate: /etc/haproxy/site.pem}}\n", 9440+i)
	} else {
		g.add("      - {address: \"*\", port: %d}\n      - {nic: front, port: %d}\n", 9440+i, 9540+i)
	}
	g.section(true, "tcp", tls, false)
	before := g.b.Len()
	g.rules("routes", 2+g.IntN(8))
	if text := g.b.String()[before:]; !tls && strings.Contains(text, "sni") {
		g.add("    inspect_delay: 150ms\n")
	}
	g.add("    default_backend: %s\n", one(g, g.tcp...))
}

func (g *maker) section(front bool, mode string, tls, asks bool) {
	g.front, g.mode, g.tls, g.asks, g.limits = front, mode, tls, asks, 0
}

func (g *maker) backend(i int, name string) {
	g.add("  - name: %s\n    mode: http\n    health: {off: true}\n", name)
	cookie := g.chance(25)
	g.servers(i, 18000, cookie)
	if cookie {
		g.add("    persist: {cookie: {name: SRV%s}}\n", one(g, "", ", mode: rewrite", ", indirect: true", ", mode: prefix"))
	}
	switch {
	case g.chance(20):
		g.add("    sorry: {page: sorry.html%s}\n", one(g, "", ", status: 200"))
	case g.chance(15):
		g.add("    sorry: {redirect: \"https://status.example.com/\"}\n")
	case g.chance(15):
		g.add("    sorry: {remote: {address: \"198.18.9.9:18000\", path: /remote.html}}\n")
	}
	if g.chance(15) {
		g.add("    error_pages: {'403': own403.html%s}\n", one(g, "", ", '401': own403.html"))
	}
	if g.chance(10) {
		g.add("    forwardfor: %s\n", one(g, "{except: 10.1.0.0/16}", "{header: X-Client, if_none: true}"))
	}
	g.section(false, "http", false, false)
	g.rules("rules", g.IntN(5))
}

func (g *maker) servers(i, port int, cookie bool) {
	backups := false
	g.add("    servers:\n")
	for s := range 1 + g.IntN(3) {
		more := one(g, "", "", "", "", ", backup: true", ", disabled: true", ", weight: 0", ", weight: 3")
		backups = backups || strings.Contains(more, "backup")
		if cookie && g.chance(20) {
			more += ", cookie: other" + strconv.Itoa(s)
		}
		g.add("      - {name: s%d, address: \"198.18.%d.%d:%d\"%s}\n", s, i, s+1, port, more)
	}
	if backups && g.chance(50) {
		g.add("    allbackups: true\n")
	}
}

// rules makes the routes of a section.
func (g *maker) rules(key string, n int) {
	if n == 0 {
		return
	}
	g.add("    %s:\n", key)
	for range n {
		action, more := g.action()
		when := g.when(action, more)
		g.add("      - {%s%s}\n", when, action)
	}
}

// action makes what a route does; more is what it needs of when.
func (g *maker) action() (action, more string) {
	if g.mode == "tcp" {
		switch n := g.IntN(10); {
		case g.front && n < 5:
			return "backend: " + one(g, g.tcp...), "some"
		case n < 6 && g.limits == 0 && g.front:
			g.limits++
			return "rate_limit: {" + one(g, "connections: 2", "concurrent: 2") + "}", ""
		case n < 8:
			return "allow: true", "some"
		case n < 9:
			return "reject: true", "some"
		default:
			return "silent_drop: true", "some"
		}
	}
	if g.front && g.chance(30) {
		return "backend: " + one(g, g.backends...), "some"
	}
	return g.httpAction()
}

func choose(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

func (g *maker) httpAction() (action, more string) {
	header := func() string {
		v := one(g, "value: "+quoted(strings.TrimSpace(one(g, valueWords()...))), "value: "+quoted(one(g, "one", "two")), "sample: "+one(g,
			"src", "dst_port", "method", "path",
			"req.hdr(X-A)", "ssl_fc", "query", "rand(5)"))
		return fmt.Sprintf("{name: %s, %s}", one(g, headerWords()...), v)
	}
	switch g.IntN(17) {
	case 0:
		return fmt.Sprint("deny: ", one(g, 400, 401, 403, 404, 429, 500, 503)), "some"
	case 1:
		return one(g, "reject: true", "silent_drop: true"), "many"
	case 2:
		return "allow: true", "some"
	case 3, 4:
		return "redirect: {" + one(g, "prefix: \"https://new.example.com\"", "prefix: \"https://new.example.com/base\", drop_query: true",
				"location: /elsewhere, code: 303", "location: \"https://x.example.com/100%25\"", "scheme: https", "scheme: http, code: 308") + "}",
			"tls"
	case 5:
		return "return: {" + one(g, "text: hello", "page: page.html, status: 202", "status: 204", "text: '{}', content_type: application/json",
			"status: 503, text: 'b }'") + "}", "some"
	case 6:
		return "auth: {userlist: staff" + one(g, "", ", groups: [admins]", ", realm: Staff") + "}", "some"
	case 7:
		if g.limits > 0 {
			return "del_header: X-A", ""
		}
		g.limits++
		if !g.front {
			return "rate_limit: {requests: 2}", ""
		}
		return "rate_limit: {" + one(g, "requests: 2", "requests: 1, status: 503", "connections: 2", "concurrent: 2",
			"requests: 2, header: X-Real-IP") +
			"}", ""
	case 8:
		return "set_header: " + header(), ""
	case 9:
		return "add_header: " + header(), ""
	case 10:
		return "del_header: " + one(g, headerWords()...), ""
	case 11:
		return "set_path: " + quoted(one(g, pathWords()...)), ""
	case 12, 13:
		return "strip_prefix: " + one(g, "/app", "/a", "/a/", "/img"), ""
	case 14:
		return "set_response_header: " + header(), ""
	case 15:
		return "add_response_header: " + header(), ""
	default:
		return "del_response_header: " + one(g, headerWords()...), ""
	}
}
