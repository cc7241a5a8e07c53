package keepalived

import "bytes"

// decomment does what decomment in parser.c does to a line, and a little less than
// one would wish: it cuts the comment off and the blanks around the line, and takes
// the backslash from an escaped comment sign. A backslash at the end stays, even
// behind a comment. comment is what was cut off; closed is false where a double
// quote is not closed.
func decomment(t text) (line, comment text, closed bool) {
	t = t.trimLeft()
	quote, skip, continued := false, -1, false
	for i := 0; i < len(t.s); {
		n := bytes.IndexAny(t.s[i:], "!#\"\\")
		if n < 0 {
			break
		}
		i += n
		switch c := t.s[i]; {
		case c == '"':
			quote = quote != (skip < 0)
		case c == '\\' && i+1 == len(t.s):
			continued = true
			i-- // it is taken off below
			t = t.slice(0, len(t.s)-1)
		case c == '\\' && !quote && (t.s[i+1] == '#' || t.s[i+1] == '!'):
			t = add(t.slice(0, i), t.from(i+1))
		case c == '\\':
			i++
		case !quote && skip < 0:
			skip = i
		}
		i++
	}
	last := 0
	if len(t.at) > 0 {
		last = t.at[len(t.at)-1]
	}
	if skip >= 0 {
		t, comment = t.slice(0, skip), t.from(skip)
	}
	t = t.trimRight()
	if continued {
		t = add(t, made(`\`, last+1))
	}
	return t, comment, !quote
}
