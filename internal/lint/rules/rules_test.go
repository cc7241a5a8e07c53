package rules_test

import (
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/lint/rules"
	"github.com/lbgen/lbgen/internal/report"
)

func TestTable(t *testing.T) {
	all := rules.All()
	if !slices.IsSortedFunc(all, func(a, b lint.Rule) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("the table is not sorted by number")
	}
	seen := map[string]bool{}
	for _, r := range all {
		if seen[r.ID] || seen[r.Name] {
			t.Errorf("%s %s is defined twice", r.ID, r.Name)
		}
		seen[r.ID], seen[r.Name] = true, true
		if !regexp.MustCompile(`^LB[1-9]\d{3}$`).MatchString(r.ID) || !regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`).MatchString(r.Name) {
			t.Errorf("%s %s: not the shape of a number or a name", r.ID, r.Name)
		}
		if r.Title == "" || r.Text == "" || r.Since == "" || (r.Run == nil) == (r.RunAll == nil) || strings.HasSuffix(r.Title, ".") {
			t.Errorf("%s is not whole", r.ID)
		}
	}
}

// TestBadAndGood: in Bad exactly this rule finds something, at the mark, and
// says what to do. In Good no rule finds anything.
func TestBadAndGood(t *testing.T) {
	for _, r := range rules.All() {
		t.Run(r.ID, func(t *testing.T) {
			bad := rules.NewExample(r.Bad)
			if len(bad.Faults) > 0 {
				t.Fatalf("Bad is no site: %+v", bad.Faults)
			}
			found := run(bad)
			if len(found) != 1 {
				t.Fatalf("%d findings: %s", len(found), summaries(found))
			}
			f := found[0]
			if f.Code != r.ID || f.Name != r.Name || f.Severity != r.Severity || f.Subject.File != "site.yaml" || f.Subject.Start != bad.Marked {
				t.Errorf("got %s %s %s at %s, want it at %d:%d", f.Severity, f.Code, f.Name, f.Subject, bad.Marked.Line, bad.Marked.Column)
			}
			if f.Detail == "" || f.Subject.End.Column <= f.Subject.Start.Column {
				t.Errorf("no remedy, or no end: %+v", f)
			}
			good := rules.NewExample(r.Good)
			if found := append(good.Faults, run(good)...); len(found) > 0 {
				t.Errorf("Good has findings: %s", summaries(found))
			}
		})
	}
}

// TestFixes: what a fix makes of Bad is a site in which no rule finds anything,
// and which differs in that line only.
func TestFixes(t *testing.T) {
	fixes := 0
	for _, r := range rules.All() {
		bad := rules.NewExample(r.Bad)
		for _, f := range run(bad) {
			if f.Fix == nil {
				continue
			}
			fixes++
			mended := bad.Source.Apply(f.Fix.Edits)
			mended, _, _ = strings.Cut(mended, "version: 1\n")
			again := rules.NewExample(mended)
			if found := append(again.Faults, run(again)...); len(found) > 0 {
				t.Errorf("%s: after %q there is still %s", r.ID, f.Fix.Title, summaries(found))
			}
			if a, b := strings.Split(rules.Shown(r.Bad), "\n"), strings.Split(mended, "\n"); len(a) == len(b) {
				for i := range a {
					if a[i] != b[i] && i+1 != bad.Marked.Line {
						t.Errorf("%s: line %d was changed too", r.ID, i+1)
					}
				}
			}
		}
	}
	if fixes < 4 {
		t.Errorf("only %d fixes were tried", fixes)
	}
}

func summaries(found diag.List) string {
	var b strings.Builder
	for _, f := range found {
		b.WriteString("\n    " + f.Subject.String() + " " + f.Code + " " + f.Summary)
	}
	return b.String()
}

// TestWaivers: what is accepted with a reason is not reported, and what is
// wrong with a waiver is.
func TestWaivers(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"on the line", "failover_budget: 3s # lbgen:ignore LB1002 -- that is how it is\n", ""},
		{"by name", "failover_budget: 3s # lbgen:ignore failover-over-budget -- that is how it is\n", ""},
		{"several", "failover_budget: 3s # lbgen:ignore LB1002, LB1003 -- that is how it is\n", ""},
		{"above the line", "# lbgen:ignore LB1002 -- that is how it is\nfailover_budget: 3s\n", ""},
		{"above a block", "# lbgen:ignore LB1003 -- nobody else is here\nvrrp:\n  - name: VI_1\n    nic: front\n    # why not\n    " +
			"virtual_router_id: 51\n    vips: [192.0.2.10]\n", ""},
		{"above an item", "vrrp:\n  # lbgen:ignore LB1003 -- nobody else is here\n  - name: VI_1\n    nic: front\n    virtual_router_id: " +
			"51\n    vips: [192.0.2.10]\n", ""},
		{"not below the block", "# lbgen:ignore LB1002 -- not this\nglobal: {maxconn: 5000}\nfailover_budget: 3s\n", "2:0 unused-waiver LB1002"},
		{"no reason", "failover_budget: 3s # lbgen:ignore LB1002\n", "bad-waiver LB1002"},
		{"empty reason", "failover_budget: 3s # lbgen:ignore LB1002 --  \n", "bad-waiver LB1002"},
		{"no rule", "failover_budget: 3s # lbgen:ignore -- because\n", "bad-waiver LB1002"},
		{"unknown rule", "failover_budget: 3s # lbgen:ignore LB0002 -- because\n", "unknown-rule LB1002"},
		{"nothing to accept", "failover_budget: 9s # lbgen:ignore LB1002 -- because\n", "unused-waiver"},
		{"in a value", "failover_budget: 3s\ndefaults: {log_format: '%ci # lbgen:ignore LB1002 -- no comment'}\n", "LB1002"},
		{"switched off", "failover_budget: 3s\nlint: {LB1002: off}\n", ""},
		{"off by name", "failover_budget: 3s\nlint: {failover-over-budget: off}\n", ""},
		{"unknown rule switched off", "lint: {LB0002: off}\n", "unknown-rule"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := rules.NewExample(c.text)
			var codes []string
			for _, f := range append(e.Faults, run(e)...) {
				codes = append(codes, f.Code)
			}
			slices.Sort(codes)
			want := strings.Fields(strings.TrimPrefix(c.want, "2:0 "))
			slices.Sort(want)
			if !slices.Equal(codes, want) {
				t.Errorf("got %v, want %v", codes, want)
			}
		})
	}
}

func TestSeverityOfTheSite(t *testing.T) {
	e := rules.NewExample("failover_budget: 3s\nlint: {LB1002: info}\n")
	found := run(e)
	if len(found) != 1 || found[0].Severity != diag.Info {
		t.Errorf("%+v", found)
	}
}

// FuzzRules holds the loader, the rules and the reporters together: whatever the
// text, there is no panic, no finding without a place inside its file, and no
// format that cannot print it.
func FuzzRules(f *testing.F) {
	for _, r := range rules.All() {
		f.Add(rules.Shown(r.Bad))
		f.Add(rules.Shown(r.Good))
	}
	f.Add("failover_budget: 3s # lbgen:ignore LB1002 -- x\n")
	f.Add("failover_budget: 3s # lbgen:ignore LB1002\n\xff")
	f.Fuzz(func(t *testing.T, text string) {
		e := rules.NewExample(text)
		found := e.Faults
		if !found.HasErrors() {
			found = append(found, run(e)...)
		}
		sources := report.Sources{}
		for _, s := range e.Sites {
			for _, file := range s.Source.Files() {
				sources[file.Name] = file
			}
		}
		for _, d := range found {
			inside(t, sources, d, d.Subject)
			for _, r := range d.Related {
				inside(t, sources, d, r.Range)
			}
		}
		for name, err := range map[string]error{
			"text": report.Text(io.Discard, found, sources, true), "json": report.JSON(io.Discard, found),
			"sarif":  report.SARIF(io.Discard, found, nil),
			"github": report.GitHub(io.Discard, found), "junit": report.JUnit(io.Discard, []string{"site.yaml"}, found),
		} {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// inside wants a range to be a stretch of a file that is there. A place may be
// just behind the last character of a line.
func inside(t *testing.T, sources report.Sources, d diag.Diagnostic, r diag.Range) {
	t.Helper()
	file := sources[r.File]
	if file == nil || r.Start.Line < 1 || r.Start.Column < 1 || r.Start.Column > utf8.RuneCountInString(file.Masked(r.Start.Line))+1 ||
		r.End.Line < r.Start.Line {
		t.Errorf("not inside a file: %s of %+v", r, d)
	}
}

// run returns what all rules find in the fragment's site and in the one beside it.
func run(e rules.Example) diag.List {
	return slices.Concat(lint.Run(rules.All(), e.Sites, atOnce)...)
}

// atOnce runs all jobs side by side, for the race detector to look at.
func atOnce(n int, job func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { job(i) })
	}
	all.Wait()
}
