package adopt

import (
	"cmp"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
)

// httpCheck is an HTTP check as HAProxy's lines say it.
type httpCheck struct {
	found           bool // option httpchk is there
	method, uri     string
	version, host   string
	headers         []*node
	status          *node // what is expected
	body, bodyRegex string
}

// httpHealth reads option httpchk with its http-check lines.
func httpHealth(n *node, lines []*haproxy.Directive, with profile) bool {
	c := httpCheck{method: "OPTIONS", uri: "/"} // HAProxy's own
	for _, d := range lines {
		if !c.line(d) {
			return false
		}
	}
	if !c.found || !slices.Contains([]string{"GET", "HEAD", "OPTIONS", "POST"}, c.method) || !strings.HasPrefix(c.uri, "/") {
		return false
	}
	n.put("http", c.field(with))
	return true
}

// line reads one line; false where no field says it.
func (c *httpCheck) line(d *haproxy.Directive) bool {
	switch {
	case d.Word(0) == "option" && d.Word(1) == "httpchk":
		return c.option(d.Words())
	case d.Word(0) == "http-check" && d.Word(1) == "send":
		return c.send(d)
	case d.Word(0) == "http-check" && d.Word(1) == "expect":
		return c.expect(d)
	}
	return d.Word(0) != "http-check"
}

// option reads option httpchk [METHOD] URI VERSION. Behind the version a Host header may
// stand, as it was written before http-check send.
func (c *httpCheck) option(words []string) bool {
	c.found = true
	switch len(words) {
	case 2:
	case 3:
		c.uri = words[2]
	default:
		c.method, c.uri = words[2], words[3]
	}
	if len(words) <= 4 {
		return true
	}
	version, rest, _ := strings.Cut(words[4], "\r\n")
	c.version = strings.TrimPrefix(version, "HTTP/")
	text := rest + " " + strings.Join(words[5:], " ")
	if name, value, ok := strings.Cut(text, ":"); ok && strings.EqualFold(strings.TrimSpace(name), "host") {
		c.host = cmp.Or(strings.TrimSpace(value), c.host)
		return true
	}
	return strings.TrimSpace(text) == ""
}

// send reads http-check send.
func (c *httpCheck) send(d *haproxy.Directive) bool {
	for i := 2; i < len(d.Tokens); i += 2 {
		value := d.Word(i + 1)
		switch d.Word(i) {
		case "meth":
			c.method = value
		case "uri":
			c.uri = value
		case "ver":
			c.version = strings.TrimPrefix(value, "HTTP/")
		case "hdr":
			i++
			c.header(value, d.Word(i+1))
		default:
			return false
		}
	}
	return true
}

// header is one header that is sent. Host has a field of its own.
func (c *httpCheck) header(name, value string) {
	if strings.EqualFold(name, "host") {
		c.host = cmp.Or(value, c.host)
		return
	}
	h := mapping()
	h.set("name", name)
	h.set("value", value)
	c.headers = append(c.headers, h)
}

// expect reads http-check expect.
func (c *httpCheck) expect(d *haproxy.Directive) bool {
	words := d.Words()
	text := strings.Join(words[min(3, len(words)):], " ")
	switch d.Word(2) {
	case "status":
		c.status = statuses(text)
	case "string":
		c.body = cmp.Or(text, c.body)
	case "rstring":
		c.bodyRegex = cmp.Or(text, c.bodyRegex)
	case "rstatus":
		c.status = rangeOf(text)
		return c.status != nil
	default:
		return false
	}
	return true
}

// field is the check as health has it: what the profile says need not be written.
func (c *httpCheck) field(with profile) *node {
	out := mapping()
	if c.method != with.method {
		out.set("method", c.method)
	}
	out.set("uri", c.uri)
	out.set("host", c.host)
	if usual := map[bool]string{true: "1.1", false: "1.0"}[c.host != ""]; c.version != "" && c.version != usual {
		out.put("version", &node{text: c.version, quote: true})
	}
	out.set("headers", c.headers)
	switch {
	case c.body != "" || c.bodyRegex != "":
		out.set("body", c.body)
		out.set("body_regex", c.bodyRegex)
	case c.status == nil && with.expect != "":
		out.put("expect", of(word("200-399"))) // HAProxy's own where nothing is expected
	case c.status != nil && c.status.flow() != with.expect:
		out.put("expect", c.status)
	}
	return out
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
