package pair

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

// open returns the trees that an input names.
func open(in Input) ([]*tree, diag.List) {
	if len(in.Paths) > 1 {
		return loose(in)
	}
	name := in.Paths[0]
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, unreadable(name, err)
	case !info.IsDir() && !IsTar(name):
		return loose(in)
	}
	t, err := whole(name, info)
	if err != nil {
		return nil, unreadable(name, err)
	}
	if t.isNode() {
		t.name = nodeName(in.Name, t, name)
		return []*tree{t}, nil
	}
	return nodesOf(in, t)
}

// whole is the directory or tar file itself as a tree.
func whole(name string, info fs.FileInfo) (*tree, error) {
	t := &tree{place: name, info: info}
	if !info.IsDir() {
		s, err := openTar(name)
		t.store, t.show, t.info = s, func(file string) string { return name + ":" + file }, nil
		return t, err
	}
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	t.store, t.show = folderStore{root}, func(file string) string { return filepath.Join(name, filepath.FromSlash(file)) }
	return t, nil
}

// isNode says whether the files of one node stand in the tree: laid out as on the
// machine, or haproxy.cfg and keepalived.conf in the tree's own root.
func (t *tree) isNode() bool {
	signs := []string{"etc/haproxy", "etc/keepalived", "MANIFEST", "etc/default/haproxy", "etc/sysconfig/haproxy",
		"etc/systemd/system/haproxy.service"}
	if slices.ContainsFunc(signs, t.there) {
		return true
	}
	t.loose = t.there(haproxyFile) || t.there(keepalivedFile)
	return t.loose
}

// The names of loose files.
const (
	haproxyFile    = "haproxy.cfg"
	keepalivedFile = "keepalived.conf"
)

// nodeName is the name that was given, that of the machine, or of its tree.
func nodeName(given string, t *tree, place string) string {
	if given != "" {
		return given
	}
	if data, err := t.file("etc/hostname"); err == nil {
		if name, _, _ := strings.Cut(strings.TrimSpace(string(data)), "."); name != "" && len(name) <= 63 && !strings.ContainsAny(name,
			" \t\n/") {
			return name
		}
	}
	if abs, err := filepath.Abs(place); err == nil {
		place = abs
	}
	base := filepath.Base(place)
	for _, end := range []string{".gz", ".tgz", ".tar"} {
		base = strings.TrimSuffix(base, end)
	}
	return base
}

// nodesOf returns the nodes in the folders, and tar files, of a tree.
func nodesOf(in Input, all *tree) ([]*tree, diag.List) {
	var trees []*tree
	var found diag.List
	for _, name := range all.list("") {
		if _, inFolder := all.store.(folderStore); inFolder && IsTar(name) {
			one, bad := open(Input{Paths: []string{all.show(name)}})
			trees, found = append(trees, one...), append(found, bad...)
			continue
		}
		if at, e, err := all.resolve(name); err == nil && e.mode.IsDir() {
			t := &tree{store: subStore{all.store, at}, place: all.show(name), show: func(file string) string {
				return all.show(path.Join(at,
					file))
			}}
			if t.isNode() {
				t.name = nodeName("", t, name)
				trees = append(trees, t)
			}
		}
	}
	switch {
	case in.Name != "" && len(trees) == 1:
		trees[0].name = in.Name
	case len(trees) == 0 && len(found) == 0:
		found = append(found, diag.Diagnostic{Code: "no-node", Summary: "there is no node in " + all.place, Detail: layoutHelp})
	case in.Name != "":
		found = append(found, diag.Diagnostic{Code: "several-nodes",
			Summary: all.place + " has several nodes and cannot be " + in.Name + " alone", Detail: "name the tree of one node"})
	}
	return trees, found
}

// loose are the files of one node that were named one by one.
func loose(in Input) ([]*tree, diag.List) {
	s := looseStore{}
	t := &tree{store: s, place: strings.Join(in.Paths, ", "), loose: true, show: func(file string) string { return s[file] }}
	var found diag.List
	for _, name := range in.Paths {
		info, err := os.Stat(name)
		switch {
		case err != nil:
			found = append(found, unreadable(name, err)...)
			continue
		case !info.Mode().IsRegular() && !info.IsDir():
			found = append(found, unreadable(name, errors.New("it is "+kind(info.Mode())))...)
			continue
		case info.IsDir():
			found = append(found, unreadable(name, errors.New("a tree stands alone, and beside it no other file"))...)
			continue
		}
		as := daemonOf(name)
		if s[as] != "" {
			found = append(found, diag.Diagnostic{Code: "file-twice", Summary: "both " + s[as] + " and " + name + " look like " + as,
				Detail: "name one of each daemon"})
			continue
		}
		s[as] = name
	}
	t.name = nodeName(in.Name, t, in.Paths[0])
	if in.Name == "" {
		t.name = strings.TrimSuffix(t.name, filepath.Ext(t.name))
	}
	return []*tree{t}, found
}

// daemonOf says whose file it is: by its name, or by what stands in it.
func daemonOf(name string) string {
	base := strings.ToLower(filepath.Base(name))
	switch {
	case strings.Contains(base, "keepalive"):
		return keepalivedFile
	case strings.Contains(base, "haproxy"), strings.HasSuffix(base, ".cfg"):
		return haproxyFile
	}
	data, err := looseStore{"x": name}.read("x")
	if err == nil && slices.ContainsFunc([]string{"vrrp_", "global_defs"}, func(word string) bool {
		return strings.Contains(string(data),
			word)
	}) {
		return keepalivedFile
	}
	return haproxyFile
}

func unreadable(name string, err error) diag.List {
	d := diag.Diagnostic{Code: "unreadable", Summary: name + " cannot be read", Detail: cause(err)}
	if errors.Is(err, fs.ErrNotExist) {
		d.Summary, d.Detail = "there is no "+name, layoutHelp
	}
	return diag.List{d}
}

func cause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
