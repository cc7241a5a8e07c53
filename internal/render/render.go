// Package render turns a site into the files of its nodes' trees. It
// cannot fail for a user's reason: what a user can get wrong has been found
// before. An error is a fault of a template.
package render

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"sync"
	"text/template"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
	"github.com/lbgen/lbgen/templates"
)

// Renderer renders any number of sites, also several at once. A template is
// parsed when the first file is made from it.
type Renderer struct {
	parsed  map[string]func() (*template.Template, error) // by name
	presses sync.Pool
}

// New returns a renderer.
func New() *Renderer {
	r := &Renderer{parsed: map[string]func() (*template.Template, error){}}
	for _, k := range table() {
		r.parsed[k.template] = sync.OnceValues(func() (*template.Template, error) { return parse(k.template) })
	}
	return r
}

// Parse parses the templates of all files. Nobody has to call it: it is for who
// has something else to wait for, such as a site that is read.
func (r *Renderer) Parse() {
	for _, k := range table() {
		_, _ = r.parsed[k.template]() // who renders with it sees the error
	}
}

func parse(name string) (*template.Template, error) {
	text, err := fs.ReadFile(templates.FS, name)
	if err != nil {
		return nil, err
	}
	return template.New(name).Funcs((&printer{}).functions()).Parse(string(text))
}

// press is a printer with the templates whose functions belong to it. It prints
// one file at a time.
type press struct {
	*Renderer
	printer
	templates map[string]*template.Template // those that it has used
}

// press returns one that nobody else uses.
func (r *Renderer) press() *press {
	if p, ok := r.presses.Get().(*press); ok {
		return p
	}
	return &press{Renderer: r, templates: map[string]*template.Template{}}
}

// template returns the template of the name, bound to this press.
func (p *press) template(name string) (*template.Template, error) {
	if t := p.templates[name]; t != nil {
		return t, nil
	}
	parsed, err := p.parsed[name]()
	if err != nil {
		return nil, err
	}
	t, err := parsed.Clone()
	if err != nil {
		return nil, err
	}
	p.templates[name] = t.Funcs(p.functions())
	return t, nil
}

// print makes a file's contents.
func (p *press) print(name string, data any, f *artifact.File) error {
	t, err := p.template(name)
	if err != nil {
		return err
	}
	p.reset()
	if err := t.Execute(p, data); err != nil {
		return err
	}
	p.finish(f)
	return nil
}

// Sets renders the nodes of one site. What is the same on every node is
// rendered once and shared.
func (r *Renderer) Sets(s *site.Site, in model.Inputs) ([]artifact.Set, error) {
	nodes := resolve(s, in)
	j := job{press: r.press(), shared: map[string]artifact.File{}}
	defer r.presses.Put(j.press)
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
	*press
	shared map[string]artifact.File // by template: what is the same on every node
}

func (j *job) files(n Node) ([]artifact.File, error) {
	files := slices.Concat(programs(), pages(n), n.Certificates)
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

func (j *job) file(a kind, n Node) (artifact.File, error) {
	f := artifact.File{Path: a.path(n), Mode: a.mode, Owner: "root", Group: "root", Action: a.action}
	if err := j.print(a.template, n, &f); err != nil {
		return artifact.File{}, fmt.Errorf("%s: %w", a.template, err)
	}
	if len(f.Secrets) > 0 {
		f.Mode &= 0o750 // whoever needs it reads it as root
	}
	return f, nil
}

// pages are the files that HAProxy serves: the user's own bytes.
func pages(n Node) []artifact.File {
	var files []artifact.File
	for _, p := range n.Pages {
		files = append(files, artifact.File{
			Path: path.Join(n.Platform.Pages()[1:], p.Name), Mode: 0o644, Owner: "root", Group: "root",
			Action: artifact.ReloadHAProxy, Data: p.Data, Origins: []string{p.Path},
		})
	}
	return files
}

func host(n Node) artifact.Host {
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
