package adopt

import (
	"slices"
	"strconv"
	"strings"

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
	h.pinned = slices.ContainsFunc(pair.Servers(s), func(s pair.Server) bool { return s.Effective()["cookie"] != "" })
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

// backendLine puts one line of a backend into its fields; false where none says it.
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
		return hashType(b, d)
	case "retries":
		n, err := strconv.Atoi(d.Word(1))
		b.put("retries", of(n))
		return err == nil
	case "log":
		return d.Word(1) == "global" && !h.ownLog
	case "http-reuse":
		b.set("http_reuse", d.Word(1))
		return true
	case "http-error":
		return h.errorPage(b, d)
	case "timeout":
		return timeoutOf(b, d, "queue", "connect", "server", "check", "tunnel", "server_fin")
	case "cookie":
		return h.pinned && h.cookie(b, d)
	case "option":
		return h.backendOption(b, d)
	}
	return false
}

// backendOption is an option line of a backend.
func (h *sections) backendOption(b *node, d *haproxy.Directive) bool {
	fields := map[string]string{"abortonclose": "abortonclose", "allbackups": "allbackups", "srvtcpka": "tcp_keepalive",
		"tcpka":                  "tcp_keepalive",
		"http-pretend-keepalive": "http_pretend_keepalive"}
	switch name := d.Word(1); {
	case fields[name] != "":
		b.set(fields[name], true)
		return true
	case name == "redispatch":
		b.put("redispatch", of(true))
		return len(d.Tokens) == 2
	case slices.Contains([]string{"httplog", "tcplog", "dontlognull", "log-health-checks"}, name):
		return false
	}
	empty := false
	return h.option(b, d, &empty)
}

// hashType is hash-type consistent, where the backend balances by a hash.
func hashType(b *node, d *haproxy.Directive) bool {
	if b.under["balance"] == nil || b.get("balance") == "leastconn" {
		return false
	}
	b.set("hash_consistent", d.Word(1) == "consistent")
	return len(d.Tokens) == 2 && d.Word(1) == "consistent"
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
