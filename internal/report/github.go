package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

// GitHub prints the findings as workflow commands, which GitHub Actions shows
// beside the lines of a change.
func GitHub(w io.Writer, l diag.List) error {
	var b strings.Builder
	for _, d := range l {
		fmt.Fprintf(&b, "::%s %stitle=%s::%s\n", githubLevel(d.Severity), githubPlace(d.Subject), property(title(d)), data(message(d)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func githubLevel(s diag.Severity) string {
	if s == diag.Info {
		return "notice"
	}
	return s.String()
}

func githubPlace(r diag.Range) string {
	if r.File == "" {
		return ""
	}
	place := "file=" + property(r.File) + ","
	if r.Start.Line > 0 {
		place += fmt.Sprintf("line=%d,endLine=%d,", r.Start.Line, max(r.End.Line, r.Start.Line))
	}
	// Columns are for findings on one line only.
	if r.Start.Column > 0 && r.End.Line == r.Start.Line {
		place += fmt.Sprintf("col=%d,endColumn=%d,", r.Start.Column, r.End.Column)
	}
	return place
}

// title is the code, and the name of the rule where it is one.
func title(d diag.Diagnostic) string {
	if d.Name == "" {
		return d.Code
	}
	return d.Code + " " + d.Name
}

// data and property escape what would end a command or one of its properties,
// as GitHub's own toolkit does (actions/toolkit, command.ts).
func data(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

func property(text string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data(text))
}
