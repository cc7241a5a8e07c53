package rules

import (
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
)

// checkRules are about how servers are checked.
func checkRules() []Rule {
	return []Rule{
		{ID: "LB2004", Name: "redirect-is-healthy", Severity: diag.Warning, Mistakes: []string{"HA46"},
			Bad: "\nbackend app\n    §option httpchk GET /ready\n    server a 192.0.2.21:80 check\n    server b 192.0.2.22:80 check\n",
			Run: proxies(func(p *Pass, _ *pair.Node, s *haproxy.Section) {
				d := s.Inherited("option", "httpchk")
				if d != nil && checks(s) && s.Inherited("http-check", "expect") == nil && s.Kind != "frontend" {
					p.Report(d.Range, "without http-check expect a redirect to a login or error page is healthy, too",
						"write http-check expect status 200")
				}
			})},
		{ID: "LB6030", Name: "check-without-option", Severity: diag.Warning, Mistakes: []string{"HA42"},
			Title: "`http-check` without `option httpchk`",
			Text:  "The line is ignored, and a TCP connection is enough.",
			Bad:   "\nbackend app\n    §http-check expect status 200\n    server a 192.0.2.21:80 check\n", Run: proxies(func(p *Pass,
				_ *pair.Node, s *haproxy.Section) {
				if d := s.Line("http-check"); d != nil && s.Inherited("option", "httpchk") == nil {
					p.Report(d.Range, "http-check is ignored without option httpchk", "write option httpchk above it")
				}
			})},
		{ID: "LB6031", Name: "host-in-version", Severity: diag.Warning, Mistakes: []string{"HA43"},
			Title: "The Host header is smuggled in behind the version of `option httpchk`",
			Text:  "HAProxy refuses that from 2.7 on. `http-check send hdr Host …` says it.",
			Bad:   section("backend app", "§option httpchk GET /ready HTTP/1.1\\r\\nHost:\\ www.example.com"), Run: lines(func(p *Pass,
				_ *haproxy.Section, d *haproxy.Directive) {
				if d.Word(0) == "option" && d.Word(1) == "httpchk" && strings.Contains(strings.Join(d.Words(), " "), "\r\n") {
					p.Report(d.Range, "HAProxy refuses a header in this line from 2.7 on",
						"write option httpchk, and http-check send meth GET uri / ver HTTP/1.1 hdr Host NAME")
				}
			})},
		{ID: "LB6032", Name: "check-without-host", Severity: diag.Warning, Mistakes: []string{"HA44"},
			Title: "A check by HTTP/1.1 without a Host header",
			Text:  "Servers answer 400, and all are down.",
			Bad: "\nbackend app\n    option httpchk\n    §http-check send meth GET uri /ready ver HTTP/1.1\n    http-check expect status " +
				"200\n    server a 192.0.2.21:80 check\n", Run: lines(func(p *Pass, s *haproxy.Section, d *haproxy.Directive) {
				text := strings.ToLower(strings.Join(d.Words(), " "))
				asks := d.Word(0) == "http-check" && d.Word(1) == "send" || d.Word(0) == "option" && d.Word(1) == "httpchk"
				if asks && strings.Contains(text, "http/1.1") && !strings.Contains(text, "host") && !hasHost(s) {
					p.Report(d.Range, "HTTP/1.1 without Host: servers answer 400 to it",
						"write hdr Host NAME behind http-check send, or leave the version out")
				}
			})},
		{ID: "LB6033", Name: "check-method-of-old", Severity: diag.Info, Mistakes: []string{"HA45"},
			Title: "A check with HAProxy's own method, OPTIONS",
			Text:  "`option httpchk` without a method sends OPTIONS, which many servers do not know, or always answer well.",
			Bad:   "\nbackend app\n    §option httpchk\n    http-check expect status 200\n    server a 192.0.2.21:80 check\n",
			Run: proxies(func(p *Pass, _ *pair.Node, s *haproxy.Section) {
				d := s.Line("option", "httpchk")
				if d != nil && len(d.Tokens) < 4 && d.Modifier == "" && s.Inherited("http-check", "send") == nil && s.Inherited("http-check",
					"connect") == nil {
					p.Report(d.Range, "the check sends OPTIONS: many servers do not know it, or always answer it well",
						"write http-check send meth GET uri /PATH")
				}
			})},
		{ID: "LB2034", Name: "check-over-check", Severity: diag.Warning, Mistakes: []string{"HA105"},
			Bad: section("backend app", "option httpchk\n§option tcp-check"), Run: proxies(overridden)},
	}
}

func checks(s *haproxy.Section) bool {
	return slices.ContainsFunc(pair.Servers(s), func(s pair.Server) bool { return s.Has("check") })
}

func hasHost(s *haproxy.Section) bool {
	return slices.ContainsFunc(s.Lines, func(d *haproxy.Directive) bool {
		return d.Word(0) == "http-check" && slices.ContainsFunc(d.Words(), func(w string) bool { return strings.EqualFold(w, "host") })
	})
}

func overridden(p *Pass, _ *pair.Node, s *haproxy.Section) {
	kinds := []string{"httpchk", "tcp-check", "mysql-check", "pgsql-check", "redis-check", "smtpchk", "ldap-check", "ssl-hello-chk"}
	var first *haproxy.Directive
	for _, d := range s.Lines {
		if d.Word(0) != "option" || !slices.Contains(kinds, d.Word(1)) || d.Modifier != "" {
			continue
		}
		if first != nil && first.Word(1) != d.Word(1) {
			p.Report(d.Range, "option "+d.Word(1)+" takes the place of option "+first.Word(1), "leave one of them",
				diag.Related{Message: "the first", Range: first.Range})
		}
		first = d
	}
}
