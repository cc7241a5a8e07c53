package adopt

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
	"github.com/lbgen/lbgen/internal/source"
)

// Difference is one thing that the nodes would do otherwise.
type Difference struct {
	Node  string
	Where string // "frontend main", "vrrp_instance VI_1", "global"
	What  string // the setting
	// Before and After are what it is; "" where it is not there.
	Before, After string
	At            diag.Range // in the original, where it is known
	// Allowed says why it may be; "" where it may not.
	Allowed string
}

// String is the difference in one line.
func (d Difference) String() string {
	none := func(s string) string { return cmp.Or(s, "not there") }
	text := fmt.Sprintf("%s: %s: %s: %s -> %s", d.Node, d.Where, d.What, none(d.Before), none(d.After))
	if d.Allowed != "" {
		text += " (" + d.Allowed + ")"
	}
	return text
}

// Differences compares what the nodes of two pairs do, not how their files say it:
// both are brought to one normal form, by the same code. Nodes are compared by name.
func Differences(before, after *pair.Pair) []Difference {
	var all []Difference
	var first *comparison // of nodes that have the same haproxy.cfg, before and after
	var firstBefore, firstAfter *pair.Node
	for _, n := range before.Nodes {
		i := slices.IndexFunc(after.Nodes, func(o *pair.Node) bool { return o.Name == n.Name })
		if i < 0 {
			all = append(all, Difference{Node: n.Name, Where: "node", What: "it", Before: n.Name})
			continue
		}
		c := &comparison{node: n.Name}
		if o := after.Nodes[i]; first != nil && sameHAProxy(n, firstBefore) && sameHAProxy(o, firstAfter) {
			for _, d := range first.found {
				d.Node, d.At = n.Name, diag.Range{}
				c.found = append(c.found, d)
			}
		} else {
			c.haproxy(n, o)
			first, firstBefore, firstAfter = &comparison{found: slices.Clone(c.found)}, n, o
		}
		c.keepalived(before, after, n, after.Nodes[i])
		all = append(all, c.found...)
	}
	for _, n := range after.Nodes {
		if !slices.ContainsFunc(before.Nodes, func(o *pair.Node) bool { return o.Name == n.Name }) {
			d := Difference{Node: n.Name, Where: "node", What: "it", After: n.Name}
			if isStranger(before, after, n) {
				d.Allowed = "a peer whose own files were not given"
			}
			all = append(all, d)
		}
	}
	return once(all)
}

// sameHAProxy says whether HAProxy reads the same bytes on both nodes.
func sameHAProxy(n, o *pair.Node) bool {
	return slices.EqualFunc(n.HAProxyFiles, o.HAProxyFiles, func(a, b haproxy.File) bool {
		asks := bytes.ContainsRune(a.Data, '$') || bytes.Contains(a.Data, []byte(".if")) // the node's environment
		return !asks && bytes.Equal(a.Data, b.Data)
	})
}

// isStranger says whether a node that the second pair has alone is a peer of the first
// one's only node.
func isStranger(before, after *pair.Pair, n *pair.Node) bool {
	if len(before.Nodes) != 1 {
		return false
	}
	peers := strangersOf(before.Routers())
	return slices.ContainsFunc(membersOf(after, n), func(m *pair.Member) bool { return slices.Contains(peers, m.Source) })
}

// OfSecret says whether a difference is one of passwords, which cannot be compared
// where they are not at hand.
func (d Difference) OfSecret() bool {
	return strings.HasPrefix(d.What, "auth_pass") || d.What == "stats auth"
}

// once leaves out what another node has already.
func once(all []Difference) []Difference {
	var kept []Difference
	seen := map[Difference]int{}
	for _, d := range all {
		k := d
		k.Node, k.At = "", diag.Range{}
		if i, known := seen[k]; known {
			if !strings.Contains(kept[i].Node, d.Node) {
				kept[i].Node += ", " + d.Node
			}
			continue
		}
		seen[k] = len(kept)
		kept = append(kept, d)
	}
	return kept
}

// comparison is that of one node.
type comparison struct {
	node  string
	found []Difference
}

// settings are what a section says, by keyword, each with its place.
type settings struct {
	keys   []string
	values map[string]string
	at     map[string]diag.Range
}

func newSettings() *settings {
	return &settings{values: map[string]string{}, at: map[string]diag.Range{}}
}

func (s *settings) set(key, value string, at diag.Range) {
	if _, known := s.values[key]; !known {
		s.keys = append(s.keys, key)
	}
	s.values[key], s.at[key] = value, at
}

func (s *settings) clone() *settings {
	return &settings{keys: slices.Clone(s.keys), values: maps.Clone(s.values), at: maps.Clone(s.at)}
}

// joint stands between values that all count.
const joint = " | "

// append adds a value to those of a key: for lines that all count, in their order.
func (s *settings) append(key, value string, at diag.Range) {
	if old := s.values[key]; old != "" {
		value = old + joint + value
	}
	s.set(key, value, at)
}

func (s *settings) drop(keys ...string) {
	for _, key := range keys {
		delete(s.values, key)
	}
	s.keys = slices.DeleteFunc(s.keys, func(k string) bool { return slices.Contains(keys, k) })
}

// otherwise sets what counts where nothing is written.
func (s *settings) otherwise(key, value string) {
	if _, known := s.values[key]; !known {
		s.set(key, value, diag.Range{})
	}
}

// compare reports the settings that differ.
func (c *comparison) compare(where string, before, after *settings, allowed func(key, before, after string) string) {
	for _, k := range before.keys {
		if b, a := before.values[k], after.values[k]; a != b {
			c.found = append(c.found, Difference{Node: c.node, Where: where, What: k, Before: shown(k, b), After: shown(k, a),
				At: before.at[k], Allowed: allowed(k, b, a)})
		}
	}
	for _, k := range after.keys {
		if _, known := before.values[k]; !known && after.values[k] != "" {
			c.found = append(c.found, Difference{Node: c.node, Where: where, What: k, After: shown(k, after.values[k]),
				Allowed: allowed(k, "", after.values[k])})
		}
	}
}

// shown is a value as it may be shown: each of the lines that it comes from without
// its secrets. A check is in the words of a site file.
func shown(key, value string) string {
	if value == "" {
		return ""
	}
	value = strings.ReplaceAll(value, "\n", " ")
	if key == "check" && strings.HasPrefix(value, "{") {
		file, _ := source.Parse("", []byte("health: "+value))
		return strings.TrimPrefix(file.Masked(1), "health: ")
	}
	lines := strings.Split(value, joint)
	for i, l := range lines {
		lines[i] = strings.TrimPrefix(pair.Mask(key+" "+l), key+" ")
	}
	return strings.Join(lines, joint)
}

// joined are words of haproxy.cfg as one text, with quotes where a blank is part of one.
func joined(words []string) string {
	all := slices.Clone(words)
	for i, w := range all {
		if w == "" || strings.ContainsAny(w, " \t\r\n'\"") {
			all[i] = haproxy.Text(w).Text()
		}
	}
	return strings.Join(all, " ")
}
