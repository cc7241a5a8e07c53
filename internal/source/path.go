package source

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lbgen/lbgen/internal/diag"
)

// Range returns where the model path stands in the text: the value's place,
// or that of the nearest ancestor that is there. Keys are matched whole, so a
// key may hold dots: both a.b and [a.b] find it.
func (f *File) Range(path diag.Path) diag.Range {
	if f.Root.y == nil {
		return diag.Range{File: f.Name, Start: diag.Pos{Line: 1, Column: 1}, End: diag.Pos{Line: 1, Column: 2}}
	}
	value, _ := f.find(path)
	return value.Range()
}

// KeyRange returns where the last key of the model path stands, or what Range
// does if the path leads to no key.
func (f *File) KeyRange(path diag.Path) diag.Range {
	if _, key := f.find(path); key.y != nil {
		return key.Range()
	}
	return f.Range(path)
}

// LineRange returns where a line of the text at path stands: the whole line of a
// block of text, or the piece of the value that reads so. It returns what Range
// does if the line is written in another way there.
func (f *File) LineRange(path diag.Path, line string) diag.Range {
	value, _ := f.find(path)
	if value.y == nil || line == "" {
		return f.Range(path)
	}
	in, at := value.file, value.Range()
	best := at
	for n := at.Start.Line; n <= in.Block(at.Start.Line); n++ {
		text := in.Line(n)
		i := strings.Index(text, line)
		if i < 0 || n == at.Start.Line && utf8.RuneCountInString(text[:i])+1 < at.Start.Column {
			continue
		}
		column := utf8.RuneCountInString(text[:i]) + 1
		r := diag.Range{File: at.File, Start: diag.Pos{Line: n, Column: column},
			End: diag.Pos{Line: n, Column: column + utf8.RuneCountInString(line)}}
		if strings.TrimSpace(text) == line {
			return r
		}
		if best == at {
			best = r
		}
	}
	return best
}

// find returns the value at path, or its nearest ancestor, and the key of a
// value that was found in a mapping.
func (f *File) find(at diag.Path) (value, key Node) {
	value = f.Root
	path := string(at)
	for path != "" && value.y != nil {
		e, rest := value.step(path)
		if e.Value.y == nil {
			return value, Node{}
		}
		value, key, path = e.Value, e.KeyNode, rest
	}
	return value, key
}

// Locate gives each finding that has a path and no place its place.
func (f *File) Locate(l diag.List) {
	for i := range l {
		if l[i].Subject.File == "" && l[i].Path != "" {
			l[i].Subject = f.Range(l[i].Path)
		}
	}
}

// step follows the first part of path and returns what is left of it.
func (n Node) step(path string) (Entry, string) {
	switch n.Kind() {
	case List:
		return n.stepItem(path)
	case Map:
		return n.stepKey(path)
	default:
		return Entry{}, path
	}
}

func (n Node) stepItem(path string) (Entry, string) {
	index, rest, ok := strings.Cut(strings.TrimPrefix(path, "["), "]")
	i, err := strconv.Atoi(index)
	if !ok || err != nil || i < 0 || i >= n.Len() {
		return Entry{}, path
	}
	return Entry{Value: n.Item(i)}, strings.TrimPrefix(rest, ".")
}

func (n Node) stepKey(path string) (best Entry, bestRest string) {
	for i := range n.Len() {
		e := n.Entry(i)
		if rest, ok := cutKey(path, e.Key); ok && (best.Value.y == nil || len(e.Key) > len(best.Key)) {
			best, bestRest = e, rest
		}
	}
	return best, bestRest
}

// cutKey takes key off the front of path, in either way of writing it.
func cutKey(path, key string) (rest string, ok bool) {
	if rest, ok = strings.CutPrefix(path, "["+key+"]"); ok {
		return strings.TrimPrefix(rest, "."), true
	}
	if rest, ok = strings.CutPrefix(path, key); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
		return strings.TrimPrefix(rest, "."), true
	}
	return "", false
}
