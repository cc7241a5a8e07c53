package adopt

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
)

// keepalived makes vrrp, keepalived and notifications.
func (im *importer) keepalived() *node {
	part := mapping()
	var items []*node
	done := map[*pair.Router]bool{}
	for _, r := range im.routers {
		if done[r] {
			continue
		}
		done[r] = true
		other := im.otherFamily(r)
		if other != nil {
			done[other] = true
		}
		if item := im.vrrp(r, other); item != nil {
			items = append(items, item)
		}
	}
	part.set("vrrp", items)
	k := im.globalDefs(part)
	part.set("keepalived", k)
	im.rest()
	return part
}

// block notes that all lines of a block became fields.
func (im *importer) block(b *keepalived.Node) {
	im.becomes(b.Range, Field, "")
	for _, l := range b.Lines {
		im.becomes(l.Range, Field, "")
		for _, v := range l.Lines {
			im.becomes(v.Range, Field, "")
		}
	}
}

// lineText is a line as it stands in its file.
func (im *importer) lineText(at diag.Range) string {
	t := im.pair.Texts[at.File]
	if t == nil {
		return ""
	}
	line := []rune(t.Line(at.Start.Line))
	end := len(line)
	if at.End.Line == at.Start.Line {
		end = min(at.End.Column-1, end)
	}
	return strings.TrimSpace(string(line[min(at.Start.Column-1, end):end]))
}

// rest notes what becomes of blocks that belong to all instances, and of LVS, which
// lbgen does not do.
func (im *importer) rest() {
	for _, n := range im.nodes {
		if n.Keepalived == nil {
			continue
		}
		for _, b := range n.Keepalived.Lines {
			switch {
			case b.Keyword() == "vrrp_sync_group":
				im.block(b)
			case strings.HasPrefix(b.Keyword(), "virtual_server"), b.Keyword() == "real_server":
				im.all(b, Unsaid, "LVS is not lbgen's: keep this block in a file of its own, or let HAProxy balance")
			case b.Keyword() == "vrrp_script" || b.Keyword() == "vrrp_track_process":
				if f := im.fates[b.Range]; f != nil && f.Fate == Unsaid && !im.used(n, b.Value()) {
					im.becomes(b.Range, NoEffect, "nothing tracks it")
					for _, l := range b.Lines {
						im.becomes(l.Range, NoEffect, "nothing tracks it")
					}
				} else if f != nil && f.Fate == Unsaid && n != im.nodes[0] && im.sameOnFirst(b) {
					im.block(b)
				}
			}
		}
	}
}

// all notes what became of all lines of a block.
func (im *importer) all(b *keepalived.Node, fate Fate, why string) {
	im.becomes(b.Range, fate, why)
	for _, l := range b.Lines {
		im.all(l, fate, why)
	}
}

func (im *importer) used(n *pair.Node, name string) bool {
	for _, r := range im.routers {
		if m := r.Of(n); m != nil && slices.ContainsFunc(m.Tracks, func(t pair.Track) bool {
			return t.Script != nil &&
				t.Script.Value() == name
		}) {
			return true
		}
	}
	return false
}

// sameOnFirst says whether the first node's block of the name became fields.
func (im *importer) sameOnFirst(b *keepalived.Node) bool {
	first := im.nodes[0].Keepalived.Block(b.Keyword(), b.Value())
	return first != nil && im.fates[first.Range] != nil && im.fates[first.Range].Fate == Field
}

// duration is a time as a site file has it.
func duration(d time.Duration) string {
	for _, u := range []struct {
		name string
		unit time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}, {"us", time.Microsecond}} {
		if d > 0 && d%u.unit == 0 {
			return strconv.FormatInt(int64(d/u.unit), 10) + u.name
		}
	}
	return ""
}
