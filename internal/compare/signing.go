package compare

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
)

// signing is what the auth_hmac of an instance says; the zero value is that of one without.
type signing struct {
	mode, active string
	ids          []string
}

// signings are those of a keepalived.conf, by "vrrp_instance NAME".
func signings(c *keepalived.Config) map[string]signing {
	all := map[string]signing{}
	c.Walk(func(n *keepalived.Node, in []*keepalived.Node) {
		if n.Keyword() != "auth_hmac" || len(in) != 1 {
			return
		}
		s := signing{mode: cmp.Or(n.Of("mode"), "enforce"), active: n.Of("active_key")}
		for _, l := range n.Lines {
			if l.Keyword() == "key" {
				id, _, _ := strings.Cut(l.Value(), " ")
				s.ids = append(s.ids, id)
			}
		}
		all["vrrp_instance "+in[0].Value()] = s
	})
	return all
}

// takes says whether a node with s takes the adverts of one with other (vrrp.c of 2.4.3): one
// without auth_hmac takes none that are signed, and enforce takes signed ones alone.
func (s signing) takes(other signing) bool {
	if other.mode == "" || other.mode == "receive-only" {
		return s.mode != "enforce"
	}
	return slices.Contains(s.ids, other.active)
}

// steps says whether a change of auth_hmac is a step of its rollout, or of a change of keys:
// nodes before it and behind it take each other's adverts.
func steps(key string, was, is map[string]signing) bool {
	block, keyword, _ := strings.Cut(key, ": ")
	a, b := was[block], is[block]
	return (keyword == "key" || keyword == "active_key") && a.takes(b) && b.takes(a)
}

// leaps are the changes of mode that leave a step of the rollout out.
func leaps(was, is map[string]signing) []string {
	var all []string
	for _, block := range slices.Sorted(maps.Keys(is)) {
		a, b := was[block], is[block]
		if a.mode != "" && a.mode != b.mode && (!a.takes(b) || !b.takes(a)) {
			all = append(all, printable(block+": auth_hmac mode "+a.mode+" -> "+b.mode))
		}
	}
	return all
}
