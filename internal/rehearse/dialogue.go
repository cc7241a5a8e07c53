package rehearse

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/alike"
	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// check is what HAProxy asks the servers of a backend, as far as a stub has to
// know to answer: of the fields, or of raw lines that say it anew.
type check struct {
	health lab.Health
	// role is what a server must be to pass, in a cluster with one primary.
	role lab.Role
	// why says why no stub can answer; "" where one can.
	why   string
	twice bool // a good one counts as two
	// open are the patterns that must match since HAProxy has sent something: it looks
	// for all of them in one and the same text.
	open []*regexp.Regexp
	// answers says that HAProxy waits for an answer: one that hangs shows.
	answers bool
}

// checkedBy returns what HAProxy asks the servers of a backend.
func checkedBy(b *site.Backend) check {
	c := fieldCheck(&b.Health)
	for _, text := range b.Raw.Lines() {
		if d := haproxy.ReadLine(text); d != nil {
			c.raw(d.Words())
		}
	}
	c.answers = c.answers || c.health.Path != "" || len(c.health.Talks) > 0 || b.Health.TLSHello
	if c.health.Path != "" && c.role == lab.AnyRole {
		c.role = lab.PageRole(c.health.Path)
	}
	c.health.Member = c.role != lab.AnyRole
	return c
}

// fieldCheck is the check that the fields make.
func fieldCheck(h *site.Health) check {
	switch {
	case h.HTTP != nil:
		return httpCheck(h.HTTP)
	case len(h.TCP) > 0:
		var c check
		for _, s := range h.TCP {
			c.step(s)
		}
		return c
	case h.MySQL != nil:
		return builtIn("mysql-check")
	case h.PgSQL != nil:
		return builtIn("pgsql-check")
	case h.Redis != nil:
		return redisCheck(h.Redis)
	case h.SMTP != "":
		return builtIn("smtpchk")
	case h.LDAP:
		return builtIn("ldap-check")
	default:
		return check{}
	}
}

func httpCheck(h *site.HealthHTTP) check {
	c := check{health: lab.Health{Path: h.URI, Body: h.Body}, answers: true}
	if len(h.Expect) > 0 && !slices.ContainsFunc(h.Expect, func(r model.StatusRange) bool { return r.From <= 200 && 200 <= r.To }) {
		c.health.Status = h.Expect[0].From
	}
	if h.BodyRegex != "" {
		c.health.Body, c.health.Whole = c.example(h.BodyRegex), true
	}
	return c
}

func redisCheck(r *site.HealthRedis) check {
	var c check
	if !r.Password.IsZero() {
		c.hear(nil)
		c.say([]byte("+OK\r\n"))
	}
	if r.Role == "primary" {
		c.hear([]byte("info replication\r\n"))
		c.expect("role:master")
		return c
	}
	if !r.Password.IsZero() {
		c.hear([]byte("PING\r\n"))
		c.say([]byte("+PONG\r\n"))
		return c
	}
	return builtIn("redis-check")
}

// builtIn is a check that HAProxy knows by one word (its checks.c and tcpcheck.c).
func builtIn(kind string) check {
	c := check{twice: kind == "mysql-check" || kind == "ldap-check"}
	switch kind {
	case "smtpchk":
		c.say([]byte("220 rehearsal ESMTP\r\n"))
		c.hear(nil)
		c.say([]byte("250 rehearsal\r\n"))
		c.hear(nil)
		c.say([]byte("221 bye\r\n"))
	case "ldap-check": // a bind as nobody, and its result (RFC 4511 4.2)
		c.hear([]byte{0x30, 0x0c, 0x02, 0x01, 0x01, 0x60, 0x07, 0x02, 0x01, 0x03, 0x04, 0x00, 0x80, 0x00})
		c.say([]byte{0x30, 0x0c, 0x02, 0x01, 0x01, 0x61, 0x07, 0x0a, 0x01, 0x00, 0x04, 0x00, 0x04, 0x00})
	case "mysql-check": // with a user HAProxy logs in before it has been greeted
		hello, ok := lab.Turn{Say: mysqlGreeting()}, lab.Turn{Say: []byte{7, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0}}
		c.health.Talks = []lab.Talk{{hello}, {{Any: true}, hello, ok}}
	case "pgsql-check": // a start-up message of version 3.0 begins with its length; AuthenticationOk
		c.hear(nil)
		c.say([]byte{'R', 0, 0, 0, 8, 0, 0, 0, 0})
	case "redis-check":
		c.hear([]byte("*1\r\n$4\r\nPING\r\n"))
		c.say([]byte("+PONG\r\n"))
	}
	return c
}

// mysqlGreeting is the first packet of a MySQL server (protocol 10).
func mysqlGreeting() []byte {
	b := append([]byte{10}, "8.0.36-rehearsal\x00"...)
	b = append(b, 1, 0, 0, 0)                   // thread
	b = append(b, "saltsalt\x00"...)            // first part of the salt
	b = append(b, 0xff, 0xf7, 0x21, 2, 0, 0xff) // what it can, utf8, autocommit
	b = append(b, 0x81, 21)
	b = append(b, make([]byte, 10)...)
	b = append(b, "saltsaltsalt\x00mysql_native_password\x00"...)
	return append([]byte{byte(len(b)), 0, 0, 0}, b...)
}

// step is one of a TCP check of the fields.
func (c *check) step(s model.TCPStep) {
	switch {
	case s.Expect != "":
		text, _ := model.Unescape(s.Expect)
		c.expect(string(text))
	case s.ExpectRegex != "":
		c.match(s.ExpectRegex)
	case s.IsSecret():
		c.hear(nil)
	default:
		text, _ := model.Unescape(s.Send.Literal)
		c.hear(text)
	}
}

// turn adds a turn to the connection that is open.
func (c *check) turn(t lab.Turn) {
	if len(c.health.Talks) == 0 {
		c.health.Talks = []lab.Talk{nil}
	}
	last := &c.health.Talks[len(c.health.Talks)-1]
	*last = append(*last, t)
}

// hear adds what HAProxy sends; nil for what is not known.
func (c *check) hear(sent []byte) {
	c.open = nil
	c.turn(lab.Turn{Hear: sent, Any: sent == nil})
}

// match adds a pattern that must match. Where others must match the same text, it is
// one that all of them do.
func (c *check) match(pattern string) {
	text := c.example(pattern)
	re, err := regexp.Compile(pattern)
	if err != nil {
		return // example has said so
	}
	c.open = append(c.open, re)
	if len(c.open) == 1 {
		c.say([]byte(text + "\r\n"))
		return
	}
	talk := c.health.Talks[len(c.health.Talks)-1]
	before := &talk[len(talk)-1]
	for _, whole := range []string{string(before.Say) + text + "\r\n", text + " " + string(before.Say)} {
		if !slices.ContainsFunc(c.open, func(re *regexp.Regexp) bool { return !re.MatchString(whole) }) {
			before.Say = []byte(whole)
			return
		}
	}
	c.cannot(pattern)
}

func (c *check) say(said []byte) { c.turn(lab.Turn{Say: said}) }

// expect adds a text that must come. Redis tells by it who is primary.
func (c *check) expect(text string) {
	t := lab.Turn{Say: []byte(text + "\r\n")}
	switch {
	case strings.Contains(text, "role:master"):
		c.role, t.Otherwise = lab.Primary, []byte("role:slave\r\n")
	case strings.Contains(text, "role:slave"), strings.Contains(text, "role:replica"):
		c.role, t.Otherwise, t.Say = lab.Replica, t.Say, []byte("role:master\r\n")
	}
	if c.role == lab.AnyRole {
		c.match(regexp.QuoteMeta(text))
		return
	}
	c.open = append(c.open, regexp.MustCompile(regexp.QuoteMeta(text)))
	c.turn(t)
}

// raw reads a line of the backend's own.
func (c *check) raw(w []string) {
	switch {
	case len(w) > 1 && w[0] == "option" && slices.Contains([]string{"smtpchk", "ldap-check", "mysql-check", "pgsql-check", "redis-check"},
		w[1]):
		*c = builtIn(w[1])
	case len(w) > 1 && w[0] == "option" && w[1] == "tcp-check":
		*c = check{}
	case len(w) > 1 && w[0] == "option" && w[1] == "httpchk":
		*c = check{health: lab.Health{Path: httpchkPath(w[2:])}, answers: true}
	case w[0] == "external-check" || len(w) > 1 && w[0] == "option" && w[1] == "external-check":
		c.why = "its check is a program of the node's own"
	case len(w) > 1 && w[0] == "tcp-check":
		c.rawTCP(w[1:])
	case len(w) > 1 && w[0] == "http-check":
		c.rawHTTP(w[1:])
	}
}

// httpchkPath is the path of option httpchk [METHOD] URI [VERSION].
func httpchkPath(w []string) string {
	for _, word := range w {
		if strings.HasPrefix(word, "/") {
			return word
		}
	}
	return "/"
}

func (c *check) rawTCP(w []string) {
	switch w[0] {
	case "connect":
		if len(c.health.Talks) > 0 && len(c.health.Talks[len(c.health.Talks)-1]) > 0 {
			c.health.Talks = append(c.health.Talks, nil) // the next connection
		}
	case "send":
		c.hear([]byte(strings.Join(w[1:min(2, len(w))], "")))
	case "send-binary":
		sent, err := hex.DecodeString(strings.Join(w[1:min(2, len(w))], ""))
		if err != nil {
			sent = nil
		}
		c.hear(sent)
	case "send-lf", "send-binary-lf":
		c.hear(nil)
	case "expect":
		c.rawExpect(w[1:])
	}
}

// rawExpect is [min-recv N] [comment TEXT] … [!] KIND PATTERN.
func (c *check) rawExpect(w []string) {
	least := 0
	kinds := []string{"string", "rstring", "binary", "rbinary", "string-lf", "binary-lf", "custom"}
	for len(w) > 1 && !slices.Contains(kinds, w[0]) {
		if w[0] == "!" { // what must not come
			c.say([]byte("rehearsal\r\n"))
			return
		}
		if w[0] == "min-recv" {
			least, _ = strconv.Atoi(w[1])
		}
		w = w[2:]
	}
	if len(w) < 2 {
		return
	}
	switch w[0] {
	case "string":
		c.expect(w[1])
	case "rstring":
		c.match(w[1])
	case "binary":
		said, _ := hex.DecodeString(w[1])
		c.say(said)
	case "rbinary":
		said, err := hex.DecodeString(c.example(w[1]))
		if err != nil {
			c.cannot(w[1])
		}
		c.say(said)
	default:
		c.cannot(w[1])
	}
	if talk := c.health.Talks[len(c.health.Talks)-1]; least > 0 {
		t := &talk[len(talk)-1]
		t.Say = append(t.Say, bytes.Repeat([]byte{'\n'}, max(0, least-len(t.Say)))...)
	}
}

func (c *check) rawHTTP(w []string) {
	if i := slices.Index(w, "uri"); w[0] == "send" && i > 0 && i+1 < len(w) {
		c.health.Path = w[i+1]
	}
	if w[0] != "expect" || len(w) < 3 || slices.Contains(w, "!") {
		return
	}
	switch kind, what := w[len(w)-2], w[len(w)-1]; kind {
	case "status":
		if n, err := strconv.Atoi(strings.FieldsFunc(what, func(r rune) bool { return r == ',' || r == '-' })[0]); err == nil {
			c.health.Status = n
		}
	case "rstatus":
		c.health.Status, _ = strconv.Atoi(c.example(what))
	case "string":
		c.health.Body = what
	case "rstring":
		c.health.Body, c.health.Whole = c.example(what), true
	}
}

func (c *check) cannot(pattern string) {
	c.why = fmt.Sprintf("no stub knows what to answer where %q is expected", pattern)
}

// example returns a text that the pattern matches.
func (c *check) example(pattern string) string {
	text, ok := alike.Example(pattern)
	if !ok {
		c.cannot(pattern)
	}
	return text
}
