// Package diag holds the one type in which every part of lbgen reports what it
// finds: the loader, the rules and the checkers that run the real daemons.
// It imports the standard library only, so that anything may import it.
package diag

import (
	"cmp"
	"fmt"
	"slices"
)

// Severity says how bad a finding is. The zero value is Error, so that a
// finding whose author forgot to choose is never taken lightly.
type Severity int

// The severities, from the worst down.
const (
	Error   Severity = iota // nothing is written
	Warning                 // works, and will hurt
	Info                    // worth knowing
)

// String returns the severity as the reports print it.
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	default:
		return "info"
	}
}

// Pos is a place in a text. Line and Column count from 1; Column counts
// characters, not bytes. The zero Pos means that the place is not known.
type Pos struct{ Line, Column int }

// Range is a stretch of a file. End is the place just behind the last
// character; a Range with an empty File belongs to no file.
type Range struct {
	File       string
	Start, End Pos
}

// String returns the start of the range as file:line:column, which terminals
// and editors turn into a link.
func (r Range) String() string {
	switch {
	case r.File == "":
		return ""
	case r.Start.Line == 0:
		return r.File
	case r.Start.Column == 0:
		return fmt.Sprintf("%s:%d", r.File, r.Start.Line)
	default:
		return fmt.Sprintf("%s:%d:%d", r.File, r.Start.Line, r.Start.Column)
	}
}

// Related is a second place that a finding is about: the first of two equal
// names, or the generated line that a daemon complained of.
type Related struct {
	Message string
	Range   Range
	// Text is the line itself where Range is not in a file that the reporter
	// has, as with a generated file; secrets in it are masked already.
	Text string
}

// Diagnostic is one finding.
type Diagnostic struct {
	Severity Severity
	Code     string // a short stable name, such as "unknown-field" or LB1003
	Name     string // of the rule that Code numbers, such as "haproxy-not-watched"; else empty
	Summary  string // what is wrong, one line
	Detail   string // what was expected and what to do; may be empty
	Path     Path   // the model path, such as backends[0].servers[1].address
	Subject  Range
	Related  []Related
	Fix      *Fix // nil where there is none that is safe
}

// Fix is a change of the site file that mends a finding and changes nothing else.
type Fix struct {
	Title string
	Edits []Edit
}

// Edit puts New in place of what stands in Range; an empty Range is an insertion.
type Edit struct {
	Range Range
	New   string
}

// List is a number of findings.
type List []Diagnostic

// HasErrors says whether one of the findings is an Error.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error })
}

// Count returns how many findings have the severity s.
func (l List) Count(s Severity) int {
	n := 0
	for _, d := range l {
		if d.Severity == s {
			n++
		}
	}
	return n
}

// Sort puts the findings in the order in which a reader meets their places:
// by file, line and column, the worse first at one place, then by code and
// summary, so that equal input always gives an equal report.
func (l List) Sort() {
	slices.SortStableFunc(l, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Subject.File, b.Subject.File),
			cmp.Compare(a.Subject.Start.Line, b.Subject.Start.Line),
			cmp.Compare(a.Subject.Start.Column, b.Subject.Start.Column),
			cmp.Compare(a.Severity, b.Severity),
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Summary, b.Summary),
		)
	})
}
