package source

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Order says in which order the keys of a mapping stand, and of what is in it.
type Order interface {
	// Place is where a key stands among the others of its mapping; what is in no
	// place stays behind those that are in one.
	Place(key string) (place int, known bool)
	// Below is the order of what stands under a key; nil for none. The items of a
	// list have that of the list.
	Below(key string) Order
}

// Format returns the text in the one form: keys in their order, two spaces a level,
// comments of adjoining lines in one column, no blanks at the ends of lines and no
// more than one empty line. Comments stay with what they are about. It says the same
// afterwards: where that cannot be had with the keys in order, they stay as they are;
// where it cannot be had at all, the whole text does. A file that could not be read
// has no form.
func (f *File) Format(order Order) string {
	if f.Root.y == nil || f.Root.y.Kind != yaml.MappingNode || f.Root.y.Style&yaml.FlowStyle != 0 {
		return f.text
	}
	for _, o := range []Order{order, nil} {
		p := &formatter{file: f, text: f.textLines()}
		text, ok := p.whole(o)
		if !ok {
			continue
		}
		after, found := Parse(f.Name, []byte(text))
		if found.HasErrors() || !sameTree(f.Root.y, after.Root.y) || !slices.Equal(f.allComments(), after.allComments()) {
			continue
		}
		return strings.ReplaceAll(strings.Join(after.alignComments(), "\n"), "\n", f.newline())
	}
	return f.text
}

// formatter puts the blocks of a file together anew, from the innermost on.
type formatter struct {
	file *File
	text []bool // of each line, from 1: it is a part of a block of text
	odd  bool   // something is written in a way that this cannot take apart
}

func (p *formatter) whole(order Order) (string, bool) {
	f := p.file
	first, end := f.Root.y.Content[0].Line, len(f.lines)+1
	for n := first; n < end; n++ {
		if !p.text[n] && isMarker(f.Line(n), "...") {
			end = n
		}
	}
	out := append(p.comments(1, first), p.mapping(f.Root.y, order, first, end)...)
	out = append(out, p.comments(end, len(f.lines)+1)...)
	return tidy(out), !p.odd
}

// tidy joins the lines, without empty ones at both ends.
func tidy(lines []string) string { return strings.Trim(strings.Join(lines, "\n"), "\n") + "\n" }

// part is one entry of a block: the comments above it, and its lines.
type part struct {
	head, body []string
	place      int
}

// mapping returns the lines of a block mapping that stands on the lines from one to
// before another, without its indentation.
func (p *formatter) mapping(y *yaml.Node, order Order, from, to int) []string {
	var parts []part
	column := y.Content[0].Column
	starts := make([]int, 0, len(y.Content)/2+1)
	for i := 0; i < len(y.Content); i += 2 {
		starts = append(starts, y.Content[i].Line)
	}
	starts = append(starts, to)
	heads, tail := p.heads(starts, column, from, to)
	for i := 0; i < len(y.Content); i += 2 {
		k := y.Content[i]
		one := part{head: p.comments(heads[i/2], k.Line), place: len(y.Content)}
		end := tail
		if i+2 < len(y.Content) {
			end = heads[i/2+1]
		}
		var below Order
		if order != nil {
			if place, known := order.Place(k.Value); known {
				one.place = place
			}
			below = order.Below(k.Value)
		}
		one.body = p.entry(k, y.Content[i+1], below, end)
		parts = append(parts, one)
	}
	if order != nil {
		parts = sorted(parts)
	}
	return p.joined(parts, tail, to)
}

// sorted is the parts in their places. Where that puts one first that has comments of
// its own, they would be taken for those of what the mapping is in: then it stays.
func sorted(parts []part) []part {
	all := slices.Clone(parts)
	slices.SortStableFunc(all, func(a, b part) int { return a.place - b.place })
	if len(strings.Join(all[0].head, "")) > 0 {
		return parts
	}
	return all
}

func (p *formatter) joined(parts []part, tail, to int) []string {
	var out []string
	for i, one := range parts {
		if i > 0 {
			out = append(out, one.head...)
		} else {
			out = append(out, withoutFirstBlanks(one.head)...)
		}
		out = append(out, one.body...)
	}
	return append(out, p.comments(tail, to)...)
}

func withoutFirstBlanks(lines []string) []string {
	for len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
	}
	return lines
}

// heads returns the line on which each part begins with the comments above it, and
// that on which begins what belongs to none of them.
func (p *formatter) heads(starts []int, column, from, to int) (heads []int, tail int) {
	heads = append(heads, from)
	for _, start := range starts[1:] {
		n := start
		for n > from && p.isGap(n-1) {
			n--
		}
		// Comments that are indented deeper belong to what is above them.
		for m := n; m < start; m++ {
			text := strings.TrimLeft(p.file.Line(m), " \t")
			if text != "" && indent(p.file.Line(m)) < column {
				break
			}
			if text != "" {
				n = m + 1
			}
		}
		heads = append(heads, n)
	}
	return heads[:len(heads)-1], min(heads[len(heads)-1], to)
}

// isGap says whether a line is empty, or nothing but a comment.
func (p *formatter) isGap(n int) bool { return !p.text[n] && isBlankOrComment(p.file.Line(n)) }

// comments returns the lines from one to before another, without indentation, and of
// several empty ones one.
func (p *formatter) comments(from, to int) []string {
	var out []string
	for n := from; n < to; n++ {
		line := strings.Trim(p.file.Line(n), " \t")
		if line != "" || len(out) == 0 || out[len(out)-1] != "" {
			out = append(out, line)
		}
	}
	return out
}

// entry returns the lines of a key with its value, up to before the line end.
func (p *formatter) entry(k, v *yaml.Node, order Order, end int) []string {
	if p.isBlock(v) {
		line := strings.TrimRight(p.file.tail(p.file.Line(k.Line), k.Column), " \t")
		if v.Line == k.Line || strings.HasPrefix(line, "?") {
			p.odd = true
			return nil
		}
		return append([]string{line}, indented(p.block(v, order, k.Line+1, end), "  ")...)
	}
	return p.raw(k.Line, k.Column, end, v, order)
}

// isBlock says whether a value is a mapping or a list of lines of its own.
func (p *formatter) isBlock(v *yaml.Node) bool {
	return (v.Kind == yaml.MappingNode || v.Kind == yaml.SequenceNode) && v.Style&yaml.FlowStyle == 0 && len(v.Content) > 0
}

func (p *formatter) block(v *yaml.Node, order Order, from, to int) []string {
	if v.Kind == yaml.MappingNode {
		return p.mapping(v, order, from, to)
	}
	return p.list(v, order, from, to)
}

func indented(lines []string, by string) []string {
	for i := range lines {
		if lines[i] != "" {
			lines[i] = by + lines[i]
		}
	}
	return lines
}

// list returns the lines of a list whose items begin with dashes.
func (p *formatter) list(y *yaml.Node, order Order, from, to int) []string {
	var parts []part
	starts := make([]int, 0, len(y.Content)+1)
	at := from
	for _, v := range y.Content {
		dash := p.dash(at, v.Line, y.Column)
		starts = append(starts, dash)
		at = dash + 1
	}
	starts = append(starts, to)
	heads, tail := p.heads(starts, y.Column, from, to)
	for i, v := range y.Content {
		end := tail
		if i+1 < len(y.Content) {
			end = heads[i+1]
		}
		parts = append(parts, part{head: p.comments(heads[i], starts[i]), body: p.item(v, order, starts[i], y.Column, end)})
	}
	return p.joined(parts, tail, to)
}

// dash finds the line of an item's dash: the last one in the column, up to where the
// value begins.
func (p *formatter) dash(from, to, column int) int {
	for n := to; n >= from; n-- {
		rest := p.file.tail(p.file.Line(n), column)
		if isMarkerDash(rest) && (n < to || !p.text[n]) {
			return n
		}
	}
	p.odd = true
	return to
}

func isMarkerDash(rest string) bool {
	return strings.HasPrefix(rest, "-") && (len(rest) == 1 || isBlank(rest[1]))
}

func (p *formatter) item(v *yaml.Node, order Order, dash, column, end int) []string {
	if !p.isBlock(v) {
		return p.raw(dash, column, end, v, order)
	}
	first := v.Line
	if v.Kind == yaml.MappingNode {
		first = v.Content[0].Line
	}
	if first == dash && !strings.HasPrefix(strings.TrimLeft(p.file.tail(p.file.Line(dash), column+1), " "), "&") {
		lines := indented(p.block(v, order, dash, end), "  ")
		if len(lines) == 0 {
			return nil // it is odd
		}
		lines[0] = "-" + lines[0][1:]
		return lines
	}
	if first == dash {
		p.odd = true
		return nil
	}
	line := strings.TrimRight(p.file.tail(p.file.Line(dash), column), " \t")
	return append([]string{line}, indented(p.block(v, order, dash+1, end), "  ")...)
}

// raw returns lines as they stand, without the indentation of the first.
func (p *formatter) raw(from, column, to int, v *yaml.Node, order Order) []string {
	line := p.file.tail(p.file.Line(from), column)
	if before, token, ok := p.flowOnLine(from, column, v); ok && order != nil {
		line = before + p.flow(v, order) + line[len(before)+len(token):]
	}
	out := []string{strings.TrimRight(line, " \t")}
	for n := from + 1; n < to; n++ {
		line := p.file.Line(n)
		line = line[min(indent(line), column-1):]
		if !p.text[n] {
			line = strings.TrimRight(line, " \t")
		}
		out = append(out, line)
	}
	return out
}
