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
	"github.com/lbgen/lbgen/internal/model"
)

// Options says how to rehearse.
type Options struct {
	Lab  lab.Options
	Jobs int // drills at the same time
	// Progress is told when a drill has ended, and of how many.
	Progress func(done, of int, last judge.Outcome)
}

// Run plays the drills, each in a lab of its own, several at the same time:
// they wait far more than they work. The files are those of the sets, one for
// each node of the site. It returns an error where no lab is to be had, or ctx
// has ended.
func Run(ctx context.Context, site *model.Site, sets []artifact.Set, drills []Drill, o Options) (judge.Result, error) {
	begin := time.Now()
	s := newStage(site, sets)
	r := judge.Result{Site: site.Site, Topology: s.topology(), Drills: make([]judge.Outcome, len(drills)), StandIns: slices.Concat(s.notes, s.bad)}
	var mu sync.Mutex
	done := 0
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(max(o.Jobs, 1))
	for i, d := range drills {
		all.Go(func() error {
			one, err := s.play(ctx, d, o.Lab)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			r.Drills[i] = one.outcome
			for _, n := range one.notes {
				if !slices.Contains(r.StandIns, n) {
					r.StandIns = append(r.StandIns, n)
				}
			}
			done++
			o.Progress(done, len(drills), one.outcome)
			return context.Cause(ctx)
		})
	}
	err := all.Wait()
	slices.Sort(r.StandIns) // drills run in any order
	r.Took = time.Since(begin)
	return r, err
}
