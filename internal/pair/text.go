package pair

import (
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// Text is a file whose lines are shown in findings, passwords hidden.
type Text struct {
	lines  []string
	secret *regexp.Regexp
}

// secrets are words behind which a password may stand: rather too many than too few.
var secrets = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:[\w-]*pass(?:word|wd)?\b|auth_hmac|\bkey\b|\bauth\b|dynamic-cookie-key|authorization|` +
		`[\w-]*(?:secret|token|api-?key)[\w-]*)["':=\s\\]+`)
})

func newText(data []byte) *Text {
	return &Text{lines: strings.Split(string(data), "\n"), secret: secrets()}
}

// Mask is a text as it may be shown.
func Mask(text string) string { return newText([]byte(text)).Masked(1) }

// Masked returns a line, counted from 1, as it may be shown. Columns stay true.
func (t *Text) Masked(n int) string {
	if n < 1 || n > len(t.lines) {
		return ""
	}
	line := strings.TrimSuffix(t.lines[n-1], "\r")
	at := t.secret.FindStringIndex(line)
	if at == nil || harmless(line, at[1]) {
		return line
	}
	return line[:at[1]] + strings.Repeat("*", utf8.RuneCountInString(line[at[1]:]))
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
		bare := strings.TrimSuffix(line, "\r")
		if i := t.secret.FindStringIndex(bare); i != nil && !harmless(bare, i[1]) {
			all = append(all, [2]int{at + i[1], at + len(bare)})
		}
		at += len(line) + 1
	}
	return all
}
