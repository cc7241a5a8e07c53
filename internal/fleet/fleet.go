// Package fleet writes what ansible-playbook needs to install many sites: an inventory
// and a playbook around the trees that render makes. What a node does is its own
// install.sh, as by hand.
package fleet

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"text/template"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/compare"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/plan"
)

// Site is one site with its nodes.
type Site struct {
	Name  string
	Nodes []Node
}

// Node is where a node stands in its site's order, counted from 1.
type Node struct {
	Name  string
	First int // where nobody has the virtual IPs yet
	Next  int // in a change
}

// File is one file of the export, beside the trees.
type File struct {
	Path string
	Data []byte
}

// Order returns the site with the orders that plan computes: that of a first
// installation, and that of a change of all nodes.
func Order(name string, sets []artifact.Set, groups []*failover.Group) Site {
	var first, next []compare.Node
	for _, s := range sets {
		first = append(first, compare.Node{Name: s.Node, State: compare.Missing})
		next = append(next, compare.Node{Name: s.Node, Changes: []compare.Change{{Kind: compare.Changed}}})
	}
	places := func(in plan.Input) map[string]int {
		at := map[string]int{}
		for i, step := range plan.Make(in).Steps {
			at[step.Node] = i + 1
		}
		return at
	}
	a := places(plan.Input{New: groups, Nodes: first})
	b := places(plan.Input{Old: groups, New: groups, Nodes: next})
	site := Site{Name: name}
	for _, s := range sets {
		site.Nodes = append(site.Nodes, Node{s.Node, a[s.Node], b[s.Node]})
	}
	return site
}

// Tree is the path of a node's tree in the export: a tar file, which ansible carries
// over in one piece.
func Tree(node string) string { return path.Join("trees", node+".tar") }

// Secrets are the paths of the trees that hold a secret.
func Secrets(sets []artifact.Set) []string {
	var all []string
	for _, s := range sets {
		if slices.ContainsFunc(s.Files, func(f artifact.File) bool { return len(f.Secrets) > 0 }) {
			all = append(all, Tree(s.Node))
		}
	}
	return all
}

//go:embed ansible
var texts embed.FS

// Files are the inventory, the playbook, and the list of the files with secrets.
func Files(sites []Site, secrets []string) ([]File, error) {
	waves := 0
	for _, s := range sites {
		waves = max(waves, len(s.Nodes))
	}
	files := []File{{"inventory.yml", inventory(sites, waves)}, {"secrets.txt", []byte(lines(secrets))}}
	for _, name := range []string{"site.yml", "tasks/look.yml", "tasks/install.yml"} {
		t, err := template.New(path.Base(name)).Delims("[[", "]]").ParseFS(texts, "ansible/"+name)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err := t.Execute(&b, numbers(waves)); err != nil {
			return nil, err
		}
		files = append(files, File{name, b.Bytes()})
	}
	return files, nil
}

func numbers(n int) []int {
	var all []int
	for i := range n {
		all = append(all, i+1)
	}
	return all
}

func lines(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return strings.Join(all, "\n") + "\n"
}

// inventory has a group for each site, and an empty one for each that the playbook
// fills: ansible warns of those that it does not know.
func inventory(sites []Site, waves int) []byte {
	var b bytes.Buffer
	b.WriteString("---\n# Made by lbgen. Do not edit: addresses and users of the nodes go into host_vars/ and group_vars/ beside it.\n")
	b.WriteString("lbgen:\n  children:\n")
	groups := groupNames(sites)
	for i, s := range sites {
		fmt.Fprintf(&b, "    %s:\n      hosts:\n", groups[i])
		for _, n := range s.Nodes {
			fmt.Fprintf(&b, "        %s:\n          lbgen_first: %d\n          lbgen_next: %d\n", quoted(n.Name), n.First, n.Next)
		}
		fmt.Fprintf(&b, "      vars:\n        lbgen_site: %s\n        lbgen_group: %s\n", quoted(s.Name), groups[i])
	}
	b.WriteString("lbgen_stop:\n  hosts: {}\n")
	for _, n := range numbers(waves) {
		fmt.Fprintf(&b, "lbgen_wave_%d:\n  hosts: {}\n", n)
	}
	return b.Bytes()
}

// groupNames are the names of the sites as ansible takes them for groups: letters,
// digits and underscores. Two sites never share one.
func groupNames(sites []Site) []string {
	var names []string
	taken := map[string]bool{}
	for _, s := range sites {
		base := "lbgen_site_" + strings.NewReplacer("-", "_", ".", "_").Replace(s.Name)
		name := base
		for i := 2; taken[name] || name != base && slices.ContainsFunc(sites, func(o Site) bool { return "lbgen_site_"+o.Name == name }); i++ {
			name = fmt.Sprintf("%s_%d", base, i)
		}
		taken[name] = true
		names = append(names, name)
	}
	return names
}

// quoted is a name as a text of YAML: 123 and no are names, too.
func quoted(name string) string {
	text, _ := json.Marshal(name) // a string always has a form
	return string(text)
}
