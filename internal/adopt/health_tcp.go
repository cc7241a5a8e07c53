package adopt

import (
	"fmt"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
)

func otherHealth(n *node, lines []*haproxy.Directive) bool {
	if len(lines) != 1 {
		return len(lines) == 0
	}
	d := lines[0]
	user := mapping()
	user.set("user", d.Word(3))
	switch d.Word(1) {
	case "mysql-check":
		n.set("mysql", user)
		return d.Word(2) == "user" && len(d.Tokens) == 4
	case "pgsql-check":
		n.set("pgsql", user)
		return d.Word(2) == "user" && len(d.Tokens) == 4
	case "redis-check":
		n.put("redis", mapping())
		n.under["redis"] = of(word("{}"))
		return len(d.Tokens) == 2
	case "ldap-check":
		n.set("ldap", true)
		return len(d.Tokens) == 2
	case "ssl-hello-chk":
		n.set("tls_hello", true)
		return len(d.Tokens) == 2
	case "smtpchk":
		n.set("smtp", d.Word(3))
		return d.Word(2) == "HELO" && len(d.Tokens) == 4
	}
	return false
}

// tcpHealth reads option tcp-check with its steps. What is sent may be a password: it
// goes into a file then.
func (h *sections) tcpHealth(n *node, lines []*haproxy.Directive) bool {
	var steps []*node
	for i, d := range lines {
		step := mapping()
		switch {
		case i == 0 && d.Word(0) == "option" && d.Word(1) == "tcp-check":
			continue
		case d.Word(0) != "tcp-check" || i == 0:
			return false
		case d.Word(1) == "send" && len(d.Tokens) == 3:
			text := escaped(d.Word(2))
			if h.pair.Texts[d.Range.File].Hides(d.Range.Start.Line) {
				step.put("send", h.secret("tcp_check", text))
			} else {
				step.set("send", text)
			}
		case d.Word(1) == "expect" && d.Word(2) == "string" && len(d.Tokens) == 4:
			step.set("expect", escaped(d.Word(3)))
		case d.Word(1) == "expect" && d.Word(2) == "rstring" && len(d.Tokens) == 4:
			step.set("expect_regex", d.Word(3))
		default:
			return false
		}
		steps = append(steps, step)
	}
	n.set("tcp", steps)
	return len(steps) > 0
}

// escaped is a text as a step of a TCP check has it.
func escaped(text string) string {
	var b strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\\':
			b.WriteString(`\\`)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
