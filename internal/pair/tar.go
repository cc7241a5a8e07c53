package pair

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// tarStore is a tar file, read once. Nothing of it is unpacked to a disk.
type tarStore struct {
	entries map[string]entry
	data    map[string][]byte
	folders map[string][]string
}

// IsTar says whether a file's name is that of a tar file.
func IsTar(name string) bool {
	return slices.ContainsFunc([]string{".tar", ".tar.gz", ".tgz"}, func(end string) bool { return strings.HasSuffix(name, end) })
}

func openTar(name string) (*tarStore, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	buffered := bufio.NewReader(f)
	var in io.Reader = buffered
	if magic, _ := buffered.Peek(2); string(magic) == "\x1f\x8b" {
		if in, err = gzip.NewReader(buffered); err != nil {
			return nil, err
		}
	}
	limited := &io.LimitedReader{R: in, N: maxTar}
	s := &tarStore{map[string]entry{}, map[string][]byte{}, map[string][]string{}}
	err = s.fill(tar.NewReader(limited))
	if limited.N <= 0 {
		return nil, fmt.Errorf("it has more than %d MiB: collect haproxy's and keepalived's folders alone", maxTar>>20)
	}
	return s, err
}

// fill reads all entries. Of devices it keeps that they are there, and what lies
// outside of the tree is refused.
func (s *tarStore) fill(in *tar.Reader) error {
	kept := 0
	for {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("it is no tar file, or cut off: %w", err)
		}
		if slices.Contains(strings.Split(h.Name, "/"), "..") {
			return fmt.Errorf("its entry %q leads out of the tree", h.Name)
		}
		name := strings.TrimPrefix(path.Clean("/"+h.Name), "/")
		if len(s.entries) >= maxNames {
			return fmt.Errorf("it has more than %d files: collect haproxy's and keepalived's folders alone", maxNames)
		}
		e := entry{mode: h.FileInfo().Mode(), size: h.Size, link: h.Linkname}
		if h.Typeflag == tar.TypeLink { // a second name of a file that is in the tree
			e = entry{mode: fs.ModeSymlink, link: "/" + h.Linkname}
		}
		s.put(name, e)
		if !e.mode.IsRegular() || e.size > maxFile {
			continue
		}
		if kept += int(h.Size); kept > maxKept {
			return fmt.Errorf("its files have more than %d MiB: collect haproxy's and keepalived's folders alone", maxKept>>20)
		}
		if s.data[name], err = io.ReadAll(in); err != nil {
			return fmt.Errorf("it is cut off in %s: %w", name, err)
		}
	}
}

// put adds a name, and the folders above it that have no entry of their own.
func (s *tarStore) put(name string, e entry) {
	if name == "" {
		return
	}
	dir := strings.TrimPrefix(path.Dir("/"+name), "/")
	if _, known := s.entries[name]; !known {
		s.folders[dir] = append(s.folders[dir], path.Base(name))
	}
	s.entries[name] = e
	if _, known := s.entries[dir]; !known && dir != "" {
		s.put(dir, entry{mode: fs.ModeDir})
	}
}

func (s *tarStore) lstat(name string) (entry, error) {
	e, ok := s.entries[name]
	if !ok {
		return entry{}, fs.ErrNotExist
	}
	return e, nil
}

func (s *tarStore) read(name string) ([]byte, error) { return s.data[name], nil }

func (s *tarStore) list(name string) []string {
	names := slices.Clone(s.folders[name])
	slices.Sort(names)
	return names
}

// subStore is a folder of another store, such as one node's in a tar file of all.
type subStore struct {
	store
	at string
}

func (s subStore) lstat(name string) (entry, error) { return s.store.lstat(path.Join(s.at, name)) }
func (s subStore) read(name string) ([]byte, error) { return s.store.read(path.Join(s.at, name)) }
func (s subStore) list(name string) []string        { return s.store.list(path.Join(s.at, name)) }
