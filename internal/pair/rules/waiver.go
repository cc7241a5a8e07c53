package rules

import (
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
)

// The word that begins a waiver, and what stands before its reason:
//
//	# lbgen:ignore LB1003 -- the only pair in this network
const (
	waiverWord = "lbgen:ignore"
	reasonSign = "--"
)

// waiver is one comment that accepts findings of some rules: of its own line, or,
// where it stands alone, of what begins below it.
type waiver struct {
	at          diag.Range
	rules       []string
	first, last int // lines that it covers
	used        bool
}

func (w *waiver) covers(d diag.Diagnostic) bool {
	return d.Subject.File == w.at.File && d.Subject.Start.Line >= w.first && d.Subject.Start.Line <= w.last &&
		(slices.Contains(w.rules, d.Code) || slices.Contains(w.rules, d.Name))
}

// span is a line, with the block or section that it opens.
type span struct{ first, last int }

// waive takes out what the waivers of the files cover, and adds what is wrong with
// them.
func waive(found diag.List, p *pair.Pair, rules []Rule) diag.List {
	var waivers []*waiver
	var kept diag.List
	for _, n := range p.Nodes {
		for _, c := range comments(n) {
			w, bad := parse(c, rules)
			if bad != nil {
				kept = append(kept, *bad)
				continue
			}
			if w != nil {
				waivers = append(waivers, w)
			}
		}
	}
	for _, d := range found {
		accepted := false
		for _, w := range waivers {
			if w.covers(d) {
				w.used, accepted = true, true
			}
		}
		if !accepted {
			kept = append(kept, d)
		}
	}
	for _, w := range waivers {
		if !w.used {
			kept = append(kept, diag.Diagnostic{Severity: diag.Warning, Code: "unused-waiver", Subject: w.at,
				Summary: "nothing is found that this would accept: " + strings.Join(w.rules, " "), Detail: "take the comment out"})
		}
	}
	return kept
}

// comment is one of a file, and what it stands at.
type comment struct {
	text string
	at   diag.Range
	span
}

func comments(n *pair.Node) []comment {
	var all []comment
	if n.HAProxy != nil {
		spans := haproxySpans(n.HAProxy)
		for _, c := range n.HAProxy.Comments {
			all = append(all, comment{c.Text, c.Range, below(spans[c.Range.File], c.Range.Start.Line)})
		}
		each := func(d *haproxy.Directive) {
			if strings.Contains(d.Comment, waiverWord) {
				all = append(all, comment{d.Comment, d.Range, span{d.Range.Start.Line, d.Range.Start.Line}})
			}
		}
		for _, s := range n.HAProxy.Sections {
			each(s.Head)
			for _, d := range s.Lines {
				each(d)
			}
		}
	}
	if n.Keepalived != nil {
		spans := keepalivedSpans(n.Keepalived)
		for _, c := range n.Keepalived.Comments {
			line := c.Range.Start.Line
			at := below(spans[c.Range.File], line)
			if slices.ContainsFunc(spans[c.Range.File], func(s span) bool { return s.first == line }) {
				at = span{line, line}
			}
			all = append(all, comment{c.Text, c.Range, at})
		}
	}
	return all
}

// below returns the smallest line number behind one, and how far that reaches.
func below(spans []span, line int) span {
	best := span{}
	for _, s := range spans {
		if s.first > line && (best.first == 0 || s.first < best.first) {
			best = s
		}
	}
	return best
}

func haproxySpans(c *haproxy.Config) map[string][]span {
	all := map[string][]span{}
	add := func(r diag.Range, last int) {
		all[r.File] = append(all[r.File], span{r.Start.Line, max(last, r.End.Line)})
	}
	for _, s := range c.Sections {
		last := s.Head.Range.End.Line
		for _, d := range s.Lines {
			last = max(last, d.Range.End.Line)
			add(d.Range, 0)
		}
		add(s.Head.Range, last)
	}
	return all
}

func keepalivedSpans(c *keepalived.Config) map[string][]span {
	all := map[string][]span{}
	c.Walk(func(n *keepalived.Node, _ []*keepalived.Node) {
		all[n.Range.File] = append(all[n.Range.File], span{n.Range.Start.Line, lastLine(n)})
	})
	return all
}

func lastLine(n *keepalived.Node) int {
	last := n.Range.End.Line
	for _, l := range n.Lines {
		if l.Range.File == n.Range.File {
			last = max(last, lastLine(l))
		}
	}
	return last
}

// parse reads a comment; it returns nothing where that is no waiver.
func parse(c comment, rules []Rule) (*waiver, *diag.Diagnostic) {
	_, text, ok := strings.Cut(c.text, waiverWord)
	if !ok {
		return nil, nil
	}
	names, reason, ok := strings.Cut(text, reasonSign)
	w := &waiver{at: c.at, rules: strings.Fields(strings.ReplaceAll(names, ",", " ")), first: c.first, last: c.last}
	bad := func(code, summary, detail string) (*waiver, *diag.Diagnostic) {
		return nil, &diag.Diagnostic{Code: code, Subject: c.at, Summary: summary, Detail: detail}
	}
	if len(w.rules) == 0 || !ok || strings.TrimSpace(reason) == "" {
		return bad("bad-waiver", "the comment names no rule, or gives no reason", "write # lbgen:ignore LB1003 -- the reason")
	}
	for _, name := range w.rules {
		if !slices.ContainsFunc(rules, func(r Rule) bool { return r.ID == name || r.Name == name }) {
			return bad("unknown-rule", "there is no rule "+name+" for files", "lbgen explain lists them")
		}
	}
	return w, nil
}
