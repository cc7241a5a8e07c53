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
		w.fatal(y, "too-large", fmt.Sprintf("more than %d values once the aliases are followed", MaxNodes), "write the values out, or split the site")
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
		w.fatal(y, "alias-loop", fmt.Sprintf("alias *%s stands inside its own anchor", y.Value), "write the values out")
		return 0
	}
	return size
}

// keys refuses merge keys, keys that are no plain text, and a key twice.
func (w *walk) keys(y *yaml.Node) {
	first := make(map[string]*yaml.Node, len(y.Content)/2)
	for i := 0; i < len(y.Content); i += 2 {
		k := y.Content[i]
		switch {
		case k.Kind != yaml.ScalarNode:
			w.add(k, "bad-key", "a key must be a plain word", "write the key as text", nil)
		case k.Tag == "!!merge":
			w.add(k, "merge-key", "merge keys (<<) are not supported", "write the keys out, or use an alias (*name) for a whole value", nil)
		case first[k.Value] != nil:
			w.add(k, "duplicate-key", fmt.Sprintf("key %q stands twice in one mapping", k.Value), "keep one of the two", first[k.Value])
		default:
			first[k.Value] = k
		}
	}
}

func (w *walk) add(y *yaml.Node, code, summary, detail string, other *yaml.Node) {
	d := diag.Diagnostic{Code: code, Summary: summary, Detail: detail, Subject: Node{w.file, y}.Range()}
	if other != nil {
		d.Related = []diag.Related{{Message: "it stands here already", Range: Node{w.file, other}.Range()}}
	}
	w.found = append(w.found, d)
}

func (w *walk) fatal(y *yaml.Node, code, summary, detail string) {
	if !w.stop {
		w.add(y, code, summary, detail, nil)
		w.stop = true
	}
}
