package source

import (
	"fmt"

	"gopkg.in/yaml.v3"

	"github.com/lbgen/lbgen/internal/diag"
)

// walk visits every node once and finds what the parser lets pass.
type walk struct {
	file  *File
	sizes map[*yaml.Node]int // of anchored nodes, aliases followed; -1 while being visited
	found diag.List
	stop  bool // one fault that makes all further ones noise
}

// visit returns how many nodes there are below y once aliases are followed.
func (w *walk) visit(y *yaml.Node, depth int) int {
	if w.stop {
		return 0
	}
	if depth > MaxDepth {
		w.fatal(y, "too-deep", fmt.Sprintf("more than %d levels of nesting", MaxDepth), "a site file needs 8 at most")
		return 0
	}
	if y.Kind == yaml.AliasNode {
		return w.alias(y)
	}
	if y.Style&yaml.TaggedStyle != 0 {
		w.add(y, "tag", "YAML tags (!) are not supported", "take the tag out; a value that begins with ! needs quotes", nil)
	}
	w.blanks(y)
	if y.Anchor != "" {
		w.sizes[y] = -1
	}
	size := 1
	if y.Kind == yaml.MappingNode {
		w.keys(y)
	}
	for _, c := range y.Content {
		size += w.visit(c, depth+1)
	}
	if size > MaxNodes {
		w.fatal(y, "too-large", fmt.Sprintf("more than %d values once the aliases are followed", MaxNodes),
			"write the values out, or split the site")
	}
	if y.Anchor != "" {
		w.sizes[y] = size
	}
	return size
}

// alias returns the size of what the alias stands for, and refuses one that
// stands inside its own anchor.
func (w *walk) alias(y *yaml.Node) int {
	size := w.sizes[y.Alias]
	if size < 0 {
		w.fatal(y, "alias-loop", "an alias (*) stands inside its own anchor (&)", "write the values out")
		return 0
	}
	return size
}

// fewKeys is up to where comparing keys is quicker than a map of them.
const fewKeys = 12

// keys refuses merge keys, keys that are no plain text, and a key twice.
func (w *walk) keys(y *yaml.Node) {
	var first map[string]*yaml.Node
	if len(y.Content) > 2*fewKeys {
		first = make(map[string]*yaml.Node, len(y.Content)/2)
	}
	for i := 0; i < len(y.Content) && !w.stop; i += 2 {
		k := y.Content[i]
		switch {
		case k.Kind != yaml.ScalarNode:
			w.add(k, "bad-key", "a key must be a plain word", "write the key as text; a text that begins with {, [ or * needs quotes", nil)
			continue
		case k.Tag == "!!merge":
			w.add(k, "merge-key", "merge keys (<<) are not supported", "write the keys out, or use an alias (*name) for a whole value", nil)
			continue
		}
		if other := earlier(y, i, first); other != nil {
			w.add(k, "duplicate-key", "key "+Node{file: w.file, y: k}.Quote()+" is defined twice in one mapping", "keep one of the two", other)
		} else if first != nil {
			first[k.Value] = k
		}
	}
}

// earlier returns a key before y.Content[i] that is equal to it.
func earlier(y *yaml.Node, i int, first map[string]*yaml.Node) *yaml.Node {
	k := y.Content[i]
	if first != nil {
		return first[k.Value]
	}
	for j := 0; j < i; j += 2 {
		if y.Content[j].Value == k.Value && y.Content[j].Kind == yaml.ScalarNode {
			return y.Content[j]
		}
	}
	return nil
}

func (w *walk) add(y *yaml.Node, code, summary, detail string, other *yaml.Node) {
	d := diag.Diagnostic{Code: code, Summary: summary, Detail: detail, Subject: Node{file: w.file, y: y}.Range()}
	if other != nil {
		d.Related = []diag.Related{{Message: "it is defined here already", Range: Node{file: w.file, y: other}.Range()}}
	}
	w.found = append(w.found, d)
	if len(w.found) >= MaxFindings {
		w.stop = true
	}
}

func (w *walk) fatal(y *yaml.Node, code, summary, detail string) {
	if !w.stop {
		w.add(y, code, summary, detail, nil)
		w.stop = true
	}
}
