package rules

import (
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
)

// routeRules are about which request goes where.
func routeRules() []Rule {
	return []Rule{
		{ID: "LB6040", Name: "never-reached", Severity: diag.Warning, Mistakes: []string{"HA22", "HA23"},
			Title: "A rule stands behind one that takes every request",
			Text:  "Nothing reaches it.",
			Bad:   section("frontend main", "use_backend app\n§use_backend app if { path_beg /api/ }"), Run: proxies(neverReached)},
		{ID: "LB6041", Name: "modes-do-not-fit", Severity: diag.Error, Mistakes: []string{"HA60"},
			Title: "An HTTP frontend hands on to a TCP backend",
			Text:  "HAProxy refuses the file. The other way round it reads HTTP from the choice of the backend on.",
			Bad: section("frontend main", "§use_backend raw if { path /raw }") + "\nbackend raw\n    mode tcp\n    server a 192.0.2.31:80 " +
				"check\n", Run: proxies(modes)},
		{ID: "LB6042", Name: "no-effect-in-this-mode", Severity: diag.Warning, Mistakes: []string{"HA62", "HA63", "HA84"},
			Title: "A line means nothing in TCP mode",
			Text:  "HAProxy ignores it, or warns of it once when it starts.",
			Bad: "\nlisten raw\n    mode tcp\n    bind 192.0.2.10:81\n    option tcplog\n    §option forwardfor\n    server a 192.0.2.21:81 " +
				"check\n", Run: proxies(httpInTCP)},
		{ID: "LB6043", Name: "sni-not-waited-for", Severity: diag.Warning, Mistakes: []string{"HA64"},
			Title: "SNI is looked at without waiting for the client's first bytes",
			Text:  "Most connections are decided before the name is there.",
			Bad: "\nfrontend tls\n    mode tcp\n    option tcplog\n    bind 192.0.2.10:443\n    §use_backend raw if { req_ssl_sni -i " +
				"a.example.com }\n    default_backend raw\n\nbackend raw\n    mode tcp\n    server a 192.0.2.31:443 check\n",
			Run: proxies(sniTooEarly)},
		{ID: "LB6044", Name: "bad-criterion", Severity: diag.Warning, Mistakes: []string{"HA66", "HA67", "HA69"},
			Title: "A condition that no request meets",
			Text: "A path begins with a slash, and a Host header has no scheme and no path. The words `or` and `path` behind a value are " +
				"values, too.",
			Bad: section("frontend main", "§acl api path_beg api/\nuse_backend app if api"), Run: lines(badCriterion)},
		{ID: "LB6045", Name: "redirect-in-a-circle", Severity: diag.Warning, Mistakes: []string{"HA70"},
			Title: "A redirect to https, and TLS ends nowhere",
			Text:  "Browsers go in a circle, or find nobody.",
			Bad:   section("frontend main", "§redirect scheme https if { path /secure }"), Run: circle},
		{ID: "LB6046", Name: "unused-condition", Severity: diag.Info,
			Title: "A named condition that nothing uses",
			Text:  "It was meant for something.",
			Bad:   section("frontend main", "acl §api path_beg /api/"), Run: proxies(unusedACL)},
	}
}

// isFinal says whether a line decides for every request that reaches it.
func isFinal(d *haproxy.Directive) bool {
	words := d.Words()
	if slices.Contains(words, "if") || slices.Contains(words, "unless") {
		return false
	}
	switch d.Word(0) {
	case "use_backend", "redirect":
		return true
	case "http-request":
		return slices.Contains([]string{"deny", "redirect", "return", "allow", "reject", "tarpit", "silent-drop"}, d.Word(1))
	}
	return false
}

func neverReached(p *Pass, _ *pair.Node, s *haproxy.Section) {
	last := map[string]*haproxy.Directive{}
	for _, d := range s.Lines {
		kind := d.Word(0)
		if kind == "redirect" {
			kind = "http-request"
		}
		if o := last[kind]; o != nil {
			p.Report(d.Range, "no request reaches this line", "put it above the one that takes all", diag.Related{Message: "this one takes all",
				Range: o.Range})
			delete(last, kind)
			return
		}
		if isFinal(d) {
			last[kind] = d
		}
	}
}

func modes(p *Pass, n *pair.Node, s *haproxy.Section) {
	if s.Kind == "backend" || s.Mode() != "http" {
		return
	}
	for _, d := range s.Lines {
		if d.Word(0) != "default_backend" && d.Word(0) != "use_backend" {
			continue
		}
		for _, b := range n.HAProxy.Sections {
			if (b.Kind == "backend" || b.Kind == "listen") && b.Name == d.Word(1) && b.Mode() == "tcp" {
				p.Report(d.Range, "backend "+b.Name+" speaks "+b.Mode()+" and "+s.Kind+" "+s.Name+" "+s.Mode(), "write one mode for both",
					diag.Related{Message: "the backend", Range: b.Head.Range})
			}
		}
	}
}

// httpInTCP asks the facts which lines mean something in HTTP mode alone.
func httpInTCP(p *Pass, _ *pair.Node, s *haproxy.Section) {
	if s.Mode() != "tcp" {
		return
	}
	in := haproxy.InOf(s.Kind)
	for _, d := range s.Lines {
		name := d.Word(0)
		if name == "option" || name == "timeout" {
			name += " " + d.Word(1)
		}
		facts := slices.DeleteFunc(slices.Clone(haproxy.Find(name)), func(f haproxy.Fact) bool { return f.Of != "" || !f.StandsIn(in) })
		if len(facts) > 0 && !slices.ContainsFunc(facts, func(f haproxy.Fact) bool { return f.Mode != "http" }) && !strings.HasPrefix(name,
			"stats") {
			p.Report(d.Range, name+" means nothing in TCP mode", "take it out, or write mode http")
		}
		if name == "balance" && (d.Word(1) == "uri" || strings.HasPrefix(d.Word(1), "hdr") || d.Word(1) == "url_param") {
			p.Report(d.Range, "balance "+d.Word(1)+" means nothing in TCP mode: it becomes roundrobin", "write another one")
		}
	}
}

func sniTooEarly(p *Pass, _ *pair.Node, s *haproxy.Section) {
	if s.Mode() != "tcp" || s.Line("tcp-request", "inspect-delay") != nil {
		return
	}
	for _, d := range s.Lines {
		for _, w := range d.Words() {
			if strings.HasPrefix(w, "req_ssl_sni") || strings.HasPrefix(w, "req.ssl_sni") {
				p.Report(d.Range, "the name may not be there yet: nobody waits for the client's first bytes",
					"write tcp-request inspect-delay 5s, and tcp-request content accept if { req.ssl_hello_type 1 }")
				return
			}
		}
	}
}

func badCriterion(p *Pass, _ *haproxy.Section, d *haproxy.Directive) {
	words := d.Words()
	for i, w := range words {
		values := slices.DeleteFunc(slices.Clone(words[i+1:]), func(v string) bool { return strings.HasPrefix(v, "-") })
		if end := slices.Index(values, "}"); end >= 0 {
			values = values[:end]
		}
		if len(values) == 0 || slices.Contains(words[i+1:], "-f") {
			continue
		}
		switch {
		case (w == "path_beg" || w == "path") && !strings.HasPrefix(values[0], "/"):
			p.Report(d.Range, "no path begins with "+values[0], "write "+"/"+strings.TrimPrefix(values[0], "^"))
		case (w == "path_beg" || w == "path") && slices.Contains(values, "or"):
			p.Report(d.Range, "or is a value here, and no word of its own", "write the values one behind the other, or || between two conditions")
		case strings.HasPrefix(w, "hdr(host)") && strings.ContainsAny(values[0], "/"):
			p.Report(d.Range, "no Host header has a scheme or a path", "write the name alone, such as www.example.com")
		}
	}
}

func circle(p *Pass) {
	for _, n := range p.Pair.Nodes {
		tls, told := false, false
		for _, s := range n.HAProxy.Sections {
			for _, d := range s.Lines {
				text := strings.Join(d.Words(), " ")
				tls = tls || d.Word(0) == "bind" && (slices.Contains(d.Words(), "ssl") || strings.HasSuffix(d.Word(1), ":443"))
				told = told || strings.Contains(strings.ToLower(text), "x-forwarded-proto")
			}
		}
		if tls || told {
			continue
		}
		lines(func(p *Pass, _ *haproxy.Section, d *haproxy.Directive) {
			text := strings.Join(d.Words(), " ")
			if strings.HasPrefix(text, "redirect scheme https") || strings.HasPrefix(text, "http-request redirect scheme https") {
				p.Report(d.Range, "TLS ends nowhere here, and this sends clients to https", "write a bind with ssl, or take it out")
			}
		})(p)
		return
	}
}

func unusedACL(p *Pass, _ *pair.Node, s *haproxy.Section) {
	for _, d := range s.Lines {
		if d.Word(0) != "acl" || len(d.Tokens) < 2 {
			continue
		}
		name := d.Word(1)
		used := slices.ContainsFunc(s.Lines, func(o *haproxy.Directive) bool {
			return o.Word(0) != "acl" && slices.ContainsFunc(o.Words(), func(w string) bool {
				return strings.TrimPrefix(w, "!") == name ||
					strings.Contains(w, "acl("+name)
			})
		})
		if !used {
			p.Report(d.Tokens[1].Range, "nothing uses the condition "+name, "use it, or take it out")
		}
	}
}
