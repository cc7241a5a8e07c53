// Package lint finds what no daemon can: it looks at a whole site, or at
// several, with rules that are values. A rule's page in docs/rules, what
// `lbgen explain` says and its test come from that value.
package lint

import (
	"cmp"
	"slices"
	"time"

	"github.com/lbgen/lbgen/internal/certificate"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
	"github.com/lbgen/lbgen/internal/source"
)

// Rule is one thing that is looked for.
type Rule struct {
	ID       string // LB and four digits; it never gets another meaning
	Name     string // words with hyphens, for people
	Severity diag.Severity
	Since    string // version of lbgen
	Title    string // what is wrong, one line
	Text     string // why that hurts and what to do, in Markdown
	// Bad and Good are site fragments: what they say stands in place of what the
	// rules' common site says. In Bad a § stands before what is found.
	Bad, Good string
	// Run looks at one site; RunAll at all sites of a call. A rule has one of them.
	Run    func(*Pass)
	RunAll func([]*Pass)
}

// Subject is a site to look at, with the text that it was read from.
type Subject struct {
	Site   *site.Site
	Source *source.File
	// Certificates are those that lie beside the site file and are at hand.
	Certificates map[model.Certificate]certificate.Bundle
	// Now is when certificates are looked at: no rule asks a clock.
	Now time.Time
}

// Pass is one rule on one site.
type Pass struct {
	Subject
	rule  Rule
	found diag.List
}

// Finding is what a rule says of a path.
type Finding struct {
	Path    diag.Path
	Summary string
	Detail  string // what to do
	Related []diag.Related
	Fix     *diag.Fix
}

// Report adds a finding.
func (p *Pass) Report(f Finding) {
	if len(p.found) >= source.MaxFindings {
		return
	}
	p.found = append(p.found, diag.Diagnostic{
		Severity: p.rule.Severity, Code: p.rule.ID, Name: p.rule.Name, Summary: f.Summary, Detail: f.Detail,
		Path: f.Path, Subject: p.Source.Range(f.Path), Related: f.Related, Fix: f.Fix,
	})
}

// Also points at a second place that a finding is about.
func (p *Pass) Also(message string, path diag.Path) diag.Related {
	return diag.Related{Message: message, Range: p.Source.Range(path)}
}

// Set returns the fix that gives a field a value: in place of the one that is
// written, or in the mapping at parent. It is nil where the text does not allow
// that safely.
func (p *Pass) Set(title string, parent diag.Path, field, value string) *diag.Fix {
	edit, ok := p.Source.Replace(parent.Key(field), value)
	if !ok {
		edit, ok = p.Source.Insert(parent, field, value)
	}
	if !ok {
		return nil
	}
	return &diag.Fix{Title: title, Edits: []diag.Edit{edit}}
}

// Run runs the rules over the sites. It returns, for each site, the findings
// that no waiver in its files covers and what is wrong with the waivers
// themselves, sorted by place. jobs runs n jobs, as many at a time as it likes.
func Run(rules []Rule, sites []Subject, jobs func(n int, job func(i int))) []diag.List {
	perSite := make([]diag.List, len(sites))
	if len(sites) == 1 {
		perSite[0] = spread(rules, sites[0], jobs)
	} else {
		jobs(len(sites), func(i int) { perSite[i] = single(rules, sites[i]) })
	}
	for _, r := range rules {
		if r.RunAll != nil {
			across(r, sites, perSite)
		}
	}
	jobs(len(sites), func(i int) {
		perSite[i] = append(waive(adjusted(perSite[i], sites[i].Site), sites[i].Source, rules), unknownRules(sites[i], rules)...)
		perSite[i].Sort()
	})
	return perSite
}

// InTurn runs jobs one after the other.
func InTurn(n int, job func(i int)) {
	for i := range n {
		job(i)
	}
}

// single runs the rules that look at one site.
func single(rules []Rule, s Subject) diag.List {
	var found diag.List
	for _, r := range rules {
		if r.Run != nil {
			p := &Pass{Subject: s, rule: r}
			r.Run(p)
			found = append(found, p.found...)
		}
	}
	return found
}

// spread is single with a job for each rule: one site may be large.
func spread(rules []Rule, s Subject, jobs func(n int, job func(i int))) diag.List {
	found := make([]diag.List, len(rules))
	jobs(len(rules), func(i int) { found[i] = single(rules[i:i+1], s) })
	return slices.Concat(found...)
}

// across runs a rule that compares sites, and adds to what is found in each.
func across(r Rule, sites []Subject, perSite []diag.List) {
	passes := make([]*Pass, len(sites))
	for i, s := range sites {
		passes[i] = &Pass{Subject: s, rule: r}
	}
	r.RunAll(passes)
	for i, p := range passes {
		perSite[i] = append(perSite[i], p.found...)
	}
}

// adjusted gives findings the severity that the site file has for their rule,
// and drops those of rules that it switches off.
func adjusted(found diag.List, s *site.Site) diag.List {
	if len(s.Written.Lint) == 0 {
		return found
	}
	var kept diag.List
	for _, d := range found {
		word := cmp.Or(s.Written.Lint[d.Code], s.Written.Lint[d.Name])
		if s, ok := severity(word); ok {
			d.Severity = s
		}
		if word != "off" {
			kept = append(kept, d)
		}
	}
	return kept
}

func severity(word string) (diag.Severity, bool) {
	for _, s := range []diag.Severity{diag.Error, diag.Warning, diag.Info} {
		if s.String() == word {
			return s, true
		}
	}
	return 0, false
}
