package emit

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// lockName is the file that one writer at a time has open. Windows removes it when
// that process ends.
const lockName = ".lbgen-lock"

// tryLock opens a file that nobody else can open meanwhile: Windows has no locks for
// directories. It says whether another process has it.
func (o *output) tryLock() (busy bool, err error) {
	name := filepath.Join(o.root.Name(), lockName)
	text, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return false, &Error{Path: o.dir, Problem: "cannot lock the directory", Err: err}
	}
	const nobodyElse = 0
	h, err := windows.CreateFile(text, windows.GENERIC_WRITE|windows.DELETE, nobodyElse, nil, windows.OPEN_ALWAYS,
		windows.FILE_ATTRIBUTE_NORMAL|windows.FILE_FLAG_DELETE_ON_CLOSE, 0)
	switch {
	case err == nil:
		o.lock = os.NewFile(uintptr(h), name)
		return false, nil
	case errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_DELETE_PENDING):
		return true, nil
	default:
		return false, &Error{Path: o.dir, Problem: "cannot lock the directory", Err: err}
	}
}
