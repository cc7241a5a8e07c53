package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/diag"
)

// claim is a name that no two sites in one directory may both have.
type claim struct {
	path       diag.Path
	what, name string
	at         diag.Range
}

// claim notes the names that the site has for itself.
func (l *loaded) claim() {
	add := func(path diag.Path, what, name string) {
		l.claims = append(l.claims, claim{path, what, name, l.src.Range(path)})
	}
	add("site", "site", l.site.Name)
	for i := range l.site.Nodes {
		n := &l.site.Nodes[i]
		add(n.Path().Key("name"), "node", strings.ToLower(n.Name))
	}
}

// together says whether the sites, read from the named files, can stand in one
// directory. It prints the findings if not, and returns errFindings.
func (a *app) together(all []*loaded, names []string) error {
	found := clashes(all)
	if len(found) == 0 {
		return nil
	}
	a.reread(all, names, found)
	_, sources := findings(all)
	if err := a.print(found, sources); err != nil {
		return err
	}
	return errFindings
}

// reread reads the files that findings are in once more, where they were let go.
func (a *app) reread(all []*loaded, names []string, found diag.List) {
	shown := map[string]bool{}
	for _, d := range found {
		shown[d.Subject.File] = true
		for _, r := range d.Related {
			shown[r.Range.File] = true
		}
	}
	for i, l := range all {
		if l.src != nil || !slices.ContainsFunc(l.claims, func(c claim) bool { return shown[c.at.File] }) {
			continue
		}
		if again, err := a.loadOne(names[i], secretsIgnored); err == nil { // without, it is shown without its lines
			l.src = again.src
		}
	}
}

// clashes finds two sites, or two nodes of different sites, of one name: their
// trees would be one.
func clashes(all []*loaded) diag.List {
	var found diag.List
	first := map[string]diag.Range{}
	for _, l := range all {
		if l.claims == nil {
			l.claim()
		}
		for _, c := range l.claims {
			other, ok := first[c.what+c.name]
			if !ok {
				first[c.what+c.name] = c.at
				continue
			}
			found = append(found, diag.Diagnostic{Code: "duplicate", Path: c.path, Subject: c.at,
				Summary: fmt.Sprintf("two %ss are named %q", c.what, c.name),
				Detail:  "in one directory there is one folder for a node: use another directory, or rename one",
				Related: []diag.Related{{Message: "it is defined here already", Range: other}}})
		}
	}
	return found
}

// setsOf returns the sets of all sites, or those of the one node.
func setsOf(all []*loaded, node string) ([]artifact.Set, error) {
	var sets []artifact.Set
	for _, l := range all {
		sets = append(sets, only(l.sets, node)...)
	}
	if len(sets) == 0 {
		return nil, noSuchNode(all, node)
	}
	return sets, nil
}

func noSuchNode(all []*loaded, node string) error {
	return usagef("there is no node %q: there are %s", node, strings.Join(nodeNames(all), ", "))
}

// nodeNames returns the names of all nodes, each once, sorted.
func nodeNames(all []*loaded) []string {
	var names []string
	for _, l := range all {
		names = append(names, l.nodes...)
		for _, s := range l.sets {
			names = append(names, s.Node)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// only keeps the sets of the one node; of all where none is named.
func only(sets []artifact.Set, node string) []artifact.Set {
	return slices.DeleteFunc(slices.Clone(sets), func(s artifact.Set) bool { return node != "" && s.Node != node })
}
