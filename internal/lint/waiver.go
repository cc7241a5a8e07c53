package lint

import (
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/source"
	"github.com/lbgen/lbgen/internal/waiver"
)

// waive takes out what the waivers of the source's files cover, and adds what
// is wrong with them.
func waive(found diag.List, src *source.File, rules []Rule) diag.List {
	var waivers []*waiver.Waiver
	var wrong diag.List
	for _, f := range src.Files() {
		for _, c := range f.Comments(waiver.Word) {
			w, bad := waiver.Parse(c.Text, c.Range, func(name string) bool { return known(rules, name) })
			if bad != nil {
				wrong = append(wrong, *bad)
				continue
			}
			w.Elsewhere = f.Name != src.Name // one in a shared file is for other sites
			if c.Alone {
				covers(w, f)
			}
			waivers = append(waivers, w)
		}
	}
	return append(wrong, waiver.Apply(found, waivers)...)
}

// covers has a waiver that stands alone cover the block that begins below it; none
// where the file ends there.
func covers(w *waiver.Waiver, f *source.File) {
	w.First = f.NextLine(w.First)
	if w.First > 0 {
		w.Last = f.Block(w.First)
	}
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
			found = append(found, *waiver.UnknownRule(name, s.Source.KeyRange(diag.Path("lint").Entry(name))))
		}
	}
	return found
}
