package source

import (
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/lbgen/lbgen/internal/diag"
)

// Comment is one comment of the text, from its # to the end of its line.
type Comment struct {
	Text  string // without the #, and without blanks around it
	Range diag.Range
	Alone bool // nothing else stands on its line
}

// Comments returns the comments that hold the word, in the order of the text.
// A # inside a value is none.
func (f *File) Comments(word string) []Comment {
	var found []Comment
	for i := range f.lines {
		line := f.Line(i + 1)
		if !strings.Contains(line, word) {
			continue
		}
		if at := f.commentStart(i+1, line); at >= 0 {
			start := diag.Pos{Line: i + 1, Column: utf8.RuneCountInString(line[:at]) + 1}
			end := diag.Pos{Line: i + 1, Column: utf8.RuneCountInString(strings.TrimRight(line, " \t")) + 1}
			found = append(found, Comment{
				Text:  strings.TrimSpace(line[at+1:]),
				Range: diag.Range{File: f.Name, Start: start, End: end},
				Alone: strings.TrimSpace(line[:at]) == "",
			})
		}
	}
	return found
}

// commentStart returns the byte at which the comment of a line begins, -1 where
// it has none: a # at the beginning or behind a blank, that is in no quotes and
// in no block of text (YAML 1.2, 6.6).
func (f *File) commentStart(n int, line string) int {
	if f.inBlockText(n) {
		return -1
	}
	return commentIn(line)
}

// commentIn is commentStart for a line that is no part of a text.
func commentIn(line string) int {
	var quote byte
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quote == '"' && c == '\\':
			i++
		case quote == '\'' && strings.HasPrefix(line[i:], "''"):
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t'):
			return i
		case (c == '"' || c == '\'') && opensQuote(line[:i]):
			quote = c
		}
	}
	return -1
}

// opensQuote says whether a quote behind the text begins a value: inside of a
// plain word it is a character like any other.
func opensQuote(before string) bool {
	before = strings.TrimRight(before, " \t")
	return before == "" || strings.ContainsAny(before[len(before)-1:], ":-,[{?")
}

// inBlockText says whether the line is a part of a text written with | or >.
func (f *File) inBlockText(n int) bool {
	in := false
	visitScalars(f.tree, func(y *yaml.Node) {
		if y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 && n > y.Line &&
			n <= y.Line+strings.Count(strings.TrimRight(y.Value, "\n"), "\n")+1 {
			in = true
		}
	})
	return in
}

func visitScalars(y *yaml.Node, visit func(*yaml.Node)) {
	if y == nil {
		return
	}
	if y.Kind == yaml.ScalarNode {
		visit(y)
	}
	for _, c := range y.Content {
		visitScalars(c, visit)
	}
}

// Block returns the last line of what begins on line n: the lines that follow
// and are indented deeper, as a reader sees it. For an item of a list that is
// the whole item.
func (f *File) Block(n int) int {
	depth := indent(f.Line(n))
	last := n
	for i := n + 1; i <= len(f.lines); i++ {
		line := f.Line(i)
		if text := strings.TrimSpace(line); text == "" || text[0] == '#' {
			continue
		}
		if indent(line) <= depth && !closes(line) {
			break
		}
		last = i
	}
	return last
}

// closes says whether a line does nothing but end a {…} or […] that began above.
func closes(line string) bool { return strings.Trim(line, " \t]},") == "" }

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// NextLine returns the first line behind n that is neither empty nor a comment,
// 0 where there is none.
func (f *File) NextLine(n int) int {
	for i := n + 1; i <= len(f.lines); i++ {
		if text := strings.TrimSpace(f.Line(i)); text != "" && text[0] != '#' {
			return i
		}
	}
	return 0
}
