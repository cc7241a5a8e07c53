package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
)

// typographic finds characters that word processors, wikis and chats put into copied
// text. One a line is enough. Inside of plain quotes they are letters like others.
func typographic(p *Pass) {
	for _, n := range p.Pair.Nodes {
		for _, name := range n.Files() {
			comments := "#"
			if slices.ContainsFunc(n.KeepalivedFiles, func(f keepalived.Source) bool { return f.Name == name }) {
				comments = "#!"
			}
			typographicIn(p, name, p.Pair.Texts[name], comments)
		}
	}
}

func typographicIn(p *Pass, name string, t *pair.Text, comments string) {
	for i := 1; i <= t.Lines(); i++ {
		column, c := strange(t.Line(i), comments)
		if column == 0 {
			continue
		}
		what, remedy := lookalike(c)
		at := diag.Range{File: name, Start: diag.Pos{Line: i, Column: column}, End: diag.Pos{Line: i, Column: column + 1}}
		p.Report(at, fmt.Sprintf("%s (U+%04X): the daemon takes it for a part of the word", what, c), remedy)
	}
}

// strange returns the first such character of a line and its column, 0 where there is
// none.
func strange(line, comments string) (int, rune) {
	var quote rune
	escaped := false
	for i, c := range []rune(line) {
		what, _ := lookalike(c)
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"', c == '\'' && comments == "#": // Keepalived knows no single quotes
			quote = c
		case strings.ContainsRune(comments, c):
			return 0, 0
		case what != "":
			return i + 1, c
		}
	}
	return 0, 0
}

// lookalike says what a character is that looks like another, and what to do; it is empty
// for all others.
func lookalike(c rune) (what, remedy string) {
	switch c {
	case 0x201c, 0x201d, 0x201e, 0xab, 0xbb:
		return "a typographic quote", "write \" in its place"
	case 0x2018, 0x2019, 0x201a:
		return "a typographic quote", "write ' in its place"
	case 0x2010, 0x2011, 0x2013, 0x2014, 0x2212:
		return "a dash that is no hyphen", "write - in its place"
	case 0xa0, 0x2007, 0x202f, 0x3000:
		return "a blank that is no space", "write a plain blank in its place"
	case 0x200b, 0x200c, 0x200d, 0x2060, 0x2028, 0x2029:
		return "an invisible character", "take it out"
	}
	return "", ""
}
