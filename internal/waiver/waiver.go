// Package waiver reads the comments that accept findings, in a site file and in
// files of a pair alike:
//
//	priority: 50   # lbgen:ignore LB1003 -- the second node is a spare part
package waiver

import (
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

// Word begins a waiver; reasonSign stands before its reason.
const (
	Word       = "lbgen:ignore"
	reasonSign = "--"
)

// The findings about waivers themselves. They have no rule, and no waiver covers
// them.
const (
	codeBadWaiver    = "bad-waiver"
	codeUnusedWaiver = "unused-waiver"
	codeUnknownRule  = "unknown-rule"
)

// Waiver is one comment that accepts the findings of some rules.
type Waiver struct {
	At          diag.Range // of the comment
	First, Last int        // the lines of its file that it covers
	// Elsewhere: the file is read for others too, which may be why nothing is found here.
	Elsewhere bool
	rules     []string
}

// Parse reads a comment. A waiver needs rules that exist, and a reason; what is wrong
// with it is a finding. Both are nil where the comment is no waiver.
func Parse(text string, at diag.Range, known func(rule string) bool) (*Waiver, *diag.Diagnostic) {
	_, rest, ok := strings.Cut(text, Word)
	if !ok {
		return nil, nil
	}
	bad := func(code, summary, detail string) (*Waiver, *diag.Diagnostic) {
		return nil, &diag.Diagnostic{Code: code, Subject: at, Summary: summary, Detail: detail}
	}
	names, reason, _ := strings.Cut(rest, reasonSign)
	w := &Waiver{At: at, rules: strings.Fields(strings.ReplaceAll(names, ",", " ")), First: at.Start.Line, Last: at.Start.Line}
	if len(w.rules) == 0 {
		return bad(codeBadWaiver, "the comment names no rule", "write # "+Word+" LB1003 -- the reason")
	}
	for _, r := range w.rules {
		if !known(r) {
			return nil, UnknownRule(r, at)
		}
	}
	if strings.TrimSpace(reason) == "" {
		return bad(codeBadWaiver, "the comment gives no reason",
			"write why it is right here: # "+Word+" "+strings.Join(w.rules, " ")+" -- the reason")
	}
	return w, nil
}

// UnknownRule is the finding about a name that no rule has.
func UnknownRule(name string, at diag.Range) *diag.Diagnostic {
	return &diag.Diagnostic{Code: codeUnknownRule, Subject: at, Summary: "there is no rule \"" + name + "\"",
		Detail: "lbgen explain lists them"}
}

func (w *Waiver) covers(d diag.Diagnostic) bool {
	return d.Subject.File == w.At.File && d.Subject.Start.Line >= w.First && d.Subject.Start.Line <= w.Last &&
		(slices.Contains(w.rules, d.Code) || slices.Contains(w.rules, d.Name))
}

// Apply takes out what the waivers cover, and adds those that cover nothing.
func Apply(found diag.List, waivers []*Waiver) diag.List {
	var kept diag.List
	used := map[*Waiver]bool{}
	for _, d := range found {
		accepted := false
		for _, w := range waivers {
			if w.covers(d) {
				used[w], accepted = true, true
			}
		}
		if !accepted {
			kept = append(kept, d)
		}
	}
	for _, w := range waivers {
		if !used[w] && !w.Elsewhere {
			kept = append(kept, diag.Diagnostic{Severity: diag.Warning, Code: codeUnusedWaiver, Subject: w.At,
				Summary: "nothing is found that this would accept: " + strings.Join(w.rules, " "), Detail: "take the comment out"})
		}
	}
	return kept
}
