package pair

import (
	"io/fs"
	"path"
)

// mostDeep is how deep folders are looked into.
const mostDeep = 8

// Below calls f for each regular file of the node in a folder, and in those below it,
// by its absolute path there. Links to files are followed, links to folders are not;
// what cannot be read is left out.
func (n *Node) Below(dir string, f func(name string, mode fs.FileMode, data []byte)) {
	if !n.tree.loose {
		n.below(path.Clean("/" + dir)[1:], mostDeep, f)
	}
}

func (n *Node) below(dir string, deep int, f func(string, fs.FileMode, []byte)) {
	for _, base := range n.tree.folder(dir) {
		name := path.Join(dir, base)
		at, e, err := n.tree.resolve(name)
		switch {
		case err != nil:
		case e.mode.IsDir() && deep > 0:
			if own, err := n.tree.lstat(name); err == nil && own.mode.IsDir() && at == name {
				n.below(name, deep-1, f)
			}
		case e.mode.IsRegular():
			if data, err := n.tree.file(name); err == nil {
				f("/"+name, e.mode.Perm(), data)
			}
		}
	}
}

// Loose says whether the node's files are haproxy.cfg and keepalived.conf alone.
func (n *Node) Loose() bool { return n.tree.loose }
