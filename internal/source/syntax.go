package source

import (
	"errors"
	"io"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lbgen/lbgen/internal/diag"
)

// complaint is one of the parser's messages in a user's words.
type complaint struct {
	parser  string // a part of the parser's message
	code    string // "" for syntax
	summary string
	remedy  string
	fromOne bool // the line that the parser names counts from 1; some count from 0
	// late says that the parser names the line where the enclosing block begins
	// and not the line that it stumbled over.
	late bool
}

func complaints() []complaint {
	return []complaint{
		{parser: "mapping values are not allowed", fromOne: true, summary: `": " is not expected here`,
			remedy: `a value that holds ": " needs quotes; otherwise look at the indentation of this line and the one above`},
		{parser: "did not find expected key", late: true, summary: "this line does not fit to what is above it",
			remedy: "look at its indentation, and behind a closing quote or bracket"},
		{parser: "did not find expected '-' indicator", late: true, summary: `expected a list item ("- ")`,
			remedy: "this line is indented like the items of the list above it"},
		{parser: "did not find expected ',' or ']'", summary: "a list that begins in this line is not well formed",
			remedy: `look for a missing comma, quote or "]"`},
		{parser: "did not find expected ',' or '}'", summary: "a mapping that begins in this line is not well formed",
			remedy: `look for a missing comma, quote or "}"`},
		{parser: "did not find expected node content", summary: "expected a value",
			remedy: "look for a comma or bracket too many in this line"},
		{parser: "did not find expected <document start>", summary: "there is something behind the end of the document",
			remedy: "look at the brackets and the indentation above this line"},
		{parser: "could not find expected ':'", fromOne: true, summary: `expected "key: value"`,
			remedy: "a colon and a space stand behind a key"},
		{parser: "found unexpected end of stream", fromOne: true, summary: "a quote that opens here is not closed",
			remedy: "look for the missing quote"},
		{parser: "found character that cannot start any token", fromOne: true, summary: "no value begins like this",
			remedy: "a value that begins with @, ` or % needs quotes"},
		{parser: "found unknown escape character", fromOne: true, summary: `no such escape (\) in double quotes`,
			remedy: `write \\ for a backslash, or use single quotes`},
		{parser: "unknown anchor", fromOne: true, late: true, summary: "an alias without its anchor",
			remedy: "a value that begins with * needs quotes; an alias (*name) needs an anchor (&name) above it"},
		{parser: "exceeded max depth", fromOne: true, code: "too-deep", summary: "far too many levels of nesting",
			remedy: "a site file needs 8 at most"},
		{parser: "found a tab", fromOne: true, summary: "a tab where YAML wants spaces", remedy: "put spaces here"},
		{parser: "undefined tag handle", summary: "a tag (!) that is not defined", remedy: "a value that begins with ! needs quotes"},
	}
}

func complaintOf(text string) complaint {
	for _, c := range complaints() {
		if strings.Contains(text, c.parser) {
			return c
		}
	}
	// What is left are faults of the scanner; none repeats the file's text.
	return complaint{fromOne: true, summary: text, remedy: "look at this line and the one above it"}
}

// syntax turns the parser's error into a finding. The parser names a line at
// best.
func (f *File) syntax(err error) diag.List {
	if errors.Is(err, io.EOF) {
		return f.fault("empty", diag.Pos{Line: 1, Column: 1}, "the file holds nothing", emptyRemedy)
	}
	line, text := splitError(err)
	c := complaintOf(text)
	if !c.fromOne {
		line++
	}
	if c.late {
		line = f.stumble(line, text)
	}
	line = min(max(line, 1), len(f.lines))
	if at, r, ok := f.blankNear(line); ok {
		return f.fault("bad-character", at, blankNamed(r), blankRemedy)
	}
	if at, ok := f.tabNear(line); ok {
		return f.fault("tab", at, "a tab indents this line", "YAML indents with spaces only: put spaces here")
	}
	if c.code == "" {
		c.code, c.summary = "syntax", "not YAML: "+c.summary
	}
	return f.fault(c.code, f.firstCharacter(line), c.summary, c.remedy)
}

// splitError takes "yaml: line 7: text" apart; the line is 0 if there is none.
func splitError(err error) (line int, text string) {
	text = strings.TrimPrefix(err.Error(), "yaml: ")
	if number, rest, ok := strings.Cut(strings.TrimPrefix(text, "line "), ": "); ok && strings.HasPrefix(text, "line ") {
		if n, err := strconv.Atoi(number); err == nil {
			return n, rest
		}
	}
	return 0, text
}

// maxStumble is the size of a text that is worth parsing a dozen times again.
const maxStumble = 1 << 20

// stumble finds the line that the parser stumbled over, by parsing fewer and
// fewer lines: the parser reads no further than its first fault, so the fault
// is there exactly as long as its line is.
func (f *File) stumble(from int, text string) int {
	if len(f.text) > maxStumble {
		return from
	}
	n := sort.Search(len(f.lines)-from, func(i int) bool {
		_, err := decode(f.text[:f.lines[from+i]])
		if err == nil {
			return false
		}
		_, found := splitError(err)
		return found == text
	})
	return from + n
}

// tabNear finds a tab in the indentation of the line or its neighbours.
func (f *File) tabNear(line int) (diag.Pos, bool) {
	for n := max(1, line-1); n <= min(line+1, len(f.lines)); n++ {
		text := f.Line(n)
		rest := strings.TrimLeft(text, " -?")
		if strings.HasPrefix(rest, "\t") {
			return diag.Pos{Line: n, Column: len(text) - len(rest) + 1}, true
		}
	}
	return diag.Pos{}, false
}

// firstCharacter is the place of the first character of a line that is no space.
func (f *File) firstCharacter(line int) diag.Pos {
	text := f.Line(line)
	trimmed := strings.TrimLeft(text, " ")
	return diag.Pos{Line: line, Column: utf8.RuneCountInString(text) - utf8.RuneCountInString(trimmed) + 1}
}
