package route

import (
	"iter"
	"strings"
)

// lower is the text with A to Z in lower case, which is all that HAProxy folds.
func lower(s string) string {
	for i := range len(s) {
		if s[i] >= 'A' && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if b[i] >= 'A' && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

// isName compares the names of two headers.
func isName(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }

// values parts a header's value at its commas, outside of quotes, as HAProxy's req.hdr
// does.
func values(value string) iter.Seq[string] {
	return func(yield func(string) bool) {
		rest := value
		for {
			i := comma(rest)
			if !yield(strings.Trim(rest[:i], " \t")) || i >= len(rest) {
				return
			}
			rest = rest[i+1:]
		}
	}
}

// comma is where the first value of a list ends.
func comma(s string) int {
	if strings.IndexByte(s, '"') < 0 {
		if i := strings.IndexByte(s, ','); i >= 0 {
			return i
		}
		return len(s)
	}
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ',' && !quoted:
			return i
		}
	}
	return len(s)
}

// params are the values of a parameter, as HAProxy's url_param has them: not decoded,
// and one without = is none.
func params(query, name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for len(query) > 0 {
			query = query[1:] // what parts it
			n := strings.IndexAny(query, "&;?")
			if n < 0 {
				n = len(query)
			}
			if value, ok := strings.CutPrefix(query[:n], name+"="); ok && !yield(value) {
				return
			}
			query = query[n:]
		}
	}
}

// decode is HAProxy's url_dec(1); false where a % has no two digits behind it.
func decode(s string) (string, bool) {
	if !strings.ContainsAny(s, "%+") {
		return s, true
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			out = append(out, ' ')
		case s[i] != '%':
			out = append(out, s[i])
		case i+2 < len(s) && hex(s[i+1]) >= 0 && hex(s[i+2]) >= 0:
			out = append(out, byte(hex(s[i+1])<<4|hex(s[i+2])))
			i += 2
		default:
			return "", false
		}
	}
	return string(out), true
}

func hex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	default:
		return -1
	}
}

// cookies are the values of a cookie in the request, as HAProxy's req.cook finds them:
// a comma parts a header first. Measured with 2.6, 3.0 and 3.2: a cookie without = is
// none, nor is an empty one that ends what a comma parts and has no blank before it.
func (w *walk) cookies(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range w.headers {
			if !isName(w.headers[i].name, "Cookie") {
				continue
			}
			for all := range values(w.headers[i].value) {
				for rest := all; len(rest) > len(name)+1; {
					var key, value string
					if key, value, rest = cookie(rest); key == name && !yield(value) {
						return
					}
				}
			}
		}
	}
}

// cookie takes the first cookie off a list as HAProxy does (http_extract_cookie_value);
// without a key where it is none.
func cookie(s string) (key, value, rest string) {
	n := strings.IndexAny(s, "=;,")
	if n < 0 {
		return "", "", ""
	}
	if s[n] != '=' {
		return "", "", s[n+1:]
	}
	key = strings.Trim(s[:n], " \t")
	if strings.HasPrefix(key, "$") { // an attribute of the one before
		key = ""
	}
	rest = strings.TrimLeft(s[n+1:], " \t")
	end := cookieEnd(rest)
	return key, strings.TrimRight(rest[:end], " \t"), rest[min(end+1, len(rest)):]
}

// cookieEnd is where the value of a cookie ends.
func cookieEnd(s string) int {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case !quoted && (s[i] == ',' || s[i] == ';'):
			return i
		}
	}
	return len(s)
}
