package emit

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
)

const (
	defaultWait = 3 * time.Second
	pollLock    = 20 * time.Millisecond
)

// acquire locks the directory itself, so that the lock leaves nothing behind
// and ends with the process, however that ends.
func (o *output) acquire(ctx context.Context) error {
	f, err := o.root.Open(".")
	if err != nil {
		return &Error{Path: o.dir, Problem: "cannot open the directory", Err: err}
	}
	o.lock = f
	wait := o.opts.Wait
	if wait == 0 {
		wait = defaultWait
	}
	waited, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil || unlockable(err):
			return nil
		case !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR):
			return &Error{Path: o.dir, Problem: "cannot lock the directory", Err: err}
		}
		if err := o.pause(ctx, waited); err != nil {
			return err
		}
	}
}

// unlockable says whether the file system has no locks for directories, as
// NFS, which wants them open for writing. One writer at a time is then up to
// whoever calls.
func unlockable(err error) bool {
	return errors.Is(err, syscall.EBADF) || errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.ENOSYS)
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
