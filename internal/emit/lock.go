package emit

import (
	"context"
	"fmt"
	"time"
)

const (
	defaultWait = 3 * time.Second
	pollLock    = 20 * time.Millisecond
)

// acquire waits for the lock of the directory (tryLock), which ends with the
// process, however that ends.
func (o *output) acquire(ctx context.Context) error {
	wait := o.opts.Wait
	if wait == 0 {
		wait = defaultWait
	}
	waited, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for {
		if busy, err := o.tryLock(); err != nil || !busy {
			return err
		}
		if err := o.pause(ctx, waited); err != nil {
			return err
		}
	}
}

func (o *output) pause(ctx, waited context.Context) error {
	select {
	case <-time.After(pollLock):
		return nil
	case <-waited.Done():
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("nothing was written: %w", err)
	}
	return &Error{Path: o.dir, Problem: "another lbgen is writing here", Remedy: "run it again when that one is done"}
}
