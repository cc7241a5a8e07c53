// Package rules holds the rules of lbgen lint for files that were written by
// hand: what haproxy.cfg and keepalived.conf of a running pair say, one node at a
// time and all of them together.
package rules

import (
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
)

// Rule is one thing that is looked for. A rule that finds in files what one of
// internal/lint/rules finds in a site file has its number and name, and no text:
// its page is that of the other.
type Rule struct {
	ID       string // LB and four digits; it never gets another meaning
	Name     string // words with hyphens, for people
	Severity diag.Severity
	Title    string // what is wrong, one line
	Text     string // why that hurts and what to do, in Markdown
	// Bad is a piece of the files of two nodes, as Example reads it, with a § before
	// what is found.
	Bad string
	// Mistakes are those of internal/mistakes that it finds.
	Mistakes []string
	Run      func(*Pass)
}

// All returns every rule, sorted by number.
func All() []Rule {
	all := slices.Concat(failoverRules(), instanceRules(), addressRules(), watchRules(), scriptRules(), pairRules(),
		proxyRules(), serverRules(), checkRules(), routeRules(), accessRules(), groupRules(), reachRules(), wordRules())
	slices.SortStableFunc(all, func(a, b Rule) int {
		if a.ID < b.ID {
			return -1
		}
		if a.ID > b.ID {
			return 1
		}
		return 0
	})
	return all
}

// Pass is one rule on one pair.
type Pass struct {
	Pair  *pair.Pair
	rule  Rule
	found diag.List
}

// Report adds a finding.
func (p *Pass) Report(at diag.Range, summary, remedy string, related ...diag.Related) {
	p.found = append(p.found, diag.Diagnostic{
		Severity: p.rule.Severity, Code: p.rule.ID, Name: p.rule.Name, Summary: summary, Detail: remedy, Subject: at, Related: related,
	})
}

// mostPlaces is how many further places of one finding are shown.
const mostPlaces = 4

// once tells what one line of a file does that all nodes have once, with the places
// on the others.
func once(found diag.List) diag.List {
	type key struct {
		code, summary, file string
		at                  diag.Pos
	}
	first := map[key]int{}
	var kept diag.List
	for _, d := range found {
		k := key{d.Code, d.Summary, path.Base(d.Subject.File), d.Subject.Start}
		i, known := first[k]
		switch {
		case !known || d.Subject.File == kept[i].Subject.File:
			first[k] = len(kept)
			kept = append(kept, d)
		case len(kept[i].Related) < mostPlaces:
			kept[i].Related = append(slices.Clip(kept[i].Related), diag.Related{Message: "the same", Range: d.Subject})
		}
	}
	return kept
}

// Run runs the rules over a pair. What a waiver in its files covers is left out.
func Run(rules []Rule, p *pair.Pair) diag.List {
	var found diag.List
	for _, l := range inParallel(rules, p) {
		found = append(found, l...)
	}
	found = waive(found, p, rules)
	p.Conceal(found)
	found.Sort()
	return once(found)
}

// inParallel returns what each rule finds. None changes the pair.
func inParallel(rules []Rule, p *pair.Pair) []diag.List {
	all := make([]diag.List, len(rules))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(rules)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(rules); i = int(next.Add(1)) - 1 {
				pass := &Pass{Pair: p, rule: rules[i]}
				rules[i].Run(pass)
				all[i] = pass.found
			}
		})
	}
	workers.Wait()
	return all
}

// each runs a rule on every instance.
func each(run func(*Pass, *pair.Member)) func(*Pass) {
	return func(p *Pass) {
		for _, r := range p.Pair.Routers() {
			for _, m := range r.Members {
				run(p, m)
			}
		}
	}
}

// nodes runs a rule on every node that has a keepalived.conf.
func nodes(run func(*Pass, *pair.Node)) func(*Pass) {
	return func(p *Pass) {
		for _, n := range p.Pair.Nodes {
			if n.Keepalived != nil {
				run(p, n)
			}
		}
	}
}

// Wrapped is the text of the rule in lines that fit on a screen.
func (r Rule) Wrapped() string {
	var b strings.Builder
	width := 0
	for _, w := range strings.Fields(r.Text) {
		if width+len(w) >= 100 {
			b.WriteString("\n")
			width = 0
		} else if width > 0 {
			b.WriteString(" ")
		}
		b.WriteString(w)
		width += len(w) + 1
	}
	return b.String()
}
