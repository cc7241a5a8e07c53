package haproxy

import (
	"slices"
	"strings"
)

// FieldsFor returns the fields of a site file that say what a line in a section of
// the kind says, and the keyword by which the line is known; no field where there
// is none, or where the line says more than they can.
func FieldsFor(in In, d *Directive) (keyword string, of []string) {
	head, size := headOf(d)
	i := slices.IndexFunc(Find(head), func(f Fact) bool { return f.StandsIn(in) })
	if i < 0 {
		return head, nil
	}
	f := Find(head)[i]
	if f.How != Field && f.How != Better || f.Further {
		return head, nil
	}
	words, condition := untilIf(d.Words()[size:], f)
	if !f.covers(words) || !sayableText(head, words) || !sayableWords(head, d) || !sayable(condition) {
		return head, nil
	}
	return head, f.FieldsIn(in)
}

// covers says whether the fields know what stands behind the keyword.
func (f Fact) covers(words []string) bool {
	rest := strings.Join(words, " ")
	return f.Only == nil || slices.ContainsFunc(f.Only, func(known string) bool {
		start, open := strings.CutSuffix(known, "…")
		return rest == known || open && strings.HasPrefix(rest, start)
	})
}

// sayableText says whether fields can say what stands behind the keyword as far as it is
// worked out while a request is there: a header may be one sample alone, and
// everything else is a text.
func sayableText(head string, words []string) bool {
	if head == "log-format" {
		return true
	}
	for i, w := range words {
		if !strings.Contains(w, "%[") {
			continue
		}
		if !strings.HasSuffix(head, "-header") || i != 1 || len(words) != 2 || !isOneSample(w) {
			return false
		}
	}
	return true
}

// isOneSample says whether a log-format is the value of one sample and nothing else.
func isOneSample(w string) bool {
	inside, ok := strings.CutPrefix(w, "%[")
	inside, end := strings.CutSuffix(inside, "]")
	return ok && end && !strings.ContainsAny(inside, "[]%' \"")
}

// untilIf parts the words behind a keyword at the condition, of lines that may
// have one.
func untilIf(words []string, f Fact) (before, condition []string) {
	i := slices.IndexFunc(words, func(w string) bool { return w == "if" || w == "unless" })
	switch {
	case f.Keyword == "acl" && len(words) > 1:
		return nil, slices.Concat([]string{"if", "{"}, words[1:], []string{"}"})
	case i < 0 || f.Rules == 0 && f.Keyword != "use_backend" && f.Keyword != "redirect":
		return words, nil
	default:
		return words[:i], words[i:]
	}
}

// sayableWords says whether fields know each further word of a line such as
// server, as far as there are facts of its words.
func sayableWords(head string, d *Directive) bool {
	_, size := headOf(d)
	for _, name := range further(head, size, d) {
		f := Find(name)[0]
		if f.How == "" {
			return false
		}
		if f.Only != nil {
			at := slices.Index(d.Words(), f.Keyword)
			if value := d.Word(at + 1); !slices.ContainsFunc(f.Only, func(known string) bool {
				return value == known || strings.HasPrefix(value,
					known+"(")
			}) {
				return false
			}
		}
	}
	return true
}

// sayable says whether routes and rules have a criterion for each part of a
// condition. A name stands for what another line says, and has none.
func sayable(condition []string) bool {
	if len(condition) == 0 {
		return true
	}
	inside := false
	for i := 1; i < len(condition); i++ {
		switch w := condition[i]; {
		case !inside && strings.TrimLeft(w, "!") == "{" && i+1 < len(condition):
			inside = true
			i++
			if !hasCriterion(condition[i]) {
				return false
			}
		case inside && w == "}":
			inside = false
		case inside && slices.Contains([]string{"-f", "-M", "-u", "-n"}, w):
			return false // the values are in a file
		case inside:
		default:
			return false
		}
	}
	return !inside
}

// hasCriterion says whether a route can look at what a condition looks at.
func hasCriterion(fetch string) bool {
	name, _, _ := strings.Cut(fetch, "(")
	if end := strings.LastIndexByte(fetch, ')'); end >= 0 && end < len(fetch)-1 || end < 0 && strings.Contains(fetch, ",") {
		return false // a converter
	}
	return len(Find("if … "+name)) > 0
}

// criteria are what the conditions of routes and rules look at.
func criteria() []Fact {
	var facts []Fact
	for _, c := range [][2]string{
		{"ssl_fc", "tls"}, {"path", "path"}, {"path_beg", "path_beg acme"}, {"path_end", "path_end"}, {"path_reg", "path_regex"},
		{"-i", "ignore_case"}, {"-m", "header url_param cookie host_regex host_end sni_end"}, {"!", "not"}, {"method", "method"}, {"src", "src"},
		{"dst_port", "port"},
		{"hdr", "host header"}, {"req.hdr", "host host_end host_regex header"}, {"req.fhdr", "header"}, {"hdr_beg", "header"},
		{"hdr_end", "host_end header"}, {"hdr_reg", "host_regex header"}, {"hdr_sub", "header"},
		{"req.cook", "cookie"}, {"cook", "cookie"}, {"url_param", "url_param"}, {"req.ssl_sni", "sni sni_end"}, {"req_ssl_sni", "sni sni_end"},
		{"ssl_fc_sni", "sni sni_end"},
		{"ssl_c_used", "client_certificate"}, {"nbsrv", "down"},
	} {
		f := Fact{Keyword: c[0], Of: "if", How: Field}
		for field := range strings.FieldsSeq(c[1]) {
			f.Fields = append(f.Fields, "frontends[].routes[].when[]."+field, "backends[].rules[].when[]."+field)
		}
		facts = append(facts, f)
	}
	for _, counter := range []string{"http_req_rate", "conn_rate", "conn_cur"} {
		for _, sc := range []string{"sc0_", "sc1_", "sc2_"} {
			facts = append(facts, Fact{Keyword: sc + counter, Of: "if", How: Field,
				Fields: fields("frontends[].routes[].rate_limit backends[].rules[].rate_limit")})
		}
	}
	return append(facts, Fact{Keyword: "hdr_dom", Of: "if", How: Better, Fields: fields("frontends[].routes[].when[].host_end")},
		Fact{Keyword: "stopping", Of: "if", How: Always, Why: "beside nbsrv, for the last requests of a process that was reloaded"},
		Fact{Keyword: "req_ssl_hello_type", Of: "if", How: Always, Why: "where a route looks at the beginning of TLS"},
		Fact{Keyword: "req.ssl_hello_type", Of: "if", How: Always, Why: "where a route looks at the beginning of TLS"})
}
