package routetest

import (
	"maps"
	"net/netip"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
	"github.com/lbgen/lbgen/internal/source"
)

// satisfying is a request for which the conditions of a route hold, as far as they are
// up to the client; of the match with the number the value with the other one. ok is false
// where that has no such value.
func (g *suggester) satisfying(t model.Test, r *site.Route, match, value int) (_ model.Test, ok bool) {
	t.Headers, t.Cookies = maps.Clone(t.Headers), maps.Clone(t.Cookies)
	if value > 0 && len(r.When) == 0 {
		return t, false
	}
	for i := range r.When {
		m := &r.When[i]
		number := 0
		if i == match {
			number = value
		}
		if m.Not {
			g.avoid(&t, m)
			if number > 0 {
				return t, false
			}
		} else if !g.meet(&t, m, number) {
			return t, false
		}
	}
	if l := r.RateLimit; l != nil {
		t.Times = max(l.Requests, l.Connections, l.Concurrent) + 1
	}
	return t, true
}

// avoid sees to it that a match does not hold, where a plain request might meet it.
func (g *suggester) avoid(t *model.Test, m *model.Match) {
	switch m.Criterion() {
	case "method":
		for _, other := range []string{"GET", "POST", "PUT"} {
			t.Request.Method = other
			if !contains(m.Method, other) {
				return
			}
		}
	case "src":
		t.From.Addr = g.outside
	}
}

func contains(all model.Words, text string) bool {
	for _, w := range all {
		if strings.EqualFold(w, text) {
			return true
		}
	}
	return false
}

// meet changes the request so that a match holds, by its value with the number.
func (g *suggester) meet(t *model.Test, m *model.Match, number int) bool {
	q := &t.Request
	text, ok := g.value(m, number)
	switch m.Criterion() {
	case "host", "host_end", "host_regex", "sni", "sni_end":
		if q.Scheme == model.SchemeTCP {
			t.SNI = text
		} else {
			q.Host = text
		}
	case "path", "path_beg", "path_end", "path_regex":
		q.Target = text
	case "method":
		q.Method = text
	case "src":
		if ok = number < len(m.Src); ok {
			t.From.Addr = within(netip.Prefix(m.Src[number]))
		}
	case "header":
		t.Headers = put(t.Headers, m.Header.Name, model.Words{text})
	case "cookie":
		t.Cookies = put(t.Cookies, m.Cookie.Name, text)
	case "url_param":
		q.Target += "?" + m.URLParam.Name + "=" + text
	case "acme":
		q.Target, ok = "/.well-known/acme-challenge/x", number == 0
	case "client_certificate":
		t.ClientCertificate, ok = *m.ClientCertificate, number == 0
	case "down":
		t.Down, ok = model.Words{m.Down}, number == 0
	default: // the port and TLS are those of the bind
		ok = number == 0
	}
	return ok
}

func put[V any](all map[string]V, name string, value V) map[string]V {
	if all == nil {
		all = map[string]V{}
	}
	all[name] = value
	return all
}

// value is a text that a match compares well; false where it has no such value.
func (g *suggester) value(m *model.Match, number int) (string, bool) {
	switch m.Criterion() {
	case "host":
		return g.nth("", m.Host, "", number)
	case "host_end":
		return g.nth("any", m.HostEnd, "", number)
	case "host_regex":
		return g.matching(m.HostRegex, number)
	case "sni":
		return g.nth("", m.SNI, "", number)
	case "sni_end":
		return g.nth("any", m.SNIEnd, "", number)
	case "path":
		return g.nth("", m.Path, "", number)
	case "path_beg":
		return g.nth("", m.PathBeg, "", number)
	case "path_end":
		return g.nth("/x", m.PathEnd, "", number)
	case "path_regex":
		return g.matching(m.PathRegex, number)
	case "method":
		return g.nth("", m.Method, "", number)
	case "header":
		return g.named(m.Header, number)
	case "cookie":
		return g.named(m.Cookie, number)
	case "url_param":
		return g.named(m.URLParam, number)
	}
	return "", false
}

// named is a value of a header, cookie or parameter.
func (g *suggester) named(h *model.HeaderMatch, number int) (string, bool) {
	switch {
	case source.IsCredential(h.Name): // nobody wants to read it here, too
		return "", false
	case len(h.Value) > 0:
		return g.nth("", h.Value, "", number)
	case len(h.Beg) > 0:
		return g.nth("", h.Beg, "x", number)
	case len(h.End) > 0:
		return g.nth("x", h.End, "", number)
	case len(h.Contains) > 0:
		return g.nth("x", h.Contains, "x", number)
	case len(h.Regex) > 0:
		return g.matching(h.Regex, number)
	default:
		return "x", number == 0
	}
}

// nth is the value with the number, with what stands around it; false where there is none.
func (*suggester) nth(before string, all model.Words, behind string, number int) (string, bool) {
	if number >= len(all) {
		return "", false
	}
	return before + all[number] + behind, true
}

// matching is a text that the expression with the number matches.
func (g *suggester) matching(all model.Words, number int) (string, bool) {
	if number >= len(all) {
		return "", false
	}
	return g.example(all[number])
}

// within is an address of a network, the first one behind its own.
func within(p netip.Prefix) netip.Addr {
	if next := p.Masked().Addr().Next(); p.Contains(next) {
		return next
	}
	return p.Addr()
}
