package haproxy

import (
	"strings"

	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// checks are the method by which servers are checked, and its steps.
func (p *printer) checks(h *site.Health, from diag.Path) []conf.Line {
	var l lines
	switch {
	case h.HTTP != nil:
		l.add(from.Key("http"), "option httpchk")
		return append(l, p.httpSteps(h.HTTP, from.Key("http"))...)
	case len(h.TCP) > 0:
		l.add(from.Key("tcp"), "option tcp-check")
		for i, step := range h.TCP {
			l = append(l, p.tcpStep(step, from.Key("tcp").Index(i)))
		}
	case h.MySQL != nil:
		l.add(from.Key("mysql"), "option mysql-check user", conf.Text(h.MySQL.User))
	case h.PgSQL != nil:
		l.add(from.Key("pgsql"), "option pgsql-check user", conf.Text(h.PgSQL.User))
	case h.Redis != nil:
		return p.redis(h.Redis, from.Key("redis"))
	case h.SMTP != "":
		l.add(from.Key("smtp"), "option smtpchk HELO", conf.Text(h.SMTP))
	case h.LDAP:
		l.add(from.Key("ldap"), "option ldap-check")
	}
	return l
}

// httpSteps are the request and the answer that is good.
func (p *printer) httpSteps(h *site.HealthHTTP, from diag.Path) []conf.Line {
	var l lines
	w := words{}.text("meth", h.Method).text("uri", h.URI)
	if h.Version != "" {
		w = append(w, conf.Key("ver"), conf.Text("HTTP/"+h.Version))
	}
	if h.Host != "" {
		w = append(w, conf.Key("hdr Host"), conf.Plain(h.Host))
	}
	for i := range h.Headers {
		w = append(w, conf.Key("hdr"), p.header(&h.Headers[i], from.Key("headers").Index(i)))
	}
	l.add(from, "http-check send", w...)
	switch {
	case h.Body != "":
		l.add(from.Key("body"), "http-check expect string", conf.Text(h.Body))
	case h.BodyRegex != "":
		l.add(from.Key("body_regex"), "http-check expect rstring", conf.Text(h.BodyRegex))
	case len(h.Expect) > 0:
		var all []string
		for _, r := range h.Expect {
			all = append(all, r.String())
		}
		l.add(from, "http-check expect status", conf.List(all))
	}
	return l
}

// tcpStep is one that sends or expects. A line of haproxy.cfg can name every
// byte but NUL.
func (p *printer) tcpStep(s model.TCPStep, from diag.Path) conf.Line {
	switch {
	case s.Send.IsZero() && s.Expect == "":
		return conf.NewLine(from, "tcp-check expect rstring", conf.Text(s.ExpectRegex))
	case s.Send.IsZero():
		return conf.NewLine(from, "tcp-check expect string", conf.Text(unescaped(s.Expect)))
	}
	sent, secret := secret{value: s.Send.Literal}, s.IsSecret()
	if secret {
		sent = *p.secret(s.Send, from.Key("send"), placeholder)
	}
	text := unescaped(sent.value)
	switch {
	case secret:
		return conf.NewLine(from, "tcp-check send", conf.SecretText(text, sent.path, sent.known))
	case strings.Contains(text, "\x00"):
		return conf.NewLine(from, "tcp-check send-binary", conf.Hex([]byte(text)))
	default:
		return conf.NewLine(from, "tcp-check send", conf.Text(text))
	}
}

// unescaped returns what a text of a TCP check stands for. The model has
// refused what cannot be read.
func unescaped(text string) string {
	sent, _ := model.Unescape(text)
	return string(sent)
}

// redis asks Redis whether it is there, or whether it is the one that may be
// written to.
func (p *printer) redis(r *site.HealthRedis, from diag.Path) []conf.Line {
	password := p.secret(r.Password, from.Key("password"), placeholder)
	var l lines
	if r.Role == site.RedisRole && password == nil {
		l.add(from, "option redis-check")
		return l
	}
	l.add(from, "option tcp-check")
	if password != nil {
		l.add(password.path, "tcp-check send", conf.RedisAuth(password.value, password.path, password.known))
		l.add("", "tcp-check expect string +OK")
	}
	question, answer := "PING\r\n", "+PONG"
	if r.Role == "primary" {
		question, answer = "info replication\r\n", "role:master"
	}
	l.add(from, "tcp-check send", conf.Text(question))
	l.add(from, "tcp-check expect string", conf.Text(answer))
	return l
}

// health is how all servers are checked; nothing where they are not, and nothing of
// what HAProxy does by itself where the profile leaves that to it.
func (s *servers) health() words {
	h := &s.backend.Health
	var w words
	if !h.Off && s.spell {
		w = append(w, conf.Key("inter"), conf.Time(h.Inter))
		if h.FastInter != h.Inter || h.Health.FastInter != 0 {
			w = append(w, conf.Key("fastinter"), conf.Time(h.FastInter))
		}
		w = w.time("downinter", h.Health.DownInter).number("rise", h.Rise).number("fall", h.Fall)
	} else if !h.Off {
		w = w.time("inter", h.Health.Inter).time("fastinter", h.Health.FastInter).time("downinter", h.Health.DownInter)
		w = w.number("rise", h.Health.Rise).number("fall", h.Health.Fall)
	}
	if !h.Off {
		w = s.healthTLS(w.number("port", h.Port))
	}
	if a := h.Agent; a != nil {
		w = w.key(true, "agent-check").number("agent-port", a.Port).time("agent-inter", a.Inter)
	}
	return w
}

// healthTLS says how checks speak TLS, where that does not follow from the
// traffic.
func (s *servers) healthTLS(w words) words {
	h := &s.backend.Health
	switch {
	case h.TLSHello:
		return w.key(true, "check-ssl verify none")
	case h.TLS == nil:
		return w
	case h.TLS.Off:
		return w.key(true, "no-check-ssl")
	}
	w = w.key(true, "check-ssl").text("check-sni", h.TLS.SNI)
	if s.backend.ServerDefaults.TLS != nil {
		return w
	}
	return s.verify(w, h.TLS.Verify, h.TLS.CAFile)
}
