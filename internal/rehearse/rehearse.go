package rehearse

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/model"
)

// Options says how to rehearse.
type Options struct {
	Lab  lab.Options
	Jobs int // drills at the same time
	// Progress is told when a drill has ended, and of how many.
	Progress func(done, of int, last Outcome)
}

// Run plays the drills, each in a lab of its own, several at the same time:
// they wait far more than they work. The files are those of the sets, one for
// each node of the site.
func Run(ctx context.Context, site *model.Site, sets []artifact.Set, drills []Drill, o Options) (Result, error) {
	begin := time.Now()
	s := newStage(site, sets)
	r := Result{Site: site.Site, Drills: make([]Outcome, len(drills)), StandIns: slices.Concat(s.notes, s.bad)}
	var mu sync.Mutex
	done := 0
	var wg sync.WaitGroup
	turn := make(chan struct{}, max(o.Jobs, 1))
	for i, d := range drills {
		turn <- struct{}{}
		wg.Go(func() {
			defer func() { <-turn }()
			out, notes := s.play(ctx, d, o.Lab)
			mu.Lock()
			defer mu.Unlock()
			r.Drills[i] = out
			for _, n := range notes {
				if !slices.Contains(r.StandIns, n) {
					r.StandIns = append(r.StandIns, n)
				}
			}
			done++
			o.Progress(done, len(drills), out)
		})
	}
	wg.Wait()
	r.Took = time.Since(begin)
	return r, context.Cause(ctx)
}
