// Package report prints findings, one small file a format. It never shows a
// secret: lines of the site file come masked from source, generated lines come
// masked in the finding.
package report

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"

	"github.com/lbgen/lbgen/internal/diag"
)

// Excerpt is a file whose lines can be shown.
type Excerpt interface {
	// Masked returns a line, counted from 1, with what is secret in it hidden.
	Masked(line int) string
}

// Sources are the files that findings point into, by the name in their range.
type Sources map[string]Excerpt

// Text prints each finding with the line that it is about and a caret under
// the fault, then what was expected.
func Text(w io.Writer, l diag.List, sources Sources, color bool) error {
	p := printer{sources: sources, color: color}
	for _, d := range l {
		p.finding(d)
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

type printer struct {
	b       strings.Builder
	sources Sources
	color   bool
	// last is where lastLine stands.
	last     diag.Range
	lastLine string
}

// severityColor is a colour of the terminal (ECMA-48 SGR), one a severity.
func severityColor(s diag.Severity) string {
	return [...]string{diag.Error: "31", diag.Warning: "33", diag.Info: "36"}[s]
}

func (p *printer) paint(code, text string) string {
	if !p.color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p *printer) finding(d diag.Diagnostic) {
	if place := d.Subject.String(); place != "" {
		p.b.WriteString(p.paint("1", place+": "))
	}
	fmt.Fprintf(&p.b, "%s %s [%s]\n", p.paint("1;"+severityColor(d.Severity), d.Severity.String()+":"), p.paint("1", printable(d.Summary)),
		title(d))
	p.excerpt(d.Subject, "", severityColor(d.Severity))
	if d.Detail != "" {
		for i, line := range strings.Split(d.Detail, "\n") {
			lead := "     = "
			if i > 0 {
				lead = "       "
			}
			fmt.Fprintf(&p.b, "%s%s\n", lead, printable(line))
		}
	}
	if d.Fix != nil {
		fmt.Fprintf(&p.b, "     = lbgen lint --fix writes %s\n", printable(d.Fix.Title))
	}
	for _, r := range d.Related {
		fmt.Fprintf(&p.b, "     = %s: %s\n", printable(r.Message), r.Range)
		p.excerpt(r.Range, r.Text, "34")
	}
}

// excerpt prints the line of the range with a caret under it. text is the line
// where the file is not among the sources.
func (p *printer) excerpt(r diag.Range, text, color string) {
	if text == "" {
		text = p.line(r)
	}
	if text == "" || r.Start.Line == 0 {
		return
	}
	width := 1
	if r.End.Line == r.Start.Line {
		width = max(1, r.End.Column-r.Start.Column)
	}
	line, before, under := clip(text, r.Start.Column, width)
	fmt.Fprintf(&p.b, "%s %s\n", p.paint("34", fmt.Sprintf("%4d |", r.Start.Line)), line)
	if r.Start.Column > 0 {
		fmt.Fprintf(&p.b, "%s %s%s\n", p.paint("34", "     |"), before, p.paint("1;"+color, under))
	}
}

// line returns the line of the range, "" where its file is not at hand. It
// keeps the last one: many findings in one line are in a line that is long.
func (p *printer) line(r diag.Range) string {
	src := p.sources[r.File]
	if src == nil {
		return ""
	}
	if key := (diag.Range{File: r.File, Start: diag.Pos{Line: r.Start.Line}}); p.last != key || p.lastLine == "" {
		p.last, p.lastLine = key, src.Masked(r.Start.Line)
	}
	return p.lastLine
}

// longest is how many characters of a line are shown.
const longest = 120

// clip cuts a long line so that its fault is in view. It returns the line, the
// white space that leads to the caret, and the carets; tabs and wide
// characters are as wide in all three.
func clip(text string, column, width int) (line, before, under string) {
	runes, cut := window(text, column)
	at := min(max(column-1-cut, 0), len(runes))
	to := min(len(runes), longest)
	end := min(at+width, to)
	for _, r := range runes[:min(at, to)] {
		before += space(r)
	}
	line = printable(string(runes[:to]))
	if cut > 0 {
		line, before = "…"+line, " "+before
	}
	if to < len(runes) {
		line += "…"
	}
	return line, before, strings.Repeat("^", max(1, runewidth.StringWidth(string(runes[min(at, end):end]))))
}

// window returns the characters of text around a column, one more than are
// shown if there are more, and how many it has left out before them. It does
// not look at the whole of a line that is megabytes long more than once.
func window(text string, column int) (runes []rune, cut int) {
	count := utf8.RuneCountInString(text)
	cut = max(0, min(column-1-longest/2, count-longest))
	skip := cut
	if count == len(text) { // a character is a byte
		text, skip = text[cut:], 0
	}
	for _, r := range text {
		if skip > 0 {
			skip--
			continue
		}
		if runes = append(runes, r); len(runes) > longest {
			break
		}
	}
	return runes, cut
}

func space(r rune) string {
	if r == '\t' {
		return "\t"
	}
	return strings.Repeat(" ", runewidth.RuneWidth(r))
}

// printable keeps what stands in a file from steering the terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && r != ' ' && r != '\u00a0' && !unicode.IsPrint(r) {
			return '\ufffd'
		}
		return r
	}, text)
}
