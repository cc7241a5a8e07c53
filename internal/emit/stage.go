package emit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/lbgen/lbgen/internal/artifact"
)

const (
	stageMode fs.FileMode = 0o700                // what is staged may be secret
	keepName              = stageName + "/.kept" // what is replaced and removed, until all is done
	writeOnly             = os.O_WRONLY | os.O_CREATE | os.O_EXCL
)

// stage writes all that the plans want written under stageName, where nobody
// looks: what does not fit on the disk or cannot be written fails here.
func (o *output) stage(ctx context.Context, plans []plan) error {
	if !slices.ContainsFunc(plans, plan.dirty) {
		return nil
	}
	if err := o.layStage(); err != nil {
		return &Error{Path: o.dir, Problem: "cannot write here", Err: err, Remedy: "check its owner and mode, and whether its disk is " +
			"mounted read-only or full"}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, p := range plans {
		g.Go(func() error { return o.stageNode(ctx, p) })
	}
	return g.Wait()
}

// layStage makes the stage, for the first plan that wants something.
func (o *output) layStage() error {
	o.laying.Do(func() {
		o.laid = true
		for _, d := range []string{stageName, keepName} {
			if o.unlaid = mkdir(o.root, d, stageMode); o.unlaid != nil {
				return
			}
		}
	})
	return o.unlaid
}

func (o *output) stageNode(ctx context.Context, p plan) error {
	if !p.dirty() {
		return nil
	}
	top, err := makeDir(o.root, path.Join(stageName, p.node))
	if err != nil {
		return o.stageError(p.node, err)
	}
	defer top.Close()
	d := dirs{top: top, open: func(parent *os.Root, name, _ string) (*os.Root, error) { return makeDir(parent, name) }}
	defer func() { d.leave(0) }()
	for _, f := range p.staged() {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("nothing was written: %w", context.Cause(ctx))
		}
		if err := stageFile(&d, f); err != nil {
			return o.stageError(path.Join(p.node, f.Path), err)
		}
	}
	return nil
}

// staged returns the files that the plan needs on the stage.
func (p plan) staged() []artifact.File {
	if p.fresh {
		return p.write
	}
	var list []byte // what may stand there while files change: the old and the new
	list = append(list, p.old...)
	if p.replaces() {
		list = append(list, p.write[len(p.write)-1].Data...)
	}
	return append(p.write[:len(p.write):len(p.write)], artifact.File{Path: artifact.UnfinishedName, Mode: manifestMode, Data: list})
}

// makeDir makes and opens a directory of a node's tree.
func makeDir(parent *os.Root, name string) (*os.Root, error) {
	if err := mkdir(parent, name, dirMode); err != nil {
		return nil, err
	}
	return parent.OpenRoot(name)
}

// mkdir makes a directory and gives it the mode whatever the umask. A setgid
// bit that it inherits stays.
func mkdir(parent *os.Root, name string, mode fs.FileMode) error {
	if err := parent.Mkdir(name, mode); err != nil {
		return err
	}
	info, err := parent.Lstat(name)
	if err == nil && artifact.OnDisk(info, mode).Perm() != mode {
		err = parent.Chmod(name, mode|info.Mode()&fs.ModeSetgid)
	}
	if err != nil {
		return errors.Join(err, parent.Remove(name))
	}
	return nil
}

// stageFile writes one file. Nobody else can read it before it has its mode,
// and it has its mode whatever the umask.
func stageFile(d *dirs, f artifact.File) error {
	dir, err := d.enter(path.Dir(f.Path))
	if err != nil {
		return err
	}
	w, err := dir.OpenFile(path.Base(f.Path), writeOnly, 0o600)
	if err != nil {
		return err
	}
	defer w.Close()
	if _, err := w.Write(f.Data); err != nil {
		return err
	}
	if err := w.Chmod(f.Mode.Perm()); err != nil {
		return err
	}
	return w.Close() // some file systems say only now that the disk is full
}

func (o *output) stageError(p string, err error) error {
	return &Error{Path: o.at(p, ""), Problem: "cannot write it", Err: err,
		Remedy: "nothing was changed; check the space on the disk and the directory's mode"}
}
