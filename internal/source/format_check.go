package source

import (
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// textLines says of each line, counted from 1, whether it is a part of a value: of a
// block of text, or behind the first line of one in quotes or brackets.
func (f *File) textLines() []bool {
	in := make([]bool, len(f.lines)+2)
	visitScalars(f.tree, func(y *yaml.Node) {
		switch {
		case y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 && strings.Trim(y.Value, "\n") != "":
			f.markBlockText(y.Line, in)
		case y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
			for n := y.Line + 1; n <= f.quoteEnd(y); n++ {
				in[n] = true
			}
		}
	})
	return in
}

// markBlockText marks the lines of a text that is written with | or > on line n.
func (f *File) markBlockText(header int, in []bool) {
	depth := -1
	for n := header + 1; n <= len(f.lines); n++ {
		line := f.Line(n)
		if strings.TrimSpace(line) == "" {
			continue
		}
		if depth < 0 {
			depth = max(1, indent(line))
		}
		if indent(line) < depth {
			return
		}
		for m := n; m > header && !in[m]; m-- { // the empty lines above it, too
			in[m] = true
		}
	}
}

// quoteEnd returns the line on which a text in quotes ends.
func (f *File) quoteEnd(y *yaml.Node) int {
	from := f.lines[y.Line-1] + len(f.Line(y.Line)) - len(f.tail(f.Line(y.Line), y.Column))
	if from >= len(f.text) || f.text[from] != '"' && f.text[from] != '\'' { // an anchor stands before it
		return y.Line
	}
	return y.Line + strings.Count(quotedToken(f.text[from:]), "\n")
}

// sameTree says whether two trees say the same, the order of keys aside, in the same
// style of quotes.
func sameTree(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.Value != b.Value || a.Style != b.Style || a.Anchor != b.Anchor || a.ShortTag() != b.ShortTag() ||
		len(a.Content) != len(b.Content) {
		return false
	}
	if a.Kind != yaml.MappingNode {
		return slices.EqualFunc(a.Content, b.Content, sameTree)
	}
	for i := 0; i < len(a.Content); i += 2 {
		j := 0
		for j < len(b.Content) && b.Content[j].Value != a.Content[i].Value {
			j += 2
		}
		if j == len(b.Content) || !sameTree(a.Content[i], b.Content[j]) || !sameTree(a.Content[i+1], b.Content[j+1]) {
			return false
		}
	}
	return true
}

// allComments are the texts of all comments, sorted.
func (f *File) allComments() []string {
	var all []string
	in := f.textLines()
	for n := 1; n <= len(f.lines); n++ {
		line := f.Line(n)
		if at := commentIn(line); at >= 0 && !in[n] {
			all = append(all, strings.TrimRight(line[at:], " \t"))
		}
	}
	slices.Sort(all)
	return all
}

// alignComments returns the lines with the comments of adjoining lines in one column,
// two blanks behind the longest of them. Where they are in one column already, they
// stay there.
func (f *File) alignComments() []string {
	in := f.textLines()
	lines := make([]string, len(f.lines))
	at := make([]int, len(f.lines))
	for i := range lines {
		lines[i], at[i] = f.Line(i+1), -1
		if !in[i+1] {
			at[i] = commentIn(lines[i])
		}
		if strings.TrimSpace(lines[i][:max(at[i], 0)]) == "" {
			at[i] = -1 // it has the line for itself
		}
	}
	for i := 0; i < len(lines); i++ {
		from := i
		for i < len(lines) && at[i] >= 0 {
			i++
		}
		alignRun(lines[from:i], at[from:i])
	}
	return lines
}

func alignRun(lines []string, at []int) {
	column, aligned := 0, true
	first := 0
	for i, line := range lines {
		here := utf8.RuneCountInString(line[:at[i]])
		if i == 0 {
			first = here
		}
		code := utf8.RuneCountInString(strings.TrimRight(line[:at[i]], " \t"))
		aligned = aligned && here == first && here >= code+2
		column = max(column, code+2)
	}
	if aligned {
		return
	}
	for i, line := range lines {
		code := strings.TrimRight(line[:at[i]], " \t")
		lines[i] = code + strings.Repeat(" ", column-utf8.RuneCountInString(code)) + line[at[i]:]
	}
}
