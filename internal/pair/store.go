package pair

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// Limits of what is read: far above what nodes have.
const (
	maxFile  = 16 << 20 // bytes of one file: 100,000 servers are 8 MiB
	maxHops  = 40       // links that lead to one file, as in Linux
	maxTar   = 1 << 30  // bytes of a tar file, once it is unpacked
	maxKept  = 64 << 20 // bytes of its files that are kept
	maxNames = 100_000  // files of one tar file
)

// store is where a tree's files are. Names are relative to its root, with slashes.
type store interface {
	// lstat says what a name is, and where a link leads.
	lstat(name string) (entry, error)
	read(name string) ([]byte, error)
	// list returns the names in a folder, sorted.
	list(name string) []string
}

// entry is what is known of a name.
type entry struct {
	mode fs.FileMode
	link string
	size int64
}

// tree is one node's files.
type tree struct {
	store
	name  string
	place string              // as the command line has it
	show  func(string) string // the name of a file as findings have it
	loose bool                // haproxy.cfg and keepalived.conf stand in the root itself
	info  fs.FileInfo         // of a directory
}

func (t *tree) same(o *tree) bool {
	return t.info != nil && o.info != nil && os.SameFile(t.info, o.info)
}

// resolve follows the links of a name, as if the root of the tree were that of
// the machine.
func (t *tree) resolve(name string) (string, entry, error) {
	parts := strings.Split(path.Clean("/" + name)[1:], "/")
	at, hops := "", 0
	var e entry
	for len(parts) > 0 {
		part := parts[0]
		parts = parts[1:]
		if part == "" || part == "." {
			continue
		}
		if part == ".." {
			at = strings.TrimPrefix(path.Dir("/"+at), "/")
			continue
		}
		next := path.Join(at, part)
		var err error
		if e, err = t.lstat(next); err != nil {
			return next, e, err
		}
		if e.mode&fs.ModeSymlink == 0 {
			at = next
			continue
		}
		if hops++; hops > maxHops {
			return next, e, errors.New("links lead to each other without end")
		}
		if path.IsAbs(e.link) {
			at = ""
		}
		parts = append(strings.Split(e.link, "/"), parts...)
	}
	return at, e, nil
}

// file returns the bytes of a regular file.
func (t *tree) file(name string) ([]byte, error) {
	at, e, err := t.resolve(name)
	switch {
	case err != nil:
		return nil, err
	case !e.mode.IsRegular():
		return nil, errors.New("it is " + kind(e.mode))
	case e.size > maxFile:
		return nil, fmt.Errorf("it has %d MiB: more than %d MiB are not read", e.size>>20, maxFile>>20)
	}
	data, err := t.read(at)
	if err == nil && slices.Contains(data, 0) {
		return nil, errors.New("it is binary: there is a byte 0 in it")
	}
	return data, err
}

// kind says what is no regular file.
func kind(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a folder"
	case m&fs.ModeDevice != 0:
		return "a device"
	case m&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	default:
		return "no regular file"
	}
}

// there says whether the tree has the name, whatever it is.
func (t *tree) there(name string) bool {
	_, _, err := t.resolve(name)
	return err == nil || !errors.Is(err, fs.ErrNotExist)
}

// folder returns the names in a folder, links followed; none where it is no folder.
func (t *tree) folder(name string) []string {
	at, e, err := t.resolve(name)
	if err != nil || at != "" && !e.mode.IsDir() {
		return nil
	}
	return t.list(at)
}

// glob returns the files that a pattern of an include names, sorted.
func (t *tree) glob(pattern string) []string {
	found := []string{""}
	for part := range strings.SplitSeq(strings.TrimPrefix(path.Clean("/"+pattern), "/"), "/") {
		var next []string
		for _, dir := range found {
			if !strings.ContainsAny(part, `*?[\`) {
				if name := path.Join(dir, part); t.there(name) {
					next = append(next, name)
				}
				continue
			}
			for _, name := range t.folder(dir) {
				if ok, err := path.Match(part, name); ok && err == nil && (name[0] != '.' || part[0] == '.') {
					next = append(next, path.Join(dir, name))
				}
			}
		}
		found = next
	}
	slices.Sort(found)
	return found
}

// folderStore is a directory of this machine. The system itself keeps every
// access beneath it.
type folderStore struct{ root *os.Root }

func (s folderStore) lstat(name string) (entry, error) {
	info, err := s.root.Lstat(name)
	if err != nil {
		return entry{}, err
	}
	e := entry{mode: info.Mode(), size: info.Size()}
	if info.Mode()&fs.ModeSymlink != 0 {
		e.link, err = s.root.Readlink(name)
	}
	return e, err
}

func (s folderStore) read(name string) ([]byte, error) {
	f, err := s.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile))
}

func (s folderStore) list(name string) []string {
	f, err := s.root.Open(path.Clean("./" + name))
	if err != nil {
		return nil
	}
	defer f.Close()
	entries, _ := f.ReadDir(maxNames)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	slices.Sort(names)
	return names
}

// looseStore is files that were named one by one.
type looseStore map[string]string // their name in the tree to that on this machine

func (s looseStore) lstat(name string) (entry, error) {
	file, ok := s[name]
	if !ok {
		return entry{}, fs.ErrNotExist
	}
	info, err := os.Stat(file)
	if err != nil {
		return entry{}, err
	}
	if !info.Mode().IsRegular() {
		return entry{}, errors.New("it is " + kind(info.Mode()))
	}
	return entry{mode: info.Mode(), size: info.Size()}, nil
}

func (s looseStore) read(name string) ([]byte, error) {
	f, err := os.Open(s[name])
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile))
}

func (s looseStore) list(string) []string { return nil }
