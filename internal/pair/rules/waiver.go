package rules

import (
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
	"github.com/lbgen/lbgen/internal/waiver"
)

// span is a line, with the block or section that it opens.
type span struct{ first, last int }

// waive takes out what the waivers of the files cover, and adds what is wrong with
// them.
func waive(found diag.List, p *pair.Pair, rules []Rule) diag.List {
	known := func(name string) bool {
		return slices.ContainsFunc(rules, func(r Rule) bool { return r.ID == name || r.Name == name })
	}
	var waivers []*waiver.Waiver
	var wrong diag.List
	for _, n := range p.Nodes {
		for _, c := range comments(n) {
			w, bad := waiver.Parse(c.text, c.at, known)
			switch {
			case bad != nil:
				wrong = append(wrong, *bad)
			case w != nil:
				w.First, w.Last = c.first, c.last
				waivers = append(waivers, w)
			}
		}
	}
	return append(wrong, waiver.Apply(found, waivers)...)
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
			if strings.Contains(d.Comment, waiver.Word) {
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
