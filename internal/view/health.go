package view

import (
	"cmp"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
)

// Health is how servers are checked.
type Health struct {
	Method []Rule  // of the check, and its first steps
	Auth   *Secret // what Redis wants to hear first, nil where it wants nothing
	Steps  []Rule
	// Servers are the default-server lines: what all servers have.
	Servers []Rule
	Origin  string
}

func resolveHealth(h model.Health, origin string, in model.Inputs) Health {
	health := Health{Origin: Mark(origin)}
	line := func(field, verb string, words ...string) []Rule {
		return []Rule{{Origin: Mark(origin + "." + field), Verb: verb, Words: words}}
	}
	switch {
	case h.HTTP != nil:
		health.Method, health.Steps = line("http", "option httpchk"), httpSteps(h.HTTP, origin+".http")
	case len(h.TCP) > 0:
		health.Method, health.Steps = line("tcp", "option tcp-check"), tcpSteps(h.TCP, origin+".tcp")
	case h.MySQL != nil:
		health.Method = line("mysql", "option mysql-check user", h.MySQL.User)
	case h.PgSQL != nil:
		health.Method = line("pgsql", "option pgsql-check user", h.PgSQL.User)
	case h.Redis != nil:
		return redis(health, h.Redis, origin+".redis", in)
	case h.SMTP != "":
		health.Method = line("smtp", "option smtpchk HELO", h.SMTP)
	case h.LDAP:
		health.Method = line("ldap", "option ldap-check")
	}
	return health
}

// httpSteps are the request and the answer that is good.
func httpSteps(h *model.HealthHTTP, origin string) []Rule {
	words := []string{"meth", cmp.Or(h.Method, CheckMethod), "uri", h.URI}
	if version := httpVersion(h); version != "" {
		words = append(words, "ver", "HTTP/"+version)
	}
	if h.Host != "" {
		words = append(words, "hdr", "Host", logFormat(h.Host))
	}
	for _, header := range h.Headers {
		words = append(words, "hdr", header.Name, logFormat(header.Value))
	}
	expect := Rule{Origin: Mark(origin), Verb: "http-check expect status", Words: []string{statuses(h.Expect)}}
	switch {
	case h.Body != "":
		expect = Rule{Mark(origin + ".body"), "http-check expect string", []string{h.Body}, nil}
	case h.BodyRegex != "":
		expect = Rule{Mark(origin + ".body_regex"), "http-check expect rstring", []string{h.BodyRegex}, nil}
	}
	return []Rule{{Origin: Mark(origin), Verb: "http-check send", Words: words}, expect}
}

func httpVersion(h *model.HealthHTTP) string {
	if h.Version == "" && h.Host != "" {
		return "1.1"
	}
	return h.Version
}

func tcpSteps(steps []model.TCPStep, origin string) []Rule {
	var rules []Rule
	for i, s := range steps {
		mark := Mark(at(origin, i))
		switch {
		case s.Send != "":
			rules = append(rules, send(s.Send, mark))
		case s.Expect != "":
			rules = append(rules, Rule{Origin: mark, Verb: "tcp-check expect string", Words: []string{unescaped(s.Expect)}})
		default:
			rules = append(rules, Rule{Origin: mark, Verb: "tcp-check expect rstring", Words: []string{s.ExpectRegex}})
		}
	}
	return rules
}

// send is a step that sends text. A line of haproxy.cfg can name every byte but
// NUL.
func send(text, mark string) Rule {
	if raw := unescaped(text); !strings.Contains(raw, "\x00") {
		return Rule{Origin: mark, Verb: "tcp-check send", Words: []string{raw}}
	}
	return Rule{Origin: mark, Verb: "tcp-check send-binary", Words: []string{hex.EncodeToString([]byte(unescaped(text)))}}
}

// unescaped returns what a text of a TCP check stands for. The model has
// refused what cannot be read.
func unescaped(text string) string {
	raw, _ := model.Unescape(text)
	return string(raw)
}

// redis asks Redis whether it is there, or whether it is the one that may be
// written to.
func redis(health Health, r *model.HealthRedis, origin string, in model.Inputs) Health {
	mark := Mark(origin)
	health.Auth = resolveSecret(r.Password, origin+".password", in)
	role := cmp.Or(r.Role, RedisRole)
	if role == RedisRole && health.Auth == nil {
		health.Method = []Rule{{Origin: mark, Verb: "option redis-check"}}
		return health
	}
	question, answer := "PING\r\n", "+PONG"
	if role == "primary" {
		question, answer = "info replication\r\n", "role:master"
	}
	health.Method = []Rule{{Origin: mark, Verb: "option tcp-check"}}
	health.Steps = []Rule{
		{Origin: mark, Verb: "tcp-check send", Words: []string{question}},
		{Origin: mark, Verb: "tcp-check expect string", Words: []string{answer}},
	}
	return health
}

func statuses(list model.StatusList) string {
	if len(list) == 0 {
		return strconv.Itoa(CheckExpect)
	}
	var all []string
	for _, r := range list {
		all = append(all, r.String())
	}
	return strings.Join(all, ",")
}

// health is the default-server line of how all servers are checked; none where
// they are not.
func (p *serverPrinter) health() []Rule {
	h := p.backend.Health
	var words []string
	if !h.Off {
		words = append(words, "inter", duration(h.Inter, Inter))
		for _, t := range []struct {
			name  string
			value model.Duration
		}{{"fastinter", h.FastInter}, {"downinter", h.DownInter}} {
			if t.value != 0 {
				words = append(words, t.name, t.value.String())
			}
		}
		words = append(words, "rise", strconv.Itoa(number(h.Rise, Rise)), "fall", strconv.Itoa(number(h.Fall, Fall)))
		if h.Port != 0 {
			words = append(words, "port", strconv.Itoa(h.Port))
		}
		words = append(words, p.healthTLS(h)...)
	}
	if a := h.Agent; a != nil {
		words = append(words, "agent-check", "agent-port", strconv.Itoa(a.Port))
		if a.Inter != 0 {
			words = append(words, "agent-inter", a.Inter.String())
		}
	}
	if len(words) == 0 {
		return nil
	}
	return []Rule{{Origin: Mark(p.origin + ".health"), Verb: "default-server " + strings.Join(words, " ")}}
}

// healthTLS says how checks speak TLS, where that does not follow from the
// traffic.
func (p *serverPrinter) healthTLS(h model.Health) []string {
	switch {
	case h.TLSHello:
		return []string{"check-ssl", "verify", "none"}
	case h.TLS == nil:
		return nil
	case h.TLS.Off:
		return []string{"no-check-ssl"}
	}
	words := []string{"check-ssl"}
	if h.TLS.SNI != "" {
		words = append(words, "check-sni", h.TLS.SNI)
	}
	if p.backend.ServerDefaults.TLS != nil {
		return words
	}
	return slices.Concat(words, p.verify(h.TLS.Verify, h.TLS.CAFile))
}
