package haproxy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lbgen/lbgen/internal/diag"
)

// File is a file of the configuration: its name, as findings show it, and its bytes.
type File struct {
	Name string
	Data []byte
}

// InFolder returns those of the names in a folder that `haproxy -f FOLDER` reads,
// in its order.
func InFolder(names []string) []string {
	var some []string
	for _, name := range names {
		if strings.HasSuffix(name, ".cfg") && !strings.HasPrefix(name, ".") && strings.Count(name, ".cfg") == 1 {
			some = append(some, name)
		}
	}
	slices.Sort(some)
	return some
}

// World is what a configuration may ask for beside its own files.
type World struct {
	// Env is the environment of the HAProxy that is to read the files. Where it is
	// nil, no variable is set.
	Env func(name string) (value string, set bool)
	// Version is that of the HAProxy that is to read the files, as "2.6" or "2.6.12".
	// Where it is empty, conditions that ask for it are not decided.
	Version string
}

// Token is a word of a line as HAProxy reads it: quotes and escapes gone, the
// environment put in.
type Token struct {
	Text  string
	Range diag.Range
	// Quoted is true where a part of the word stands between quotes, Env where a
	// part of it came from the environment.
	Quoted, Env bool
}

// Directive is a line that says something.
type Directive struct {
	Tokens   []Token    // at least one
	Modifier string     // "no" or "default" where that stood before the first of Tokens
	Range    diag.Range // from the first word, a modifier too, to the end of the last
	Comment  string     // what stands behind #, without blanks around it
	// Maybe is true of a line between .if and .endif where the condition depends on
	// what is not known here, such as how HAProxy was built.
	Maybe bool
}

// Word returns the text of the token i, "" where there are fewer.
func (d *Directive) Word(i int) string {
	if i < len(d.Tokens) {
		return d.Tokens[i].Text
	}
	return ""
}

// Words returns the texts of the tokens, without a modifier.
func (d *Directive) Words() []string {
	words := make([]string, len(d.Tokens))
	for i, t := range d.Tokens {
		words[i] = t.Text
	}
	return words
}

// Section is a section: the line that opens it, and what stands in it.
type Section struct {
	Head       *Directive
	Kind, Name string // as in "frontend main"; Name may be empty
	// Defaults is the section that a proxy, or another defaults section with from,
	// takes its defaults from; nil where that is HAProxy itself.
	Defaults *Section
	Lines    []*Directive
}

// Comment is a line that holds nothing else. Range begins at its #.
type Comment struct {
	Text  string // without # and blanks around it
	Range diag.Range
}

// Config is what files say together.
type Config struct {
	Sections []*Section
	// Outside are lines that stand before the first section of their file, where
	// HAProxy takes none.
	Outside []*Directive
	// Macros are lines that begin with a dot, and scopes in brackets.
	Macros []*Directive
	// Unread are lines that HAProxy does not take: those that it cannot split into
	// words, and those between .if and .endif whose condition does not hold.
	Unread   []*Directive
	Comments []Comment
	// Found says what HAProxy refuses in the text of the files, and what it reads
	// otherwise than it looks. It is sorted by place.
	Found diag.List
}

// Read reads the files as one configuration, in their order. It never fails: what
// HAProxy would not take is in Found.
func Read(w World, files ...File) *Config {
	r := &reader{world: w, cfg: &Config{}}
	if r.world.Env == nil {
		r.world.Env = func(string) (string, bool) { return "", false }
	}
	for _, f := range files {
		r.file(f)
	}
	r.cfg.Found.Sort()
	return r.cfg
}

// reader reads lines and knows where it is.
type reader struct {
	world   World
	cfg     *Config
	name    string // of the file
	n       int    // number of the line
	line    string // without its line feed
	section *Section
	last    *Section // of the defaults sections
	ifs     []branch
}

// file reads one file. No section goes on in the next file, but defaults count there.
func (r *reader) file(f File) {
	r.name, r.n, r.section, r.ifs = f.Name, 0, nil, nil
	text := string(f.Data)
	for text != "" {
		r.n++
		line, rest, ended := strings.Cut(text, "\n")
		text, r.line = rest, line
		if seen, _, zero := strings.Cut(line, "\x00"); zero {
			r.line = seen
			r.found(len(seen), diag.Error, "a zero byte", "take it out: HAProxy reads the file no further")
		}
		r.oneLine()
		if !ended {
			r.found(len(r.line), diag.Error, "the last line does not end", "put a line feed behind it: HAProxy takes the file for a part of one")
		}
	}
	if len(r.ifs) > 0 {
		r.found(len(r.line), diag.Error, "the file ends before .endif", "close each .if in the file in which it stands")
	}
}

// oneLine reads a line and puts it where it belongs.
func (r *reader) oneLine() {
	lead := 0
	for lead < len(r.line) && isBlank(r.line[lead]) {
		lead++
	}
	if lead == len(r.line) {
		return
	}
	if r.line[lead] == '[' {
		r.scope(lead)
		return
	}
	s := split(r.line[lead:], r.env)
	d := r.directive(s, lead)
	if d == nil {
		return
	}
	switch {
	case s.fault != nil:
		r.found(lead+s.fault.at, diag.Error, s.fault.what, s.fault.instead)
		r.cfg.Unread = append(r.cfg.Unread, d)
	case d.Tokens[0].Text == "":
		r.found(lead, diag.Warning, "a line whose first word is empty", "HAProxy passes over the whole line: take it out, or write # before it")
		r.cfg.Unread = append(r.cfg.Unread, d)
	case d.Tokens[0].Text[0] == '.' && r.macro(d):
	case r.skipped():
		r.cfg.Unread = append(r.cfg.Unread, d)
	default:
		r.place(d)
	}
}

// directive makes a directive of what was split. A line that is a comment alone
// is noted, and is none.
func (r *reader) directive(s *splitter, lead int) *Directive {
	comment := ""
	if s.comment >= 0 {
		comment = strings.TrimFunc(s.in[s.comment+1:], func(c rune) bool { return c < 0x80 && isBlank(byte(c)) })
	} else if rest := s.in[s.pos:]; s.fault == nil && strings.Trim(rest, "\r") != "" {
		r.found(lead+s.pos, diag.Warning, "words behind a carriage return", "HAProxy does not read them: take the carriage return out")
	}
	if s.cut {
		r.found(lead, diag.Warning, `\x00 in a word`, "HAProxy takes it for the end of the word")
	}
	if len(s.pieces) == 0 {
		if s.comment >= 0 {
			r.cfg.Comments = append(r.cfg.Comments, Comment{comment, r.stretch(lead+s.comment, lead+len(s.in))})
		}
		return nil
	}
	d := &Directive{Comment: comment, Tokens: make([]Token, len(s.pieces)), Maybe: r.maybe()}
	c := column{line: r.line}
	for i, p := range s.pieces {
		d.Tokens[i] = Token{p.text, r.between(&c, lead+p.start, lead+p.end), p.quoted, p.env}
	}
	d.Range = d.Tokens[0].Range
	d.Range.End = d.Tokens[len(d.Tokens)-1].Range.End
	return d
}

// place puts a directive into its section, or opens one with it.
func (r *reader) place(d *Directive) {
	if first := d.Tokens[0].Text; (first == "no" || first == "default") && len(d.Tokens) > 1 {
		d.Modifier, d.Tokens = first, d.Tokens[1:]
	}
	switch {
	case d.Modifier == "" && IsSection(d.Tokens[0].Text):
		r.open(d)
	case r.section == nil:
		r.cfg.Outside = append(r.cfg.Outside, d)
		if strings.HasPrefix(d.Tokens[0].Text, "\ufeff") {
			r.foundAt(d.Tokens[0].Range, diag.Error, "the file begins with a byte order mark (U+FEFF), which HAProxy takes for a word",
				"save it as UTF-8 without one")
			return
		}
		r.foundAt(d.Tokens[0].Range, diag.Error, fmt.Sprintf("%q stands in no section", d.Tokens[0].Text),
			"put it below the line that opens its section: each file begins with one")
	default:
		r.section.Lines = append(r.section.Lines, d)
	}
}

// scope reads a line in brackets, as files of filters have them: nothing of
// haproxy.cfg depends on it.
func (r *reader) scope(lead int) {
	text := strings.TrimFunc(r.line[lead:], func(c rune) bool { return c < 0x80 && isBlank(byte(c)) })
	at := r.stretch(lead, lead+len(text))
	r.cfg.Macros = append(r.cfg.Macros, &Directive{Tokens: []Token{{Text: text, Range: at}}, Range: at, Maybe: r.maybe()})
	if end := strings.IndexByte(text, ']'); end < 2 {
		r.foundAt(at, diag.Error, "[ without the name of a scope and ]", "quote a word that begins with [")
	}
}

// env returns a variable, those too that HAProxy has itself.
func (r *reader) env(name string) (string, bool) {
	switch name {
	case ".LINE":
		return strconv.Itoa(r.n), true
	case ".FILE":
		return r.name, true
	case ".SECTION":
		if r.section == nil {
			return "", false
		}
		if r.section.Name != "" {
			return r.section.Name, true
		}
		return r.section.Kind, true
	default:
		return r.world.Env(name)
	}
}

// column counts the characters of a line up to bytes that never go backwards.
type column struct {
	line     string
	at, past int // bytes and characters that have been counted
}

func (c *column) of(at int) int {
	if at < c.at { // several words came from one stretch
		c.at, c.past = 0, 0
	}
	c.past += utf8.RuneCountInString(c.line[c.at:at])
	c.at = at
	return c.past + 1
}

// between is the range of bytes of the line.
func (r *reader) between(c *column, start, end int) diag.Range {
	return diag.Range{File: r.name, Start: diag.Pos{Line: r.n, Column: c.of(start)}, End: diag.Pos{Line: r.n, Column: c.of(end)}}
}

func (r *reader) stretch(start, end int) diag.Range {
	return r.between(&column{line: r.line}, start, end)
}

// found reports what stands at a byte of the line.
func (r *reader) found(at int, s diag.Severity, summary, detail string) {
	end := at
	if at < len(r.line) {
		_, n := utf8.DecodeRuneInString(r.line[at:])
		end += n
	}
	r.foundAt(r.stretch(at, end), s, summary, detail)
}

func (r *reader) foundAt(at diag.Range, s diag.Severity, summary, detail string) {
	r.cfg.Found = append(r.cfg.Found, diag.Diagnostic{Severity: s, Code: "haproxy-syntax", Summary: summary, Detail: detail, Subject: at})
}

// ReadLine reads one line of a section, such as one of a raw field; nil where it says
// nothing, or opens a section of its own.
func ReadLine(text string) *Directive {
	c := Read(World{}, File{Data: []byte("global\n" + text + "\n")})
	if len(c.Sections) != 1 || len(c.Sections[0].Lines) != 1 {
		return nil
	}
	return c.Sections[0].Lines[0]
}
