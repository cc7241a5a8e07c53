package mistakes_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/lint/rules"
	"github.com/lbgen/lbgen/internal/mistakes"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/view"
)

// TestAnswers holds every row true.
func TestAnswers(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range mistakes.All() {
		t.Run(r.ID, func(t *testing.T) {
			if seen[r.ID] || r.Mistake == "" {
				t.Error("it stands twice, or says nothing")
			}
			seen[r.ID] = true
			switch r.Answer {
			case mistakes.Refused:
				refused(t, r)
			case mistakes.Impossible:
				impossible(t, r)
			case mistakes.Rule:
				if !slices.ContainsFunc(rules.All(), func(known lint.Rule) bool { return known.ID == r.Rule }) {
					t.Errorf("there is no rule %s", r.Rule)
				}
			case mistakes.Check, mistakes.Waits:
				if r.Why == "" {
					t.Error("it does not say why")
				}
			default:
				t.Errorf("no answer: %q", r.Answer)
			}
		})
	}
}

// refused wants an error at the mark that says what the row promises.
func refused(t *testing.T, r mistakes.Row) {
	t.Helper()
	e := rules.NewExample(r.Fragment)
	for _, f := range e.Faults {
		if f.Severity == diag.Error && f.Subject.Start == e.Marked && strings.Contains(f.Summary+"; "+f.Detail, r.Says) && r.Says != "" {
			return
		}
	}
	t.Errorf("no error at %d:%d says %q, but: %+v", e.Marked.Line, e.Marked.Column, r.Says, e.Faults)
}

// impossible wants the fragment to be accepted, and looks at what it becomes.
func impossible(t *testing.T, r mistakes.Row) {
	t.Helper()
	e := rules.NewExample(r.Fragment)
	if e.Faults.HasErrors() {
		t.Fatalf("the fragment is refused: %+v", e.Faults)
	}
	text := rendered(t, e.Sites[len(e.Sites)-1].Site, r.File)
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.TrimSpace(line))
	}
	for _, want := range r.Has {
		if !slices.Contains(lines, want) {
			t.Errorf("%s has no line %q:\n%s", r.File, want, text)
		}
	}
	if r.HasNot != "" && strings.Contains(text, r.HasNot) {
		t.Errorf("%s has %q:\n%s", r.File, r.HasNot, text)
	}
	if len(r.Has) == 0 && r.HasNot == "" {
		t.Error("nothing is looked at")
	}
}

// rendered returns a file of the first node's tree.
func rendered(t *testing.T, site *model.Site, file string) string {
	t.Helper()
	renderer, err := render.New()
	if err != nil {
		t.Fatal(err)
	}
	sets, err := renderer.Sets(view.Resolve(site, model.Inputs{Secrets: map[string]string{}}))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(sets[0].Files, func(f artifact.File) bool { return f.Path == file })
	if i < 0 {
		t.Fatalf("there is no %s", file)
	}
	return string(sets[0].Files[i].Data)
}
