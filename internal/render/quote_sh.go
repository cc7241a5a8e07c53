package render

import "strings"

// shQuote returns s as one word of a POSIX shell. Within single quotes nothing
// is special but the quote itself, which is written outside of them.
func shQuote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
