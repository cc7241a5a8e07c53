package rules

import (
	_ "embed"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
	"github.com/lbgen/lbgen/internal/source"
)

// commonSite is what stands around the fragments of the rules: a pair in which
// no rule finds anything.
//
//go:embed common.yaml
var commonSite string

// otherSite is the second site of a call, for rules that compare several.
//
//go:embed other.yaml
var otherSite string

// mark stands in a rule's Bad before what is found.
const mark = "§"

// Example is a fragment of a rule as a site file.
type Example struct {
	Sites  []lint.Subject // the fragment's own site is the last; without the sites where there are errors
	Source *source.File   // its text
	Marked diag.Pos       // where the mark stood; zero without one
	Faults diag.List      // what the model says of it: nothing, in a rule that is right
}

// NewExample reads a fragment.
func NewExample(fragment string) Example {
	var e Example
	fragment = strings.TrimPrefix(fragment, "\n")
	if before, _, ok := strings.Cut(fragment, mark); ok {
		line := before[strings.LastIndexByte(before, '\n')+1:]
		e.Marked = diag.Pos{Line: strings.Count(before, "\n") + 1, Column: len(line) + 1}
	}
	text := Shown(fragment) + "version: 1\nsite: example\ndefaults_from: common.yaml\n"
	written, src, found := model.LoadShared("site.yaml", []byte(text), func(string) (string, []byte, *diag.Diagnostic) {
		return "common.yaml", []byte(commonSite), nil
	})
	other, otherSrc, otherFound := model.Load("other.yaml", []byte(otherSite))
	e.Source, e.Faults = src, append(found, otherFound...)
	e.Sites = []lint.Subject{{Source: otherSrc}, {Source: src}}
	if !e.Faults.HasErrors() {
		e.Sites[0].Site, e.Sites[1].Site = site.Resolve(other), site.Resolve(written)
		e.Sites[1].Certificates, e.Sites[1].Now = madeUp(written), exampleDay()
	}
	return e
}

// Shown is a fragment as a reader sees it.
func Shown(fragment string) string {
	return strings.ReplaceAll(strings.TrimPrefix(fragment, "\n"), mark, "")
}
