package source

import (
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/lbgen/lbgen/internal/diag"
)

// Replace returns the edit that puts text in place of the scalar at path, and
// whether there is one on a single line.
func (f *File) Replace(path diag.Path, text string) (diag.Edit, bool) {
	value, ok := f.lookup(path)
	if !ok || value.y.Kind != yaml.ScalarNode || value.file != f || strings.Contains(value.y.Value, "\n") {
		return diag.Edit{}, false
	}
	return diag.Edit{Range: value.Range(), New: text}, true
}

// Insert returns the edit that adds a key to the mapping at path, behind its
// last entry and in its style, and whether that can be done: the mapping is
// there, is not empty, and its last entry is on one line.
func (f *File) Insert(path diag.Path, key, text string) (diag.Edit, bool) {
	value, ok := f.lookup(path)
	if !ok || value.y.Kind != yaml.MappingNode || value.file != f || len(value.y.Content) == 0 {
		return diag.Edit{}, false
	}
	last := value.y.Content[len(value.y.Content)-1]
	first := value.y.Content[0]
	if !f.oneLine(last) {
		return diag.Edit{}, false
	}
	end := (Node{file: f, y: last}).Range().End
	at := diag.Range{File: f.Name, Start: end, End: end}
	if value.y.Style&yaml.FlowStyle != 0 {
		return diag.Edit{Range: at, New: ", " + key + ": " + text}, true
	}
	// Behind a comment of that line, which belongs to the entry.
	at.Start.Column = utf8.RuneCountInString(f.Line(end.Line)) + 1
	at.End = at.Start
	return diag.Edit{Range: at, New: f.newline() + strings.Repeat(" ", first.Column-1) + key + ": " + text}, true
}

// newline is how the file ends its lines.
func (f *File) newline() string {
	if strings.Contains(f.text, "\r\n") {
		return "\r\n"
	}
	return "\n"
}

// lookup returns the value at path, and whether there is one.
func (f *File) lookup(at diag.Path) (Node, bool) {
	value, path := f.Root, string(at)
	for path != "" && value.y != nil {
		var e Entry
		e, path = value.step(path)
		value = e.Value
	}
	return value, value.y != nil
}

// oneLine says whether the node ends on the line on which it begins.
func (f *File) oneLine(y *yaml.Node) bool {
	if y.Kind == yaml.ScalarNode {
		return y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 && !strings.Contains(y.Value, "\n")
	}
	if y.Style&yaml.FlowStyle == 0 {
		return false
	}
	for _, c := range y.Content {
		if c.Line != y.Line || !f.oneLine(c) {
			return false
		}
	}
	return true
}

// Apply returns the text with the edits made. Of two that touch the same place
// the second is left out; a later run makes it.
func (f *File) Apply(edits []diag.Edit) string {
	type change struct {
		from, to int
		text     string
	}
	var changes []change
	for _, e := range edits {
		if e.Range.File == f.Name {
			changes = append(changes, change{f.offset(e.Range.Start), f.offset(e.Range.End), e.New})
		}
	}
	slices.SortStableFunc(changes, func(a, b change) int { return a.from - b.from })
	var b strings.Builder
	done := -1
	at := 0
	for _, c := range changes {
		if c.from <= done {
			continue
		}
		b.WriteString(f.text[at:c.from])
		b.WriteString(c.text)
		at, done = c.to, c.to
	}
	b.WriteString(f.text[at:])
	return b.String()
}

// offset returns the byte at which a place stands.
func (f *File) offset(p diag.Pos) int {
	line := f.Line(p.Line)
	rest := f.tail(line, p.Column)
	if p.Column > utf8.RuneCountInString(line)+1 {
		rest = ""
	}
	return f.lines[p.Line-1] + len(line) - len(rest)
}
