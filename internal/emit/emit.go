// Package emit writes what lbgen made for each node into a directory: all of
// it or nothing, and each file whole or not at all.
//
// A node's files stand in DIR/<node>/<path>, listed by DIR/<node>/MANIFEST.
// Everything is first staged in DIR/.lbgen-stage. A node that is not there yet
// is then moved into its place as a whole. In a node that is there, the
// MANIFEST makes way for the marker .lbgen-unfinished before the first file
// changes, and comes back after the last one has: a tree without MANIFEST is
// not to be shipped, and the next write mends it.
//
// Nothing is synced to the disk: the directory can be made again at any time.
package emit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
)

// stageName is the directory in which everything is made ready. Only one
// writer at a time holds the lock on DIR, so one name is enough, and what is
// found under it was left by a writer that was killed.
const stageName = ".lbgen-stage"

const (
	dirMode      fs.FileMode = 0o755
	manifestMode fs.FileMode = 0o644
)

// Options say how to write.
type Options struct {
	// AllNodes says that the sets are all the nodes of their sites: a node of
	// one of these sites that is found in the directory beside them is stale,
	// and what lbgen wrote for it is removed.
	AllNodes bool
	// Wait is how long to wait for another writer in the same directory to be
	// done; 0 is three seconds.
	Wait time.Duration

	// step is called before each step of the commit, with its name. Tests make
	// it fail, or kill the process there.
	step func(name string) error
}

// Report says what a write did. The paths are relative to the directory,
// begin with the node's name and are sorted.
type Report struct {
	Written   []string `json:"written"`   // made or replaced, MANIFESTs included
	Mended    []string `json:"mended"`    // files and directories that had a wrong mode only
	Removed   []string `json:"removed"`   // written by lbgen once and no longer made
	Unchanged int      `json:"unchanged"` // number of files left as they were
}

// Error is a refusal, or a failure in one place.
type Error struct {
	Path    string // what it is about, beginning with the directory as the caller named it
	Problem string
	Remedy  string // what to do; may be empty
	Err     error  // the cause; nil for a refusal
}

// Error returns place, problem, cause and remedy in one line.
func (e *Error) Error() string {
	s := e.Path + ": " + e.Problem
	if e.Err != nil {
		s += ": " + cause(e.Err).Error()
	}
	if e.Remedy != "" {
		s += " (" + e.Remedy + ")"
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// cause strips the operation and the path from an error of package os: they
// name system calls and staged files, which the reader did not ask for.
func cause(err error) error {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		return p.Err
	case errors.As(err, &l):
		return l.Err
	default:
		return err
	}
}

func acceptableSet(s artifact.Set) error {
	if !fs.ValidPath(s.Node) || strings.ContainsAny(s.Node, `/\`) || strings.HasPrefix(s.Node, ".") {
		return &Error{Path: fmt.Sprintf("%q", s.Node), Problem: "not a name for a directory", Remedy: "rename the node"}
	}
	if missing := s.UnknownSecrets(); len(missing) > 0 {
		return &Error{Path: s.Node, Problem: "secrets are missing: " + strings.Join(missing, ", "),
			Remedy: "set their variables or make their files; without them lbgen can check and compare, not write"}
	}
	for _, f := range s.Files {
		if !fs.ValidPath(f.Path) || reserved(f.Path) {
			return &Error{Path: s.Node, Problem: fmt.Sprintf("%q is not a path for a file of the node", f.Path)}
		}
	}
	return nil
}

// reserved says whether the path, relative to a node's directory, is one that
// emit itself needs.
func reserved(p string) bool {
	return p == "." || p == artifact.ManifestName || p == artifact.UnfinishedName
}

func reportOf(plans []plan) Report {
	var r Report
	for _, p := range plans {
		for _, f := range p.write {
			r.Written = append(r.Written, path.Join(p.node, f.Path))
		}
		for _, c := range p.chmod {
			r.Mended = append(r.Mended, path.Join(p.node, c.path))
		}
		for _, f := range p.remove {
			r.Removed = append(r.Removed, path.Join(p.node, f))
		}
		if p.stale && p.hasManifest {
			r.Removed = append(r.Removed, path.Join(p.node, artifact.ManifestName))
		}
		r.Unchanged += p.unchanged
	}
	slices.Sort(r.Written)
	slices.Sort(r.Mended)
	slices.Sort(r.Removed)
	return r
}

// output is the directory that is written to, locked.
type output struct {
	dir  string // as the caller named it, for messages
	root *os.Root
	lock *os.File
	made []string // directories that were made for dir to exist, the outermost first

	laying sync.Once
	laid   bool  // there is a stage, or a part of it
	unlaid error // why it could not be made
	opts   Options
}

// open makes the directory where it is missing, locks it, and clears away what
// a killed writer left.
func open(ctx context.Context, dir string, opts Options) (*output, error) {
	o := &output{dir: dir, opts: opts}
	err := o.enter(ctx)
	if err != nil {
		o.close()
		o.unmake()
		return nil, err
	}
	return o, nil
}

func (o *output) enter(ctx context.Context) error {
	if err := o.make(); err != nil {
		return &Error{Path: o.dir, Problem: "cannot make the directory", Err: err, Remedy: "choose another one, or make it yourself"}
	}
	root, err := os.OpenRoot(o.dir)
	if err != nil {
		return &Error{Path: o.dir, Problem: "cannot open the directory", Err: err, Remedy: "choose another one"}
	}
	o.root = root
	if err := o.acquire(ctx); err != nil {
		return err
	}
	if err := o.sweep(); err != nil {
		return &Error{Path: filepath.Join(o.dir, stageName), Problem: "cannot remove what an earlier run left", Err: err,
			Remedy: "remove it yourself"}
	}
	return nil
}

// make makes dir and what is missing above it.
func (o *output) make() error {
	var missing []string
	for d := filepath.Clean(o.dir); ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); !errors.Is(err, fs.ErrNotExist) || d == filepath.Dir(d) {
			break
		}
		missing = append(missing, d)
	}
	for _, d := range slices.Backward(missing) {
		if err := os.Mkdir(d, dirMode); errors.Is(err, fs.ErrExist) {
			continue // another writer was quicker
		} else if err != nil {
			return err
		}
		o.made = append(o.made, d)
		if err := os.Chmod(d, dirMode); err != nil { // whatever the umask
			return err
		}
	}
	return nil
}

// unmake removes the directories that make made, as far as they are empty.
func (o *output) unmake() {
	for _, d := range slices.Backward(o.made) {
		if os.Remove(d) != nil {
			return
		}
	}
}

func (o *output) close() {
	if o.lock != nil {
		o.lock.Close() // releases the lock
	}
	if o.root != nil {
		o.root.Close()
	}
}

// sweep removes the stage.
func (o *output) sweep() error {
	if _, err := o.root.Lstat(stageName); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return o.root.RemoveAll(stageName)
}

// at returns the place of a path inside a node's directory, for messages.
func (o *output) at(node, p string) string {
	return filepath.Join(o.dir, node, filepath.FromSlash(p))
}
