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
	for _, v := range others(at(root, p.steps), p) {
		changed := copyOf(root)
		*at(changed, p.steps) = *v
		all = append(all, changed)
	}
	if old := at(root, p.steps); old.Kind == yaml.ScalarNode {
		renamed := copyOf(root)
		rename(renamed, old.Value, old.Value+"x")
		all = append(all, renamed)
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
func others(n *yaml.Node, p place) []*yaml.Node {
	if n.Kind != yaml.ScalarNode {
		return shorter(n, p)
	}
	var all []*yaml.Node
	for _, text := range texts(n.Value, oneof(p)) {
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
func shorter(n *yaml.Node, p place) []*yaml.Node {
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
	for _, v := range others(n.Content[i], p) {
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
	return append(all, old+"x", "x"+old)
}

// numbers are what an address or a duration is made of.
var numbers = regexp.MustCompile(`[0-9]+`)

// counted returns a text with each of its numbers counted up by one.
func counted(old string) []string {
	var all []string
	for _, at := range numbers.FindAllStringIndex(old, -1) {
		if n, err := strconv.Atoi(old[at[0]:at[1]]); err == nil {
			all = append(all, old[:at[0]]+strconv.Itoa(n+1)+old[at[1]:])
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
