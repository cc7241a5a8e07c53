package source

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/lbgen/lbgen/internal/diag"
)

// Word processors, wikis and chats put blanks into copied text that look like a
// space. To YAML they are letters: they indent nothing and separate nothing.

const blankRemedy = "YAML knows plain spaces only: put a space in its place"

// isStrangeBlank says whether r looks like a space or like nothing, and is not
// what YAML takes for one.
func isStrangeBlank(r rune) bool {
	switch r {
	case 0x180e, 0x200b, 0x200c, 0x200d, 0x2060:
		return true
	}
	return r >= 0x80 && unicode.IsSpace(r)
}

// blankNamed says in words which blank r is.
func blankNamed(r rune) string {
	name := "a blank"
	switch r {
	case 0xa0:
		name = "a no-break space"
	case 0x202f:
		name = "a narrow no-break space"
	case 0x3000:
		name = "a wide (ideographic) space"
	case 0x180e, 0x200b, 0x200c, 0x200d, 0x2060:
		name = "a blank without width"
	}
	return fmt.Sprintf("%s (U+%04X) stands where a plain space belongs", name, r)
}

// strangeBlank finds the first blank in the line that was meant to indent it, or
// to part a key or a dash from what comes behind. It returns the byte offset,
// or -1.
func strangeBlank(line string) int {
	indents := true
	var before rune
	for i, r := range line {
		switch {
		case !isStrangeBlank(r):
			indents = indents && strings.ContainsRune(" \t-?", r)
			if r == '#' && (i == 0 || before == ' ') {
				return -1 // a comment
			}
		case indents, before == ':', strings.HasPrefix(strings.TrimLeftFunc(line[i:], isStrangeBlank), ":"):
			return i
		}
		before = r
	}
	return -1
}

// blankNear finds such a blank in the line or its neighbours.
func (f *File) blankNear(line int) (diag.Pos, rune, bool) {
	if f.ascii {
		return diag.Pos{}, 0, false
	}
	for _, n := range []int{line, line - 1, line + 1} {
		text := f.Line(n)
		if i := strangeBlank(text); i >= 0 {
			r, _ := utf8.DecodeRuneInString(text[i:])
			return diag.Pos{Line: n, Column: utf8.RuneCountInString(text[:i]) + 1}, r, true
		}
	}
	return diag.Pos{}, 0, false
}

// isCurlyQuote says whether r is a quote as word processors set it.
func isCurlyQuote(r rune) bool {
	return strings.ContainsRune("\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb", r)
}

// blanks refuses curly quotes around a value, and a plain value or key that such a
// blank has become a part of: at its beginning or end, or behind a colon.
func (w *walk) blanks(y *yaml.Node) {
	if w.file.ascii || y.Kind != yaml.ScalarNode || y.Style != 0 {
		return
	}
	r, _ := utf8.DecodeRuneInString(y.Value)
	last, _ := utf8.DecodeLastRuneInString(y.Value)
	if isCurlyQuote(r) && isCurlyQuote(last) {
		w.add(y, "bad-character", "curly quotes stand around the value: to YAML they are letters, and a part of it",
			"put plain quotes (\" or ') in their place, or none", nil)
		return
	}
	if !isStrangeBlank(r) {
		r = last
	}
	if _, behind, ok := strings.Cut(y.Value, ":"); ok && !isStrangeBlank(r) {
		r, _ = utf8.DecodeRuneInString(behind)
	}
	if isStrangeBlank(r) {
		w.add(y, "bad-character", blankNamed(r), blankRemedy, nil)
	}
}
