// Package versions knows what came and went with the versions of HAProxy and
// Keepalived, and finds what of it a site uses.
package versions

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/source"
)

// Gate is what became of one directive. A version that is empty is not known
// to have done anything to it. Versions are the first ones: 2.5, or 2.3.3 where
// it came within a series.
type Gate struct {
	Keepalived bool // a directive of keepalived.conf, not of haproxy.cfg
	// Words are those with which a line begins; … stands for any others between
	// them, RULES for http-request, tcp-request content and their like.
	Words string
	// Match is a regular expression that finds the line where words do not.
	Match string

	Since      string // a daemon before does not know it
	Deprecated string // from then on the daemon warns
	Removed    string // from then on the daemon refuses it
	Changed    string // from then on it means something else
	Remedy     string // what to do

	// Section is where the directive may stand: global or global_defs, or any
	// other one for all others. Example is a line that tests ask the daemons about.
	Section, Example string
}

// Table returns all gates.
func Table() []Gate {
	return slices.Concat(haproxyGone(), haproxyNew2(), haproxyNew3(), keepalivedGates())
}

// compiled is a gate that is ready to look for its lines.
type compiled struct {
	Gate
	word string // that stands in each of its lines
	find *regexp.Regexp
}

var table = sync.OnceValue(func() []compiled {
	var all []compiled
	for _, g := range Table() {
		c := compiled{Gate: g}
		if pattern := g.Match; pattern != "" {
			c.find = regexp.MustCompile(pattern)
		} else {
			words := strings.Fields(g.Words)
			c.word, c.find = words[len(words)-1], regexp.MustCompile(lineOf(words))
		}
		all = append(all, c)
	}
	return all
})

// rules are the words before an action.
const rules = `(?:http-request|http-response|http-after-response|tcp-request\s+\w+|tcp-response\s+content)`

// lineOf is the regular expression for lines that begin with the words.
func lineOf(words []string) string {
	var parts []string
	for _, w := range words {
		switch w {
		case "RULES":
			parts = append(parts, rules)
		case "…":
			parts = append(parts, `.*`)
		default:
			parts = append(parts, regexp.QuoteMeta(w))
		}
	}
	return `^(?:no\s+|default\s+)?` + strings.Join(parts, `\s+`) + `(?:[\s(]|$)`
}

func (c compiled) finds(l line) bool {
	return c.Keepalived == l.keepalived && global(c.Section) == l.global && strings.Contains(l.text, c.word) && c.find.MatchString(l.text)
}

// global says whether the section is the one for the whole daemon: the same word
// may be another thing elsewhere.
func global(section string) bool { return section == "global" || section == "global_defs" }

// name is the directive as a reader knows it.
func (g Gate) name() string { return strings.TrimPrefix(g.Words, "RULES ") }

// before says whether version a is older than b, as far as a series goes: 2.3.3
// is no newer than 2.3.
func before(a, b string) bool {
	x, y := series(a), series(b)
	return slices.Compare(x[:], y[:]) < 0
}

func series(version string) [2]int {
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	x, _ := strconv.Atoi(major) // the tables hold numbers; a test sees to it
	y, _ := strconv.Atoi(minor)
	return [2]int{x, y}
}

// reached says whether the version has come at to.
func reached(version, to string) bool { return version != "" && !before(to, version) }

// verdict is what is to be said of a line that the gate is about when the
// daemon goes from one version to another, and whether there is anything.
func (g Gate) verdict(daemon, from, to string) (d diag.Diagnostic, said bool) {
	d.Detail = g.Remedy
	say := func(severity diag.Severity, code, format string, args ...any) (diag.Diagnostic, bool) {
		d.Severity, d.Code, d.Summary = severity, code, fmt.Sprintf(format, args...)
		return d, true
	}
	switch {
	case g.Since != "" && before(to, g.Since):
		d.Detail = "take it out first, or stay with a version that has it"
		return say(diag.Error, "needs-version", "%s needs %s %s", g.name(), daemon, g.Since)
	case reached(g.Removed, to):
		return say(diag.Error, "removed-directive", "%s refuses %s: %s took it away", daemon+" "+to, g.name(), g.Removed)
	case reached(g.Deprecated, to):
		return say(diag.Warning, "deprecated-directive", "%s warns of %s, as each since %s does", daemon+" "+to, g.name(), g.Deprecated)
	case reached(g.Changed, to) && before(from, g.Changed):
		return say(diag.Info, "changed-directive", "%s reads %s otherwise than before", daemon+" "+g.Changed, g.name())
	case g.Removed != "":
		return say(diag.Info, "coming-change", "%s will refuse %s", daemon+" "+g.Removed, g.name())
	case g.Deprecated != "":
		return say(diag.Info, "coming-change", "%s will warn of %s", daemon+" "+g.Deprecated, g.name())
	default:
		return d, false
	}
}

// plan is a change of versions for one site.
type plan struct {
	site     *model.Site
	src      *source.File
	from, to model.Target
	found    diag.List
}

// Check finds what of the site and of the files that are made of it the named
// versions lack, refuse, warn of or read otherwise. Both versions must be named.
func Check(s *model.Site, src *source.File, sets []artifact.Set, to model.Target) diag.List {
	m := s.Machine()
	p := &plan{site: s, src: src, from: model.Target{HAProxy: m.HAProxy, Keepalived: m.Keepalived}, to: to, found: s.Lacking(src, to)}
	for _, f := range s.RawFields() {
		for _, text := range f.Raw.Lines() {
			p.raw(f.Path, line{text, f.Keepalived, f.Path == "global.raw" || f.Path == "keepalived.raw"})
		}
	}
	for _, set := range sets {
		if f, ok := set.File(set.Host.ConfigFile()); ok {
			p.rendered(set.Node, f, false)
		}
		if f, ok := set.File("etc/keepalived/keepalived.conf"); ok {
			p.rendered(set.Node, f, true)
		}
	}
	p.found.Sort()
	return p.found
}

// line is one of a file or of a raw field.
type line struct {
	text               string // without blanks around it
	keepalived, global bool
}

// judge returns what is to be said of a line.
func (p *plan) judge(l line) diag.List {
	daemon, from, to := "HAProxy", p.from.HAProxy, p.to.HAProxy
	if l.keepalived {
		daemon, from, to = "Keepalived", p.from.Keepalived, p.to.Keepalived
	}
	var list diag.List
	for _, c := range table() {
		if !c.finds(l) {
			continue
		}
		if d, said := c.verdict(daemon, from, to); said {
			list = append(list, d)
		}
	}
	return list
}

// raw looks at a line of the user's own.
func (p *plan) raw(path string, l line) {
	for _, d := range p.judge(l) {
		d.Path, d.Subject = path, p.src.LineRange(path, l.text)
		p.add(d)
	}
}

// rendered looks at the lines that lbgen itself has written.
func (p *plan) rendered(node string, f artifact.File, keepalived bool) {
	n, inGlobal := 0, false
	for text := range strings.Lines(string(f.Data)) {
		n++
		words := strings.Fields(text)
		if len(words) > 0 && text[0] != ' ' {
			inGlobal = global(words[0])
		}
		list := p.judge(line{strings.TrimSpace(text), keepalived, inGlobal})
		if len(list) == 0 || strings.HasSuffix(f.Origin(n), ".raw") {
			continue
		}
		for _, d := range list {
			d.Path, d.Subject = f.Origin(n), p.src.Range(f.Origin(n))
			d.Related = []diag.Related{{
				Message: "in the generated file", Text: f.Line(n),
				Range: diag.Range{File: path.Join(node, f.Path), Start: diag.Pos{Line: n}},
			}}
			p.add(d)
		}
	}
}

// add leaves out what another node has shown already, and what the field has
// been reported for.
func (p *plan) add(d diag.Diagnostic) {
	if !slices.ContainsFunc(p.found, func(e diag.Diagnostic) bool {
		return e.Code == d.Code && e.Subject == d.Subject && (e.Summary == d.Summary || e.Path == d.Path && d.Code == "needs-version")
	}) {
		p.found = append(p.found, d)
	}
}
