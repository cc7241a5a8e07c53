package rehearse

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/recording"
)

// Options says how to rehearse.
type Options struct {
	Lab  lab.Options
	Boot *Booting // how the nodes boot; nil: they have no systemd of their own
	Jobs int      // drills at the same time
	// Keep is given all that was recorded of a drill, and returns the file that
	// has it. nil: nothing is kept.
	Keep func(drill string, events []recording.Event) (string, error)
	// Progress is told when a drill has ended, and of how many.
	Progress func(done, of int, last judge.Outcome)
}

// Run runs the drills, each in a lab of its own, several at the same time:
// they wait far more than they work. A drill that was inconclusive is run
// once more, alone. The files are those of the sets, one for each node of the
// site. It returns an error where no lab is to be had, or ctx has ended.
func Run(ctx context.Context, site *Subject, sets []artifact.Set, drills []Drill, o Options) (judge.Result, error) {
	begin := time.Now()
	s := newStage(site, sets, o.Boot)
	r := judge.Result{Site: site.Name, Topology: s.topology(), Drills: make([]judge.Outcome, len(drills)),
		Stubs: slices.Concat(s.notes, s.bad)}
	run := runner{stage: s, drills: drills, options: o, result: &r}
	var every, unsure []int
	for i := range drills {
		every = append(every, i)
	}
	err := run.all(ctx, every, max(o.Jobs, 1))
	for i, out := range r.Drills {
		if out.Verdict == judge.Inconclusive {
			unsure = append(unsure, i)
		}
	}
	if err == nil {
		err = run.all(ctx, unsure, 1)
	}
	slices.Sort(r.Stubs) // drills run in any order
	r.Took = time.Since(begin)
	return r, err
}

// runner runs drills and gathers what has come of them.
type runner struct {
	stage   *stage
	drills  []Drill
	options Options
	mu      sync.Mutex
	done    int
	result  *judge.Result
}

// all runs the drills of the numbers, so many at the same time.
func (r *runner) all(ctx context.Context, numbers []int, jobs int) error {
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(jobs)
	for _, i := range numbers {
		all.Go(func() error {
			one, err := r.stage.run(ctx, r.drills[i], r.options)
			if err != nil {
				return err
			}
			if err := r.gather(i, one); err != nil {
				return err
			}
			return context.Cause(ctx)
		})
	}
	return all.Wait()
}

// gather takes what a drill has left.
func (r *runner) gather(i int, one result) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if keep := r.options.Keep; keep != nil && one.events != nil {
		file, err := keep(r.drills[i].Name, one.events)
		if err != nil {
			return err
		}
		one.outcome.Recorded = file
	}
	r.result.Drills[i] = one.outcome
	if r.result.Daemons == nil {
		r.result.Daemons = one.daemons
	}
	for _, n := range one.notes {
		if !slices.Contains(r.result.Stubs, n) {
			r.result.Stubs = append(r.result.Stubs, n)
		}
	}
	r.done++
	r.options.Progress(min(r.done, len(r.drills)), len(r.drills), one.outcome)
	return nil
}
