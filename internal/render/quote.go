package render

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// quoteHAProxy returns a word that HAProxy's parser reads back as text
// (configuration.txt 2.2, "Quoting and escaping"). Between single quotes
// nothing but the single quote itself has a meaning; what a line cannot carry,
// such as a line break, has an escape outside of them.
func quoteHAProxy(text string) string {
	if text != "" && strings.Trim(text, plain) == "" {
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

// plain characters have no meaning to any of the grammars.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,@%+=()[]"

// quoteKeepalived returns a word that Keepalived's parser reads back as text.
// Between double quotes it takes every character as it is, comment signs
// included, but for the double quote and the backslash, which the model refuses
// (model.CheckAuthPass says why).
func quoteKeepalived(text string) string { return `"` + text + `"` }
