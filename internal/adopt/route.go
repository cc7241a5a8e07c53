package adopt

import (
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
)

// routes are the rules of a frontend. Where one of them cannot be said all of them stay
// raw, so that their order is what it was.
func (h *sections) routes(f *node, lines []*haproxy.Directive, _ *haproxy.Section) {
	var routes []*node
	acls := map[string][]*haproxy.Directive{}
	for _, d := range lines {
		if d.Word(0) == "acl" && len(d.Tokens) > 2 {
			acls[d.Word(1)] = append(acls[d.Word(1)], d)
		}
	}
	said := true
	for _, d := range lines {
		if d.Word(0) == "acl" || ofTLSEnd(d) && h.forwardProto || hsts(f, d) {
			continue
		}
		more, ok := h.route(d, acls, f)
		if !ok {
			said = false
			break
		}
		routes = append(routes, more...)
	}
	if !said {
		for _, d := range lines {
			if ofTLSEnd(d) && f.endsTLS() && h.forwardProto {
				h.becomes(d.Range, Field, "")
				continue
			}
			h.raw(f, haproxy.Frontend, d)
		}
		return
	}
	for _, d := range lines {
		h.field(d)
	}
	f.set("routes", routes)
}

// ofTLSEnd is the line that lbgen itself writes where TLS ends.
func ofTLSEnd(d *haproxy.Directive) bool {
	return strings.Join(d.Words(), " ") == "http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]"
}

// hsts is the header Strict-Transport-Security, where the field says it.
func hsts(f *node, d *haproxy.Directive) bool {
	words := d.Words()
	if len(words) != 8 || strings.Join(words[:3], " ") != "http-after-response set-header Strict-Transport-Security" ||
		strings.Join(words[4:], " ") != "if { ssl_fc }" {
		return false
	}
	h := mapping()
	for part := range strings.SplitSeq(words[3], ";") {
		switch part = strings.TrimSpace(part); {
		case strings.HasPrefix(part, "max-age="):
			h.set("max_age", strings.TrimPrefix(part, "max-age=")+"s")
		case part == "includeSubDomains":
			h.set("include_subdomains", true)
		case part == "preload":
			h.set("preload", true)
		default:
			return false
		}
	}
	f.set("hsts", h)
	return true
}

// endsTLS says whether one of the frontend's binds has tls.
func (n *node) endsTLS() bool {
	return slices.ContainsFunc(n.under["binds"].orEmpty().list, func(b *node) bool { return b.under["tls"] != nil })
}

// route is one line as routes: alternatives are one each.
func (h *sections) route(d *haproxy.Directive, acls map[string][]*haproxy.Directive, f *node) ([]*node, bool) {
	words := d.Words()
	end := slices.IndexFunc(words, func(w string) bool { return w == "if" || w == "unless" })
	action, conditions := words, []string(nil)
	if end > 0 {
		action, conditions = words[:end], words[end:]
	}
	does := mapping()
	if !h.action(does, action) {
		return nil, false
	}
	whens, ok := h.conditions(conditions, acls)
	if !ok {
		return nil, false
	}
	var all []*node
	for _, when := range whens {
		r := mapping()
		if to := does.at("redirect"); to.get("scheme") == "https" && f.endsTLS() {
			when = slices.DeleteFunc(when, func(m *node) bool { return m.flow() == "{tls: false}" })
		} else if to.empty() {
			does.drop("redirect")
		}
		r.set("when", when)
		for _, k := range does.keys {
			r.put(k, does.under[k])
		}
		all = append(all, r)
	}
	return all, true
}

// action is what a line does, as a route has it.
func (h *sections) action(r *node, words []string) bool {
	if words[0] == "http-request" {
		words = words[1:]
	} else if words[0] != "use_backend" && words[0] != "redirect" {
		return false
	}
	if len(words) == 0 {
		return false
	}
	switch words[0] {
	case "use_backend":
		name := ""
		if len(words) == 2 {
			name = h.names["backend "+words[1]]
		}
		r.set("backend", name)
		return name != ""
	case "deny":
		status := 403
		if len(words) == 3 && words[1] == "deny_status" {
			status, _ = strconv.Atoi(words[2])
		} else if len(words) != 1 {
			return false
		}
		r.set("deny", status)
		return true
	case "redirect":
		return redirect(r, words[1:])
	case "set-header", "add-header":
		if len(words) != 3 || strings.Contains(words[2], "%") && !isSample(words[2]) {
			return false
		}
		hdr := mapping()
		hdr.set("name", words[1])
		if isSample(words[2]) {
			hdr.set("sample", words[2][2:len(words[2])-1])
		} else {
			hdr.set("value", words[2])
		}
		r.set(strings.ReplaceAll(words[0], "-", "_"), hdr)
		return true
	case "del-header":
		r.set("del_header", words[min(1, len(words)-1)])
		return len(words) == 2
	case "allow":
		r.set("allow", true)
		return len(words) == 1
	case "silent-drop":
		r.set("silent_drop", true)
		return len(words) == 1
	case "reject":
		r.set("reject", true)
		return len(words) == 1
	}
	return false
}

func isSample(text string) bool {
	return strings.HasPrefix(text, "%[") && strings.HasSuffix(text, "]") && strings.Count(text, "%[") == 1
}

func redirect(r *node, words []string) bool {
	to := mapping()
	for i := 0; i < len(words); i++ {
		value := ""
		if i+1 < len(words) {
			value = words[i+1]
		}
		switch words[i] {
		case "scheme", "prefix", "location":
			if strings.Contains(value, "%") {
				return false
			}
			to.set(words[i], value)
			i++
		case "code":
			n, _ := strconv.Atoi(value)
			to.set("code", n)
			i++
		case "drop-query":
			to.set("drop_query", true)
		default:
			return false
		}
	}
	if to.get("code") == "" {
		to.set("code", 302) // HAProxy's own
	}
	if usual := map[bool]string{true: "301", false: "302"}[to.get("scheme") != ""]; to.get("code") == usual {
		to.drop("code")
	}
	r.put("redirect", to)
	return !to.empty()
}

// conditions are the matches of each alternative; one without any where nothing must
// hold.
func (h *sections) conditions(words []string, acls map[string][]*haproxy.Directive) ([][]*node, bool) {
	if len(words) == 0 {
		return [][]*node{nil}, true
	}
	unless := words[0] == "unless"
	all := [][]*node{nil}
	for i := 1; i < len(words); {
		if words[i] == "or" || words[i] == "||" {
			all = append(all, nil)
			i++
			continue
		}
		not := unless
		name := words[i]
		if name == "!" {
			not, i = !not, i+1
			if i >= len(words) {
				return nil, false
			}
			name = words[i]
		} else if strings.HasPrefix(name, "!") {
			not, name = !not, name[1:]
		}
		var m *node
		if name == "{" {
			closing := slices.Index(words[i:], "}")
			if closing < 0 {
				return nil, false
			}
			m = h.match(words[i+1 : i+closing])
			i += closing + 1
		} else {
			m = h.named(acls[name])
			i++
		}
		if m == nil {
			return nil, false
		}
		if m = negated(m, not); m == nil {
			return nil, false
		}
		last := len(all) - 1
		all[last] = append(all[last], m)
	}
	if unless && (len(all) > 1 || len(all[0]) > 1) {
		return nil, false // not (a and b): no list of matches
	}
	return all, true
}

func negated(m *node, not bool) *node {
	if !not {
		return m
	}
	c := mapping()
	for _, k := range m.keys {
		c.put(k, m.under[k])
	}
	if t := c.under["tls"]; t != nil {
		c.put("tls", of(t.text != "true"))
		return c
	}
	c.set("not", true)
	return c
}

// named is what the lines of a named condition say together: one of their values is
// enough.
func (h *sections) named(lines []*haproxy.Directive) *node {
	if len(lines) == 0 {
		return nil
	}
	first := h.match(lines[0].Words()[2:])
	for _, d := range lines[1:] {
		m := h.match(d.Words()[2:])
		if first == nil || m == nil || len(m.keys) != 1 || len(first.keys) != 1 || m.keys[0] != first.keys[0] {
			return nil
		}
		k := m.keys[0]
		if m.under[k].list == nil && m.under[k].under != nil {
			return nil
		}
		joined := &node{list: slices.Concat(values(first.under[k]), values(m.under[k]))}
		first = mapping()
		first.put(k, joined)
	}
	return first
}

func values(n *node) []*node {
	if n.list != nil {
		return n.list
	}
	return []*node{n}
}

// match is a sample with its flags and values as a match; nil where no criterion says
// it.
func (h *sections) match(words []string) *node {
	if len(words) == 0 {
		return nil
	}
	sample, fold, kind := words[0], false, ""
	i := 1
	for ; i < len(words) && strings.HasPrefix(words[i], "-"); i++ {
		switch words[i] {
		case "-i":
			fold = true
		case "-m":
			if i++; i < len(words) {
				kind = words[i]
			}
		case "--":
		default:
			return nil
		}
	}
	values := words[i:]
	m := mapping()
	criterion := func(key string) *node {
		if len(values) == 0 {
			return nil
		}
		m.put(key, oneOrList(values))
		if fold && !strings.HasPrefix(key, "host") && !strings.HasPrefix(key, "sni") {
			m.set("ignore_case", true)
		}
		return m
	}
	host := slices.Contains([]string{"hdr(host)", "req.hdr(host)", "hdr(Host)", "req.hdr(Host)", "req.hdr(host),field(1,:)",
		"hdr(host),field(1,:)"}, sample)
	switch {
	case host && kind == "end", sample == "hdr_end(host)":
		return criterion("host_end")
	case host && kind == "reg", sample == "hdr_reg(host)":
		return criterion("host_regex")
	case host && (kind == "" || kind == "str"):
		return criterion("host")
	case sample == "path_beg" && kind == "", sample == "path" && kind == "beg":
		return criterion("path_beg")
	case sample == "path_end" && kind == "", sample == "path" && kind == "end":
		return criterion("path_end")
	case sample == "path_reg" && kind == "", sample == "path" && kind == "reg":
		return criterion("path_regex")
	case sample == "path" && (kind == "" || kind == "str"):
		return criterion("path")
	case sample == "method" && kind == "":
		return criterion("method")
	case sample == "src" && kind == "":
		return criterion("src")
	case sample == "dst_port" && len(values) == 1 && kind == "":
		m.put("port", of(word(values[0])))
		return m
	case (sample == "req.ssl_sni" || sample == "req_ssl_sni" || sample == "ssl_fc_sni") && kind == "":
		return criterion("sni")
	case (sample == "req.ssl_sni" || sample == "req_ssl_sni" || sample == "ssl_fc_sni") && kind == "end", sample == "ssl_fc_sni_end":
		return criterion("sni_end")
	case sample == "ssl_fc" && len(values) == 0:
		m.put("tls", of(true))
		return m
	case strings.HasPrefix(sample, "nbsrv(") && strings.Join(values, " ") == "eq 0":
		m.set("down", h.names["backend "+strings.TrimSuffix(strings.TrimPrefix(sample, "nbsrv("), ")")])
		return m
	}
	return nil
}
