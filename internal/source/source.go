// Package source reads YAML into a tree whose every node knows where it
// stands, and turns a model path into a place in the text. It is the only
// importer of a yaml package.
package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/lbgen/lbgen/internal/diag"
)

// Limits of what is read. They are far above what a site needs (100,000
// servers are 8 MB, the model is 8 deep) and keep a hostile or mistaken file
// from costing more than a moment.
const (
	MaxBytes    = 32 << 20  // bytes of one file
	MaxDepth    = 40        // levels of mappings and lists
	MaxNodes    = 4_000_000 // values, once every alias is followed
	MaxFindings = 1000      // findings of one file: nobody reads more
)

// File is the text of one file with its tree.
type File struct {
	Name  string // as the user named it
	Root  Node   // the one document; its Kind is Absent if the text could not be read
	text  string
	ascii bool  // a column is a byte
	lines []int // byte offset of each line's start

	others []*File // those that were joined to it

	tree     *yaml.Node // what the parser made of it, also where Root is Absent
	hideOnce sync.Once
	hidden   []span // what Masked hides, computed when it is first asked
}

// Parse reads data as one YAML document. The findings are the faults of the
// YAML itself: not UTF-8, too large, bad syntax, empty, more than one document,
// a key twice in one mapping, merge keys, aliases that explode. The File is
// always usable for positions, and its Root for reading if there was no Error.
func Parse(name string, data []byte) (*File, diag.List) {
	f := &File{Name: name, lines: []int{0}}
	if len(data) > MaxBytes {
		return f, f.fault("too-large", diag.Pos{}, fmt.Sprintf("the file has more than %d MiB", MaxBytes>>20),
			"a site with 100,000 servers has 8 MiB: is this the right file?")
	}
	f.text = string(bytes.TrimPrefix(data, []byte(byteOrderMark)))
	f.indexLines()
	if bad := f.checkText(); bad != nil {
		return f, bad
	}
	root, err := decode(f.text)
	if err != nil {
		return f, f.syntax(err)
	}
	f.tree = root
	w := &walk{file: f, sizes: map[*yaml.Node]int{}}
	w.visit(root, 0)
	if !w.found.HasErrors() {
		f.Root = Node{file: f, y: root}
	}
	return f, w.found
}

// decode reads the one document and wants nothing behind it.
func decode(text string) (*yaml.Node, error) {
	dec := yaml.NewDecoder(strings.NewReader(text))
	var doc, next yaml.Node
	if err := dec.Decode(&doc); err != nil {
		return nil, err
	}
	switch err := dec.Decode(&next); {
	case errors.Is(err, io.EOF):
		return doc.Content[0], nil
	case err == nil:
		return nil, errors.New("yaml: did not find expected <document start>")
	default:
		return nil, err
	}
}

func (f *File) indexLines() {
	f.ascii = true
	for i := range len(f.text) {
		switch b := f.text[i]; {
		case b == '\n':
			f.lines = append(f.lines, i+1)
		case b >= 0x80:
			f.ascii = false
		}
	}
}

// Line returns the text of a line, counted from 1, without its end.
func (f *File) Line(n int) string {
	if n < 1 || n > len(f.lines) {
		return ""
	}
	start, end := f.lines[n-1], len(f.text)
	if n < len(f.lines) {
		end = f.lines[n] - 1
	}
	return strings.TrimSuffix(f.text[start:end], "\r")
}

// tail returns the text of a line from a column (in characters, from 1) on.
func (f *File) tail(line string, column int) string {
	if f.ascii {
		return line[min(max(column-1, 0), len(line)):]
	}
	for ; column > 1 && line != ""; column-- {
		_, size := utf8.DecodeRuneInString(line)
		line = line[size:]
	}
	return line
}

// fault is a list of one finding at a place that covers one character.
func (f *File) fault(code string, at diag.Pos, summary, detail string) diag.List {
	end := at
	if at.Column > 0 {
		end.Column++
	}
	return diag.List{{Code: code, Summary: summary, Detail: detail, Subject: diag.Range{File: f.Name, Start: at, End: end}}}
}
