//go:build unix

package emit

import (
	"errors"
	"syscall"
)

// tryLock locks the directory itself, so that the lock leaves nothing behind. It
// says whether another process has it.
func (o *output) tryLock() (busy bool, err error) {
	if o.lock == nil {
		f, err := o.root.Open(".")
		if err != nil {
			return false, &Error{Path: o.dir, Problem: "cannot open the directory", Err: err}
		}
		o.lock = f
	}
	err = syscall.Flock(int(o.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case err == nil || unlockable(err):
		return false, nil
	case errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR):
		return true, nil
	default:
		return false, &Error{Path: o.dir, Problem: "cannot lock the directory", Err: err}
	}
}

// unlockable says whether the file system has no locks for directories, as
// NFS, which wants them open for writing. One writer at a time is then up to
// whoever calls.
func unlockable(err error) bool {
	return errors.Is(err, syscall.EBADF) || errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.ENOSYS)
}
