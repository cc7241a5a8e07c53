// Package versions knows what came and went with the versions of HAProxy and
// Keepalived, and finds what of it a site uses.
package versions

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
	"github.com/lbgen/lbgen/internal/source"
)

// Gate is what became of one keyword. A version that is empty is not known to have
// done anything to it. Versions are the first ones: 2.5, or 2.3.3 where it came
// within a series.
type Gate struct {
	Keepalived bool   // a keyword of keepalived.conf, not of haproxy.cfg
	Name       string // as a reader knows it

	Since      string // a daemon before does not know it
	Deprecated string // from then on the daemon warns
	Removed    string // from then on the daemon refuses it
	Patch      string // of a series before Since: the first one that knows it, too
	Changed    string // from then on it means something else
	Remedy     string // what to do

	// Section is one where it may stand. Example is a line that tests ask the
	// daemons about.
	Section, Example string
}

// Table returns all gates: the facts of both daemons' keywords that have a version.
func Table() []Gate {
	var all []Gate
	for _, f := range haproxy.Facts() {
		if g := ofHAProxy(f); g.matters() {
			all = append(all, g)
		}
	}
	for _, f := range keepalived.Facts() {
		if g := ofKeepalived(f); g.matters() {
			all = append(all, g)
		}
	}
	return all
}

func (g Gate) matters() bool { return g.Since+g.Deprecated+g.Removed+g.Changed != "" }

func ofHAProxy(f haproxy.Fact) Gate {
	return Gate{Name: f.Name(), Since: f.Since, Deprecated: f.Deprecated, Removed: f.Removed, Patch: f.Patch, Remedy: f.Remedy,
		Section: sectionOf(f),
		Example: f.Example}
}

func ofKeepalived(f keepalived.Fact) Gate {
	return Gate{Keepalived: true, Name: f.Keyword, Since: f.Since, Changed: f.Changed, Remedy: f.Remedy, Section: f.In, Example: f.Example}
}

// sectionOf is a section where the example of a fact may stand.
func sectionOf(f haproxy.Fact) string {
	switch {
	case f.StandsIn(haproxy.Program):
		return "program"
	case f.StandsIn(haproxy.Global), f.Of == "stats socket":
		return "global"
	case f.StandsIn(haproxy.UnnamedDefaults):
		return "defaults"
	case f.StandsIn(haproxy.Frontend), f.Of == "bind":
		return "frontend"
	default:
		return "backend"
	}
}

// Before says whether version a is older than b, as far as a series goes: 2.3.3
// is no newer than 2.3.
func Before(a, b string) bool {
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
func reached(version, to string) bool { return version != "" && !Before(to, version) }

// verdict is what is to be said of a line that the gate is about when the
// daemon goes from one version to another, and whether there is anything.
func (g Gate) verdict(daemon, from, to string) (d diag.Diagnostic, said bool) {
	d.Detail = g.Remedy
	say := func(severity diag.Severity, code, format string, args ...any) (diag.Diagnostic, bool) {
		d.Severity, d.Code, d.Summary = severity, code, fmt.Sprintf(format, args...)
		return d, true
	}
	switch {
	case g.Since != "" && Before(to, g.Since) && g.Patch != "" && series(g.Patch) == series(to):
		d.Detail = "see that the nodes have at least that, or take it out"
		return say(diag.Info, "needs-version", "%s needs %s %s", g.Name, daemon, g.Patch)
	case g.Since != "" && Before(to, g.Since):
		d.Detail = "take it out first, or stay with a version that has it"
		return say(diag.Error, "needs-version", "%s needs %s %s", g.Name, daemon, g.Since)
	case reached(g.Removed, to):
		return say(diag.Error, "removed-directive", "%s refuses %s: %s took it away", daemon+" "+to, g.Name, g.Removed)
	case reached(g.Deprecated, to):
		return say(diag.Warning, "deprecated-directive", "%s warns of %s, as each since %s does", daemon+" "+to, g.Name, g.Deprecated)
	case reached(g.Changed, to) && Before(from, g.Changed):
		return say(diag.Info, "changed-directive", "%s reads %s otherwise than before", daemon+" "+g.Changed, g.Name)
	case g.Removed != "":
		return say(diag.Info, "coming-change", "%s will refuse %s", daemon+" "+g.Removed, g.Name)
	case g.Deprecated != "":
		return say(diag.Info, "coming-change", "%s will warn of %s", daemon+" "+g.Deprecated, g.Name)
	default:
		return d, false
	}
}

// plan is a change of versions for one site.
type plan struct {
	site     *site.Site
	src      *source.File
	from, to model.Target
	found    diag.List
}

// Check finds what of the site and of the files that are made of it the named
// versions lack, refuse, warn of or read otherwise. Both versions must be named.
func Check(s *site.Site, src *source.File, sets []artifact.Set, to model.Target) diag.List {
	m := s.Machine
	p := &plan{site: s, src: src, from: model.Target{HAProxy: m.HAProxy, Keepalived: m.Keepalived}, to: to, found: s.Written.Lacking(src, to)}
	for _, f := range s.Written.RawFields() {
		p.raw(f)
	}
	for _, set := range sets {
		if f, ok := set.File(set.Host.ConfigFile()); ok {
			p.haproxy(set.Node, f)
		}
		if f, ok := set.File("etc/keepalived/keepalived.conf"); ok {
			p.keepalived(set.Node, f)
		}
	}
	p.found.Sort()
	return p.found
}

// rawIn is the section of haproxy.cfg, or the block of keepalived.conf, that the
// lines of a raw field stand in.
func rawIn(path diag.Path) (in haproxy.In, block string) {
	switch top, _, _ := strings.Cut(string(path), "["); top {
	case "global.raw":
		return haproxy.Global, ""
	case "defaults.raw":
		return haproxy.Defaults, ""
	case "frontends":
		return haproxy.Frontend, ""
	case "backends":
		return haproxy.Backend, ""
	case "keepalived.raw":
		return 0, "global_defs"
	default:
		return 0, "vrrp_instance"
	}
}

// gatesOf returns what became of the keywords of a line of haproxy.cfg.
func gatesOf(in haproxy.In, d *haproxy.Directive) []Gate {
	var gates []Gate
	for _, f := range haproxy.Of(in, d) {
		gates = append(gates, ofHAProxy(f))
	}
	return gates
}

// judge returns what is to be said of the keywords of a line.
func (p *plan) judge(gates []Gate) diag.List {
	var list diag.List
	for _, g := range gates {
		daemon, from, to := "HAProxy", p.from.HAProxy, p.to.HAProxy
		if g.Keepalived {
			daemon, from, to = "Keepalived", p.from.Keepalived, p.to.Keepalived
		}
		if d, said := g.verdict(daemon, from, to); said {
			list = append(list, d)
		}
	}
	return list
}

// raw looks at the lines of the user's own.
func (p *plan) raw(f model.RawField) {
	in, block := rawIn(f.Path)
	for _, text := range f.Raw.Lines() {
		var gates []Gate
		if f.Keepalived {
			gates = keepalivedGates(block, text)
		} else if d := haproxy.ReadLine(text); d != nil {
			gates = gatesOf(in, d)
		}
		for _, d := range p.judge(gates) {
			d.Path, d.Subject = f.Path, p.src.LineRange(f.Path, text)
			p.add(d)
		}
	}
}

// keepalivedGates returns what became of the keyword of a line of keepalived.conf.
func keepalivedGates(block, text string) []Gate {
	words := strings.Fields(text)
	if len(words) == 0 {
		return nil
	}
	if f, ok := keepalived.Find(block, words[0]); ok {
		return []Gate{ofKeepalived(f)}
	}
	return nil
}

// haproxy looks at the lines of haproxy.cfg that lbgen itself has written.
func (p *plan) haproxy(node string, f artifact.File) {
	c := haproxy.Read(haproxy.World{}, haproxy.File{Name: f.Path, Data: f.Data})
	for _, s := range c.Sections {
		for _, d := range s.Lines {
			p.rendered(node, f, d.Range.Start.Line, gatesOf(haproxy.InOf(s.Kind), d))
		}
	}
}

// keepalived does the same with keepalived.conf.
func (p *plan) keepalived(node string, f artifact.File) {
	n, block := 0, ""
	for text := range strings.Lines(string(f.Data)) {
		n++
		if words := strings.Fields(text); len(words) > 0 && text[0] != ' ' {
			block = words[0]
		}
		p.rendered(node, f, n, keepalivedGates(block, text))
	}
}

// rendered reports on a line of a file at the field that it came from.
func (p *plan) rendered(node string, f artifact.File, n int, gates []Gate) {
	if strings.HasSuffix(f.Origin(n), ".raw") {
		return
	}
	for _, d := range p.judge(gates) {
		d.Path = diag.Path(f.Origin(n))
		d.Subject = p.src.Range(d.Path)
		d.Related = []diag.Related{{
			Message: "in the generated file", Text: f.Line(n),
			Range: diag.Range{File: path.Join(node, f.Path), Start: diag.Pos{Line: n}},
		}}
		p.add(d)
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
