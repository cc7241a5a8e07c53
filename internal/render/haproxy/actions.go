package haproxy

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// action returns the words of a rule that is looked at once a request, and what
// must hold beside the route's own conditions.
func (s *section) action(r *site.Route, from diag.Path) (action conf.Word, more []conf.Condition) {
	switch r.Action {
	case "deny":
		return conf.Phrase(conf.Key("deny deny_status"), conf.Int(r.Deny)), nil
	case "silent_drop":
		return conf.Key("silent-drop"), nil
	case "redirect":
		return s.redirect(r)
	case "return":
		return s.answer(r.Return), nil
	case "auth":
		return auth(r.Auth)
	case "set_header":
		return conf.Phrase(conf.Key("set-header"), s.header(r.SetHeader, from.Key("set_header"))), nil
	case "add_header":
		if strings.EqualFold(r.AddHeader.Name, "X-Forwarded-Proto") { // lbgen has set it: servers would get two
			return conf.Phrase(conf.Key("set-header"), s.header(r.AddHeader, from.Key("add_header"))), nil
		}
		return conf.Phrase(conf.Key("add-header"), s.header(r.AddHeader, from.Key("add_header"))), nil
	case "del_header":
		return conf.Phrase(conf.Key("del-header"), conf.Text(r.DelHeader)), nil
	case "set_path":
		return conf.Phrase(conf.Key("set-path"), conf.Plain(r.SetPath)), nil
	case "strip_prefix":
		prefix := "^" + regexp.QuoteMeta(strings.TrimRight(r.StripPrefix, "/")) + "(/(.*))?$"
		return conf.Phrase(conf.Key("replace-path"), conf.Text(prefix), conf.Text(`/\2`)), nil
	default:
		return conf.Key("reject"), nil
	}
}

// header is the one at a path: its name and what it carries, which may be a secret.
func (p *printer) header(h *model.Header, from diag.Path) conf.Word {
	switch {
	case h.Sample != "":
		return conf.Phrase(conf.Text(h.Name), conf.Sample(h.Sample))
	case !p.isSecret[from.Key("value")]:
		return conf.Phrase(conf.Text(h.Name), conf.Plain(h.Value.Literal))
	}
	v := p.secret(h.Value, from.Key("value"), placeholder)
	return conf.Phrase(conf.Text(h.Name), conf.SecretPlain(v.value, v.path, v.known))
}

// redirect never sends a client where it is already: by another scheme only
// those that did not come by it.
func (s *section) redirect(r *site.Route) (action conf.Word, more []conf.Condition) {
	d := r.Redirect
	to := conf.Phrase(conf.Key("location"), conf.Plain(d.Location))
	switch {
	case d.Scheme != "":
		to = schemeRedirect(d)
		if s.front != nil && s.front.EndsTLS() && !asksForTLS(r) {
			more = []conf.Condition{{Not: d.Scheme == "https", Sample: conf.Key("ssl_fc")}}
		}
	case d.Prefix != "":
		to = conf.Phrase(conf.Key("prefix"), conf.Plain(strings.TrimRight(d.Prefix, "/")))
	}
	return conf.Phrase(conf.Key("redirect"), to, conf.Key("code"), conf.Int(d.Code), conf.When(d.DropQuery, conf.Key("drop-query"))), more
}

// schemeRedirect is the same address by another scheme. HAProxy's own form keeps the
// port that the browser has written, which is the right one for 80 and 443 alone.
func schemeRedirect(d *site.Redirect) conf.Word {
	if d.Port.Number == 0 {
		return conf.Phrase(conf.Key("scheme"), conf.Text(d.Scheme))
	}
	port := ":" + strconv.Itoa(d.Port.Number)
	if d.Scheme == "https" && d.Port.Number == 443 || d.Scheme == "http" && d.Port.Number == 80 {
		port = ""
	}
	return conf.Phrase(conf.Key("location"), conf.Text(d.Scheme+"://%[req.hdr(host),regsub(:[0-9]+$,)]"+port+"%[pathq]"))
}

func asksForTLS(r *site.Route) bool {
	for i := range r.When {
		if r.When[i].TLS != nil {
			return true
		}
	}
	return false
}

// answer is one by HAProxy itself.
func (s *section) answer(r *site.Return) conf.Word {
	action := conf.Phrase(conf.Key("return status"), conf.Int(r.Status))
	switch {
	case r.Page != "":
		return conf.Phrase(action, conf.Key("content-type"), conf.Text(r.ContentType), conf.Key("file"), s.page(r.Page))
	case r.Text != "":
		return conf.Phrase(action, conf.Key("content-type"), conf.Text(r.ContentType), conf.Key("string"), conf.Text(r.Text))
	default:
		return action
	}
}

func auth(a *model.Auth) (action conf.Word, more []conf.Condition) {
	good := conf.Condition{Not: true, Sample: conf.Call("http_auth", a.Userlist)}
	if len(a.Groups) > 0 {
		good.Sample, good.Values = conf.Call("http_auth_group", a.Userlist), a.Groups
	}
	return conf.Phrase(conf.Key("auth"), conf.When(a.Realm != "", conf.Key("realm"), conf.Text(a.Realm))), []conf.Condition{good}
}

// response adds a rule for the answer. What is known of the request only is
// found out while that is there, and so is whether it came this far.
func (s *section) response(r *site.Route, i int, from diag.Path, conditions []conf.Condition) {
	action := conf.Phrase(conf.Key("del-header"), conf.Text(r.DelResponseHeader))
	switch {
	case r.SetResponseHeader != nil:
		action = conf.Phrase(conf.Key("set-header"), s.answerHeader(r.SetResponseHeader, i, from.Key("set_response_header")))
	case r.AddResponseHeader != nil:
		action = conf.Phrase(conf.Key("add-header"), s.answerHeader(r.AddResponseHeader, i, from.Key("add_response_header")))
	}
	if s.left || !ofConnection(r.When) {
		conditions = s.remember(s.variable("txn.route.", "txn.rule.", i), from, conditions)
	}
	s.rules.Response = append(s.rules.Response, conf.NewLine(from, "http-after-response", action, conf.If(conditions...)))
}

// variable is the name of one that a route of a frontend, or a rule of a backend,
// keeps something in: both live as long as the request.
func (s *section) variable(frontend, backend string, i int) string {
	if s.front == nil {
		return backend + strconv.Itoa(i)
	}
	return frontend + strconv.Itoa(i)
}

// answerHeader is a header of the answer. A sample of the request is gone by
// then, so that it is kept in a variable, such as the Origin that CORS repeats.
func (s *section) answerHeader(h *model.Header, i int, from diag.Path) conf.Word {
	if !ofRequest(h.Sample) {
		return s.header(h, from)
	}
	name := s.variable("txn.value.", "txn.value.rule.", i)
	s.request(from, nil, conf.Call("set-var", name), conf.Text(h.Sample))
	return conf.Phrase(conf.Text(h.Name), conf.Sample("var("+name+")"))
}

// ofRequest says whether a sample is a part of the request (configuration.txt
// 7.3.6, "Fetching HTTP samples"), and not of the connection or the answer.
func ofRequest(sample string) bool {
	name, _, _ := strings.Cut(sample, "(")
	name, _, _ = strings.Cut(name, ",")
	return strings.HasPrefix(name, "req.") || slices.Contains([]string{
		"base", "base32", "cook", "hdr", "hdr_beg", "hdr_dir", "hdr_dom", "hdr_end", "hdr_reg", "hdr_sub", "method", "path",
		"pathq", "query", "url", "url_param", "urlp", "url_ip", "url_port",
	}, name)
}

func ofConnection(when []model.Match) bool {
	for i := range when {
		if !when[i].OfConnection() {
			return false
		}
	}
	return true
}
