package adopt

import (
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/pair"
)

// signing puts auth_hmac into the item, its keys into files of their own. Who has it runs
// Keepalived 2.4.
func (im *importer) signing(m *pair.Member, item *node) {
	b := m.Block.Line("auth_hmac")
	if b == nil || ownFiles(b) {
		return
	}
	hmac := mapping()
	for _, l := range b.Lines {
		switch l.Keyword() {
		case "key":
			id, value, _ := strings.Cut(strings.Join(l.Values(), " "), " ")
			one := mapping()
			one.put("id", &node{text: id})
			one.put("key", im.secret("auth_hmac_"+safeName(m.Name)+"_"+id, value))
			hmac.add("keys", one)
		case "time_window":
			hmac.set(l.Keyword(), l.Value()+"s")
		case "active_key":
			hmac.put(l.Keyword(), &node{text: l.Value()})
		case "mode", "anti_replay":
			hmac.set(l.Keyword(), l.Value())
		}
	}
	item.put("auth_hmac", hmac)
	im.site.at("target").set("keepalived", "2.4")
}

// ownFiles says whether the node reads a key from a file of its own, which is not at hand.
func ownFiles(b *keepalived.Node) bool {
	return slices.ContainsFunc(b.Lines, func(l *keepalived.Node) bool {
		values := l.Values()
		return l.Keyword() == "key" && len(values) > 1 && strings.HasPrefix(values[1], "file:")
	})
}
