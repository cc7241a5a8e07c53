package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// overwrite puts text in place of a file's in one step, and keeps its mode. A
// link is followed: the file that it leads to is the one that is written.
func overwrite(name, text string) error {
	name, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	return replaceFile(name, []byte(text), info.Mode().Perm())
}

// writePublic writes a file to show around, which holds no secret. What is no file,
// such as /dev/stdout, is written to; a file is whole or as it was before.
func writePublic(name string, data []byte) error {
	const mode = 0o644
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return replaceFile(name, data, mode)
	case err != nil:
		return err
	case info.Mode().IsRegular():
		return overwrite(name, string(data))
	default:
		return os.WriteFile(name, data, mode)
	}
}

// isSame says whether two names are of one file, through links, too.
func isSame(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return filepath.Clean(a) == filepath.Clean(b)
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// replaceFile writes a file in one step: nobody ever sees a half of it.
func replaceFile(name string, data []byte, mode fs.FileMode) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(name), ".lbgen-*")
	if e := new(fs.PathError); errors.As(err, &e) {
		return &fs.PathError{Op: "write", Path: name, Err: e.Err} // the name that somebody knows
	}
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	_, err = tmp.Write(data)
	if err == nil {
		err = tmp.Chmod(mode)
	}
	if err == nil {
		err = tmp.Sync()
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	return err
}
