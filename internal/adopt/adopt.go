// Package adopt makes a site file of a pair that runs already, and says of every
// line of its files what became of it: a field, a raw line, nothing because it has
// no effect, or nothing because it cannot be said.
package adopt

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
)

// Fate is what became of a line.
type Fate string

// The fates.
const (
	Field    Fate = "field"
	Raw      Fate = "raw"
	NoEffect Fate = "no effect"
	Unsaid   Fate = "unsaid"
)

// Line is one line of the original files.
type Line struct {
	At   diag.Range
	Text string // as it may be shown; "" of a field
	Fate Fate
	Why  string // of NoEffect and Unsaid
}

// Options are what no file of the nodes says.
type Options struct {
	Site     string // its name; "" for that of the pair
	Platform string // "" where the trees say it
	// Addresses are the nodes' own, by node and device, as address/length.
	Addresses map[string]map[string][]string
	// AsIs is for a description of what there is, and not for a site file to keep:
	// backends keep their names, and the nodes' priorities are their order.
	AsIs bool
}

// Draft is the site file that was made, with what belongs beside it.
type Draft struct {
	Text    []byte
	Secrets map[string][]byte // by the name that the site file has
	Pages   map[string][]byte
	Lines   []Line   // of all original files, in their order
	Asked   []string // what no file says, and what was taken instead
	// HoldsSecrets is true where a raw line of Text has a password.
	HoldsSecrets bool

	added int // what lbgen adds, and cannot be told to leave out
}

// Having returns the lines with the fate.
func (d *Draft) Having(f Fate) []Line {
	var all []Line
	for _, l := range d.Lines {
		if l.Fate == f {
			all = append(all, l)
		}
	}
	return all
}

// Count is how many lines have the fate.
func (d *Draft) Count(f Fate) int {
	n := 0
	for _, l := range d.Lines {
		if l.Fate == f {
			n++
		}
	}
	return n
}

// importer makes one draft.
type importer struct {
	pair    *pair.Pair
	profile profile
	opts    Options
	nodes   []*pair.Node
	site    *node
	draft   *Draft
	fates   map[diag.Range]*Line
	routers []*pair.Router
	roles   *roles
	vips    map[string]string // address to the name of its instance
	names   map[string]string // of proxies: as they were, and as they are
	bases   bases
	// ofInstance is the name of the instance that a VIP with a name of its own is one of.
	ofInstance map[string]string
}

// Import makes a draft. It never fails: what cannot be said is a line with that
// fate, and what no file says is in Asked. Of the profiles of defaults the one is taken
// that leaves least to say.
func Import(p *pair.Pair, opts Options) *Draft {
	all := make([]*Draft, len(profiles()))
	var drafts sync.WaitGroup
	for i, with := range profiles() {
		drafts.Go(func() { all[i] = importWith(p, opts, with) })
	}
	drafts.Wait()
	best := all[0]
	for _, d := range all[1:] {
		if d.cost() < best.cost() {
			best = d
		}
	}
	return best
}

func importWith(p *pair.Pair, opts Options, with profile) *Draft {
	im := &importer{pair: p, opts: opts, nodes: p.Nodes, site: mapping(), routers: p.Routers(), fates: map[diag.Range]*Line{},
		vips: map[string]string{}, names: map[string]string{}, ofInstance: map[string]string{}, profile: with,
		draft: &Draft{Secrets: map[string][]byte{}, Pages: map[string][]byte{}}}
	if len(im.nodes) > 0 {
		im.bases = basesOf(im.nodes[0])
	}
	im.account()
	facts := im.facts()
	im.site.set("version", 1)
	im.site.set("site", cmp.Or(opts.Site, facts.site, safeName(p.Name)))
	im.site.set("platform", cmp.Or(opts.Platform, facts.platform))
	im.findRoles(facts)
	haproxy := im.haproxy()
	im.places(facts, haproxy.head)
	keepalived := im.keepalived()
	im.roles.write(im)
	for _, part := range []*node{haproxy.head, keepalived, haproxy.proxies} {
		im.site.take(part)
	}
	im.draft.Text = im.site.document()
	im.copyFates()
	im.rawSecrets()
	return im.draft
}

// rawSecrets says that the site file has a password, where a raw line holds one.
func (im *importer) rawSecrets() {
	for _, l := range im.draft.Lines {
		if l.Fate == Raw && !im.draft.HoldsSecrets && im.pair.Texts[l.At.File].Hides(l.At.Start.Line) {
			im.draft.HoldsSecrets = true
			im.asked("%s: a raw line holds a password: the site file is for you alone to read (mode 0600)", l.At)
		}
	}
}

// account notes every line of the originals: until something is made of it, it is
// unsaid.
func (im *importer) account() {
	add := func(at diag.Range, fate Fate, why string) {
		if _, known := im.fates[at]; known {
			return
		}
		im.draft.Lines = append(im.draft.Lines, Line{At: at, Fate: fate, Why: why})
		im.fates[at] = &im.draft.Lines[len(im.draft.Lines)-1]
	}
	total := 0
	for _, n := range im.nodes {
		total += n.Count()
	}
	im.draft.Lines = make([]Line, 0, total) // the pointers into it stay
	for _, n := range im.nodes {
		n.EachLine(func(at diag.Range, unread bool) {
			if unread {
				add(at, Unsaid, "the daemon does not take this line")
			} else {
				add(at, Unsaid, "no field says this")
			}
		})
	}
}

// becomes notes what became of a line.
func (im *importer) becomes(at diag.Range, fate Fate, why string) {
	if l := im.fates[at]; l != nil {
		l.Fate, l.Why = fate, why
	}
}

func (im *importer) asked(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(im.draft.Asked, text) {
		im.draft.Asked = append(im.draft.Asked, text)
	}
}

// copyFates gives the lines of further nodes the fates of the first one's, where they
// are the same line of the same section.
func (im *importer) copyFates() {
	type key struct{ file, text string }
	first := map[key]Line{}
	kind := func(l Line) string { return l.At.File[strings.LastIndexAny(l.At.File, "/:")+1:] }
	text := func(l Line) string {
		if t := im.pair.Texts[l.At.File]; t != nil {
			return strings.TrimSpace(t.Line(l.At.Start.Line))
		}
		return ""
	}
	for _, l := range im.draft.Lines {
		if l.Fate != Unsaid {
			first[key{kind(l), text(l)}] = l
		}
	}
	for i := range im.draft.Lines {
		l := &im.draft.Lines[i]
		if l.Fate != Unsaid {
			continue
		}
		if same, ok := first[key{kind(*l), text(*l)}]; ok && im.other(l.At.File) {
			l.Fate, l.Why = same.Fate, same.Why
		}
	}
	for i := range im.draft.Lines {
		l := &im.draft.Lines[i]
		if t := im.pair.Texts[l.At.File]; t != nil && l.Fate != Field {
			l.Text = strings.TrimSpace(t.Masked(l.At.Start.Line))
		}
	}
}

// places are the program and the folder of haproxy.cfg, where they are not the
// package's.
func (im *importer) places(f facts, head *node) {
	if f.program != "" {
		head.at("paths").set("haproxy", f.program)
	}
	if ref := im.reference(); ref != nil {
		if dir := path.Dir(ref.ConfigFile); ref.ConfigFile != "" && dir != "/etc/haproxy" {
			head.at("paths").set("config", dir)
		}
	}
}

// other says whether a file is one of a node that haproxy.cfg was not taken from.
func (im *importer) other(file string) bool {
	ref := im.reference()
	for _, n := range im.nodes {
		if n != ref && slices.Contains(n.Files(), file) {
			return true
		}
	}
	return false
}

// reference is the first node that has a haproxy.cfg.
func (im *importer) reference() *pair.Node {
	for _, n := range im.nodes {
		if len(n.HAProxyFiles) > 0 {
			return n
		}
	}
	return nil
}

// safeName is a text as a name of a site file.
func safeName(text string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.':
			return r
		default:
			return '-'
		}
	}, text)
	return cmp.Or(strings.Trim(name, "-._"), "pair")
}
