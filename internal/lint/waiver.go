package lint

import (
	"fmt"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/source"
)

// The word that begins a waiver, and what stands before its reason:
//
//	priority: 50   # lbgen:ignore LB1003 -- the second node is a spare part
const (
	waiverWord = "lbgen:ignore"
	reasonSign = "--"
)

// The findings about waivers themselves. They have no rule, and no waiver
// covers them.
const (
	codeBadWaiver    = "bad-waiver"
	codeUnusedWaiver = "unused-waiver"
	codeUnknownRule  = "unknown-rule"
)

// waiver is one comment that accepts findings of some rules, on its own line or,
// where it stands alone, in the block that begins below it.
type waiver struct {
	comment     source.Comment
	rules       []string
	first, last int // lines that it covers
	used        bool
}

func (w *waiver) covers(d diag.Diagnostic) bool {
	if d.Subject.File != w.comment.Range.File || d.Subject.Start.Line < w.first || d.Subject.Start.Line > w.last {
		return false
	}
	for _, r := range w.rules {
		if r == d.Code || r == d.Name {
			return true
		}
	}
	return false
}

// waive takes out what the waivers of the source's files cover, and adds what
// is wrong with them.
func waive(found diag.List, src *source.File, rules []Rule) diag.List {
	var waivers []*waiver
	var kept diag.List
	for _, f := range src.Files() {
		for _, c := range f.Comments(waiverWord) {
			w, bad := parseWaiver(f, c, rules)
			if bad != nil {
				kept = append(kept, *bad)
				continue
			}
			waivers = append(waivers, w)
		}
	}
	for _, d := range found {
		if !accepted(d, waivers) {
			kept = append(kept, d)
		}
	}
	for _, w := range waivers {
		// One in a shared file is for other sites.
		if !w.used && w.comment.Range.File == src.Name {
			kept = append(kept, diag.Diagnostic{Severity: diag.Warning, Code: codeUnusedWaiver, Subject: w.comment.Range,
				Summary: "nothing is found that this would accept: " + strings.Join(w.rules, " "), Detail: "take the comment out"})
		}
	}
	return kept
}

func accepted(d diag.Diagnostic, waivers []*waiver) bool {
	yes := false
	for _, w := range waivers {
		if w.covers(d) {
			w.used, yes = true, true
		}
	}
	return yes
}

// parseWaiver reads a comment. A waiver needs rules that exist, and a reason.
func parseWaiver(f *source.File, c source.Comment, rules []Rule) (*waiver, *diag.Diagnostic) {
	bad := func(code, summary, detail string) (*waiver, *diag.Diagnostic) {
		return nil, &diag.Diagnostic{Code: code, Subject: c.Range, Summary: summary, Detail: detail}
	}
	_, text, _ := strings.Cut(c.Text, waiverWord)
	names, reason, ok := strings.Cut(text, reasonSign)
	w := &waiver{comment: c, rules: strings.Fields(strings.ReplaceAll(names, ",", " "))}
	if len(w.rules) == 0 {
		return bad(codeBadWaiver, "the comment names no rule", "write # lbgen:ignore LB1003 -- the reason")
	}
	for _, r := range w.rules {
		if !known(rules, r) {
			return bad(codeUnknownRule, fmt.Sprintf("there is no rule %q", r), "lbgen explain lists them")
		}
	}
	if !ok || strings.TrimSpace(reason) == "" {
		return bad(codeBadWaiver, "the comment gives no reason", "write why it is right here: # lbgen:ignore "+strings.Join(w.rules,
			" ")+" -- the reason")
	}
	w.first = c.Range.Start.Line
	w.last = w.first
	if c.Alone {
		if w.first = f.NextLine(w.first); w.first > 0 {
			w.last = f.Block(w.first)
		}
	}
	return w, nil
}

func known(rules []Rule, name string) bool {
	for _, r := range rules {
		if r.ID == name || r.Name == name {
			return true
		}
	}
	return false
}

// unknownRules are keys of the site's lint section that no rule has.
func unknownRules(s Subject, rules []Rule) diag.List {
	var found diag.List
	for name := range s.Site.Written.Lint {
		if !known(rules, name) {
			found = append(found, diag.Diagnostic{Code: codeUnknownRule, Subject: s.Source.KeyRange(diag.Path("lint").Entry(name)),
				Summary: fmt.Sprintf("there is no rule %q", name), Detail: "lbgen explain lists them"})
		}
	}
	return found
}
