package keepalived

import (
	"bytes"
	"sort"
	"unicode/utf8"

	"github.com/lbgen/lbgen/internal/diag"
)

// Source is a file with its name.
type Source struct {
	Name string
	Data []byte
}

// text is a piece of what is read: its bytes, and for each the place that it came
// from, counted over all sources. What a definition brings keeps the place where
// the definition has it.
type text struct {
	s  []byte
	at []int
}

func (t text) slice(i, j int) text { return text{t.s[i:j:j], t.at[i:j:j]} }
func (t text) from(i int) text     { return t.slice(i, len(t.s)) }
func (t text) empty() bool         { return len(t.s) == 0 }

// add returns the texts as one, in memory of its own.
func add(parts ...text) text {
	var all text
	for _, p := range parts {
		all.s, all.at = append(all.s, p.s...), append(all.at, p.at...)
	}
	return all
}

// made is a text that stands nowhere: its place is that of what it was made for.
func made(s string, at int) text {
	t := text{s: []byte(s), at: make([]int, len(s))}
	for i := range t.at {
		t.at[i] = at
	}
	return t
}

// trimLeft cuts blanks off, as the daemon does it: no other white space.
func (t text) trimLeft() text {
	return t.from(len(t.s) - len(bytes.TrimLeft(t.s, blanks)))
}

func (t text) trimRight() text { return t.slice(0, len(bytes.TrimRight(t.s, blanks))) }

const (
	blanks     = " \t"
	whiteSpace = " \t\f\n\r\v" // WHITE_SPACE_STR of parser.c
)

// loaded is a source with its lines.
type loaded struct {
	Source
	base  int   // of its places
	lines []int // where each line begins
}

// sources are all that have been read.
type sources []*loaded

func (s *sources) load(src Source) *loaded {
	l := &loaded{Source: src, lines: []int{0}}
	if n := len(*s); n > 0 {
		last := (*s)[n-1]
		l.base = last.base + len(last.Data) + 1
	}
	for i, b := range src.Data {
		if b == '\n' {
			l.lines = append(l.lines, i+1)
		}
	}
	*s = append(*s, l)
	return l
}

// find returns the source of a place, and where it is in it.
func (s sources) find(at int) (*loaded, int) {
	i := sort.Search(len(s), func(i int) bool { return s[i].base > at }) - 1
	return s[i], at - s[i].base
}

// pos returns the line and column, in characters, of an offset.
func (l *loaded) pos(off int) diag.Pos {
	n := sort.SearchInts(l.lines, off+1) - 1
	return diag.Pos{Line: n + 1, Column: utf8.RuneCount(l.Data[l.lines[n]:off]) + 1}
}

// span is the place of a text: from its first byte to behind the last one that
// comes from the same file and does not stand before the first.
func (s sources) span(at []int) diag.Range {
	if len(at) == 0 || len(s) == 0 {
		return diag.Range{}
	}
	file, start := s.find(at[0])
	end := start
	for i := len(at) - 1; i >= 0; i-- {
		if other, off := s.find(at[i]); other == file && off >= start {
			end = off
			break
		}
	}
	if end < len(file.Data) {
		_, size := utf8.DecodeRune(file.Data[end:])
		end += max(size, 1)
	}
	return diag.Range{File: file.Name, Start: file.pos(start), End: file.pos(min(end, len(file.Data)))}
}
