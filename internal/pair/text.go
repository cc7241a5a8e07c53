package pair

import (
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/source"
)

// Text is a file whose lines are shown in findings, passwords hidden.
type Text struct {
	lines  []string
	secret *regexp.Regexp
}

// words are those behind which a password may stand: rather too many than too few.
var words = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:[\w-]*pass(?:word|wd)?\b|auth_hmac|\bkey\b|\bauth\b|dynamic-cookie-key|authorization|` +
		`[\w-]*(?:secret|token|api-?key)[\w-]*)["':=\s\\]+`)
})

func newText(data []byte) *Text {
	return &Text{lines: strings.Split(string(data), "\n"), secret: words()}
}

// Mask is a text as it may be shown.
func Mask(text string) string { return newText([]byte(text)).Masked(1) }

// Masked returns a line, counted from 1, as it may be shown. Columns stay true.
func (t *Text) Masked(n int) string {
	line := t.Line(n)
	var b strings.Builder
	at := 0
	for _, s := range t.secrets(line) {
		b.WriteString(line[at:s[0]])
		b.WriteString(strings.Repeat("*", utf8.RuneCountInString(line[s[0]:s[1]])))
		at = s[1]
	}
	return b.String() + line[at:]
}

// secrets are the stretches of a line, in bytes, that may not be shown: what the rules
// of a site file call a secret, and all behind a word such as password.
func (t *Text) secrets(line string) [][2]int {
	all := haproxy.Secrets(line, source.IsCredential, source.SendsPassword)
	at := t.secret.FindStringIndex(line)
	if at == nil || harmless(line, at[1]) {
		return all
	}
	var kept [][2]int
	for _, s := range all {
		if s[0] < at[1] {
			kept = append(kept, [2]int{s[0], min(s[1], at[1])})
		}
	}
	return append(kept, [2]int{at[1], len(line)})
}

// conceal hides in a text about line n what of that line may not be shown.
func (t *Text) conceal(n int, text string) string {
	line := t.Line(n)
	for _, s := range haproxy.Secrets(line, source.IsCredential, source.SendsPassword) {
		for word := range strings.FieldsSeq(line[s[0]:s[1]]) {
			text = hideWord(text, word)
		}
	}
	for _, s := range t.secrets(line) {
		text = hideWord(text, strings.TrimSpace(line[s[0]:s[1]]))
	}
	return text
}

// hideWord puts asterisks in place of a word, with its quotes or without. A word of
// few letters would be found in any sentence.
func hideWord(text, word string) string {
	for _, w := range []string{word, strings.Trim(word, `"'`)} {
		if len(w) >= 4 {
			text = strings.ReplaceAll(text, w, "****")
		}
	}
	return text
}

// harmless says whether what stands behind is a word of the grammar: auth_type PASS
// opens no secret.
func harmless(line string, from int) bool {
	rest := strings.TrimSpace(line[from:])
	return rest == "" || rest == "{" || strings.HasPrefix(rest, "#")
}

// Line returns a line as it stands, counted from 1.
func (t *Text) Line(n int) string {
	if n < 1 || n > len(t.lines) {
		return ""
	}
	return strings.TrimSuffix(t.lines[n-1], "\r")
}

// Lines is how many lines the file has.
func (t *Text) Lines() int { return len(t.lines) }

// Hides says whether a line has something that may not be shown.
func (t *Text) Hides(n int) bool { return t.Masked(n) != t.Line(n) }

// Hidden are the stretches of the text, in bytes, that may not be shown.
func (t *Text) Hidden() [][2]int {
	var all [][2]int
	at := 0
	for _, line := range t.lines {
		for _, s := range t.secrets(strings.TrimSuffix(line, "\r")) {
			all = append(all, [2]int{at + s[0], at + s[1]})
		}
		at += len(line) + 1
	}
	return all
}
