// Package render turns the nodes of a view into the files of their trees. It
// cannot fail for a user's reason: what a user can get wrong has been found
// before. An error is a fault of a template.
package render

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"text/template"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/view"
	"github.com/lbgen/lbgen/templates"
)

// Renderer holds the parsed templates, for any number of sites. It may be used
// by several goroutines at once.
type Renderer struct{ templates *template.Template }

// New parses the templates.
func New() (*Renderer, error) {
	all := template.New("").Funcs(functions())
	// All of them: an artifact's template may be put together from others.
	files, err := fs.Glob(templates.FS, "*/*.tmpl")
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		text, err := fs.ReadFile(templates.FS, name)
		if err != nil {
			return nil, err
		}
		if _, err := all.New(name).Parse(string(text)); err != nil {
			return nil, err
		}
	}
	return &Renderer{all}, nil
}

// functions are what the templates may call.
func functions() template.FuncMap {
	return template.FuncMap{
		"from":          view.Mark,
		"secret":        keepalivedSecret,
		"haproxySecret": haproxySecret,
		"redisSecret":   redisSecret,
		"haproxy":       quoteHAProxy,
		"keepalived":    quoteKeepalived,
		"sh":            shQuote,
	}
}

// Sets renders the nodes of one site. What is the same on every node is
// rendered once and shared.
func (r *Renderer) Sets(nodes []view.Node) ([]artifact.Set, error) {
	j := job{Renderer: r, shared: map[string]artifact.File{}}
	sets := make([]artifact.Set, 0, len(nodes))
	for _, n := range nodes {
		files, err := j.files(n)
		if err != nil {
			return nil, err
		}
		set, err := artifact.New(n.Site, n.Name, host(n), files)
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	return sets, nil
}

// job is the rendering of one site.
type job struct {
	*Renderer
	shared map[string]artifact.File // by template: what is the same on every node
	out    bytes.Buffer             // of one template at a time
}

func (j *job) files(n view.Node) ([]artifact.File, error) {
	files := pages(n)
	for _, a := range table() {
		if a.when != nil && !a.when(n) {
			continue
		}
		f, ok := j.shared[a.template]
		if !ok {
			var err error
			if f, err = j.file(a, n); err != nil {
				return nil, err
			}
		}
		if a.shared {
			j.shared[a.template] = f
		}
		files = append(files, f)
	}
	return files, nil
}

func (j *job) file(a kind, n view.Node) (artifact.File, error) {
	j.out.Reset()
	if err := j.templates.ExecuteTemplate(&j.out, a.template, n); err != nil {
		return artifact.File{}, err
	}
	f := artifact.File{Path: a.path(n), Mode: a.mode, Owner: "root", Group: "root", Action: a.action}
	if err := unmark(j.out.Bytes(), &f); err != nil {
		return artifact.File{}, fmt.Errorf("%s: %w", a.template, err)
	}
	if len(f.Secrets) > 0 {
		f.Mode &= 0o750 // whoever needs it reads it as root
	}
	return f, nil
}

// pages are the files that HAProxy serves: the user's own bytes.
func pages(n view.Node) []artifact.File {
	var files []artifact.File
	for _, p := range n.Pages {
		files = append(files, artifact.File{
			Path: path.Join(n.Platform.Pages()[1:], p.Name), Mode: 0o644, Owner: "root", Group: "root",
			Action: artifact.ReloadHAProxy, Data: p.Data, Origins: []string{p.Path},
		})
	}
	return files
}

func host(n view.Node) artifact.Host {
	h := artifact.Host{
		Platform: n.Platform.Name, Family: n.Platform.Family, User: n.Platform.User, Group: n.Platform.Group,
		Chroot: n.Platform.Chroot, Config: haproxyConfig(n), HAProxy: n.Platform.HAProxy,
	}
	if !n.Platform.Unit {
		h.Program = n.Platform.Program
	}
	if n.Keepalived != nil {
		h.Keepalived = n.Platform.Keepalived
	}
	for _, d := range n.Devices {
		h.Devices = append(h.Devices, artifact.Device{Name: d.Name, Addresses: d.Addresses})
	}
	return h
}
