package keepalived

import (
	"bytes"

	"github.com/lbgen/lbgen/internal/diag"
)

// Token is one word as the daemon takes it, its quotes gone.
type Token struct {
	Text  string
	Range diag.Range // quotes included
}

// piece is a word that has no place yet.
type piece struct {
	text string
	at   []int
}

// split takes a line apart as alloc_strvec_r does: a double quote begins and ends
// a word wherever it stands, and nothing has an escape. ok is false where the last
// quote is not closed: the words before it count.
func split(t text) (words []piece, ok bool) {
	for i := 0; ; {
		for i < len(t.s) && bytes.IndexByte([]byte(whiteSpace), t.s[i]) >= 0 {
			i++
		}
		if i == len(t.s) {
			return words, true
		}
		start := i
		if t.s[i] == '"' {
			n := bytes.IndexByte(t.s[i+1:], '"')
			if n < 0 {
				return words, false
			}
			i += n + 2
			words = append(words, piece{string(t.s[start+1 : i-1]), t.at[start:i]})
			continue
		}
		n := bytes.IndexAny(t.s[i:], whiteSpace+`"`)
		if n < 0 {
			n = len(t.s) - i
		}
		i += n
		words = append(words, piece{string(t.s[start:i]), t.at[start:i]})
	}
}

// splitEscaped takes a line apart as alloc_strvec_quoted_escaped does, which the
// daemon uses for what it runs: both quotes count, also within a word, and a
// backslash begins an escape everywhere. ok is false where a quote is not closed or
// the last character is a backslash: then there are no words at all.
func splitEscaped(t text) (words []piece, ok bool) {
	for i := 0; ; {
		for i < len(t.s) && bytes.IndexByte([]byte(whiteSpace), t.s[i]) >= 0 {
			i++
		}
		if i == len(t.s) {
			return words, true
		}
		start := i
		var word []byte
		if word, i, ok = escapedWord(t.s, i); !ok {
			return nil, false
		}
		words = append(words, piece{string(word), t.at[start:i]})
	}
}

// escapedWord reads one word from i on, and returns where it ends. A quote that is
// not closed is a fault only where text stands at the end: not behind an escape, and
// not where the quote itself is the last character.
func escapedWord(s []byte, i int) (word []byte, end int, ok bool) {
	quote, open := byte(0), false
	for i < len(s) {
		c := s[i]
		switch {
		case c == '\\':
			if i+1 == len(s) {
				return nil, i, false
			}
			var b byte
			b, i = escape(s, i+1)
			word, open = append(word, b), false
			continue
		case quote != 0 && c == quote:
			quote, open = 0, false
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote == 0 && bytes.IndexByte([]byte(whiteSpace), c) >= 0:
			return cString(word), i, true
		default:
			word, open = append(word, c), quote != 0
		}
		i++
	}
	return cString(word), i, !open
}

// cString ends the word at a zero byte, which an escape can make.
func cString(word []byte) []byte {
	if i := bytes.IndexByte(word, 0); i >= 0 {
		return word[:i]
	}
	return word
}

// escape returns the byte of the escape whose letter stands at i, and what comes
// behind it.
func escape(s []byte, i int) (byte, int) {
	c := s[i]
	switch {
	case c == 'x' && i+1 < len(s) && isHex(s[i+1]):
		var b byte
		for i++; i < len(s) && isHex(s[i]); i++ {
			b = b<<4 | hexValue(s[i])
		}
		return b, i
	case c == 'c' && i+1 < len(s):
		return s[i+1] & 0x1f, i + 2
	case c >= '0' && c <= '7':
		var b byte
		for n := 0; n < 3 && i < len(s) && s[i] >= '0' && s[i] <= '7'; n++ {
			b = b<<3 + s[i] - '0'
			i++
		}
		return b, i
	}
	if j := bytes.IndexByte([]byte("abEfnrtv"), c); j >= 0 {
		return "\a\b\x1b\f\n\r\t\v"[j], i + 1
	}
	return c, i + 1
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

func hexValue(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return 10 + c - 'A'
	default:
		return 10 + c - 'a'
	}
}

// Command returns the program and the arguments of a script's or a notify line's
// word, as the daemon runs them; none where it cannot be taken apart.
func Command(word string) []string {
	pieces, _ := splitEscaped(made(word, 0))
	var all []string
	for _, p := range pieces {
		all = append(all, p.text)
	}
	return all
}
