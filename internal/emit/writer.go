package emit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/lbgen/lbgen/internal/artifact"
)

// Write makes dir hold the sets, one directory for each node. What is right
// already is not touched, what lbgen wrote once and no longer makes is removed,
// and what it did not write is left alone. On an error dir is as it was before.
//
// A cancelled ctx stops it before anything has changed, or not at all.
func Write(ctx context.Context, dir string, sets []artifact.Set, opts Options) (Report, error) {
	w := NewWriter(dir, opts)
	defer w.Close()
	w.Stage(ctx, 0, sets)
	return w.Commit(ctx)
}

// Writer is Write for sets that are made one after the other. It keeps their
// bytes on the stage and not in memory, and changes nothing before Commit.
type Writer struct {
	dir  string
	opts Options

	mu      sync.Mutex
	out     *output           // nil before the first set
	sites   map[string]string // the site of each node
	plans   []numbered[[]plan]
	unfit   []numbered[error] // sets that must not be written, wherever they are to go
	opening error             // why the directory cannot be written to
	blocked []numbered[error] // what is in the way there
	staging error             // what could not be staged
	done    bool
}

// numbered is something about the sets that Stage was given with a number.
type numbered[T any] struct {
	number int
	it     T
}

// NewWriter returns a Writer for the directory, which need not exist. It is to
// be closed.
func NewWriter(dir string, opts Options) *Writer {
	return &Writer{dir: dir, opts: opts, sites: map[string]string{}}
}

// Stage makes sets ready and keeps none of their bytes. It may be called for
// several at a time; the numbers say in which order Commit takes them, and
// tells what is wrong.
func (w *Writer) Stage(ctx context.Context, number int, sets []artifact.Set) {
	out := w.enter(ctx, number, sets)
	if out == nil {
		return
	}
	plans, err := out.plans(ctx, sets)
	if w.keep(number, plans, err) {
		w.stage(ctx, plans)
	}
	for i := range plans {
		plans[i].forget()
	}
}

// enter returns the directory, opened for the first sets that come; nil where
// nothing will be written any more.
func (w *Writer) enter(ctx context.Context, number int, sets []artifact.Set) *output {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.acceptable(sets); err != nil {
		w.unfit = append(w.unfit, numbered[error]{number, err})
	}
	if len(w.unfit) > 0 || w.opening != nil {
		return nil
	}
	if w.out == nil {
		w.out, w.opening = open(ctx, w.dir, w.opts)
	}
	return w.out
}

// acceptable refuses sets that must not be written wherever they are to go.
func (w *Writer) acceptable(sets []artifact.Set) error {
	var errs []error
	for _, s := range sets {
		if other, twice := w.sites[s.Node]; twice {
			errs = append(errs, &Error{Path: s.Node, Problem: fmt.Sprintf("site %s and site %s both have a node of this name", other, s.Site),
				Remedy: "render them into different directories"})
		}
		w.sites[s.Node] = s.Site
		errs = append(errs, acceptableSet(s))
	}
	return errors.Join(errs...)
}

// keep notes what is to be done for some sets, and says whether it is worth
// being staged.
func (w *Writer) keep(number int, plans []plan, err error) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.plans = append(w.plans, numbered[[]plan]{number, plans})
	if err != nil {
		w.blocked = append(w.blocked, numbered[error]{number, err})
	}
	return len(w.unfit)+len(w.blocked) == 0 && w.staging == nil
}

func (w *Writer) stage(ctx context.Context, plans []plan) {
	err := w.out.stage(ctx, plans)
	if err == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.staging == nil {
		w.staging = err
	}
}

// Commit brings what is staged into its place. If anything was wrong with any
// of the sets, it changes nothing and returns that.
func (w *Writer) Commit(ctx context.Context) (Report, error) {
	if err := errors.Join(inOrder(w.unfit)...); err != nil {
		return Report{}, err
	}
	if w.opening != nil || w.out == nil {
		return Report{}, w.opening
	}
	if err := ctx.Err(); err != nil {
		return Report{}, fmt.Errorf("nothing was written: %w", err)
	}
	stale, err := w.out.staleNodes(w.sites)
	if err := errors.Join(append(inOrder(w.blocked), err)...); err != nil {
		return Report{}, err
	}
	if w.staging == nil {
		w.stage(ctx, stale)
	}
	if w.staging != nil {
		return Report{}, w.staging
	}
	plans := append(slices.Concat(inOrder(w.plans)...), stale...)
	if slices.ContainsFunc(plans, plan.dirty) {
		if err := w.out.commit(ctx, plans); err != nil {
			return Report{}, err
		}
	}
	w.done = true
	return reportOf(plans), nil
}

// Close clears the stage away and lets other writers in. Without a Commit that
// went well the directory is as it was before.
func (w *Writer) Close() {
	if w.out == nil {
		return
	}
	if w.out.laid {
		_ = w.out.sweep() // what cannot be swept now is swept by the next write
	}
	if !w.done {
		w.out.unmake()
	}
	w.out.close()
}

func inOrder[T any](all []numbered[T]) []T {
	slices.SortStableFunc(all, func(a, b numbered[T]) int { return cmp.Compare(a.number, b.number) })
	its := make([]T, len(all))
	for i, n := range all {
		its[i] = n.it
	}
	return its
}
