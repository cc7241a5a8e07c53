package compare

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"

	"github.com/lbgen/lbgen/internal/artifact"
)

const (
	dirMode      fs.FileMode = 0o755
	manifestMode fs.FileMode = 0o644
)

// Options say how to compare with a directory.
type Options struct {
	// AllNodes says that the sets are all the nodes of their sites: a node of
	// one of these sites that stands beside them is stale.
	AllNodes bool
}

// Dir compares what stands in dir with the sets. A directory that is not there
// holds no nodes; an error is something in it that cannot be read.
func Dir(dir string, sets []artifact.Set, opts Options) (Result, error) {
	var r Result
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return Sets(nil, sets), nil
	}
	if err != nil {
		return r, fmt.Errorf("cannot compare with %s: %w", dir, err)
	}
	defer root.Close()
	for _, s := range sets {
		side, err := readNode(root, s)
		if err != nil {
			return r, fmt.Errorf("cannot compare with %s: %w", path.Join(dir, s.Node), err)
		}
		n := compareNode(side, s)
		if m, differs := manifestChange(side, s); differs && n.Same() {
			n.Changes = append(n.Changes, m)
		}
		r.Nodes = append(r.Nodes, n)
	}
	if opts.AllNodes {
		stale, err := staleNodes(root, sets)
		r.Nodes = append(r.Nodes, stale...)
		return r, err
	}
	return r, nil
}

// manifestChange returns the change of the MANIFEST itself, which is worth a
// word only where nothing else changes.
func manifestChange(old side, set artifact.Set) (Change, bool) {
	was, there := old.files[artifact.ManifestName]
	if !there || slices.ContainsFunc(set.Files, artifact.File.Absent) { // then nobody knows what would stand there
		return Change{}, false
	}
	f := artifact.File{Path: artifact.ManifestName, Mode: manifestMode, Action: artifact.None, Data: set.Manifest()}
	was.owner = f.Owner + ":" + f.Group
	return changeOf(set.Node, was, f, againstDisk(was, f))
}

// staleNodes returns the nodes that the sites of the sets no longer have.
func staleNodes(root *os.Root, sets []artifact.Set) ([]Node, error) {
	nodes, sites := map[string]bool{}, map[string]bool{}
	for _, s := range sets {
		nodes[s.Node], sites[s.Site] = true, true
	}
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, err
	}
	var all []Node
	for _, e := range entries {
		if !e.IsDir() || nodes[e.Name()] {
			continue
		}
		n := reader{root: root, node: e.Name()}
		n.list()
		if n.err != nil || n.state == Refused || !sites[n.site] {
			continue // not lbgen's, or not ours to judge
		}
		side, err := n.side(artifact.Set{})
		if err != nil {
			return nil, err
		}
		side.state = Stale
		all = append(all, compareNode(side, artifact.Set{Site: n.site, Node: e.Name()}))
	}
	return all, nil
}

func readNode(root *os.Root, set artifact.Set) (side, error) {
	n := reader{root: root, node: set.Node}
	n.list()
	if n.site != "" && n.site != set.Site {
		n.refuse("it belongs to site " + n.site)
	}
	return n.side(set)
}

// reader reads one node's directory. After an error it does nothing more.
type reader struct {
	root    *os.Root
	node    string
	site    string
	state   State
	note    string
	entries map[string]artifact.Entry // what lbgen wrote
	dirs    map[string]string         // what stands in the way of a directory: "", or what it is
	changes []Change
	listed  bool // there is a MANIFEST
	err     error
}

func (r *reader) refuse(why string) { r.state, r.note = Refused, why }

// list reads MANIFEST and marker.
func (r *reader) list() {
	r.entries, r.dirs = map[string]artifact.Entry{}, map[string]string{}
	switch block := r.dir("."); {
	case block == absent:
		r.state = Missing
		return
	case block != "":
		r.refuse(block + " is in its place")
		return
	}
	r.listFile(artifact.UnfinishedName) // first: what MANIFEST says counts more
	marked := r.site != ""
	r.listFile(artifact.ManifestName)
	if r.state == "" && (marked || !r.listed) {
		r.state = Unfinished
	}
}

func (r *reader) listFile(name string) {
	data, _, block := r.file(name)
	switch {
	case r.err != nil || block == absent:
		return
	case block != "":
		r.refuse(name + " is " + block)
		return
	}
	site, node, entries, err := artifact.ParseManifest(data)
	switch {
	case err != nil:
		r.refuse(name + " is not a list that lbgen wrote: " + err.Error())
	case node != r.node:
		r.refuse(name + " was written for node " + node)
	}
	r.site, r.listed = site, name == artifact.ManifestName
	for _, e := range entries {
		r.entries[e.Path] = e
	}
}

// side reads the files that the set has and those that lbgen once wrote.
func (r *reader) side(set artifact.Set) (side, error) {
	files := map[string]oldFile{}
	if r.state == Missing || r.state == Refused {
		return side{state: r.state, note: r.note, files: files, text: againstDisk}, r.err
	}
	for _, f := range set.Files {
		r.add(files, f.Path)
	}
	for p := range r.entries {
		if _, is := set.File(p); !is {
			r.add(files, p)
		}
	}
	if r.listed {
		r.add(files, artifact.ManifestName)
	}
	return side{state: r.state, note: r.note, files: files, changes: r.changes, text: againstDisk}, r.err
}

func (r *reader) add(files map[string]oldFile, p string) {
	data, info, block := r.file(p)
	if block == absent || r.err != nil {
		return
	}
	f := oldFile{data: data, block: block, action: artifact.None}
	e, listed := r.entries[p]
	if info != nil {
		want := manifestMode
		if listed {
			want = e.Mode
		}
		f.mode = artifact.OnDisk(info, want) &^ fs.ModeType
	}
	switch {
	case listed:
		f.owner, f.action, f.trust = e.Owner+":"+e.Group, e.Action, trusted(e, data)
	case p == artifact.ManifestName:
		f.trust = edited
	default:
		f.foreign = true
	}
	files[p] = f
}

// trusted says what is known of the data of a file that lbgen wrote.
func trusted(e artifact.Entry, data []byte) trust {
	sum := sha256.Sum256(data)
	switch {
	case e.Secret():
		return doubted
	case e.Sum == hex.EncodeToString(sum[:]):
		return clean
	default:
		return edited
	}
}

const absent = "nothing"

// file reads a file of the node. block says what stands there instead, which
// may be nothing; info is nil then.
func (r *reader) file(p string) (data []byte, info fs.FileInfo, block string) {
	if block := r.dir(path.Dir(p)); block != "" || r.err != nil {
		return nil, nil, block
	}
	name := path.Join(r.node, p)
	info, err := r.root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, absent
	case err != nil:
		r.err = err
		return nil, nil, ""
	case !info.Mode().IsRegular():
		return nil, nil, artifact.KindOf(info)
	}
	data, r.err = r.root.ReadFile(name)
	return data, info, ""
}

// dir says what stands in the place of the directory: "" if it is one, and
// so are those above it. It notes a wrong mode.
func (r *reader) dir(p string) string {
	if block, known := r.dirs[p]; known {
		return block
	}
	block := ""
	if p != "." {
		block = r.dir(path.Dir(p))
	}
	if block == "" {
		block = r.look(p)
	}
	r.dirs[p] = block
	return block
}

func (r *reader) look(p string) string {
	info, err := r.root.Lstat(path.Join(r.node, p))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return absent
	case err != nil:
		r.err = err
		return absent
	case !info.IsDir():
		if p == "." {
			return artifact.KindOf(info)
		}
		return artifact.KindOf(info) + " in place of the directory " + p
	}
	if mode := artifact.OnDisk(info, dirMode).Perm(); mode != dirMode {
		r.changes = append(r.changes, Change{Path: p, Kind: Mode, Mode: fmt.Sprintf("%04o -> %04o", mode, dirMode), Action: artifact.None})
	}
	return ""
}
