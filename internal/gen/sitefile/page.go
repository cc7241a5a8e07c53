package main

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/gen/comment"
)

// page is the page about the site file.
type page struct {
	comments comment.Set
	effects  map[string]*effect
	sections []*section
	out      bytes.Buffer
}

const introduction = `# The site file

<!-- Made by internal/gen/sitefile from the model and the example: run make generate. -->

One YAML file describes one site. This page has every field that it may hold, in the order of lbgen's own
structs: what the field means, what may stand in it, what it is when you leave it out, and the lines that it
becomes. You need few of them: [examples/prslb.yaml](../examples/prslb.yaml) is a whole site on one screen.

The lines were not written down by hand. They are how the files of
[examples/kitchen-sink.yaml](../examples/kitchen-sink.yaml), which has every field, change when the field is
taken out or gets another value. A long line is shown by the words that change, with … for the rest.

**How to read a path**: ` + "`backends[].servers[].weight`" + ` is the field weight of an item of the list servers of an item
of the list backends. In ` + "`nics.*.device`" + ` the * is a name that you choose. Part of the fields need a newer daemon
than the oldest one that lbgen knows, HAProxy 2.4 and Keepalived 2.2: then its version is said, and lbgen refuses
the field where the site's platform or ` + "`target`" + ` is older.

**A duration** is a whole number and a unit: us, ms, s, m, h or d, such as ` + "`500ms`, `2s`, `1m`" + `. There is no default unit.
`

const kinds = `## Names

A name has letters, digits, _ . and -, begins with a letter or a digit and has at most 63 characters.

## Secrets

A password does not belong into the site file. Write where it is: ` + "`{file: PATH}`" + `, relative to the site file, where the
newline at the end is not part of it, or ` + "`{env: NAME}`" + ` for an environment variable. The password itself is accepted
and flagged. Only ` + "`lbgen render`" + ` reads secrets, and they are shown nowhere: here they are ` + "`********`" + `.

The value of a header may be a plain text, or a secret in these two forms. In a header that lets HAProxy or its clients in
(Authorization, Cookie, X-Api-Key, a token …) it always counts as one, and so does what a TCP check sends to log in. haproxy.cfg
is 0640 where it holds any, in a raw line too.

## Raw lines

What lbgen has no field for goes into ` + "`raw: |`" + ` and is handed on to the daemon as it is, line by line. In a frontend each
line stands where HAProxy looks at its kind, before lbgen's own of that kind. In a backend it stands where it acts:
` + "`default-server`" + ` above the servers, ` + "`http-check connect`" + ` before what is sent, ` + "`acl` and `tcp-request`" + `
before the rules of HTTP, everything else at the end. What stands between ` + "`.if` and `.endif`" + ` stays together.
It cannot begin another section, and the daemon checks it like everything else.
`

func (p *page) markdown() []byte {
	p.out.WriteString(introduction)
	p.contents()
	for _, s := range p.sections {
		p.section(s)
	}
	p.out.WriteString(kinds)
	return p.out.Bytes()
}

func (p *page) printf(format string, args ...any) { fmt.Fprintf(&p.out, format, args...) }

// contents is a table of contents of two levels: a struct inside another is
// behind the part of the site file that it belongs to.
func (p *page) contents() {
	p.printf("\n## Contents\n\n")
	part := ""
	for _, s := range p.sections {
		first, _, _ := strings.Cut(strings.TrimSuffix(s.Paths[0], "[]"), ".")
		first, _, _ = strings.Cut(first, "[")
		link := "[" + s.title() + "](#" + anchor(s.title()) + ")"
		if first != part || part == "" {
			p.printf("- %s\n", link)
		} else {
			p.printf("  - %s\n", link)
		}
		part = first
	}
	p.printf("- [Names](#names), [secrets](#secrets), [raw lines](#raw-lines)\n\n")
}

// title is the path of a part of the site file.
func (s *section) title() string {
	if s.Paths[0] == "" {
		return "The file"
	}
	return s.Paths[0]
}

// anchor is how GitHub makes a heading a link's target.
func anchor(title string) string {
	keep := func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_', r == '-':
			return r
		case r == ' ':
			return '-'
		default:
			return -1
		}
	}
	return strings.Map(keep, strings.ToLower(title))
}

func (p *page) section(s *section) {
	p.printf("## %s\n\n%s\n", s.title(), aboutStruct(p.comments[s.Type.Name()]))
	if len(s.Paths) > 1 {
		p.printf("\nThe same may stand in `%s`.\n", strings.Join(s.Paths[1:], "`, `"))
	}
	for _, shared := range p.embedded(s) {
		p.printf("\nIt has all fields of [%s](#%s), and:\n", shared.title(), anchor(shared.title()))
	}
	p.printf("\n")
	for _, f := range s.Fields {
		if f.Owner == s.Type {
			p.field(f)
		}
	}
	p.out.Truncate(len(bytes.TrimRight(p.out.Bytes(), "\n")))
	p.printf("\n\n")
}

// embedded returns the parts whose fields belong to s, too.
func (p *page) embedded(s *section) []*section {
	var all []*section
	for _, other := range p.sections {
		if other != s && slices.ContainsFunc(s.Fields, func(f *field) bool { return f.Owner == other.Type }) {
			all = append(all, other)
		}
	}
	return all
}

// aboutStruct makes a heading's sentence of a struct's comment, which begins
// with the struct's name: "GARP says how often" says it of no one.
func aboutStruct(text string) string {
	_, text, _ = strings.Cut(text, " ")
	for _, verb := range []string{"is ", "are "} {
		text = strings.TrimPrefix(text, verb)
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

func (p *page) field(f *field) {
	says, about := comment.Default(p.comments[f.Owner.Name()+"."+f.Name])
	facts := []string{p.kind(f)}
	if isRequired(f) {
		facts = append(facts, "required")
	}
	if says != "" {
		facts = append(facts, "default "+says)
	}
	if since := f.Tag.Get("since"); since != "" {
		facts = append(facts, "since "+daemon(since))
	}
	p.printf("- **`%s`**: %s  \n  %s\n", f.Key, strings.Join(facts, "; "), about)
	for _, suffix := range []string{"", short} {
		if e := p.effectOf(f, suffix); e != nil {
			p.effect(e)
		}
	}
}

func isRequired(f *field) bool {
	return slices.Contains(split(f.Tag.Get("validate")), "required")
}

// daemon writes the names of the since tag as everybody does.
func daemon(since string) string {
	return strings.NewReplacer("haproxy", "HAProxy", "keepalived", "Keepalived").Replace(since)
}

// kind is the field's kind, with a link to the part that it holds.
func (p *page) kind(f *field) string {
	words := kind(f)
	if f.Below == nil {
		return words
	}
	i := slices.IndexFunc(p.sections, func(s *section) bool { return s.Type == f.Below })
	return strings.Replace(words, "mapping", "[mapping](#"+anchor(p.sections[i].title())+")", 1)
}

// effectOf returns what a field becomes in the first of its places that tells.
func (p *page) effectOf(f *field, suffix string) *effect {
	for _, path := range f.Paths {
		if suffix != "" {
			path += brackets(f.Type) + suffix
		}
		if e := p.effects[path]; e != nil {
			return e
		}
	}
	return nil
}

// mostLines is how many lines of an effect are shown.
const mostLines = 5

func (p *page) effect(e *effect) {
	verb := "becomes"
	if e.gone {
		verb = "takes away"
	}
	what := "It " + verb
	if e.written != "" {
		what = "`" + e.written + "` " + verb
	}
	if len(e.lines) == 0 {
		p.printf("\n  %s %s.\n\n", what, e.file)
		return
	}
	p.printf("\n  %s, in %s:\n\n  ```\n", what, e.where())
	lines := once(e.lines)
	for _, line := range lines[:min(len(lines), mostLines)] {
		p.printf("  %s\n", line)
	}
	if more := len(lines) - mostLines; more > 0 {
		p.printf("  … and %d lines more\n", more)
	}
	p.printf("  ```\n\n")
}

// once returns the lines without blanks around them, each once.
func once(lines []string) []string {
	var all []string
	for _, line := range lines {
		if line = cut(strings.TrimSpace(line)); !slices.Contains(all, line) {
			all = append(all, line)
		}
	}
	return all
}

// widest is how wide a line of the page may be.
const widest = 120

func cut(line string) string {
	if len(line) <= widest {
		return line
	}
	return line[:strings.LastIndex(line[:widest], " ")] + " …"
}

// where names the file that an effect is seen in: the daemons' own wherever
// they lie.
func (e *effect) where() string {
	if base := path.Base(e.file); base == "haproxy.cfg" || base == "keepalived.conf" {
		return base
	}
	return e.file
}
