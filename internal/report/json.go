package report

import (
	"encoding/json"
	"io"

	"github.com/lbgen/lbgen/internal/diag"
)

// finding is one finding in JSON. Fields may be added, what changes its
// meaning or goes away raises the version of the schema.
type finding struct {
	Severity string    `json:"severity"` // error, warning or info
	Code     string    `json:"code"`
	Name     string    `json:"name,omitempty"` // of the rule
	Message  string    `json:"message"`
	Detail   string    `json:"detail,omitempty"`
	Path     string    `json:"path,omitempty"` // in the model
	File     string    `json:"file,omitempty"`
	Line     int       `json:"line,omitempty"`   // from 1
	Column   int       `json:"column,omitempty"` // from 1, in characters
	EndLine  int       `json:"endLine,omitempty"`
	EndCol   int       `json:"endColumn,omitempty"` // just behind the last character
	Related  []related `json:"related,omitempty"`
	Fix      *fix      `json:"fix,omitempty"` // what lbgen lint --fix does
}

type fix struct {
	Title string `json:"title"`
	Edits []edit `json:"edits"`
}

// edit is a text that goes in place of another; an empty place is an insertion.
type edit struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	EndLine int    `json:"endLine"`
	EndCol  int    `json:"endColumn"`
	New     string `json:"new"`
}

type related struct {
	Message string `json:"message"`
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Text    string `json:"text,omitempty"`
}

// Member is a further member of the object that JSON prints.
type Member struct {
	Name  string
	Value any
}

// JSON prints {"findings": […]}, an empty list where there are none.
func JSON(w io.Writer, l diag.List, more ...Member) error {
	findings := make([]finding, 0, len(l))
	for _, d := range l {
		f := finding{
			Severity: d.Severity.String(), Code: d.Code, Name: d.Name, Message: d.Summary, Detail: d.Detail, Path: string(d.Path),
			File: d.Subject.File, Line: d.Subject.Start.Line, Column: d.Subject.Start.Column,
			EndLine: d.Subject.End.Line, EndCol: d.Subject.End.Column,
		}
		for _, r := range d.Related {
			f.Related = append(f.Related, related{r.Message, r.Range.File, r.Range.Start.Line, r.Range.Start.Column, r.Text})
		}
		f.Fix = fixOf(d.Fix)
		findings = append(findings, f)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	object := map[string]any{"findings": findings}
	for _, m := range more {
		object[m.Name] = m.Value
	}
	return enc.Encode(object)
}

func fixOf(f *diag.Fix) *fix {
	if f == nil {
		return nil
	}
	out := &fix{Title: f.Title}
	for _, e := range f.Edits {
		out.Edits = append(out.Edits, edit{e.Range.File, e.Range.Start.Line, e.Range.Start.Column, e.Range.End.Line, e.Range.End.Column, e.New})
	}
	return out
}
