package adopt

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
)

// routes are the rules of a frontend. Where one of them cannot be said all of them stay
// raw, so that their order is what it was.
func (h *sections) routes(f *node, lines []*haproxy.Directive, _ *haproxy.Section) {
	acls := map[string][]*haproxy.Directive{}
	for _, d := range lines {
		if d.Word(0) == "acl" && len(d.Tokens) > 2 {
			acls[d.Word(1)] = append(acls[d.Word(1)], d)
		}
	}
	never, unsaid := map[*haproxy.Directive]bool{}, map[string]int{} // up to which line of a list
	made := map[*haproxy.Directive][]*node{}
	for i, d := range lines {
		if d.Word(0) == "acl" || h.saidOtherwise(f, d) {
			continue
		}
		more, ok := h.route(d, acls, f)
		if d.Word(0) == "use_backend" && ok && h.upgrades(f, d.Word(1)) {
			ok = false
		}
		if made[d], never[d] = more, ok && len(more) == 0; !ok {
			unsaid[listOf(d)] = i + 1
			if d.Word(0) == "redirect" { // its raw lines come last
				unsaid[listOf(d)] = len(lines)
			}
		}
	}
	if unsaid["tcp-request"] > 0 && cmp.Or(f.get("mode"), h.mode()) == "tcp" {
		unsaid["use_backend"] = len(lines) // what they wait for is looked at together
	}
	raw := map[*haproxy.Directive]bool{}
	for i, d := range lines {
		raw[d] = d.Word(0) != "acl" && i < unsaid[listOf(d)] && !h.saidOtherwise(f, d)
	}
	var kept []*haproxy.Directive
	needed := namedIn(lines, func(d *haproxy.Directive) bool { return raw[d] })
	for _, d := range lines {
		switch {
		case d.Word(0) == "acl" && needed[d.Word(1)], raw[d]:
			h.raw(f, haproxy.Frontend, d)
		case never[d]:
			h.becomes(d.Range, NoEffect, "no bind of this frontend ends TLS: it never does this")
		default:
			h.field(d)
			kept = append(kept, d)
		}
	}
	// As HAProxy looks at them: a route that comes first counts first.
	slices.SortStableFunc(kept, func(a, b *haproxy.Directive) int { return turn(a) - turn(b) })
	var routes []*node
	for _, d := range kept {
		routes = append(routes, made[d]...)
	}
	f.set("routes", routes)
}

// saidOtherwise says whether a line is one that a field of the frontend says, and no route.
func (h *sections) saidOtherwise(f *node, d *haproxy.Directive) bool {
	return ofTLSEnd(d) && f.endsTLS() && h.forwardProto || hsts(f, d)
}

// listOf is the list of rules that a line belongs to: HAProxy goes through each by itself,
// so that the order of lines of two lists counts for nothing. Raw lines come before
// lbgen's own of their list, and redirect behind http-request.
func listOf(d *haproxy.Directive) string {
	switch w := d.Word(0); w {
	case "reqadd", "block":
		return "http-request"
	case "acl":
		return ""
	default:
		return w
	}
}

// turn is when HAProxy looks at the list of a line.
func turn(d *haproxy.Directive) int {
	return slices.Index([]string{"http-request", "redirect", "use_backend"}, listOf(d))
}

// namedIn are the conditions that lines ask for by name.
func namedIn(lines []*haproxy.Directive, of func(*haproxy.Directive) bool) map[string]bool {
	all := map[string]bool{}
	for _, d := range lines {
		if d.Word(0) == "acl" || !of(d) {
			continue
		}
		words := d.Words()
		if i := slices.IndexFunc(words, func(w string) bool { return w == "if" || w == "unless" }); i > 0 {
			for _, w := range words[i+1:] {
				all[strings.TrimPrefix(w, "!")] = true
			}
		}
	}
	return all
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
	for _, when := range withoutTLS(whens, f.endsTLS()) {
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

// withoutTLS takes out what is known of a frontend that ends no TLS: that the connection
// has none. An alternative that wants it goes.
func withoutTLS(whens [][]*node, ends bool) [][]*node {
	if ends {
		return whens
	}
	var all [][]*node
	for _, when := range whens {
		if slices.ContainsFunc(when, func(m *node) bool { return m.flow() == "{tls: true}" }) {
			continue
		}
		all = append(all, slices.DeleteFunc(slices.Clone(when), func(m *node) bool { return m.flow() == "{tls: false}" }))
	}
	return all
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
		return deny(r, words[1:])
	case "redirect":
		return redirect(r, words[1:])
	case "set-header", "add-header":
		return header(r, words)
	case "del-header":
		r.set("del_header", words[min(1, len(words)-1)])
		return len(words) == 2
	case "allow", "silent-drop", "reject":
		r.set(strings.ReplaceAll(words[0], "-", "_"), true)
		return len(words) == 1
	}
	return false
}

// deny reads the words behind deny: a status, or none.
func deny(r *node, words []string) bool {
	status := 403 // HAProxy's own
	if len(words) == 2 && words[0] == "deny_status" {
		status = number(words[1])
	} else if len(words) != 0 {
		return false
	}
	r.set("deny", status)
	return true
}

// header reads set-header and add-header, with a value or with one sample.
func header(r *node, words []string) bool {
	if len(words) != 3 || strings.Contains(words[2], "%") && !isSample(words[2]) {
		return false
	}
	h := mapping()
	h.set("name", words[1])
	if isSample(words[2]) {
		h.set("sample", words[2][2:len(words[2])-1])
	} else {
		h.set("value", words[2])
	}
	r.set(strings.ReplaceAll(words[0], "-", "_"), h)
	return true
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
