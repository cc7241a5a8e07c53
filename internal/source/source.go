// Package source reads YAML into a tree whose every node knows where it
// stands, and turns a model path into a place in the text. It is the only
// importer of a yaml package.
package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/lbgen/lbgen/internal/diag"
)

// Limits of what is read. They are far above what a site needs (100,000
// servers are 8 MB, the model is 8 deep) and keep a hostile or mistaken file
// from costing more than a moment.
const (
	MaxBytes = 32 << 20  // bytes of one file
	MaxDepth = 40        // levels of mappings and lists
	MaxNodes = 5_000_000 // nodes once every alias is followed
)

// File is the text of one file with its tree.
type File struct {
	Name  string // as the user named it; "-" reads standard input
	Data  []byte
	Root  Node  // the one document; its Kind is Absent if the text could not be read
	lines []int // byte offset of each line's start
}

// Parse reads data as one YAML document. The findings are the faults of the
// YAML itself: not UTF-8, too large, bad syntax, empty, more than one document,
// a key twice in one mapping, merge keys, aliases that explode. The File is
// always usable for positions, and its Root for reading if there was no Error.
func Parse(name string, data []byte) (*File, diag.List) {
	f := &File{Name: name, Data: bytes.TrimPrefix(data, []byte("\ufeff")), lines: []int{0}}
	if len(data) > MaxBytes {
		return f, f.fault("too-large", diag.Pos{}, fmt.Sprintf("the file has more than %d MiB", MaxBytes>>20),
			"a site with 100,000 servers has 8 MiB: is this the right file?")
	}
	f.indexLines()
	if bad := f.checkText(); bad != nil {
		return f, bad
	}
	dec := yaml.NewDecoder(bytes.NewReader(f.Data))
	var doc, next yaml.Node
	if err := dec.Decode(&doc); err != nil {
		return f, f.syntax(err)
	}
	if err := dec.Decode(&next); !errors.Is(err, io.EOF) {
		return f, f.second(&next, err)
	}
	w := &walk{file: f, sizes: map[*yaml.Node]int{}}
	w.visit(doc.Content[0], 0)
	if !w.found.HasErrors() {
		f.Root = Node{f, doc.Content[0]}
	}
	return f, w.found
}

func (f *File) indexLines() {
	for i, b := range f.Data {
		if b == '\n' {
			f.lines = append(f.lines, i+1)
		}
	}
}

// Line returns the text of a line, counted from 1, without its end.
func (f *File) Line(n int) string {
	if n < 1 || n > len(f.lines) {
		return ""
	}
	start, end := f.lines[n-1], len(f.Data)
	if n < len(f.lines) {
		end = f.lines[n] - 1
	}
	return strings.TrimSuffix(string(f.Data[start:end]), "\r")
}

// secretValue finds what stands behind a key that names a secret, in block and
// in flow style; {file: …} and {env: …} are no secrets.
var secretValue = regexp.MustCompile(`((?:^|[\s{,"'])[A-Za-z_]*(?:pass|password|secret)["']?\s*:\s+)("(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s{,}"'][^,}]*)`)

// Masked returns a line as it may be shown: a password that is written out is
// replaced character by character, so that columns stay true. It looks at the
// text alone and so works on a file that is not even YAML.
func (f *File) Masked(n int) string {
	line := f.Line(n)
	return secretValue.ReplaceAllStringFunc(line, func(m string) string {
		key := secretValue.FindStringSubmatch(m)[1]
		return key + strings.Repeat("*", utf8.RuneCountInString(m[len(key):]))
	})
}

// fault is a list of one finding at a place that covers one character.
func (f *File) fault(code string, at diag.Pos, summary, detail string) diag.List {
	end := at
	if at.Column > 0 {
		end.Column++
	}
	return diag.List{{Code: code, Summary: summary, Detail: detail, Subject: diag.Range{File: f.Name, Start: at, End: end}}}
}

// checkText finds what the YAML parser would report without a place, or in
// words that help nobody: bytes that are not UTF-8, control characters, tabs
// that indent, and nothing at all.
func (f *File) checkText() diag.List {
	if len(bytes.TrimSpace(f.Data)) == 0 {
		return f.fault("empty", diag.Pos{Line: 1, Column: 1}, "the file is empty", emptyRemedy)
	}
	for n := range f.lines {
		line := f.Line(n + 1)
		if col, what := badCharacter(line); what != "" {
			return f.fault("bad-character", diag.Pos{Line: n + 1, Column: col}, what, "a site file is plain UTF-8 text")
		}
		if i := strings.IndexByte(line, '\t'); i >= 0 && strings.Trim(line[:i], " ") == "" && strings.TrimSpace(line) != "" {
			return f.fault("tab", diag.Pos{Line: n + 1, Column: i + 1}, "a tab indents this line", "YAML indents with spaces only: put spaces here")
		}
	}
	return nil
}

const emptyRemedy = "a site file begins with \"version: 1\" and \"site: NAME\"; examples/prslb.yaml is a complete one"

// badCharacter returns the column of the first byte that is no UTF-8 or the
// first control character, and says what it is.
func badCharacter(line string) (column int, what string) {
	column = 1
	for i, r := range line {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(line[i:], "\ufffd"):
			return column, fmt.Sprintf("byte 0x%02x is not UTF-8", line[i])
		case r < ' ' && r != '\t', r == 0x7f, r >= 0x80 && r < 0xa0:
			return column, fmt.Sprintf("control character U+%04X", r)
		}
		column++
	}
	return 0, ""
}

// second is the finding for text behind the first document.
func (f *File) second(next *yaml.Node, err error) diag.List {
	if err != nil {
		return f.syntax(err)
	}
	at := diag.Pos{Line: next.Line, Column: next.Column}
	for n := 2; n <= len(f.lines); n++ {
		if strings.HasPrefix(f.Line(n), "---") {
			at = diag.Pos{Line: n, Column: 1}
		}
	}
	return f.fault("two-documents", at, "a second YAML document begins here",
		"one file describes one site: put the second in a file of its own")
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntax turns the parser's error into a finding. The parser names a line at
// best, and some of its messages count from 0.
func (f *File) syntax(err error) diag.List {
	if errors.Is(err, io.EOF) {
		return f.fault("empty", diag.Pos{Line: 1, Column: 1}, "the file holds nothing but comments", emptyRemedy)
	}
	line, text := 1, err.Error()
	if m := yamlLine.FindStringSubmatch(strings.TrimSpace(text)); m != nil {
		text = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = min(max(n, 1), len(f.lines))
		}
	}
	if strings.Contains(text, "unknown anchor") {
		text = "an alias without its anchor" // the parser's words repeat the text, which may be a password
	}
	trimmed := strings.TrimLeft(f.Line(line), " ")
	col := utf8.RuneCountInString(f.Line(line)) - utf8.RuneCountInString(trimmed) + 1
	return f.fault("syntax", diag.Pos{Line: line, Column: col}, "not YAML: "+text, syntaxRemedy(text))
}

func syntaxRemedy(text string) string {
	switch {
	case strings.Contains(text, "mapping values are not allowed"):
		return "a value that holds \": \" needs quotes; otherwise look at the indentation of this line and the one above"
	case strings.Contains(text, "did not find expected"):
		return "look for a missing bracket, quote, comma or wrong indentation in this line and those above it"
	case strings.Contains(text, "cannot start any token"):
		return "a value that begins with this character needs quotes"
	case strings.Contains(text, "an alias"):
		return "a value that begins with * needs quotes; an alias (*name) needs an anchor (&name) above it"
	default:
		return "look at this line and the one above it"
	}
}
