package pair

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/conf/keepalived"
)

// reading is one node that is being read.
type reading struct {
	pair *Pair
	node *Node
	tree *tree
}

// load returns a file by its name in the tree. What is wrong with it is a finding.
func (r *reading) load(name string) ([]byte, string, bool) {
	shown := r.tree.show(name)
	data, err := r.tree.file(name)
	if err != nil {
		r.pair.Found = append(r.pair.Found, unreadable(shown, err)...)
		return nil, shown, false
	}
	r.pair.Texts[shown] = newText(data)
	r.node.Paths[shown] = name
	return data, shown, true
}

func (r *reading) haproxy() {
	names, env := []string{haproxyFile}, map[string]string(nil)
	if !r.tree.loose {
		names, env = r.haproxyNames()
	}
	for _, name := range names {
		if name == haproxyFile && !r.tree.there(name) {
			continue
		}
		if r.node.ConfigFile == "" && !r.tree.loose {
			r.node.ConfigFile = "/" + name
		}
		if data, shown, ok := r.load(name); ok {
			r.node.HAProxyFiles = append(r.node.HAProxyFiles, haproxy.File{Name: shown, Data: data})
		}
	}
	world := haproxy.World{Env: func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	}}
	r.node.HAProxy = haproxy.Read(world, r.node.HAProxyFiles...)
}

// usualFolder is what the unit of RHEL's package reads beside haproxy.cfg; it may be
// missing.
const usualFolder = "etc/haproxy/conf.d"

// haproxyNames returns the files that -f names, folders resolved, and the
// environment that the unit gives.
func (r *reading) haproxyNames() ([]string, map[string]string) {
	words, env := r.haproxyCommand()
	var names []string
	for i, w := range words {
		if w != "-f" && w != "--" || i+1 >= len(words) {
			continue
		}
		name := strings.TrimPrefix(path.Clean("/"+words[i+1]), "/")
		at, e, err := r.tree.resolve(name)
		switch {
		case err == nil && e.mode.IsDir():
			for _, file := range haproxy.InFolder(r.tree.list(at)) {
				names = append(names, path.Join(name, file))
			}
		case errors.Is(err, fs.ErrNotExist) && (!r.tree.there("etc/haproxy") || name == usualFolder):
		default:
			names = append(names, name)
		}
	}
	return names, env
}

func (r *reading) keepalived() {
	options := r.keepalivedOptions()
	name := options.file
	if r.tree.loose {
		name = keepalivedFile
		if !r.tree.there(name) {
			return
		}
	} else if !r.tree.there("etc/keepalived") && !r.tree.there(name) {
		return
	}
	data, shown, ok := r.load(name)
	if !ok {
		return
	}
	src := keepalived.Source{Name: shown, Data: data}
	r.node.KeepalivedFiles = append(r.node.KeepalivedFiles, src)
	r.node.Keepalived = keepalived.Read([]keepalived.Source{src}, keepalived.Options{ID: options.id, Open: r.include})
}

// include opens what an include of keepalived.conf names, inside of the tree.
func (r *reading) include(pattern string) ([]keepalived.Source, error) {
	if r.tree.loose {
		if _, loose := r.tree.store.(looseStore); loose {
			return nil, errors.New("files that were named one by one include nothing: name the node's directory")
		}
	}
	var all []keepalived.Source
	for _, name := range r.tree.glob(r.inside(pattern)) {
		data, err := r.tree.file(name)
		if err != nil {
			return all, err
		}
		shown := r.tree.show(name)
		r.pair.Texts[shown] = newText(data)
		r.node.Paths[shown] = name
		src := keepalived.Source{Name: shown, Data: data}
		r.node.KeepalivedFiles = append(r.node.KeepalivedFiles, src)
		all = append(all, src)
	}
	if len(all) == 0 {
		return nil, errors.New("there is no such file in " + r.tree.place)
	}
	return all, nil
}

// inside takes off a pattern the place of the tree, which the reader has put
// before a relative one because files have their names from there.
func (r *reading) inside(pattern string) string {
	root := strings.TrimSuffix(r.tree.show(""), "/")
	if rest, ok := strings.CutPrefix(pattern, root); ok && root != "" {
		return strings.TrimPrefix(rest, "/")
	}
	return pattern
}
