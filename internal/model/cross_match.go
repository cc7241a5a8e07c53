package model

import (
	"fmt"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

// match looks at one item of a when.
func (c *cross) match(r *routed, path diag.Path, m *Match) {
	all := m.Criteria()
	if len(all) != 1 {
		if !c.hasFailedBelow(path) {
			c.oneCriterion(path, all)
		}
		return
	}
	key := all[0]
	switch {
	case r.mode == ModeTCP && !m.OfConnection():
		c.onlyHTTP(path.Key(key), key)
		return
	case m.IgnoreCase && !hasCase(key):
		c.add(path.Key("ignore_case"), "bad-value", fmt.Sprintf("ignore_case means nothing for %s", key), "take it out")
	}
	c.ofTLS(r, path, key, m)
	c.words(path, m)
	c.named(path.Key("header"), m.Header)
	c.named(path.Key("url_param"), m.URLParam)
	c.named(path.Key("cookie"), m.Cookie)
	if m.Down != "" && !r.targets.names[m.Down] {
		c.refer(path.Key("down"), m.Down, r.targets.known)
	}
}

func (c *cross) oneCriterion(path diag.Path, all []string) {
	if len(all) == 0 {
		c.add(path, "missing-field", "an item of when matches nothing", "add what must match: host, path_beg, src, …")
		return
	}
	c.add(path, "bad-value", "an item of when matches one thing, and this one "+join2(all), "write an item for each: all items must match")
}

func hasCase(key string) bool {
	switch key {
	case "method", "src", "port", "tls", "acme", "client_certificate", "down":
		return false
	default:
		return true
	}
}

// ofTLS wants TLS to be where something of it is looked at.
func (c *cross) ofTLS(r *routed, path diag.Path, key string, m *Match) {
	if r.front == nil {
		if m.OfClientHello() && r.mode == ModeTCP {
			c.add(path.Key(key), "bad-value", fmt.Sprintf("%s is not known in a TCP backend", key), "write this as a route of the frontend")
		}
		return
	}
	if summary, detail := r.lacksTLS(key, m); summary != "" && !c.hasFailedBelow(r.path.Key("binds")) {
		c.add(path.Key(key), "missing-field", summary, detail)
	}
}

// lacksTLS says what the binds of a frontend lack for a match, "" if nothing.
func (r *routed) lacksTLS(key string, m *Match) (summary, detail string) {
	switch {
	case m.OfClientHello() && r.mode == ModeTCP:
		if r.tls > 0 && r.tls < len(r.front.Binds) {
			return "TLS ends at some of this frontend's binds and passes through others", "write a frontend for each kind"
		}
	case (m.TLS != nil || m.OfClientHello()) && r.tls == 0:
		return key + ", and no bind of this frontend ends TLS", "give one of them tls: {certificate: …}, or take this out"
	case m.ClientCertificate != nil && !r.asks:
		return "no bind of this frontend asks clients for a certificate", "give one of them tls: {client_ca: …, client_verify: optional}"
	}
	return "", ""
}

// words looks at the values of a match.
func (c *cross) words(path diag.Path, m *Match) {
	for i, end := range m.HostEnd {
		c.dotted(path.Key("host_end").Index(i), end)
	}
	for i, end := range m.SNIEnd {
		c.dotted(path.Key("sni_end").Index(i), end)
	}
	for i, method := range m.Method {
		if method != strings.ToUpper(method) {
			c.add(path.Key("method").Index(i), "bad-value", fmt.Sprintf("bad value %q for method", method),
				"methods are written in upper case: "+strings.ToUpper(method))
		}
	}
	c.regexes(path.Key("host_regex"), m.HostRegex)
	c.regexes(path.Key("path_regex"), m.PathRegex)
}

// dotted wants the end of a name to begin where a part of the name does.
func (c *cross) dotted(path diag.Path, end string) {
	if end != "" && end[0] != '.' {
		c.add(path, "bad-value", fmt.Sprintf("bad value %q: it does not begin with a dot", end),
			fmt.Sprintf("evil%s ends so too: write .%s, and %s itself where it is meant, as a match of its own", end, end, end))
	}
}

// named looks at a match of a header, a parameter or a cookie.
func (c *cross) named(path diag.Path, m *HeaderMatch) {
	if m == nil {
		return
	}
	ways := keys([]written{{"value", m.Value != nil}, {"beg", m.Beg != nil}, {"end", m.End != nil}, {"contains", m.Contains != nil},
		{"regex", m.Regex != nil}})
	if len(ways) > 1 {
		c.add(path, "bad-value", "a value is compared in one way, and this one "+join2(ways), "write an item for each: all items must match")
	}
	c.braces(path.Key("value"), m.Value)
	c.braces(path.Key("beg"), m.Beg)
	c.braces(path.Key("end"), m.End)
	c.braces(path.Key("contains"), m.Contains)
	c.regexes(path.Key("regex"), m.Regex)
}

// braces refuses the one word that HAProxy takes for the end of a condition,
// quoted or not.
func (c *cross) braces(path diag.Path, words Words) {
	for i, w := range words {
		if w == "}" {
			c.add(path.Index(i), "bad-value", `bad value "}"`, "HAProxy cannot look for this alone: write more of it, or a regex")
		}
	}
}

// regexes refuses what is no regular expression in any of the dialects that
// HAProxy may be built with. The rest is for `lbgen check` to find.
func (c *cross) regexes(path diag.Path, words Words) {
	for i, w := range words {
		if bad := badRegex(w); bad != "" {
			c.add(path.Index(i), "bad-value", fmt.Sprintf("bad regular expression %q", w), bad)
		}
	}
}

// badRegex says what is wrong with a regular expression, "" if nothing is for
// certain.
func badRegex(text string) string {
	open, class := 0, false
	for i := 0; i < len(text); i++ {
		switch ch := text[i]; {
		case ch == '\\' && i+1 == len(text):
			return "a backslash at its end stands before nothing"
		case ch == '\\' && strings.HasPrefix(text[i:], `\Q`):
			return "" // up to \E nothing has a meaning
		case ch == '\\':
			i++
		case class && strings.HasPrefix(text[i:], "[:") && strings.Contains(text[i:], ":]"):
			i += strings.Index(text[i:], ":]") + 1
		case class:
			class = ch != ']'
		case ch == '[':
			class = true
			rest := strings.TrimPrefix(strings.TrimPrefix(text[i+1:], "^"), "]") // which is one of the class where it comes first
			i = len(text) - len(rest) - 1
		case ch == '(':
			open++
		case ch == ')':
			open--
		}
		if open < 0 {
			return "a ) closes nothing: write \\) for the character itself"
		}
	}
	switch {
	case class:
		return "a [ is never closed: write \\[ for the character itself"
	case open > 0:
		return "a ( is never closed: write \\( for the character itself"
	case text == "}":
		return "HAProxy takes it for the end of a condition: write \\}"
	case text != "" && strings.IndexByte("*+?", text[0]) >= 0:
		return fmt.Sprintf("there is nothing before the %c to repeat", text[0])
	default:
		return ""
	}
}
