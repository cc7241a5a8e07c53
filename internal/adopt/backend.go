package adopt

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/pair"
)

func (h *sections) backend(s *haproxy.Section, name string) {
	h.backendLines(s, h.names["backend "+name], h.linesOf(s))
}

// backendLines makes a backend of the lines.
func (h *sections) backendLines(s *haproxy.Section, name string, lines []*haproxy.Directive) {
	b := mapping()
	b.set("name", name)
	if mode := s.Mode(); mode != h.mode() {
		b.set("mode", mode)
	}
	c := &checkOf{}
	lines = h.sorry(b, lines)
	var rest []*haproxy.Directive
	for _, d := range lines {
		switch {
		case d.Word(0) == "mode":
			h.field(d)
		case d.Word(0) == "server" || d.Word(0) == "default-server":
		case c.line(d):
			c.lines = append(c.lines, d)
		case h.backendLine(b, d):
			h.field(d)
		default:
			rest = append(rest, d)
		}
	}
	h.health(b, s, c, lines)
	h.servers(b, s, lines)
	for _, d := range rest {
		h.raw(b, haproxy.Backend, d)
	}
	h.proxies.add("backends", b)
}

// sorry takes out the lines of a page for when no server is left.
func (h *sections) sorry(b *node, lines []*haproxy.Directive) []*haproxy.Directive {
	page, status := "", "503"
	var said []*haproxy.Directive
	for _, d := range lines {
		words := d.Words()
		text := strings.Join(words, " ")
		const head, tail = "http-request return status ", " if { nbsrv eq 0 } !{ stopping }"
		switch {
		case text == "http-request wait-for-body time 1s"+tail: // lbgen's own
			said = append(said, d)
		case strings.HasPrefix(text, "http-error status 503 content-type text/html file ") && len(words) == 7:
			page, said = words[6], append(said, d)
		case strings.HasPrefix(text, head) && strings.HasSuffix(text, tail) && len(words) > 7 && words[7] == page && page != "":
			status, said = words[3], append(said, d)
		}
	}
	file := ""
	if page != "" {
		file = h.page(page)
	}
	if file == "" {
		return lines
	}
	s := mapping()
	s.set("page", file)
	if status != "503" {
		s.set("status", number(status))
	}
	b.set("sorry", s)
	for _, d := range said {
		h.field(d)
	}
	return slices.DeleteFunc(slices.Clone(lines), func(d *haproxy.Directive) bool { return slices.Contains(said, d) })
}

func (h *sections) backendLine(b *node, d *haproxy.Directive) bool {
	if d.Modifier == "no" && d.Word(0) == "option" && d.Word(1) == "redispatch" {
		b.put("redispatch", of(false))
		return true
	}
	if d.Modifier != "" {
		return false
	}
	switch d.Word(0) {
	case "balance":
		return balance(b, d, h.profile.name != "haproxy")
	case "hash-type":
		if b.under["balance"] == nil || b.get("balance") == "leastconn" {
			return false
		}
		b.set("hash_consistent", d.Word(1) == "consistent")
		return len(d.Tokens) == 2 && d.Word(1) == "consistent"
	case "retries":
		n, err := strconv.Atoi(d.Word(1))
		b.put("retries", of(n))
		return err == nil
	case "log":
		return d.Word(1) == "global"
	case "http-reuse":
		b.set("http_reuse", d.Word(1))
		return true
	case "http-error":
		return h.errorPage(b, d)
	case "timeout":
		field, value := timeouts()[d.Word(1)], when(d.Word(2))
		if value == "" || !slices.Contains([]string{"queue", "connect", "server", "check", "tunnel", "server_fin"}, field) {
			return false
		}
		b.at("timeouts").set(field, value)
		return true
	case "cookie":
		return h.cookie(b, d)
	case "option":
		switch d.Word(1) {
		case "redispatch":
			b.put("redispatch", of(true))
			return len(d.Tokens) == 2
		case "abortonclose":
			b.set("abortonclose", true)
			return true
		case "allbackups":
			b.set("allbackups", true)
			return true
		case "srvtcpka":
			b.set("tcp_keepalive", true)
			return true
		case "http-pretend-keepalive":
			b.set("http_pretend_keepalive", true)
			return true
		case "httplog", "tcplog", "dontlognull", "log-health-checks":
			return false
		case "forwardfor":
			return h.forwardFor(b, d)
		}
		empty := false
		return h.option(b, d, &empty)
	}
	return false
}

func balance(b *node, d *haproxy.Directive, spelt bool) bool {
	name := d.Word(1)
	switch {
	case len(d.Tokens) == 2 && slices.Contains([]string{"roundrobin", "static-rr", "leastconn", "source", "uri", "first", "random"}, name):
		if name != "roundrobin" || !spelt {
			b.set("balance", name)
		}
	case name == "url_param" && len(d.Tokens) == 3:
		b.at("balance").set("url_param", d.Word(2))
	case strings.HasPrefix(name, "hdr(") && len(d.Tokens) == 2:
		b.at("balance").set("hdr", strings.TrimSuffix(strings.TrimPrefix(name, "hdr("), ")"))
	default:
		return false
	}
	return true
}

func (h *sections) cookie(b *node, d *haproxy.Directive) bool {
	c, words := mapping(), d.Words()
	c.set("name", d.Word(1))
	flags := map[string]string{"indirect": "indirect", "nocache": "nocache", "postonly": "postonly", "preserve": "preserve",
		"httponly": "httponly", "secure": "secure"}
	for i := 2; i < len(words); i++ {
		switch {
		case words[i] == "insert":
		case words[i] == "rewrite" || words[i] == "prefix":
			c.set("mode", words[i])
		case flags[words[i]] != "":
			c.set(flags[words[i]], true)
		case words[i] == "domain":
			c.set("domain", d.Word(i+1))
			i++
		case words[i] == "maxidle" || words[i] == "maxlife":
			t := d.Word(i + 1)
			if _, err := strconv.Atoi(t); err == nil {
				t += "s" // a bare number is seconds here
			}
			c.set(words[i], when(t))
			i++
		case words[i] == "attr" && strings.HasPrefix(d.Word(i+1), "SameSite="):
			c.set("samesite", strings.TrimPrefix(d.Word(i+1), "SameSite="))
			i++
		default:
			return false
		}
	}
	if !slices.ContainsFunc(words, func(w string) bool { return w == "insert" || w == "rewrite" || w == "prefix" }) {
		return false
	}
	b.at("persist").put("cookie", c)
	return true
}

// checkOf is how a section checks its servers.
type checkOf struct {
	lines []*haproxy.Directive
}

// line says whether the line is one of those that say how servers are checked.
func (c *checkOf) line(d *haproxy.Directive) bool {
	if d.Modifier != "" {
		return false
	}
	switch d.Word(0) {
	case "http-check", "tcp-check":
		return true
	case "option":
		return slices.Contains([]string{"httpchk", "tcp-check", "mysql-check", "pgsql-check", "redis-check", "ldap-check", "smtpchk",
			"ssl-hello-chk"}, d.Word(1))
	}
	return false
}

// health makes the backend's health of its lines, or keeps them raw where no field
// says them.
func (h *sections) health(b *node, s *haproxy.Section, c *checkOf, lines []*haproxy.Directive) {
	n := mapping()
	all := c.lines
	if h.defaults != nil && s.Defaults == h.defaults && s.Line("option", "httpchk") == nil {
		if d := h.defaults.Line("option", "httpchk"); d != nil && d.Modifier == "" && h.fates[d.Range] != nil && len(all) > 0 {
			all = append([]*haproxy.Directive{d}, all...)
		}
	}
	if httpHealth(n, all, h.profile) || h.tcpHealth(n, all) || otherHealth(n, all) {
		for _, d := range c.lines {
			h.field(d)
		}
	} else {
		for _, d := range c.lines {
			h.raw(b, haproxy.Backend, d)
		}
	}
	h.sharedTimes(n, lines)
	if len(pair.Servers(s)) > 0 {
		h.usualTimes(n)
	}
	servers := pair.Servers(s)
	if len(servers) > 0 && !slices.ContainsFunc(servers, func(s pair.Server) bool { return s.Has("check") }) {
		n = mapping()
		n.set("off", true)
	}
	b.set("health", n)
}

// sharedTimes are the times of checks that default-server says for all servers.
func (h *sections) sharedTimes(n *node, lines []*haproxy.Directive) {
	h.saidTimes = map[string]bool{}
	for _, d := range lines {
		if d.Word(0) != "default-server" {
			continue
		}
		words := d.Words()
		for i := 1; i+1 < len(words); i += 2 {
			h.saidTimes[words[i]] = true
			switch words[i] {
			case "inter", "fastinter", "downinter":
				if v := when(words[i+1]); v != "2s" && words[i] == "inter" || words[i] == "fastinter" && v != h.profile.fast ||
					words[i] == "downinter" {
					n.set(words[i], v)
				}
			case "rise", "fall", "port":
				v, _ := strconv.Atoi(words[i+1])
				if words[i] == "rise" && v != 2 || words[i] == "fall" && v != h.profile.fall || words[i] == "port" {
					n.set(words[i], v)
				}
			default:
				i-- // a word by itself: looked at with the servers
			}
		}
	}
}

// usualTimes writes HAProxy's own times of checks out, where the profile has others.
func (h *sections) usualTimes(n *node) {
	said := h.saidTimes
	if !said["fall"] && h.profile.fall != 3 {
		n.set("fall", 3)
	}
	inter := cmp.Or(n.get("inter"), "2s")
	if d, _ := pair.Time(inter); !said["fastinter"] && h.profile.fast != "" && d > 500*time.Millisecond {
		n.set("fastinter", inter)
	}
}

// httpHealth reads option httpchk with its http-check lines.
func httpHealth(n *node, lines []*haproxy.Directive, with profile) bool {
	http := mapping()
	method, uri, version, found := "OPTIONS", "/", "", false
	var expect *node
	var headers []*node
	for _, d := range lines {
		words := d.Words()
		switch {
		case d.Word(0) == "option" && d.Word(1) == "httpchk":
			found = true
			switch len(words) {
			case 2:
			case 3:
				uri = words[2]
			default:
				method, uri = words[2], words[3]
			}
			if len(words) > 4 {
				v, rest, _ := strings.Cut(words[4], "\r\n")
				version = strings.TrimPrefix(v, "HTTP/")
				text := rest + " " + strings.Join(words[5:], " ")
				if name, value, ok := strings.Cut(text, ":"); ok && strings.EqualFold(strings.TrimSpace(name), "host") {
					http.set("host", strings.TrimSpace(value))
				} else if strings.TrimSpace(text) != "" {
					return false
				}
			}
		case d.Word(0) == "http-check" && d.Word(1) == "send":
			for i := 2; i < len(words); i++ {
				value := d.Word(i + 1)
				switch words[i] {
				case "meth":
					method = value
				case "uri":
					uri = value
				case "ver":
					version = strings.TrimPrefix(value, "HTTP/")
				case "hdr":
					if i += 1; strings.EqualFold(value, "host") {
						http.set("host", d.Word(i+1))
					} else {
						hdr := mapping()
						hdr.set("name", value)
						hdr.set("value", d.Word(i+1))
						headers = append(headers, hdr)
					}
				default:
					return false
				}
				i++
			}
		case d.Word(0) == "http-check" && d.Word(1) == "expect":
			switch e := strings.Join(words[3:], " "); d.Word(2) {
			case "status":
				expect = statuses(e)
			case "string":
				http.set("body", e)
			case "rstring":
				http.set("body_regex", e)
			case "rstatus":
				if expect = rangeOf(e); expect == nil {
					return false
				}
			default:
				return false
			}
		case d.Word(0) == "http-check":
			return false
		}
	}
	if !found || !slices.Contains([]string{"GET", "HEAD", "OPTIONS", "POST"}, method) || !strings.HasPrefix(uri, "/") {
		return false
	}
	out := mapping()
	if method != with.method {
		out.set("method", method)
	}
	out.set("uri", uri)
	out.set("host", http.get("host"))
	if usual := map[bool]string{true: "1.1", false: "1.0"}[http.get("host") != ""]; version != "" && version != usual {
		out.put("version", &node{text: version, quote: true})
	}
	out.set("headers", headers)
	switch {
	case http.get("body") != "" || http.get("body_regex") != "":
		out.set("body", http.get("body"))
		out.set("body_regex", http.get("body_regex"))
	case expect == nil && with.expect != "":
		out.put("expect", of(word("200-399"))) // HAProxy's own where nothing is expected
	case expect != nil && expect.flow() != with.expect:
		out.put("expect", expect)
	}
	n.put("http", out)
	return true
}

func statuses(text string) *node {
	parts := strings.Split(text, ",")
	if len(parts) == 1 {
		return of(word(parts[0]))
	}
	l := &node{}
	for _, p := range parts {
		l.list = append(l.list, of(word(p)))
	}
	return l
}

// rangeOf is what an expression for statuses stands for, where it is one of the usual
// ones.
func rangeOf(regex string) *node {
	ranges := map[string]string{"2..": "200-299", "(2|3)..": "200-399", "[23]..": "200-399", "(2|3)[0-9][0-9]": "200-399",
		"[2-3]..":     "200-399",
		"2[0-9][0-9]": "200-299", "^2[0-9][0-9]$": "200-299", "(2..|3..)": "200-399"}
	if r, ok := ranges[regex]; ok {
		return of(word(r))
	}
	return nil
}

func otherHealth(n *node, lines []*haproxy.Directive) bool {
	if len(lines) != 1 {
		return len(lines) == 0
	}
	d := lines[0]
	user := mapping()
	user.set("user", d.Word(3))
	switch d.Word(1) {
	case "mysql-check":
		n.set("mysql", user)
		return d.Word(2) == "user" && len(d.Tokens) == 4
	case "pgsql-check":
		n.set("pgsql", user)
		return d.Word(2) == "user" && len(d.Tokens) == 4
	case "redis-check":
		n.put("redis", mapping())
		n.under["redis"] = of(word("{}"))
		return len(d.Tokens) == 2
	case "ldap-check":
		n.set("ldap", true)
		return len(d.Tokens) == 2
	case "ssl-hello-chk":
		n.set("tls_hello", true)
		return len(d.Tokens) == 2
	case "smtpchk":
		n.set("smtp", d.Word(3))
		return d.Word(2) == "HELO" && len(d.Tokens) == 4
	}
	return false
}

// tcpHealth reads option tcp-check with its steps. What is sent may be a password: it
// goes into a file then.
func (h *sections) tcpHealth(n *node, lines []*haproxy.Directive) bool {
	var steps []*node
	for i, d := range lines {
		step := mapping()
		switch {
		case i == 0 && d.Word(0) == "option" && d.Word(1) == "tcp-check":
			continue
		case d.Word(0) != "tcp-check" || i == 0:
			return false
		case d.Word(1) == "send" && len(d.Tokens) == 3:
			text := escaped(d.Word(2))
			if h.pair.Texts[d.Range.File].Hides(d.Range.Start.Line) {
				step.put("send", h.secret("tcp_check", text))
			} else {
				step.set("send", text)
			}
		case d.Word(1) == "expect" && d.Word(2) == "string" && len(d.Tokens) == 4:
			step.set("expect", escaped(d.Word(3)))
		case d.Word(1) == "expect" && d.Word(2) == "rstring" && len(d.Tokens) == 4:
			step.set("expect_regex", d.Word(3))
		default:
			return false
		}
		steps = append(steps, step)
	}
	n.set("tcp", steps)
	return len(steps) > 0
}

// escaped is a text as a step of a TCP check has it.
func escaped(text string) string {
	var b strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\\':
			b.WriteString(`\\`)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// servers are the server lines, each with its own words.
func (h *sections) servers(b *node, s *haproxy.Section, lines []*haproxy.Directive) {
	shared := mapping()
	for _, d := range lines {
		if d.Word(0) != "default-server" {
			continue
		}
		h.field(d)
		serverWords(shared, withoutTimes(d.Words()[1:]), h)
	}
	shared.drop("checked")
	b.set("server_defaults", shared)
	off := b.under["health"].orEmpty().get("off") == "true"
	for _, server := range pair.Servers(s) {
		d := server.Line
		if d.Word(0) != "server" {
			continue
		}
		n := mapping()
		n.set("name", safeName(server.Name()))
		if n.get("name") != server.Name() {
			h.asked("the server %s is called %s", server.Name(), n.get("name"))
		}
		n.set("address", h.endpoint(server, s))
		serverWords(n, d.Words()[3:], h)
		if n.under["checked"] == nil && !server.Has("check") && !off {
			n.at("check").set("off", true)
		}
		n.drop("checked")
		if own := n.under["check"].orEmpty(); h.profile.fast != "" && own.get("inter") != "" && own.get("fastinter") == "" &&
			!h.saidTimes["fastinter"] {
			n.at("check").set("fastinter", own.get("inter")) // HAProxy's own
		}
		b.add("servers", n)
		h.field(d)
	}
}

// withoutTimes takes the words of checks out that health says for all.
func withoutTimes(words []string) []string {
	var kept []string
	for i := 0; i < len(words); i++ {
		if (i == 0 || words[i-1] != "on-error") && slices.Contains([]string{"inter", "fastinter", "downinter", "rise", "fall", "port"},
			words[i]) {
			i++
			continue
		}
		kept = append(kept, words[i])
	}
	return kept
}

// endpoint is a server's address and port. Where it has no port it is that of the bind:
// the first one is taken.
func (h *sections) endpoint(server pair.Server, s *haproxy.Section) string {
	a := server.Address()
	if i := strings.LastIndex(a, ":"); i > 0 && a[i+1:] != "" && !isAddress(a) {
		return a
	}
	for _, o := range h.node.HAProxy.Sections {
		binds := pair.Binds(o)
		leads := slices.ContainsFunc(o.Lines, func(d *haproxy.Directive) bool {
			return (d.Word(0) == "default_backend" || d.Word(0) == "use_backend") && d.Word(1) == s.Name
		})
		if len(binds) > 0 && (o == s || leads) {
			h.asked("server %s has no port, so that it is asked at that of the bind: %s is taken", server.Name(), binds[0].Port)
			return strings.TrimSuffix(a, ":") + ":" + binds[0].Port
		}
	}
	return a
}

// serverWords puts the words of a server or default-server line. Those that no field
// says are raw words.
func serverWords(n *node, words []string, h *sections) {
	words = h.bases.whole(words)
	var rest []string
	tls := mapping()
	ssl := slices.Contains(words, "ssl")
	numbers := map[string]string{"maxconn": "maxconn", "maxqueue": "maxqueue", "error-limit": "error_limit"}
	texts := map[string]string{"cookie": "cookie", "on-marked-down": "on_marked_down", "on-marked-up": "on_marked_up",
		"resolvers": "resolvers",
		"proto":     "proto", "source": "source", "observe": "observe", "on-error": "on_error"}
	ofTLS := map[string]string{"verify": "verify", "ca-file": "ca_file", "verifyhost": "verify_host", "crt": "certificate",
		"ssl-min-ver": "min_version"}
	for i := 0; i < len(words); i++ {
		value := ""
		if i+1 < len(words) {
			value = words[i+1]
		}
		number, err := strconv.Atoi(value)
		switch w := words[i]; {
		case w == "check":
			n.set("checked", true)
		case w == "ssl":
		case w == "backup" || w == "disabled":
			n.set(w, true)
		case w == "no-backup":
			n.put("backup", of(false))
		case w == "enabled":
			n.put("disabled", of(false))
		case w == "weight" && err == nil:
			n.put("weight", of(number))
			i++
		case numbers[w] != "" && err == nil:
			n.set(numbers[w], number)
			i++
		case texts[w] != "":
			if w != "cookie" || value != n.get("name") {
				n.set(texts[w], value)
			}
			i++
		case w == "slowstart":
			n.set("slowstart", when(value))
			i++
		case w == "inter" || w == "fastinter" || w == "downinter":
			n.at("check").set(w, when(value))
			i++
		case w == "rise" || w == "fall" || w == "port":
			n.at("check").set(w, number)
			i++
		case w == "send-proxy":
			n.set("send_proxy", "v1")
		case w == "send-proxy-v2":
			n.set("send_proxy", "v2")
		case w == "init-addr" && value == "last,libc,none":
			i++
		case ssl && ofTLS[w] != "":
			if w != "verify" || value != "required" {
				tls.set(ofTLS[w], value)
			}
			i++
		case ssl && w == "sni" && strings.HasPrefix(value, "str("):
			tls.set("sni", strings.TrimSuffix(strings.TrimPrefix(value, "str("), ")"))
			i++
		case ssl && w == "sni" && (value == "req.hdr(host)" || value == "hdr(host)"):
			tls.set("sni", "host header")
			i++
		case ssl && w == "check-sni" && value == tls.get("sni"):
			i++
		case ssl && w == "alpn":
			tls.set("alpn", strings.Split(value, ","))
			i++
		default:
			rest = append(rest, w)
		}
	}
	if ssl {
		n.put("tls", tls)
		if tls.empty() {
			n.put("tls", of(true))
		}
	}
	n.set("raw", strings.Join(rest, " "))
}
