package compare

import (
	"cmp"
	"maps"
	"slices"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/conf/keepalived"
)

// compareSettings notes what a new keepalived.conf changes between the nodes.
func (n *Node) compareSettings(old, new []byte, v verdict) {
	read := func(conf []byte) *keepalived.Config {
		return keepalived.Read([]keepalived.Source{{Data: conf}}, keepalived.Options{})
	}
	before, after := read(old), read(new)
	was, is := settings(before), settings(after)
	signed, signs := signings(before), signings(after)
	for _, key := range keys(was, is) {
		a, b := was[key], is[key]
		if otherwise := cmp.Or(a.Default, b.Default); cmp.Or(a.Value, otherwise) == cmp.Or(b.Value, otherwise) {
			continue
		}
		text := printable(key + " " + shown(a) + " -> " + shown(b))
		if a.Decides || b.Decides {
			n.MayMove = append(n.MayMove, text)
		}
		if (a.Agreed || b.Agreed) && !steps(key, signed, signs) {
			n.Together = append(n.Together, text)
		}
	}
	n.Together = append(n.Together, leaps(signed, signs)...)
	for _, s := range v.words {
		if slices.Contains(keepalived.Agreed(), s.word) {
			n.Together = append(n.Together, "secret of "+s.path)
		}
	}
}

func shown(s keepalived.Setting) string { return cmp.Or(s.Value, "(none)") }

func keys(a, b map[string]keepalived.Setting) []string {
	all := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(all)
	return slices.Compact(all)
}

// settings returns what of a keepalived.conf must agree or decides, by "block name:
// keyword". Of a secret it says only that it is there.
func settings(c *keepalived.Config) map[string]keepalived.Setting {
	all := map[string]keepalived.Setting{}
	for _, s := range keepalived.Settings(c) {
		if s.Secret {
			s.Value = artifact.Mask
		}
		all[s.Block+": "+s.Keyword] = s
	}
	return all
}

// matters says whether the word is a keyword that must agree or decides.
func matters(word string) bool {
	return slices.Contains(keepalived.Agreed(), word) || slices.Contains(keepalived.Decides(), word)
}
