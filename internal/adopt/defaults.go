package adopt

import (
	"maps"
	"slices"
	"strconv"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
)

// timeouts are the fields of time-outs by HAProxy's words.
func timeouts() map[string]string {
	return map[string]string{
		"http-request": "http_request", "queue": "queue", "connect": "connect", "client": "client", "server": "server",
		"http-keep-alive": "http_keep_alive", "check": "check", "tunnel": "tunnel", "client-fin": "client_fin", "server-fin": "server_fin",
	}
}

// formerTimeouts are the fields of time-outs by words that HAProxy takes no longer.
func formerTimeouts() map[string]string {
	return map[string]string{"contimeout": "connect", "clitimeout": "client", "srvtimeout": "server"}
}

// timeoutOf puts a timeout line, where it is one of the fields that a proxy of this
// kind has.
func timeoutOf(n *node, d *haproxy.Directive, fields ...string) bool {
	field, value := timeouts()[d.Word(1)], when(d.Word(2))
	if value == "" || !slices.Contains(fields, field) {
		return false
	}
	n.at("timeouts").set(field, value)
	return true
}

func (h *sections) defaultsSection(s *haproxy.Section) {
	n := h.head.at("defaults")
	h.useProfile(n)
	empty := true // option dontlognull is not there
	if s.Line("log") != nil && s.Line("log", "global") == nil {
		n.raw("no log") // what sections log goes to their own targets
		h.ownLog = true
	}
	for _, d := range s.Lines {
		if h.defaultsLine(n, d, &empty) {
			h.field(d)
		} else {
			h.raw(n, haproxy.UnnamedDefaults, d)
		}
	}
	if s.Line("mode") == nil {
		n.set("mode", "tcp") // HAProxy's own
	}
	n.set("log_empty", empty && h.profile.log && h.logs())
	h.notAdded(n, s)
}

func (h *sections) useProfile(n *node) {
	if h.profile.name != "modern" {
		n.set("profile", h.profile.name)
	}
}

// notAdded switches off what lbgen would add and the original does not have, and counts
// what cannot be switched off.
func (h *sections) notAdded(n *node, s *haproxy.Section) {
	has := func(words ...string) bool {
		d := s.Line(words...)
		return d != nil && d.Modifier == ""
	}
	http := slices.ContainsFunc(h.node.HAProxy.Sections, func(s *haproxy.Section) bool { return s.Mode() == "http" })
	if !has("option", "redispatch") && h.profile.redispatch {
		n.put("redispatch", of(false))
	}
	if http && !has("option", "forwardfor") && h.profile.forwardFor {
		n.put("forwardfor", of(false))
	}
	closes := has("option", "http-keep-alive") || has("option", "http-server-close") || has("option", "httpclose")
	if http && !closes && h.profile.connection != "" {
		n.set("http_connection", "keep-alive") // HAProxy's own
	}
	if !has("maxconn") && h.profile.front != "" {
		n.set("maxconn", "none")
	}
	for _, name := range slices.Sorted(maps.Keys(timeouts())) {
		if d := s.Line("timeout", name); h.profile.timeouts[timeouts()[name]] != "" && (d == nil || when(d.Word(2)) == "") &&
			!saysFormer(s, timeouts()[name]) {
			n.at("timeouts").set(timeouts()[name], "none")
		}
	}
	if h.profile.log && h.logs() && !has("option", "httplog") && !has("option", "tcplog") && !has("log-format") {
		h.draft.added++
	}
	h.tlsNotAdded(n)
}

// saysFormer says whether a section has a time-out by its former word.
func saysFormer(s *haproxy.Section, field string) bool {
	for word, f := range formerTimeouts() {
		if f == field && s.Line(word) != nil {
			return true
		}
	}
	return false
}

// tlsNotAdded looks at what lbgen adds where TLS ends: the header that tells servers, a
// minimum version.
func (h *sections) tlsNotAdded(n *node) {
	tls, told, any := 0, 0, false
	for _, s := range h.node.HAProxy.Sections {
		ends := slices.ContainsFunc(s.Lines, func(d *haproxy.Directive) bool {
			return d.Word(0) == "bind" && slices.Contains(d.Words(),
				"ssl")
		})
		if any = any || ends; !ends || s.Mode() != "http" {
			continue
		}
		tls++
		if slices.ContainsFunc(s.Lines, ofTLSEnd) {
			told++
		}
	}
	if h.forwardProto = tls > 0 && told == tls; h.forwardProto != h.profile.forwardProto && tls > 0 {
		n.put("forwarded_proto", of(h.forwardProto))
	}
	if any && h.profile.tls && h.head.under["global"].orEmpty().under["tls"].orEmpty().get("min_version") == "" {
		h.draft.added++
	}
}

// atMost is a number of connections, and no more than the whole process takes: that
// counts first.
func (h *sections) atMost(text string) int {
	n := number(text)
	for _, s := range h.node.HAProxy.Sections {
		if g := s.Line("maxconn"); s.Kind == "global" && g != nil && number(g.Word(1)) > 0 {
			n = min(n, number(g.Word(1)))
		}
	}
	return n
}

func (h *sections) defaultsLine(n *node, d *haproxy.Directive, empty *bool) bool {
	if d.Modifier == "no" && d.Word(0) == "option" && d.Word(1) == "redispatch" {
		n.put("redispatch", of(false))
		return true
	}
	if d.Modifier != "" {
		return false
	}
	switch d.Word(0) {
	case "contimeout", "clitimeout", "srvtimeout":
		field := formerTimeouts()[d.Word(0)]
		n.at("timeouts").set(field, when(d.Word(1)))
		h.asked("%s: HAProxy takes %s no longer: it is read as timeout %s", d.Range, d.Word(0), field)
		return true
	case "mode":
		if d.Word(1) != "http" {
			n.set("mode", d.Word(1))
		}
		return true
	case "log":
		return d.Word(1) == "global"
	case "retries":
		if r, err := strconv.Atoi(d.Word(1)); err == nil && (r != 3 || h.profile.name == "haproxy") {
			n.put("retries", of(r))
		}
		return true
	case "maxconn":
		if m := h.atMost(d.Word(1)); strconv.Itoa(m) != h.profile.front {
			n.set("maxconn", m)
		}
		return true
	case "timeout":
		field := timeouts()[d.Word(1)]
		value := when(d.Word(2))
		if field == "" || value == "" {
			return false
		}
		if h.profile.timeouts[field] != value {
			n.at("timeouts").set(field, value)
		}
		return true
	case "log-format":
		n.set("log_format", d.Word(1))
		return true
	case "option":
		return h.option(n, d, empty)
	}
	return false
}

// option is one of an option's lines in defaults, frontends and backends.
func (h *sections) option(n *node, d *haproxy.Directive, empty *bool) bool {
	switch d.Word(1) {
	case "httplog", "tcplog":
		// lbgen writes the one of the section's mode.
		return h.profile.log && len(d.Tokens) == 2
	case "dontlognull":
		*empty = false
		return h.profile.log
	case "log-health-checks":
		n.set("log_health_checks", true)
	case "redispatch":
		if !h.profile.redispatch {
			n.put("redispatch", of(true))
		}
		return len(d.Tokens) == 2
	case "http-keep-alive", "http-server-close", "httpclose":
		mode := map[string]string{"http-keep-alive": "keep-alive", "http-server-close": "server-close", "httpclose": "close"}[d.Word(1)]
		if mode != h.profile.connection || n != h.head.under["defaults"] {
			n.set("http_connection", mode)
		}
	case "forwardfor":
		return h.forwardFor(n, d)
	default:
		return false
	}
	return true
}

func (h *sections) forwardFor(n *node, d *haproxy.Directive) bool {
	f, words := mapping(), d.Words()
	except := ""
	for i := 2; i < len(words); i++ {
		switch words[i] {
		case "except":
			except = d.Word(i + 1)
			i++
		case "header":
			f.set("header", d.Word(i+1))
			i++
		case "if-none":
			f.set("if_none", true)
		default:
			return false
		}
	}
	inDefaults := n == h.head.under["defaults"]
	if except == "" { // the field always has one
		h.plainForwardFor = h.plainForwardFor || inDefaults
		if inDefaults && h.profile.forwardFor {
			n.put("forwardfor", of(false))
		}
		return false
	}
	if except != "127.0.0.0/8" {
		f.set("except", except)
	}
	switch {
	case !f.empty():
		n.put("forwardfor", f)
	case !inDefaults || !h.profile.forwardFor:
		n.put("forwardfor", of(true))
	}
	return true
}
