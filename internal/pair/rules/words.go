package rules

import (
	"slices"
	"strings"
	"unicode"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
)

// wordRules are about words of haproxy.cfg that mean something else than they say.
func wordRules() []Rule {
	return []Rule{
		{ID: "LB6013", Name: "password-ends-early", Severity: diag.Warning, Mistakes: []string{"HA16"},
			Title: "A `#` in a password begins a comment",
			Text:  "Whatever stands behind it is no part of the password. Put the value in single quotes.",
			Bad:   "\nuserlist people\n    §user ann insecure-password se#cret\n", Run: lines(endsEarly)},
		{ID: "LB6047", Name: "no-such-tls", Severity: diag.Warning, Mistakes: []string{"HA65"},
			Title: "`ssl_fc_sni` where TLS does not end",
			Text:  "It is always empty there: no request meets the condition. `req.ssl_sni` is the name in what passes through.",
			Bad:   section("frontend main", "§use_backend app if { ssl_fc_sni a.example.com }"), Run: proxies(noSuchTLS)},
		{ID: "LB6048", Name: "host-in-capitals", Severity: diag.Warning, Mistakes: []string{"HA68"},
			Title: "A host with capitals is compared as it is written",
			Text:  "Browsers send names in small letters: the condition never holds. `-i` compares without regard to them.",
			Bad:   section("frontend main", "§use_backend app if { hdr(host) WWW.Example.com }"), Run: lines(hostInCapitals)},
	}
}

// endsEarly looks for a # without quotes in the middle of a word, in lines that have a
// password.
func endsEarly(p *Pass, _ *haproxy.Section, d *haproxy.Directive) {
	text := p.Pair.Texts[d.Range.File]
	if text == nil || d.Word(0) != "user" && (d.Word(0) != "stats" || d.Word(1) != "auth") {
		return
	}
	quote, before := rune(0), ' '
	for _, c := range text.Line(d.Range.Start.Line) {
		switch {
		case before == '\\':
			c = 'x'
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
		case c == '"' || c == '\'':
			quote = c
		case c == '#' && !unicode.IsSpace(before):
			p.Report(d.Range, "the password ends before #: the rest is a comment", "put the value in single quotes")
			return
		case c == '#':
			return
		}
		before = c
	}
}

// noSuchTLS looks for the name of a TLS that does not end in the section.
func noSuchTLS(p *Pass, _ *pair.Node, s *haproxy.Section) {
	if s.Kind == "backend" || !hasBind(s) || s.EndsTLS() {
		return
	}
	for _, d := range s.Lines {
		if slices.ContainsFunc(d.Words(), func(w string) bool { return w == "ssl_fc_sni" || strings.HasPrefix(w, "ssl_fc_sni_") }) {
			p.Report(d.Range, "ssl_fc_sni is always empty here: no bind of this section ends TLS",
				"write req.ssl_sni, and wait for it by tcp-request inspect-delay")
			return
		}
	}
}

// hostInCapitals looks for capitals in values that a Host header is compared with.
func hostInCapitals(p *Pass, _ *haproxy.Section, d *haproxy.Directive) {
	words := d.Words()
	for i, w := range words {
		if w = strings.ToLower(w); !strings.HasPrefix(w, "hdr(host)") && !strings.HasPrefix(w, "req.hdr(host)") && w != "hdr_end(host)" &&
			w != "hdr_beg(host)" && w != "hdr_dom(host)" || strings.Contains(w, "lower") {
			continue
		}
		if i == 0 || words[i-1] != "{" && (i != 2 || words[0] != "acl") {
			continue
		}
		values := words[i+1:]
		if end := slices.IndexFunc(values, func(v string) bool { return v == "}" || v == "if" || v == "||" }); end >= 0 {
			values = values[:end]
		}
		if slices.ContainsFunc(values, func(v string) bool { return v == "-i" || v == "-f" || v == "reg" || v == "-m" }) {
			continue
		}
		for _, v := range values {
			if v != strings.ToLower(v) {
				p.Report(d.Range, "browsers send hosts in small letters: none is "+v, "write -i before the names")
				return
			}
		}
	}
}
