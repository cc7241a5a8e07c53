package render

import (
	"bytes"
	"fmt"
	"text/template"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/conf"
	"github.com/lbgen/lbgen/internal/diag"
)

// printer is what the template of one file is written to. Templates write each
// piece of text as they come to it, so the functions below know at which byte of
// the file they are called: there they remember where a line comes from and
// where a secret stands.
type printer struct {
	text    []byte
	origins []origin
	secrets []artifact.Secret
}

// origin says that the line with the byte at an offset comes from a path.
type origin struct {
	offset int
	path   diag.Path
}

// functions are what the templates may call, bound to this printer.
func (p *printer) functions() template.FuncMap {
	return template.FuncMap{
		"from": p.from, "line": p.line, "lines": p.lines, "inner": p.inner, "word": p.word,
		"sh": shQuote,
	}
}

// Write appends text to the file.
func (p *printer) Write(text []byte) (int, error) {
	p.text = append(p.text, text...)
	return len(text), nil
}

// from says where the line comes from. It prints nothing.
func (p *printer) from(path diag.Path) string {
	if path != "" {
		p.origins = append(p.origins, origin{len(p.text), path})
	}
	return ""
}

// word prints one word.
func (p *printer) word(w conf.Word) string {
	p.put(w.Text(), w.Secrets())
	return ""
}

// line prints one line where the template is, without indentation and line
// break.
func (p *printer) line(l conf.Line) string {
	p.from(l.From())
	p.put(l.Text(), l.Secrets())
	return ""
}

// lines prints lines of a section or block: each on a line of its own below what
// has been printed.
func (p *printer) lines(all ...any) (string, error) { return "", p.below("\n    ", all) }

// inner does so for lines of a block in a block.
func (p *printer) inner(all ...any) (string, error) { return "", p.below("\n        ", all) }

func (p *printer) below(before string, all []any) error {
	for _, some := range all {
		switch some := some.(type) {
		case conf.Line:
			if some.Text() != "" {
				p.text = append(p.text, before...)
				p.line(some)
			}
		case []conf.Line:
			for i := range some {
				p.text = append(p.text, before...)
				p.line(some[i])
			}
		case []conf.Raw:
			for i := range some {
				p.text = append(p.text, before...)
				p.from(some[i].From())
				p.put(some[i].Text(), some[i].Secrets())
			}
		default:
			return fmt.Errorf("a %T is no lines", some)
		}
	}
	return nil
}

func (p *printer) put(text string, secrets []conf.Stretch) {
	for _, s := range secrets {
		start := len(p.text)
		p.secrets = append(p.secrets, artifact.Secret{Start: start + s.Start, End: start + s.End, Path: string(s.Path), Known: s.Known})
	}
	p.text = append(p.text, text...)
}

// finish moves what was printed into the file and makes the printer ready for
// the next one.
func (p *printer) finish(f *artifact.File) {
	f.Data, f.Secrets = bytes.Clone(p.text), append([]artifact.Secret(nil), p.secrets...)
	if len(p.origins) > 0 {
		f.Origins = make([]string, 0, bytes.Count(p.text, []byte("\n")))
	}
	from, line := 0, 0 // line: how many lines end before from
	for _, o := range p.origins {
		line += bytes.Count(p.text[from:o.offset], []byte("\n"))
		from = o.offset
		for len(f.Origins) < line {
			f.Origins = append(f.Origins, "")
		}
		f.Origins = append(f.Origins[:line], string(o.path))
	}
	p.reset()
}

func (p *printer) reset() { p.text, p.origins, p.secrets = p.text[:0], p.origins[:0], p.secrets[:0] }
