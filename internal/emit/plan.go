package emit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"runtime"
	"slices"
	"syscall"

	"golang.org/x/sync/errgroup"

	"github.com/lbgen/lbgen/internal/artifact"
)

const takeAway = "lbgen did not write it: move it away, or render into another directory"

// plan is what has to be done in one node's directory.
type plan struct {
	node        string
	fresh       bool   // there is no such directory yet: it is staged and moved as a whole
	stale       bool   // the site has no such node any more
	old         []byte // MANIFEST and marker as they stand there, one after the other
	hasManifest bool
	mark        bool            // a marker stands there: a writer was killed
	listed      map[string]bool // the paths that old lists
	write       []artifact.File // new or changed; the MANIFEST is the last
	chmod       []mode          // right but for the mode
	mkdir       []string        // missing directories, each after the one it stands in
	remove      []string        // written by lbgen once and no longer made
	prune       []string        // directories that may be empty then, each before the one it stands in
	unchanged   int
}

// mode is a change of mode. The path is relative to the node's directory.
type mode struct {
	path     string
	from, to fs.FileMode
}

func (p plan) dirty() bool {
	return p.fresh || p.stale || p.mark || len(p.write)+len(p.chmod)+len(p.remove) > 0
}

// replaces says whether the plan brings a new MANIFEST, and does not only give
// the one that stands there a rest.
func (p plan) replaces() bool {
	return len(p.write) > 0 && p.write[len(p.write)-1].Path == artifact.ManifestName
}

// forget lets go of what was staged.
func (p *plan) forget() {
	for i := range p.write {
		p.write[i].Data = nil
	}
	p.old, p.listed = nil, nil
}

// plans returns the plan of each set in their order. It changes nothing. Its
// error names everything that is in the way.
func (o *output) plans(ctx context.Context, sets []artifact.Set) ([]plan, error) {
	plans := make([]plan, len(sets))
	// each node is looked at, so that the error is whole and always the same
	errs := make([]error, len(sets))
	if workers := min(runtime.GOMAXPROCS(0), 1+len(sets)/8); workers == 1 { // a pair is looked at sooner than a thread wakes
		for i, set := range sets {
			plans[i], errs[i] = o.plan(ctx, set)
		}
	} else {
		var g errgroup.Group
		g.SetLimit(workers)
		for i, set := range sets {
			g.Go(func() error {
				plans[i], errs[i] = o.plan(ctx, set)
				return nil
			})
		}
		_ = g.Wait() // the errors are in errs
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("nothing was written: %w", err)
	}
	return plans, errors.Join(errs...)
}

func (o *output) plan(ctx context.Context, set artifact.Set) (plan, error) {
	if err := ctx.Err(); err != nil {
		return plan{}, err
	}
	p := plan{node: set.Node}
	files := append(slices.Clip(set.Files), artifact.File{Path: artifact.ManifestName, Mode: manifestMode, Data: set.Manifest()})
	root, err := p.enter(o, o.root, p.node, ".")
	if err != nil {
		return p, err
	}
	if root == nil {
		return plan{node: p.node, fresh: true, write: files}, nil
	}
	defer root.Close()
	site, err := p.readOld(o, root)
	if err != nil {
		return p, err
	}
	if site != "" && site != set.Site {
		return p, &Error{Path: o.at(p.node, ""), Problem: fmt.Sprintf("belongs to site %s, not to %s", site, set.Site),
			Remedy: "render into another directory, or remove this one"}
	}
	return p, errors.Join(p.compare(o, root, files), p.findStale(o, root, set))
}

// enter returns the directory name inside parent, nil where it is missing and
// has to be made, and notes a wrong mode. Its path inside the node is at.
func (p *plan) enter(o *output, parent *os.Root, name, at string) (*os.Root, error) {
	root, info, err := openDir(parent, name, o.at(p.node, at))
	switch {
	case err != nil:
		return nil, err
	case root == nil:
		p.mkdir = append(p.mkdir, at)
	case artifact.OnDisk(info, dirMode).Perm() != dirMode:
		p.chmod = append(p.chmod, mode{at, info.Mode(), dirMode | info.Mode()&fs.ModeSetgid})
	}
	return root, nil
}

// openDir opens the directory name inside parent. It returns nil where it or
// parent is missing, and refuses what is not a directory, a link to one
// included. The place is for messages.
func openDir(parent *os.Root, name, place string) (*os.Root, fs.FileInfo, error) {
	if parent == nil {
		return nil, nil, nil
	}
	info, err := parent.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, nil
	case err != nil:
		return nil, nil, &Error{Path: place, Problem: "cannot look at it", Err: err}
	case !info.IsDir():
		return nil, nil, &Error{Path: place, Problem: "a directory belongs here, and " + artifact.KindOf(info) + " is in its place",
			Remedy: takeAway}
	}
	root, err := parent.OpenRoot(name)
	if err != nil {
		return nil, nil, &Error{Path: place, Problem: "cannot open the directory", Err: err}
	}
	return root, info, nil
}

// parse reads a MANIFEST unless reading it from the disk failed.
func parse(data []byte, err error) (site, node string, entries []artifact.Entry, _ error) {
	if err != nil {
		return "", "", nil, err
	}
	return artifact.ParseManifest(data)
}

// readFile reads a file that is not to be a link.
func readFile(dir *os.Root, name string) ([]byte, error) {
	info, err := dir.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is " + artifact.KindOf(info))
	}
	return dir.ReadFile(name)
}

// readOld learns from MANIFEST and marker what lbgen wrote here before, and
// returns the site it was for, "" if there are none.
func (p *plan) readOld(o *output, root *os.Root) (site string, err error) {
	p.listed = map[string]bool{}
	for _, name := range []string{artifact.ManifestName, artifact.UnfinishedName} {
		data, err := readFile(root, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		s, node, entries, err := parse(data, err)
		if err != nil {
			return "", &Error{Path: o.at(p.node, name), Problem: "is not a list that lbgen wrote", Err: err, Remedy: takeAway}
		}
		if node != p.node {
			return "", &Error{Path: o.at(p.node, name), Problem: "was written for node " + node, Remedy: takeAway}
		}
		for _, e := range entries {
			p.listed[e.Path] = true
		}
		site, p.old = s, append(p.old, data...)
		p.hasManifest = p.hasManifest || name == artifact.ManifestName
		p.mark = p.mark || name == artifact.UnfinishedName
	}
	return site, nil
}

// compare sorts the files into those to write, to give their mode, and to
// leave alone.
func (p *plan) compare(o *output, root *os.Root, files []artifact.File) error {
	var errs []error
	d := dirs{top: root, open: func(parent *os.Root, name, at string) (*os.Root, error) {
		return p.enter(o, parent, name, at)
	}}
	defer func() { d.leave(0) }()
	for _, f := range files {
		dir, err := d.enter(path.Dir(f.Path))
		if err == nil {
			err = p.compareFile(o, dir, f)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// compareFile looks at what stands in the place of one file. dir is nil where
// its directory is missing.
func (p *plan) compareFile(o *output, dir *os.Root, f artifact.File) error {
	if dir == nil {
		p.write = append(p.write, f)
		return nil
	}
	name := path.Base(f.Path)
	info, err := dir.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.write = append(p.write, f)
		return nil
	case err != nil:
		return &Error{Path: o.at(p.node, f.Path), Problem: "cannot look at it", Err: err}
	case !info.Mode().IsRegular():
		return &Error{Path: o.at(p.node, f.Path), Problem: artifact.KindOf(info) + " stands where a file belongs", Remedy: takeAway}
	}
	same, err := holds(dir, name, info.Size(), f.Data)
	if err != nil {
		return &Error{Path: o.at(p.node, f.Path), Problem: "cannot read it to compare", Err: err, Remedy: "give yourself the right to read it"}
	}
	return p.sortFile(o, f, artifact.OnDisk(info, f.Mode.Perm()), same)
}

func (p *plan) sortFile(o *output, f artifact.File, on fs.FileMode, same bool) error {
	list := f.Path == artifact.ManifestName
	wrong := on&^fs.ModeType != f.Mode.Perm()
	switch {
	case list && wrong:
		p.write = append(p.write, f) // it is away while modes are mended
	case !same && !list && !p.listed[f.Path]:
		return &Error{Path: o.at(p.node, f.Path), Problem: "a file with other content stands here", Remedy: takeAway}
	case !same:
		p.write = append(p.write, f)
	case wrong:
		p.chmod = append(p.chmod, mode{f.Path, on, f.Mode.Perm()})
	default:
		p.unchanged++
	}
	return nil
}

// openNow opens a file for reading. Were it a pipe by now, it would not wait
// for the other end; and for a file, package os need not ask whether it could.
func openNow(dir *os.Root, name string) (*os.File, error) {
	return dir.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

// holds says whether the file, of the given size in bytes, holds the data.
func holds(dir *os.Root, name string, size int64, data []byte) (bool, error) {
	if size != int64(len(data)) {
		return false, nil
	}
	f, err := openNow(dir, name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	var buf [16 << 10]byte // on the stack: most files fit in
	for len(data) > 0 {
		n, err := f.Read(buf[:min(len(buf), len(data))])
		if errors.Is(err, io.EOF) {
			return false, nil // cut off since it was measured
		}
		if err != nil || !bytes.Equal(buf[:n], data[:n]) {
			return false, err
		}
		data = data[n:]
	}
	return true, nil
}

// findStale looks for what lbgen wrote once and the set does not have, and for
// the directories that may have held only that.
func (p *plan) findStale(o *output, root *os.Root, set artifact.Set) error {
	d := dirs{top: root, open: func(parent *os.Root, name, at string) (*os.Root, error) {
		dir, _, err := openDir(parent, name, o.at(p.node, at))
		return dir, err
	}}
	defer func() { d.leave(0) }()
	var errs []error
	for _, f := range slices.Sorted(maps.Keys(p.listed)) {
		if _, keep := set.File(f); keep || reserved(f) {
			continue
		}
		dir, err := d.enter(path.Dir(f))
		errs = append(errs, err)
		if dir == nil {
			continue
		}
		p.prune = append(p.prune, above(f)...)
		if info, err := dir.Lstat(path.Base(f)); err == nil && info.Mode().IsRegular() {
			p.remove = append(p.remove, f)
		}
	}
	slices.Sort(p.prune)
	p.prune = slices.Compact(p.prune)
	slices.Reverse(p.prune) // a directory sorts before what is in it
	return errors.Join(errs...)
}

// above returns the directories that the file stands in, inside its node.
func above(file string) []string {
	var all []string
	for d := path.Dir(file); d != "."; d = path.Dir(d) {
		all = append(all, d)
	}
	return all
}

// staleNodes returns the plans that remove the nodes that the sites no longer
// have. siteOf is the site of each node that they have.
func (o *output) staleNodes(siteOf map[string]string) ([]plan, error) {
	if !o.opts.AllNodes {
		return nil, nil
	}
	sites := map[string]bool{}
	for _, site := range siteOf {
		sites[site] = true
	}
	entries, err := fs.ReadDir(o.root.FS(), ".")
	if err != nil {
		return nil, &Error{Path: o.dir, Problem: "cannot list the directory", Err: err}
	}
	var plans []plan
	var errs []error
	for _, e := range entries {
		if _, ours := siteOf[e.Name()]; ours || !e.IsDir() {
			continue
		}
		p, found, err := o.staleNode(e.Name(), sites)
		errs = append(errs, err)
		if found {
			plans = append(plans, p)
		}
	}
	return plans, errors.Join(errs...)
}

// staleNode returns the plan that removes the node, and whether the directory
// is one: a list that lbgen wrote for this node and one of the sites.
func (o *output) staleNode(node string, sites map[string]bool) (plan, bool, error) {
	p := plan{node: node, stale: true}
	root, _, err := openDir(o.root, node, o.at(node, ""))
	if err != nil || root == nil {
		return p, false, nil // not ours to open
	}
	defer root.Close()
	site, err := p.readOld(o, root)
	if err != nil || !sites[site] {
		return p, false, nil
	}
	if err := p.findStale(o, root, artifact.Set{}); err != nil {
		return p, false, err
	}
	p.prune = append(p.prune, ".")
	return p, true, nil
}
