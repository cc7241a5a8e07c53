package adopt

import (
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
)

// httpHealth reads option httpchk with its http-check lines.
func httpHealth(n *node, lines []*haproxy.Directive, with profile) bool {
	http := mapping()
	method, uri, version, found := "OPTIONS", "/", "", false
	var expect *node
	var headers []*node
	for _, d := range lines {
		words := d.Words()
		switch {
		case d.Word(0) == "option" && d.Word(1) == "httpchk":
			found = true
			switch len(words) {
			case 2:
			case 3:
				uri = words[2]
			default:
				method, uri = words[2], words[3]
			}
			if len(words) > 4 {
				v, rest, _ := strings.Cut(words[4], "\r\n")
				version = strings.TrimPrefix(v, "HTTP/")
				text := rest + " " + strings.Join(words[5:], " ")
				if name, value, ok := strings.Cut(text, ":"); ok && strings.EqualFold(strings.TrimSpace(name), "host") {
					http.set("host", strings.TrimSpace(value))
				} else if strings.TrimSpace(text) != "" {
					return false
				}
			}
		case d.Word(0) == "http-check" && d.Word(1) == "send":
			for i := 2; i < len(words); i++ {
				value := d.Word(i + 1)
				switch words[i] {
				case "meth":
					method = value
				case "uri":
					uri = value
				case "ver":
					version = strings.TrimPrefix(value, "HTTP/")
				case "hdr":
					if i += 1; strings.EqualFold(value, "host") {
						http.set("host", d.Word(i+1))
					} else {
						hdr := mapping()
						hdr.set("name", value)
						hdr.set("value", d.Word(i+1))
						headers = append(headers, hdr)
					}
				default:
					return false
				}
				i++
			}
		case d.Word(0) == "http-check" && d.Word(1) == "expect":
			switch e := strings.Join(words[3:], " "); d.Word(2) {
			case "status":
				expect = statuses(e)
			case "string":
				http.set("body", e)
			case "rstring":
				http.set("body_regex", e)
			case "rstatus":
				if expect = rangeOf(e); expect == nil {
					return false
				}
			default:
				return false
			}
		case d.Word(0) == "http-check":
			return false
		}
	}
	if !found || !slices.Contains([]string{"GET", "HEAD", "OPTIONS", "POST"}, method) || !strings.HasPrefix(uri, "/") {
		return false
	}
	out := mapping()
	if method != with.method {
		out.set("method", method)
	}
	out.set("uri", uri)
	out.set("host", http.get("host"))
	if usual := map[bool]string{true: "1.1", false: "1.0"}[http.get("host") != ""]; version != "" && version != usual {
		out.put("version", &node{text: version, quote: true})
	}
	out.set("headers", headers)
	switch {
	case http.get("body") != "" || http.get("body_regex") != "":
		out.set("body", http.get("body"))
		out.set("body_regex", http.get("body_regex"))
	case expect == nil && with.expect != "":
		out.put("expect", of(word("200-399"))) // HAProxy's own where nothing is expected
	case expect != nil && expect.flow() != with.expect:
		out.put("expect", expect)
	}
	n.put("http", out)
	return true
}

func statuses(text string) *node {
	parts := strings.Split(text, ",")
	if len(parts) == 1 {
		return of(word(parts[0]))
	}
	l := &node{}
	for _, p := range parts {
		l.list = append(l.list, of(word(p)))
	}
	return l
}

// rangeOf is what an expression for statuses stands for, where it is one of the usual
// ones.
func rangeOf(regex string) *node {
	ranges := map[string]string{"2..": "200-299", "(2|3)..": "200-399", "[23]..": "200-399", "(2|3)[0-9][0-9]": "200-399",
		"[2-3]..":     "200-399",
		"2[0-9][0-9]": "200-299", "^2[0-9][0-9]$": "200-299", "(2..|3..)": "200-399"}
	if r, ok := ranges[regex]; ok {
		return of(word(r))
	}
	return nil
}
