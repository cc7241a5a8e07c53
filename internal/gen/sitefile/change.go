package main

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// changes returns the trees in which the value of a place is missing or
// another, the plainest change first. Most of them the model refuses.
func changes(root *yaml.Node, p place) []*yaml.Node {
	without := copyOf(root)
	remove(without, p.steps)
	all := []*yaml.Node{without}
	for _, v := range others(root, at(root, p.steps), p) {
		changed := copyOf(root)
		*at(changed, p.steps) = *v
		all = append(all, changed)
	}
	return all
}

// renamed returns the tree in which a name is another one wherever it stands,
// nil where the value is no name.
func renamed(root *yaml.Node, p place) []*yaml.Node {
	old := at(root, p.steps)
	if old.Kind != yaml.ScalarNode {
		return nil
	}
	changed := copyOf(root)
	rename(changed, old.Value, old.Value+"x")
	return []*yaml.Node{changed}
}

// withoutMore returns trees in which the value is missing together with
// another key beside it, which cannot stand without it, or together with a
// whole item of a list that it stands in.
func withoutMore(root *yaml.Node, p place) []*yaml.Node {
	steps := p.steps
	last := len(steps) - 1
	var all []*yaml.Node
	for i := 1; i < len(at(root, steps[:last]).Content); i += 2 {
		if i == steps[last] || at(root, steps[:last]).Kind != yaml.MappingNode {
			continue
		}
		both := copyOf(root)
		for _, key := range []int{max(i, steps[last]), min(i, steps[last])} { // the later first: indices stay right
			remove(both, append(slices.Clone(steps[:last]), key))
		}
		all = append(all, both)
	}
	for n := last; n > 0; n-- {
		if at(root, steps[:n-1]).Kind == yaml.SequenceNode {
			item := copyOf(root)
			remove(item, steps[:n])
			all = append(all, item)
		}
	}
	return all
}

// remove takes a key or an item out, and with it what is then empty.
func remove(root *yaml.Node, steps []int) {
	last := len(steps) - 1
	parent, i := at(root, steps[:last]), steps[last]
	first := i
	if parent.Kind == yaml.MappingNode {
		first--
	}
	parent.Content = slices.Delete(parent.Content, first, i+1)
	if len(parent.Content) == 0 && last > 0 {
		remove(root, steps[:last])
	}
}

// others returns values that may stand in place of n.
func others(root, n *yaml.Node, p place) []*yaml.Node {
	if n.Kind != yaml.ScalarNode {
		return shorter(root, n, p)
	}
	var all []*yaml.Node
	for _, text := range texts(n.Value, append(oneof(p), roles(root)...)) {
		if text != n.Value {
			v := *n
			v.Value = text
			all = append(all, &v)
		}
	}
	return all
}

// shorter returns a list or mapping with one thing less, or with another first
// item.
func shorter(root, n *yaml.Node, p place) []*yaml.Node {
	if len(n.Content) == 0 {
		return nil
	}
	var all []*yaml.Node
	if least := 1 + len(n.Content)%2; n.Kind == yaml.SequenceNode && len(n.Content) > least {
		short := copyOf(n)
		short.Content = short.Content[:len(short.Content)-1]
		all = append(all, short)
	}
	i := 0
	if n.Kind == yaml.MappingNode {
		i = 1
	}
	for _, v := range others(root, n.Content[i], p) {
		changed := copyOf(n)
		changed.Content[i] = v
		all = append(all, changed)
	}
	return all
}

// texts returns what else a value may be: a neighbouring number or address, a
// word that the field knows, a longer word.
func texts(old string, words []string) []string {
	all := slices.Clone(words)
	switch old {
	case "true":
		return []string{"false"}
	case "false":
		return []string{"true"}
	}
	if n, err := strconv.Atoi(old); err == nil {
		return append(all, strconv.Itoa(n+1), strconv.Itoa(n-1))
	}
	if addr, err := netip.ParseAddr(old); err == nil {
		all = append(all, addr.Next().String(), addr.Prev().String())
	}
	all = append(all, counted(old)...)
	return append(all, old+"x", old+"X", "x"+old)
}

// numbers are what an address or a duration is made of.
var numbers = regexp.MustCompile(`[0-9]+`)

// counted returns a text with each of its numbers counted up or down by one.
func counted(old string) []string {
	var all []string
	for _, at := range numbers.FindAllStringIndex(old, -1) {
		if n, err := strconv.Atoi(old[at[0]:at[1]]); err == nil {
			all = append(all, old[:at[0]]+strconv.Itoa(n-1)+old[at[1]:], old[:at[0]]+strconv.Itoa(n+1)+old[at[1]:])
		}
	}
	slices.Reverse(all) // a port before an address, a host before its network
	return all
}

// rename changes a name wherever it stands: where it is given and where it is
// used.
func rename(n *yaml.Node, old, with string) {
	if n.Kind == yaml.ScalarNode && n.Value == old {
		n.Value = with
	}
	for _, below := range n.Content {
		rename(below, old, with)
	}
}

// oneof returns the words that a field knows.
func oneof(p place) []string {
	for tag := range strings.SplitSeq(p.Tag.Get("validate"), ",") {
		if words, ok := strings.CutPrefix(tag, "oneof="); ok {
			return strings.Fields(words)
		}
	}
	return nil
}

// roles returns the names of the NICs, which other fields refer to.
func roles(root *yaml.Node) []string {
	var all []string
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == "nics" {
			for j := 0; j < len(root.Content[i+1].Content); j += 2 {
				all = append(all, root.Content[i+1].Content[j].Value)
			}
		}
	}
	return all
}
