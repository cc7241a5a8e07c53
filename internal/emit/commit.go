package emit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"

	"github.com/lbgen/lbgen/internal/artifact"
)

// commit brings what is staged into its place. All nodes that change are
// marked before the first changes, and are unmarked after the last has, so
// that nodes of two minds are never without a mark. If a step fails, those
// before it are taken back.
func (o *output) commit(ctx context.Context, plans []plan) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("nothing was written: %w", err)
	}
	t := transaction{root: o.root, step: o.opts.step}
	err := t.run(plans)
	if err == nil {
		return nil
	}
	if undone := t.rollback(); undone != nil {
		return errors.Join(o.commitError(t.at, err, "and not all could be put back: render again"), undone)
	}
	return o.commitError(t.at, err, "everything was put back as it was")
}

func (o *output) commitError(p string, err error, remedy string) error {
	return &Error{Path: o.at(p, ""), Problem: "cannot put it in place", Err: err, Remedy: remedy}
}

func (t *transaction) run(plans []plan) error {
	for _, phase := range []func(plan) error{t.mark, t.change, t.finish} {
		for _, p := range plans {
			if !p.dirty() {
				continue
			}
			if err := phase(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// transaction carries out steps and remembers how to take them back. All paths
// are relative to the output directory.
type transaction struct {
	root *os.Root
	step func(name string) error
	at   string // where the last step was made
	kept int    // number of names used up in keepName
	undo []func() error
}

// mark says that the node is being changed: it puts the marker beside the
// MANIFEST and takes that away.
func (t *transaction) mark(p plan) error {
	if p.fresh {
		return nil
	}
	if err := t.place(p.node, artifact.UnfinishedName); err != nil {
		return err
	}
	if p.hasManifest {
		return t.move(path.Join(p.node, artifact.ManifestName), heldBack(p))
	}
	return nil
}

// heldBack is where a MANIFEST that stays as it is waits for the end.
func heldBack(p plan) string { return path.Join(stageName, p.node, ".held-"+artifact.ManifestName) }

// change makes the node's files what they are to be.
func (t *transaction) change(p plan) error {
	if p.fresh {
		return t.move(path.Join(stageName, p.node), p.node)
	}
	for _, c := range p.chmod {
		if err := t.chmod(path.Join(p.node, c.path), c); err != nil {
			return err
		}
	}
	for _, f := range p.remove {
		if err := t.remove(path.Join(p.node, f)); err != nil {
			return err
		}
	}
	for _, d := range p.mkdir {
		if err := t.mkdir(path.Join(p.node, d)); err != nil {
			return err
		}
	}
	for _, f := range p.write {
		if f.Path == artifact.ManifestName {
			continue
		}
		if err := t.place(p.node, f.Path); err != nil {
			return err
		}
	}
	for _, d := range p.prune {
		if err := t.rmdir(path.Join(p.node, d)); err != nil {
			return err
		}
	}
	return nil
}

// finish puts the MANIFEST in its place and takes the marker away.
func (t *transaction) finish(p plan) error {
	if p.fresh {
		return nil
	}
	if err := t.finishManifest(p); err != nil {
		return err
	}
	if err := t.remove(path.Join(p.node, artifact.UnfinishedName)); err != nil {
		return err
	}
	if p.stale {
		return t.rmdir(p.node)
	}
	return nil
}

func (t *transaction) finishManifest(p plan) error {
	switch {
	case p.stale:
		return nil
	case p.replaces():
		return t.place(p.node, artifact.ManifestName)
	default:
		return t.move(heldBack(p), path.Join(p.node, artifact.ManifestName))
	}
}

// begin says that a step is about to be made.
func (t *transaction) begin(what, at string) error {
	t.at = at
	if t.step == nil {
		return nil
	}
	return t.step(what + " " + at)
}

// place moves a staged file to where it belongs, over the one that is there.
func (t *transaction) place(node, p string) error {
	to := path.Join(node, p)
	if err := t.begin("place", to); err != nil {
		return err
	}
	old := t.keep()
	if err := t.second(to, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	} else if err != nil {
		return t.rename(path.Join(stageName, to), to)
	}
	if err := t.root.Rename(path.Join(stageName, to), to); err != nil {
		return err
	}
	t.undo = append(t.undo, func() error { return t.root.Rename(old, to) })
	return nil
}

// keep returns a new name to keep something under.
func (t *transaction) keep() string {
	t.kept++
	return path.Join(keepName, strconv.Itoa(t.kept))
}

// second gives the file a second name, under which it outlives its being
// replaced: inode and times included. Where the file system or the file's
// owner does not allow that, the second name is a copy.
func (t *transaction) second(file, name string) error {
	err := t.root.Link(file, name)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return t.copy(file, name)
}

func (t *transaction) copy(file, name string) error {
	info, err := t.root.Lstat(file)
	if err != nil {
		return err
	}
	data, err := t.root.ReadFile(file)
	if err != nil {
		return err
	}
	if err := t.root.WriteFile(name, data, 0o600); err != nil {
		return err
	}
	if err := t.root.Chmod(name, info.Mode()); err != nil {
		return err
	}
	return t.root.Chtimes(name, info.ModTime(), info.ModTime())
}

// move moves something to where nothing is.
func (t *transaction) move(from, to string) error {
	if err := t.begin("move", to); err != nil {
		return err
	}
	return t.rename(from, to)
}

// remove moves a file out of the way.
func (t *transaction) remove(file string) error {
	if err := t.begin("remove", file); err != nil {
		return err
	}
	return t.rename(file, t.keep())
}

func (t *transaction) rename(from, to string) error {
	if err := t.root.Rename(from, to); err != nil {
		return err
	}
	t.undo = append(t.undo, func() error { return t.root.Rename(to, from) })
	return nil
}

func (t *transaction) chmod(file string, c mode) error {
	if err := t.begin("chmod", file); err != nil {
		return err
	}
	if err := t.root.Chmod(file, c.to); err != nil {
		return err
	}
	t.undo = append(t.undo, func() error { return t.root.Chmod(file, c.from) })
	return nil
}

func (t *transaction) mkdir(dir string) error {
	if err := t.begin("mkdir", dir); err != nil {
		return err
	}
	if err := mkdir(t.root, dir, dirMode); err != nil {
		return err
	}
	t.undo = append(t.undo, func() error { return t.root.Remove(dir) })
	return nil
}

// rmdir removes the directory if nothing is in it.
func (t *transaction) rmdir(dir string) error {
	if err := t.begin("rmdir", dir); err != nil {
		return err
	}
	info, err := t.root.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	err = t.root.Remove(dir)
	if errors.Is(err, fs.ErrExist) { // something is in it
		return nil
	} else if err != nil {
		return err
	}
	t.undo = append(t.undo, func() error {
		return errors.Join(t.root.Mkdir(dir, dirMode), t.root.Chmod(dir, info.Mode()))
	})
	return nil
}

// rollback takes all steps back, the last first. It returns an error for those
// that could not be: the node then keeps its marker.
func (t *transaction) rollback() error {
	var errs []error
	for _, undo := range slices.Backward(t.undo) {
		errs = append(errs, undo())
	}
	return errors.Join(errs...)
}
