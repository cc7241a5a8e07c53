// Package pair reads the files of nodes that run already: a directory or a tar
// file for each node, or loose files. What is read is haproxy.cfg and
// keepalived.conf as the daemons of the node would read them, with what their
// units and option files say of it, and nothing outside of the trees.
package pair

import (
	"slices"
	"strings"
	"sync"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/diag"
)

// Input is what one word of the command line names: the trees of all nodes, or
// of one.
type Input struct {
	Name  string   // of the node; "" where the tree says it
	Paths []string // one directory or tar file, or loose files
}

// ParseInput reads NAME=PATH, NAME=FILE,FILE or PATH.
func ParseInput(word string) Input {
	name, rest, named := strings.Cut(word, "=")
	if !named || strings.Contains(name, "/") {
		return Input{Paths: []string{word}}
	}
	return Input{Name: name, Paths: strings.Split(rest, ",")}
}

// Pair is the nodes that share virtual IPs, as they are.
type Pair struct {
	Name  string
	Nodes []*Node // sorted by name
	// Found is what is wrong with the trees. Grammar has what is with the files.
	Found diag.List
	Texts map[string]*Text // of all files, by the name that findings have

	once    sync.Once // the routers are looked for once
	routers []*Router
}

// Node is one machine.
type Node struct {
	Name       string
	Place      string // of its tree, as findings show it
	HAProxy    *haproxy.Config
	Keepalived *keepalived.Config
	// HAProxyFiles and KeepalivedFiles are what was read, included files too.
	HAProxyFiles    []haproxy.File
	KeepalivedFiles []keepalived.Source

	// ConfigFile is haproxy.cfg's absolute path on the node; "" where the tree does not
	// say it.
	ConfigFile string

	// Paths are the files' places in the tree, by the names that findings have.
	Paths map[string]string

	tree *tree
}

// Read reads nodes. What cannot be read is in Found, and the rest is read.
func Read(name string, inputs []Input) *Pair {
	p := &Pair{Name: name, Texts: map[string]*Text{}}
	var trees []*tree
	for _, in := range inputs {
		found, bad := open(in)
		trees = append(trees, found...)
		p.Found = append(p.Found, bad...)
	}
	for _, t := range trees {
		p.add(t)
	}
	slices.SortFunc(p.Nodes, func(a, b *Node) int { return strings.Compare(a.Name, b.Name) })
	if len(p.Nodes) == 0 && !p.Found.HasErrors() {
		p.Found = append(p.Found, diag.Diagnostic{Code: "no-node", Summary: "there is no node in " + places(inputs), Detail: layoutHelp})
	}
	p.Found.Sort()
	return p
}

const layoutHelp = "a node is a directory or a tar file with etc/haproxy and etc/keepalived, or with a haproxy.cfg and a " +
	"keepalived.conf; " +
	"name them one by one as lb1=DIRECTORY or lb1=haproxy.cfg,keepalived.conf"

func places(inputs []Input) string {
	var all []string
	for _, in := range inputs {
		all = append(all, in.Paths...)
	}
	return strings.Join(all, ", ")
}

// add reads the node of a tree.
func (p *Pair) add(t *tree) {
	for _, n := range p.Nodes {
		if n.Name == t.name || n.tree.same(t) {
			p.Found = append(p.Found, diag.Diagnostic{Code: "node-twice",
				Summary: "node " + t.name + " is there twice: " + n.Place + " and " + t.place,
				Detail:  "name each node once; NAME=PATH gives a tree another name"})
			return
		}
	}
	n := &Node{Name: t.name, Place: t.place, tree: t, Paths: map[string]string{}}
	r := &reading{pair: p, node: n, tree: t}
	r.haproxy()
	r.keepalived()
	if len(n.HAProxyFiles) == 0 && len(n.KeepalivedFiles) == 0 && !p.Found.HasErrors() {
		p.Found = append(p.Found, diag.Diagnostic{Code: "no-node", Summary: "there is neither haproxy.cfg nor keepalived.conf in " + t.place,
			Detail: layoutHelp})
	}
	p.Nodes = append(p.Nodes, n)
}

// File returns the bytes of a file of the node by its absolute path there.
func (n *Node) File(name string) ([]byte, error) {
	return n.tree.file(name)
}

// Grammar returns what the daemons would not take of the files, or read otherwise
// than it looks.
func (p *Pair) Grammar() diag.List {
	var found diag.List
	for _, n := range p.Nodes {
		found = append(found, n.HAProxy.Found...)
		if n.Keepalived != nil {
			found = append(found, n.Keepalived.Found...)
		}
	}
	p.Conceal(found)
	found.Sort()
	return found
}

// Conceal hides in what findings say the secrets of the lines that they are about.
func (p *Pair) Conceal(found diag.List) {
	for i := range found {
		d := &found[i]
		if t := p.Texts[d.Subject.File]; t != nil {
			d.Summary, d.Detail = t.conceal(d.Subject.Start.Line, d.Summary), t.conceal(d.Subject.Start.Line, d.Detail)
		}
	}
}

// ReadFiles reads nodes whose files are given: of each input the name and a folder
// of files.
func ReadFiles(name string, inputs []Input, files map[string]string) *Pair {
	p := &Pair{Name: name, Texts: map[string]*Text{}}
	for _, in := range inputs {
		s := &tarStore{map[string]entry{}, map[string][]byte{}, map[string][]string{}}
		for file, text := range files {
			if at, ok := strings.CutPrefix(file, in.Paths[0]+"/"); ok {
				s.put(at, entry{size: int64(len(text))})
				s.data[at] = []byte(text)
			}
		}
		t := &tree{store: s, name: in.Name, place: in.Paths[0], show: func(file string) string { return in.Paths[0] + "/" + file }}
		t.isNode()
		p.add(t)
	}
	return p
}

// Files are the names of haproxy.cfg and keepalived.conf, and of what belongs to
// them, as findings have them.
func (n *Node) Files() []string {
	var all []string
	for _, f := range n.HAProxyFiles {
		all = append(all, f.Name)
	}
	for _, f := range n.KeepalivedFiles {
		all = append(all, f.Name)
	}
	return all
}

// EachLine calls f for every line of haproxy.cfg and keepalived.conf that says
// something, sections and blocks included; unread is true of those that the daemon
// does not take.
func (n *Node) EachLine(f func(at diag.Range, unread bool)) {
	for _, d := range n.HAProxy.Outside {
		f(d.Range, true)
	}
	for _, d := range n.HAProxy.Unread {
		f(d.Range, true)
	}
	for _, d := range n.HAProxy.Macros {
		f(d.Range, false)
	}
	for _, s := range n.HAProxy.Sections {
		f(s.Head.Range, false)
		for _, d := range s.Lines {
			f(d.Range, false)
		}
	}
	if n.Keepalived != nil {
		n.Keepalived.Walk(func(l *keepalived.Node, _ []*keepalived.Node) { f(l.Range, l.Skipped || !l.Known) })
	}
}

// Count is how many lines EachLine tells of.
func (n *Node) Count() int {
	count := 0
	n.EachLine(func(diag.Range, bool) { count++ })
	return count
}
