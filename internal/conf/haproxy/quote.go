package haproxy

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// plainWord are characters that mean nothing to HAProxy in a word; plainArgument are those
// that mean nothing among the arguments of a function either.
const (
	plainArgument = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+="
	plainWord     = plainArgument + ",()[]"
)

// quote returns a word that HAProxy's parser reads back as text (configuration.txt
// 2.2, "Quoting and escaping"). Between single quotes nothing but the single
// quote itself has a meaning; what a line cannot carry, such as a line break, has
// an escape outside of them.
func quote(text string) string {
	if text != "" && isPlain(text) {
		return text
	}
	if !strings.ContainsFunc(text, isUnprintable) {
		return quotes(text)
	}
	var b strings.Builder
	for text != "" {
		n := strings.IndexFunc(text, isUnprintable)
		if n < 0 {
			n = len(text)
		}
		if n > 0 {
			b.WriteString(quotes(text[:n]))
			text = text[n:]
			continue
		}
		b.WriteString(escaped(text[0]))
		text = text[1:]
	}
	return b.String()
}

func isPlain(text string) bool {
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c >= 'A' && c <= 'Z':
		case strings.IndexByte(plainWord, c) < 0:
			return false
		}
	}
	return true
}

// isUnprintable is true of control characters, and of what is no UTF-8.
func isUnprintable(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError }

func escaped(b byte) string {
	switch b {
	case '\r':
		return `\r`
	case '\n':
		return `\n`
	case '\t':
		return `\t`
	default:
		return fmt.Sprintf(`\x%02x`, b)
	}
}

// quotes puts the text between single quotes, whatever it is.
func quotes(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
