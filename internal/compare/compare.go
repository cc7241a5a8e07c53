// Package compare says what a write would change, in a directory or against
// other sets, and what each change makes the nodes do. It writes nothing, and
// no secret ever stands in what it returns.
package compare

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/artifact"
)

// Kind says what happens to a file.
type Kind string

// The kinds.
const (
	Added   Kind = "added"
	Changed Kind = "changed" // its content; mode and owner may change with it
	Removed Kind = "removed" // written by lbgen once and no longer made
	Mode    Kind = "mode"    // its mode or its owner, and nothing else
	Blocked Kind = "blocked" // something stands there that a write refuses to replace
)

// State says what is to be said of a node as a whole. Most have none.
type State string

// The states.
const (
	Missing    State = "missing"    // there is no such node yet
	Unfinished State = "unfinished" // a writer was stopped there, or the MANIFEST is missing: do not ship it
	Stale      State = "stale"      // the site no longer has the node
	Refused    State = "refused"    // the directory is not this node's: a write refuses it
)

// Change is what happens to one file, or to the mode of one directory.
type Change struct {
	Path   string          `json:"path"` // relative to the node's directory
	Kind   Kind            `json:"kind"`
	Mode   string          `json:"mode,omitempty"`  // "0644 -> 0640", where it changes
	Owner  string          `json:"owner,omitempty"` // "root:root -> root:haproxy", where it changes
	Action artifact.Action `json:"action"`
	// Secrets are the model paths of the secrets that differ.
	Secrets []string `json:"secrets,omitempty"`
	Note    string   `json:"note,omitempty"`
	// Diff is a unified diff with secrets masked. It is empty where the
	// content stays, and where none of it may be shown.
	Diff string `json:"diff,omitempty"`
}

// Consequence is what a node does because of its changes.
type Consequence struct {
	Action artifact.Action `json:"action"`
	Text   string          `json:"text"`
	Files  []string        `json:"files"` // that ask for it, sorted
}

// Node is what happens to one node.
type Node struct {
	Name         string        `json:"name"`
	State        State         `json:"state,omitempty"`
	Note         string        `json:"note,omitempty"`     // why, where the node is refused
	Platform     string        `json:"platform,omitempty"` // "debian12 -> debian13", where it changes
	Changes      []Change      `json:"changes,omitempty"`
	Consequences []Consequence `json:"consequences,omitempty"` // in the order in which the node carries them out
	// Together says what the nodes must agree on and is changed: until all of
	// them have it, they drop each other's adverts or are all master.
	Together []string `json:"together,omitempty"`
	// MayMove says what may move a VIP to another node.
	MayMove []string `json:"may_move,omitempty"`
	// NotCompared are the model paths of the secrets that were not to be had;
	// whatever stands in their places counts as right.
	NotCompared []string `json:"not_compared,omitempty"`
}

// Same says whether a write would leave the node as it is.
func (n Node) Same() bool { return n.State == "" && len(n.Changes) == 0 }

// Result is what happens to the nodes, in the order of the sets, then those
// that are stale, by name.
type Result struct {
	Nodes []Node `json:"nodes"`
}

// Same says whether a write would change nothing.
func (r Result) Same() bool {
	return !slices.ContainsFunc(r.Nodes, func(n Node) bool { return !n.Same() })
}

// Text returns the unified diffs of all nodes one after the other.
func (r Result) Text() string {
	var b strings.Builder
	for _, n := range r.Nodes {
		for _, c := range n.Changes {
			b.WriteString(c.Diff)
		}
	}
	return b.String()
}

// Sets compares what was made with what is made now.
func Sets(old, new []artifact.Set) Result {
	var r Result
	was := map[string]artifact.Set{}
	for _, s := range old {
		was[s.Node] = s
	}
	for _, s := range new {
		before, there := was[s.Node]
		delete(was, s.Node)
		side := sideOf(before)
		if !there {
			side.state = Missing
		}
		r.Nodes = append(r.Nodes, compareNode(side, s))
	}
	for _, s := range old {
		if _, gone := was[s.Node]; gone {
			side := sideOf(s)
			side.state = Stale
			r.Nodes = append(r.Nodes, compareNode(side, artifact.Set{Site: s.Site, Node: s.Node}))
		}
	}
	return r
}

// side is a node as it is now.
type side struct {
	state   State
	note    string
	files   map[string]oldFile
	changes []Change // found while reading
	text    oldText
}

// oldFile is a file as it is now.
type oldFile struct {
	mode    fs.FileMode
	owner   string // owner:group; "" where it is not known
	action  artifact.Action
	data    []byte
	trust   trust
	made    *artifact.File // where it is one that lbgen made, with secrets known by place
	block   string         // what else stands there
	foreign bool           // lbgen did not write it
}

// oldText compares the content of a file with the new one. It is how files of
// a directory and those of a set differ.
type oldText func(oldFile, artifact.File) verdict

func sideOf(s artifact.Set) side {
	files := map[string]oldFile{}
	for _, f := range s.Files {
		files[f.Path] = oldFile{mode: f.Mode.Perm(), owner: f.Owner + ":" + f.Group, action: f.Action, data: f.Data, made: &f}
	}
	return side{files: files, text: againstFile}
}

// compareNode compares one node.
func compareNode(old side, set artifact.Set) Node {
	n := Node{Name: set.Node, State: old.state, Note: old.note, Changes: old.changes}
	if old.state == Refused {
		return n
	}
	for _, f := range set.Files {
		n.compareFile(old, f)
	}
	n.Changes = append(n.Changes, removed(old, set)...)
	slices.SortStableFunc(n.Changes, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
	if was := platformIn(old.files["node.table"].data); was != "" && was != set.Host.Platform && old.state != Stale {
		n.Platform = was + " -> " + set.Host.Platform
	}
	slices.Sort(n.NotCompared)
	n.NotCompared = slices.Compact(n.NotCompared)
	if old.state != Stale { // taking a node's tree away does nothing to the node
		n.Consequences = consequences(n.Changes)
	}
	return n
}

func (n *Node) compareFile(old side, f artifact.File) {
	was, there := old.files[f.Path]
	if !there {
		n.NotCompared = append(n.NotCompared, unknown(f)...)
		n.Changes = append(n.Changes, Change{Path: f.Path, Kind: Added, Action: f.Action, Diff: unified(n.Name, f.Path, nil, textOf(f))})
		return
	}
	if was.block != "" {
		n.Changes = append(n.Changes, Change{Path: f.Path, Kind: Blocked, Action: f.Action, Note: was.block + " stands there"})
		return
	}
	v := old.text(was, f)
	n.NotCompared = append(n.NotCompared, v.notCompared...)
	if was.foreign && !v.same {
		n.Changes = append(n.Changes, Change{Path: f.Path, Kind: Blocked, Action: f.Action,
			Note: "a file with other content stands there, and lbgen did not write it"})
		return
	}
	if c, differs := changeOf(n.Name, was, f, v); differs {
		n.Changes = append(n.Changes, c)
	}
	if isKeepalived(f.Path) && !v.same {
		n.compareSettings(was.data, f.Data, v)
	}
}

// changeOf returns the change of a file that is there, and whether there is one.
func changeOf(node string, was oldFile, f artifact.File, v verdict) (Change, bool) {
	c := Change{Path: f.Path, Kind: Mode, Action: f.Action, Secrets: v.differ}
	if was.mode != f.Mode.Perm() {
		c.Mode = fmt.Sprintf("%04o -> %04o", was.mode, f.Mode.Perm())
	}
	if now := f.Owner + ":" + f.Group; was.owner != "" && was.owner != now {
		c.Owner = was.owner + " -> " + now
	}
	if !v.same {
		c.Kind, c.Note = Changed, v.note
		if !v.hidden {
			c.Diff = unified(node, f.Path, v.old, textOf(f))
		}
	}
	if c.Kind == Mode && c.Owner == "" {
		c.Action = artifact.None // install.sh sets modes anyhow, and no daemon reads a file anew for one
	}
	return c, !v.same || c.Mode != "" || c.Owner != ""
}

// removed returns the changes of the files that the set does not have.
func removed(old side, set artifact.Set) []Change {
	var all []Change
	for p, was := range old.files {
		if _, keep := set.File(p); keep || was.block != "" || p == artifact.ManifestName && old.state != Stale {
			continue
		}
		c := Change{Path: p, Kind: Removed, Action: was.action}
		lines, hidden := whole(was)
		if hidden {
			c.Note = "it holds secrets, so it is not shown"
		} else {
			c.Diff = unified(set.Node, p, lines, nil)
		}
		all = append(all, c)
	}
	return all // the caller sorts them
}

func unknown(f artifact.File) []string {
	var all []string
	for _, s := range f.Secrets {
		if !s.Known {
			all = append(all, s.Path)
		}
	}
	return all
}

func isKeepalived(p string) bool {
	return path.Base(p) == "keepalived.conf" && path.Base(path.Dir(p)) == "keepalived"
}

// platformIn reads the platform of a node from its node.table; "" where it does not
// say any.
func platformIn(table []byte) string {
	for line := range strings.Lines(string(table)) {
		if name, found := strings.CutPrefix(line, "platform "); found {
			return strings.TrimSpace(name)
		}
	}
	return ""
}
