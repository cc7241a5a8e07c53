package graph

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

func routes(all []site.Route, mode string) []Route {
	var out []Route
	for i := range all {
		out = append(out, Route{When: conditions(all[i].When), Action: action(&all[i], mode), Backend: all[i].Backend})
	}
	return out
}

// conditions are all that must hold, in words.
func conditions(when []model.Match) string {
	var all []string
	for i := range when {
		all = append(all, condition(&when[i]))
	}
	return strings.Join(all, " and ")
}

func condition(m *model.Match) string {
	is := choose(m.Not, "is not", "is")
	switch m.Criterion() {
	case "tls":
		return "client came " + choose(*m.TLS != m.Not, "by TLS", "without TLS")
	case "client_certificate":
		return "client " + choose(*m.ClientCertificate != m.Not, "has a certificate", "has no certificate")
	case "acme":
		return "path " + is + " of a certificate authority (ACME)"
	case "down":
		return "backend " + m.Down + choose(m.Not, " has a server left", " has no server left")
	case "src":
		return "client " + is + " in " + few(networks(m.Src), "or")
	case "port":
		return "port " + is + " " + few(numbers(m.Port), "or")
	case "header":
		return named("header", m, m.Header)
	case "url_param":
		return named("parameter", m, m.URLParam)
	case "cookie":
		return named("cookie", m, m.Cookie)
	}
	return simple(m)
}

// simple is a condition on a text that each request has.
func simple(m *model.Match) string {
	for _, c := range []struct {
		what, verb string
		values     model.Words
	}{
		{"host", "is", m.Host}, {"host", "ends with", m.HostEnd}, {"host", "matches", m.HostRegex},
		{"path", "is", m.Path}, {"path", "begins with", m.PathBeg}, {"path", "ends with", m.PathEnd}, {"path", "matches", m.PathRegex},
		{"method", "is", m.Method}, {"TLS name", "is", m.SNI}, {"TLS name", "ends with", m.SNIEnd},
	} {
		if c.values != nil {
			return c.what + " " + verb(c.verb, m.Not) + " " + few(c.values, "or") + anyCase(m)
		}
	}
	return "every request"
}

// named is a condition on something that a request has by name.
func named(what string, m *model.Match, by *model.HeaderMatch) string {
	for _, c := range []struct {
		verb   string
		values model.Words
	}{
		{"is", by.Value}, {"begins with", by.Beg}, {"ends with", by.End}, {"contains", by.Contains}, {"matches", by.Regex},
	} {
		if c.values == nil {
			continue
		}
		values := few(c.values, "or")
		if m.IsSecret() {
			values = "a secret"
		}
		return what + " " + by.Name + " " + verb(c.verb, m.Not) + " " + values + anyCase(m)
	}
	return choose(m.Not, "there is no ", "there is a ") + what + " " + by.Name
}

func verb(positive string, not bool) string {
	switch {
	case !not:
		return positive
	case positive == "is":
		return "is not"
	default: // begins with: does not begin with
		first, rest, _ := strings.Cut(positive, " ")
		bare := strings.TrimSuffix(first, "s")
		if strings.HasSuffix(first, "ches") {
			bare = strings.TrimSuffix(first, "es")
		}
		return strings.TrimSpace("does not " + bare + " " + rest)
	}
}

func anyCase(m *model.Match) string {
	return choose(m.IgnoreCase, " in upper or lower case", "")
}

func choose(first bool, one, other string) string {
	if first {
		return one
	}
	return other
}

func networks(list model.Networks) []string {
	var all []string
	for _, n := range list {
		if p := netip.Prefix(n); p.IsSingleIP() {
			all = append(all, p.Addr().String())
		} else {
			all = append(all, p.String())
		}
	}
	return all
}

func numbers(list []int) []string {
	var all []string
	for _, n := range list {
		all = append(all, strconv.Itoa(n))
	}
	return all
}

// action is what a route does, in words; "" where it hands the request to a backend.
func action(r *site.Route, mode string) string {
	switch r.Action {
	case "deny":
		return "refuse with " + strconv.Itoa(r.Deny)
	case "reject":
		return "close the connection"
	case "allow":
		return "try no further route but those to a backend"
	case "silent_drop":
		return "drop without an answer"
	case "redirect":
		return redirect(r.Redirect)
	case "return":
		return answer(r.Return)
	case "auth":
		return "ask for a password of " + r.Auth.Userlist + choose(len(r.Auth.Groups) > 0, ", group "+few(r.Auth.Groups, "or"), "")
	case "rate_limit":
		return limit(r.RateLimit, mode)
	case "del_header":
		return "remove header " + r.DelHeader
	case "del_response_header":
		return "remove response header " + r.DelResponseHeader
	case "set_path":
		return "set path to " + r.SetPath
	case "strip_prefix":
		return "take " + r.StripPrefix + " off the path"
	}
	return header(r)
}

func header(r *site.Route) string {
	for _, h := range []struct {
		verb   string
		header *model.Header
		answer bool
	}{
		{"set header", r.SetHeader, false}, {"add header", r.AddHeader, false},
		{"set response header", r.SetResponseHeader, true}, {"add response header", r.AddResponseHeader, true},
	} {
		if h.header == nil {
			continue
		}
		value := h.header.Value.Literal
		switch {
		case h.header.Sample != "":
			value = "the sample " + h.header.Sample
		case h.header.IsSecret(h.answer):
			value = "a secret"
		}
		return h.verb + " " + h.header.Name + " to " + value
	}
	return ""
}

func redirect(r *site.Redirect) string {
	to := ""
	switch {
	case r.Scheme != "":
		to = r.Scheme
		if r.Port.Number != 0 {
			to += " on port " + strconv.Itoa(r.Port.Number)
		}
	case r.Prefix != "":
		to = r.Prefix + " and the path"
	default:
		to = r.Location
	}
	return fmt.Sprintf("redirect to %s with %d", to, r.Code)
}

func answer(r *site.Return) string {
	return fmt.Sprintf("answer %d with %s", r.Status, choose(r.Page != "", "page "+r.Page, "a text"))
}

// limit is a rate limit as a sentence: what is above it is refused.
func limit(l *site.RateLimit, mode string) string {
	within := " in " + model.Duration(l.Period).String()
	what := count(l.Requests, "request") + within
	switch {
	case l.Connections > 0:
		what = count(l.Connections, "connection") + within
	case l.Concurrent > 0:
		what = count(l.Concurrent, "connection") + " at a time"
	}
	if l.Header != "" {
		what += " by header " + l.Header
	}
	if mode == model.ModeTCP {
		return "close the connection of clients with more than " + what
	}
	return fmt.Sprintf("refuse with %d clients with more than %s", l.Status, what)
}
