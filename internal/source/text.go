package source

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/lbgen/lbgen/internal/diag"
)

const byteOrderMark = "\ufeff"

const emptyRemedy = "a site file begins with \"version: 1\" and \"site: NAME\"; `lbgen init` writes a whole one"

// checkText finds what the YAML parser would report without a place, in words
// that help nobody, or after minutes: bytes that are not UTF-8, control
// characters, nothing at all, several documents, directives, and more values
// than memory should hold.
func (f *File) checkText() diag.List {
	if strings.HasPrefix(f.text, "\xff\xfe") || strings.HasPrefix(f.text, "\xfe\xff") {
		return f.fault("bad-character", diag.Pos{Line: 1, Column: 1}, "the file is UTF-16", "save it as UTF-8")
	}
	if strings.TrimSpace(f.text) == "" {
		return f.fault("empty", diag.Pos{Line: 1, Column: 1}, "the file is empty", emptyRemedy)
	}
	for n := range f.lines {
		if col, what := badCharacter(f.Line(n + 1)); what != "" {
			return f.fault("bad-character", diag.Pos{Line: n + 1, Column: col}, what, "a site file is plain UTF-8 text: take it out")
		}
	}
	if atLeastNodes(f.text) > MaxNodes {
		return f.fault("too-large", diag.Pos{}, fmt.Sprintf("the file has more than %d values", MaxNodes), "is this the right file?")
	}
	return f.checkDocuments()
}

// atLeastNodes guesses how many nodes the parser will make, which it does not
// bound itself. Every node but a few has one of these characters of its own.
func atLeastNodes(text string) int {
	n := 0
	for i := range len(text) {
		switch text[i] {
		case ',', ':', '[', '{', '\n':
			n++
		}
	}
	return n
}

// checkDocuments wants one document, without directives. A line that begins
// with --- or ... ends a document wherever it stands, in a block of text too.
func (f *File) checkDocuments() diag.List {
	var begun, content, ended bool
	for n := range f.lines {
		line, at := f.Line(n+1), diag.Pos{Line: n + 1, Column: 1}
		begins := isMarker(line, "---")
		if begins {
			line = line[len("---"):]
		}
		nothing := isBlankOrComment(line)
		switch {
		case begins && (begun || ended), ended && !nothing:
			return f.fault("two-documents", at, "a second YAML document begins here",
				"one file describes one site: put the second in a file of its own")
		case isMarker(line, "..."):
			ended = true
		case !begun && strings.HasPrefix(line, "%"):
			return f.fault("directive", at, "YAML directives (%) are not supported", "take the line out")
		}
		begun = begun || begins || !nothing
		content = content || !nothing && !ended
	}
	if !content {
		return f.fault("empty", diag.Pos{Line: 1, Column: 1}, "the file holds nothing but comments", emptyRemedy)
	}
	return nil
}

func isMarker(line, marker string) bool {
	return strings.HasPrefix(line, marker) && (len(line) == len(marker) || isBlank(line[len(marker)]))
}

func isBlank(b byte) bool { return b == ' ' || b == '\t' }

func isBlankOrComment(line string) bool {
	line = strings.TrimLeft(line, " \t")
	return line == "" || line[0] == '#'
}

// badCharacter returns the column of the first byte that is no UTF-8 or the
// first character that no text should have, and says what it is.
func badCharacter(line string) (column int, what string) {
	column = 1
	for i, r := range line {
		if r < 0x7f && (r >= ' ' || r == '\t') {
			column++
			continue
		}
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(line[i:], "\ufffd"):
			return column, fmt.Sprintf("byte 0x%02x is not UTF-8", line[i])
		case r < 0xa0:
			return column, fmt.Sprintf("control character U+%04X", r)
		case isTreacherous(r):
			return column, fmt.Sprintf("invisible character U+%04X", r)
		}
		column++
	}
	return 0, ""
}

// isTreacherous says whether r makes a text read otherwise than it is: line
// and paragraph separators, changes of writing direction (CVE-2021-42574),
// byte order marks, and what is no character.
func isTreacherous(r rune) bool {
	switch {
	case r == 0x2028, r == 0x2029, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff, r == 0xfffe, r == 0xffff:
		return true
	default:
		return false
	}
}
