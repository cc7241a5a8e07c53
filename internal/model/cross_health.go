package model

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

// health looks at how a backend's servers are checked.
func (c *cross) health(at diag.Path, b Backend) {
	h, path := b.Health, at.Key("health")
	methods := []written{
		{"http", h.HTTP != nil}, {"tcp", len(h.TCP) > 0}, {"tls_hello", h.TLSHello}, {"mysql", h.MySQL != nil}, {"pgsql", h.PgSQL != nil},
		{"redis", h.Redis != nil}, {"smtp", h.SMTP != ""}, {"ldap", h.LDAP},
	}
	if h.Off {
		c.useless(path, "where checks are off", "take it out, or take off out", append(methods,
			written{"tls", h.TLS != nil}, written{"inter", h.Inter != 0}, written{"fastinter", h.FastInter != 0},
			written{"downinter", h.DownInter != 0},
			written{"rise", h.Rise != 0}, written{"fall", h.Fall != 0}, written{"port", h.Port != 0})...)
		return
	}
	c.oneOfThese(path, "servers are checked in one way", false, methods...)
	if h.HTTP != nil {
		c.healthHTTP(path.Key("http"), *h.HTTP)
	}
	for i, step := range h.TCP {
		c.tcpStep(path.Key("tcp").Index(i), step)
	}
	c.healthTLS(path, b)
}

func (c *cross) healthHTTP(path diag.Path, h HealthHTTP) {
	if h.Version == "1.1" && h.Host == "" && !c.failed[path.Key("host")] {
		c.add(path.Key("version"), "missing-field", "a request by HTTP/1.1 names a host",
			"servers answer 400 without: add host, or take version out")
	}
	c.oneOfThese(path, "one thing makes an answer good", false,
		written{"expect", len(h.Expect) > 0}, written{"body", h.Body != ""}, written{"body_regex", h.BodyRegex != ""})
	c.regex(path.Key("body_regex"), h.BodyRegex)
	if h.Method == "HEAD" && (h.Body != "" || h.BodyRegex != "") {
		c.add(path.Key("method"), "bad-value", "an answer to HEAD has no body, and the check waits for one",
			"write GET, or expect a status: as it is, every server counts as down")
	}
	for i, header := range h.Headers {
		c.healthHeader(path.Key("headers").Index(i), header)
	}
}

// healthHeader refuses what a check cannot send, or sends by itself.
func (c *cross) healthHeader(path diag.Path, h Header) {
	if h.Sample != "" {
		c.add(path.Key("sample"), "bad-value", "a check has no client whose request could be sampled", "write value")
	} else if h.Value.IsZero() && !c.hasFailedBelow(path) {
		c.add(path, "missing-field", fmt.Sprintf("header %s has no value", h.Name), "add value")
	}
	switch strings.ToLower(h.Name) {
	case "host":
		c.add(path.Key("name"), "bad-value", "the host of a check has a field of its own", "write host beside uri")
	case "content-length", "transfer-encoding", "connection":
		c.add(path.Key("name"), "bad-value", fmt.Sprintf("HAProxy makes %s itself", h.Name), "take it out")
	}
}

func (c *cross) tcpStep(path diag.Path, s TCPStep) {
	c.oneOfThese(path, "a step of a TCP check does exactly one thing", true,
		written{"send", !s.Send.IsZero()}, written{"expect", s.Expect != ""}, written{"expect_regex", s.ExpectRegex != ""})
	c.regex(path.Key("expect_regex"), s.ExpectRegex)
	if bad := CheckSent(s.Send.Literal); bad != "" && s.Send.Literal != "" && !s.IsSecret() {
		c.add(path.Key("send"), "bad-value", "bad value for send", bad)
	}
	expected, err := Unescape(s.Expect)
	if err == nil && strings.Contains(string(expected), "\x00") {
		err = errors.New(`HAProxy sees no answer beyond a \x00: expect something before it`)
	}
	if err != nil {
		c.add(path.Key("expect"), "bad-value", "bad value for expect", err.Error())
	}
}

// Unescape returns the bytes of a text in which \r, \n, \t, \\ and \xHH stand
// for one each.
func Unescape(text string) ([]byte, error) {
	var b []byte
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			b = append(b, text[i])
			continue
		}
		i++
		switch next := text[i:min(i+1, len(text))]; next {
		case "r", "n", "t", `\`:
			b = append(b, map[string]byte{"r": '\r', "n": '\n', "t": '\t', `\`: '\\'}[next])
		case "x":
			n, err := strconv.ParseUint(text[i+1:min(i+3, len(text))], 16, 8)
			if err != nil || i+3 > len(text) {
				return nil, errors.New(`expected two hexadecimal digits behind \x`)
			}
			b = append(b, byte(n))
			i += 2
		default:
			return nil, errors.New(`expected one of \r, \n, \t, \xHH and \\ where there is a backslash`)
		}
	}
	return b, nil
}

func (c *cross) regex(path diag.Path, expr string) {
	if bad := badRegex(expr); bad != "" {
		c.add(path, "bad-value", fmt.Sprintf("bad regular expression %q", expr), bad)
	}
}

// healthTLS looks at TLS in checks where the traffic may have none.
func (c *cross) healthTLS(path diag.Path, b Backend) {
	h, traffic, hello := b.Health, b.ServerDefaults.TLS, path.Key("tls_hello")
	if h.TLSHello && traffic.on() {
		c.add(hello, "bad-value", "tls_hello has no effect here", "checks shake hands by TLS anyhow, as server_defaults.tls says: take it out")
	}
	t := h.TLS
	if t == nil {
		return
	}
	path = path.Key("tls")
	switch {
	case h.TLSHello:
		c.add(path, "bad-value", "tls and tls_hello exclude each other", "tls_hello is a check by TLS already: keep one of them",
			c.elsewhere("the other is here", hello))
	case t.Off:
		if !b.speaksTLS() {
			c.add(path, "bad-value", "tls: false has no effect here", "checks speak TLS only where the traffic does: take it out")
		}
	case traffic.on() || b.speaksTLS(): // HAProxy has one verify for a server, and that of the traffic wins
		c.useless(path, "where the traffic has TLS of its own", "the check believes whom the traffic believes: take it out",
			written{"verify", t.Verify != ""}, written{"ca_file", t.CAFile != ""})
	case t.Verify == "none":
		c.useless(path, "with verify: none", "take it out, or write verify: required", written{"ca_file", t.CAFile != ""})
	case t.CAFile == "" && t.SNI == "" && !c.hasFailedBelow(path):
		c.add(path, "missing-field", "nothing says whose certificate is good for a check", noName)
	}
}

// speaksTLS says whether there is TLS to any server.
func (b *Backend) speaksTLS() bool {
	on := func(t *ServerTLS) bool { return !t.Over(b.ServerDefaults.TLS).Off }
	for i := range b.Servers {
		if on(b.Servers[i].TLS) {
			return true
		}
	}
	for i := range b.ServerTemplates {
		if on(b.ServerTemplates[i].TLS) {
			return true
		}
	}
	return false
}

// noName is what to do where any certificate of any public authority would do.
const noName = "any that a public authority has signed would do: write sni with the name that must stand in it, ca_file with your own " +
	"authority, or verify: none"
