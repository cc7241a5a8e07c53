package emit

import (
	"os"
	"path"
	"strings"
)

// dirs opens the directories of a tree, each inside the one above it, and
// keeps those of the last path open: sorted paths share most of theirs.
type dirs struct {
	top *os.Root
	// open returns the directory name inside parent, which is the path p
	// inside top, or nil where there is none; parent is nil where that is missing.
	open  func(parent *os.Root, name, p string) (*os.Root, error)
	names []string
	roots []*os.Root // roots[i] is names[i] inside roots[i-1]; nil: it does not exist
}

// enter returns the directory p, a slash-separated path inside top; nil where
// it does not exist. It stays open until a path outside it is entered.
func (d *dirs) enter(p string) (*os.Root, error) {
	var names []string
	if p != "." {
		names = strings.Split(p, "/")
	}
	d.leave(common(d.names, names))
	for i := len(d.names); i < len(names); i++ {
		root, err := d.open(d.last(), names[i], path.Join(names[:i+1]...))
		if err != nil {
			return nil, err
		}
		d.names, d.roots = append(d.names, names[i]), append(d.roots, root)
	}
	return d.last(), nil
}

func (d *dirs) last() *os.Root {
	if len(d.roots) == 0 {
		return d.top
	}
	return d.roots[len(d.roots)-1]
}

// leave closes all directories but the first n.
func (d *dirs) leave(n int) {
	for _, r := range d.roots[n:] {
		if r != nil {
			r.Close()
		}
	}
	d.names, d.roots = d.names[:n], d.roots[:n]
}

func common(a, b []string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
