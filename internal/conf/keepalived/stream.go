package keepalived

import (
	"bytes"
	"path"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

// Limits, so that no file keeps the reader from coming to its end.
const (
	longestLine = 1023    // bytes that Keepalived reads at once (MAXBUF of parser.h, less one)
	mostLines   = 200_000 // that are read, repeated ones included
	mostUses    = 1000    // of definitions in one line
	mostFiles   = 500     // that are included
	deepest     = 20      // files in each other
)

// Options are what the daemon would know of its machine.
type Options struct {
	// ID is what lines that begin with @NAME are compared with: the host's name up
	// to its first dot, or what the daemon is told by -i.
	ID string
	// Open returns the files that the pattern of an include names, sorted; a relative
	// pattern has been put behind the folder of the file that it stands in. Where it is
	// nil, nothing is included and each include is a finding.
	Open func(pattern string) ([]Source, error)
}

// reader is the daemon's read_line with what it remembers from line to line.
type reader struct {
	opts  Options
	all   sources
	files []openFile // being read, the innermost last
	count int        // of lines

	definitions []*definition
	defining    *definition // that the next lines belong to; nil: none
	next        *text       // the further lines of a definition that is being put in
	pending     []pending
	sequences   []*sequence
	depth       int   // how many of them are older than the definition that is being put in
	residue     *text // what stood behind a brace
	back        *text // a whole line that is read once more

	parent   bool // the lines are for Keepalived's first process, not for its children
	comments []Token
	found    diag.List
}

// openFile is a file that is being read. Those that are read one after the other at
// the same depth wait in rest.
type openFile struct {
	*loaded
	off  int
	rest []Source
}

func newReader(files []Source, opts Options) *reader {
	r := &reader{opts: opts}
	r.definitions = r.standard()
	r.open(files)
	return r
}

func (r *reader) open(files []Source) {
	if len(files) > 0 {
		r.files = append(r.files, openFile{loaded: r.all.load(files[0]), rest: files[1:]})
	}
}

func (r *reader) fileName() string {
	if n := len(r.files); n > 0 {
		return r.files[n-1].Name
	}
	return ""
}

func (r *reader) find(severity diag.Severity, code string, at []int, summary, detail string) {
	r.found = append(r.found, diag.Diagnostic{Severity: severity, Code: code, Summary: summary, Detail: detail, Subject: r.all.span(at)})
}

// findIn finds something where a line begins that has been read before.
func (r *reader) findIn(n *Node, severity diag.Severity, code, summary, detail string) {
	r.found = append(r.found, diag.Diagnostic{Severity: severity, Code: code, Summary: summary, Detail: detail, Subject: n.Range})
}

func (r *reader) warn(at []int, summary, detail string) {
	r.find(diag.Warning, "keepalived-syntax", at, summary, detail)
}

// line returns the next line that has something for the daemon to act on, with
// definitions put in and what is for other nodes left out; false at the end.
func (r *reader) line() (text, bool) {
	if t := r.back; t != nil {
		r.back = nil
		return *t, true
	}
	for r.count < mostLines {
		r.count++
		t, ok := r.raw()
		switch {
		case !ok:
			return text{}, false
		case r.defining != nil:
			r.extend(t)
			continue
		case t.empty():
			continue
		}
		t = r.expand(t)
		if !t.empty() && !r.include(t) {
			return r.upToBrace(t), true
		}
	}
	if r.count == mostLines {
		r.count++
		r.find(diag.Error, "keepalived-syntax", nil, "this configuration has too many lines", "the rest of it was not read")
	}
	return text{}, false
}

// raw returns the next line as it stands somewhere: in a file, in a sequence, in a
// definition, or behind a brace.
func (r *reader) raw() (text, bool) {
	switch n := len(r.sequences); {
	case r.residue != nil:
		t := *r.residue
		r.residue = nil
		return t, true
	case n > 0 && n > r.depth:
		s := r.sequences[n-1]
		t := s.text
		if !s.take(r) {
			r.sequences = r.sequences[:n-1]
		}
		return t, true
	case r.next != nil:
		return r.nextOfDefinition(), true
	}
	return r.fromFile()
}

// fromFile returns the next line of a file that is not empty.
func (r *reader) fromFile() (text, bool) {
	for len(r.files) > 0 {
		f := &r.files[len(r.files)-1]
		if f.off >= len(f.Data) {
			rest := f.rest
			r.files = r.files[:len(r.files)-1]
			r.open(rest)
			continue
		}
		line := r.cut(f)
		t := r.clean(line)
		if _, _, include := isInclude(string(t.s)); include && r.defining != nil && !r.parent {
			r.warn(t.at, "a definition of several lines ends before an include", "put the include outside of it")
			t = text{}
		}
		if !t.empty() {
			return t, true
		}
		if line.empty() || !r.parent {
			r.endDefinition() // the first process takes a comment for no line at all
		}
	}
	r.endDefinition()
	return text{}, false
}

// cut takes the next line out of a file, without its end. Keepalived reads a long
// one in pieces.
func (r *reader) cut(f *openFile) text {
	line := f.Data[f.off:]
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i+1]
	}
	t := text{s: line, at: make([]int, len(line))}
	for i := range t.at {
		t.at[i] = f.base + f.off + i
	}
	if len(line) > longestLine {
		t = t.slice(0, longestLine)
		r.warn(t.at, "this line is longer than 1023 bytes", "Keepalived reads what is behind them as a line of its own")
	}
	f.off += len(t.s)
	if i := bytes.IndexByte(t.s, 0); i >= 0 {
		r.warn(t.at[i:i+1], "there is a zero byte in this line", "Keepalived does not read what is behind it")
		t = t.slice(0, i)
	}
	return t.slice(0, len(bytes.TrimRight(t.s, "\r\n")))
}

// clean takes comments off. For most lines it is done twice: the first process, which
// reads global_defs, writes down what it has read for the others, and they clean it
// once more.
func (r *reader) clean(t text) text {
	line, comment, closed := decomment(t)
	if !comment.empty() {
		r.comments = append(r.comments, Token{string(comment.s), r.all.span(comment.at)})
	}
	if !closed {
		r.warn(t.trimLeft().at, "a double quote is not closed", "close it: Keepalived has no string of several lines")
	}
	if line.empty() || r.parent {
		return line
	}
	if line.s[0] == '#' || line.s[0] == '!' {
		r.warn(line.at, "Keepalived takes this line for a mark of its own and loses it", `put it between double quotes, without the backslash`)
		return text{}
	}
	// A carriage return that has become the last character is taken off as well.
	line, comment, _ = decomment(line.slice(0, len(bytes.TrimRight(line.s, "\r"))))
	if !comment.empty() {
		r.warn(comment.at, "a backslash does not keep Keepalived from reading a comment here",
			"put the word between double quotes, without the backslash")
	}
	return line
}

// expand reads the signs at the start of a line, and puts definitions in. It returns
// what is left for the daemon to act on.
func (r *reader) expand(t text) text {
	for again := true; again; {
		if t.s[0] == '@' {
			if t = r.condition(t); t.empty() {
				return t
			}
		}
		switch {
		case t.s[0] == '$' && r.define(t):
			return text{}
		case bytes.HasPrefix(t.s, []byte("~SEQ")), bytes.HasPrefix(t.s, []byte("~LST")):
			r.repeat(t)
			return text{}
		case t.s[0] == '~':
			return t
		}
		put, ok := r.substitute(t)
		if !ok {
			return put
		}
		t, _, _ = decomment(put)
		again = !t.empty() && (t.s[0] == '@' || bytes.IndexByte(t.s, '$') >= 0)
		if r.count++; r.count >= mostLines {
			return text{}
		}
	}
	return t
}

// condition returns what stands behind @NAME or @^NAME where the daemon's own name
// is that, or is not; otherwise nothing.
func (r *reader) condition(t text) text {
	name, without := t.from(1), false
	if bytes.HasPrefix(name.s, []byte("^")) {
		name, without = name.from(1), true
	}
	end := bytes.IndexAny(name.s, blanks)
	if end < 0 || (r.opts.ID != "" && string(name.s[:end]) == r.opts.ID) == without {
		return text{}
	}
	return name.from(end).trimLeft()
}

// upToBrace cuts a line behind its first brace if it begins with one, else before
// the first one that is not between double quotes. The rest is the next line.
func (r *reader) upToBrace(t text) text {
	at := firstBrace(t.s)
	if at >= 0 {
		cut := at
		if at == 0 {
			cut = len(t.s) - len(bytes.TrimLeft(t.s[1:], blanks))
		}
		if rest := t.from(cut); !rest.empty() {
			rest = rest.trimRight()
			r.residue = &rest
			t = t.slice(0, cut)
		}
	}
	return t.trimRight()
}

func firstBrace(s []byte) int {
	if s[0] == '{' || s[0] == '}' {
		return 0
	}
	for i := 0; ; {
		n := bytes.IndexAny(s[i:], `{}"`)
		if n < 0 {
			return -1
		}
		i += n
		if s[i] != '"' {
			return i
		}
		n = bytes.IndexByte(s[i+1:], '"')
		if n < 0 {
			return -1
		}
		i += n + 2
	}
}

// include opens the files of an include line, and says whether the line is one.
func (r *reader) include(t text) bool {
	kind, pattern, ok := isInclude(string(t.s))
	if !ok {
		return false
	}
	severity := diag.Warning
	if kind != "include" {
		severity = diag.Error
	}
	if !path.IsAbs(pattern) {
		pattern = path.Join(path.Dir(r.fileName()), pattern)
	}
	fault := ""
	switch {
	case r.opts.Open == nil:
		fault = "no included file is read here"
	case len(r.files) >= deepest || len(r.all) >= mostFiles:
		fault = "too many files are included, or one that includes itself"
	default:
		files, err := r.opts.Open(pattern)
		if err != nil {
			fault = err.Error()
		} else if len(files) == 0 {
			fault = "no file matches"
		}
		r.open(files)
	}
	if fault != "" {
		r.find(severity, "keepalived-include", t.at, kind+" "+pattern+": "+fault, "what stands there is missing in what was read")
	}
	return true
}

func isInclude(line string) (kind, pattern string, ok bool) {
	rest, ok := strings.CutPrefix(line, "include")
	if !ok || rest == "" {
		return "", "", false
	}
	kind = "include"
	if strings.IndexByte("rmwba", rest[0]) >= 0 {
		kind, rest = kind+rest[:1], rest[1:]
	}
	if rest == "" || strings.IndexByte(whiteSpace, rest[0]) < 0 {
		return "", "", false
	}
	return kind, strings.TrimLeft(rest[1:], blanks), true
}
