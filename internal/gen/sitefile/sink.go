package main

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/certificate"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/site"
)

// sink is a site file in which fields stand that others leave out, and what it
// is rendered to.
type sink struct {
	name     string
	root     *yaml.Node
	renderer *render.Renderer
	sets     []artifact.Set
	places   []place
}

// place is where the value of one field stands in a sink.
type place struct {
	path string // of the field in the model: backends[].servers[].weight
	*field
	// steps lead from the root to the value: indices of children.
	steps []int
}

func openSink(name string, renderer *render.Renderer) (*sink, diag.List, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, nil, err
	}
	s := &sink{name: name, root: document.Content[0], renderer: renderer}
	s.structure(s.root, reflect.TypeFor[model.Site](), "", nil)
	if _, found, err := s.render(s.root); err != nil || found.HasErrors() {
		return s, found, err
	}
	forgetTests(s.root)
	sets, found, err := s.render(s.root)
	s.sets = sets
	return s, found, err
}

// forgetTests empties the list of tests. They become no line; and a field that a test
// names could not be taken out to see what it becomes.
func forgetTests(root *yaml.Node) {
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == "tests" {
			root.Content[i+1].Content = nil
		}
	}
}

// ofTest says whether the path is one of a field of tests.
func ofTest(path string) bool { return strings.HasPrefix(path, "tests[]") }

// render makes the files of the site that a tree is. Where the model refuses
// it there are none.
func (s *sink) render(root *yaml.Node) ([]artifact.Set, diag.List, error) {
	data, err := yaml.Marshal(root)
	if err != nil {
		return nil, nil, err
	}
	written, _, found := model.LoadShared(s.name, data, s.shared)
	if found.HasErrors() {
		return nil, found, nil
	}
	sets, err := s.renderer.Sets(site.Resolve(written), s.inputs(written))
	return sets, found, err
}

// shared reads the file that defaults_from names.
func (s *sink) shared(file string) (string, []byte, *diag.Diagnostic) {
	data, err := os.ReadFile(filepath.Join(filepath.Dir(s.name), file))
	if err != nil {
		return file, nil, &diag.Diagnostic{Code: "unreadable", Summary: err.Error()}
	}
	return file, data, nil
}

// inputs are the pages beside the site file. One that is not there is a
// changed name, whose contents do not matter; nor do those of a secret, but
// another file holds another one.
func (s *sink) inputs(site *model.Site) model.Inputs {
	in := model.Inputs{Pages: map[string][]byte{}, Secrets: map[diag.Path]string{}}
	for _, ref := range site.PageRefs() {
		data, err := os.ReadFile(filepath.Join(filepath.Dir(s.name), ref.File))
		if err != nil {
			data = []byte("another page\n")
		}
		in.Pages[ref.File] = data
	}
	for _, ref := range site.SecretRefs() {
		in.Secrets[ref.Path] = ref.Secret.File + ref.Secret.Env
	}
	in.Certificates = map[model.Certificate]certificate.Bundle{}
	for _, ref := range site.CertificateRefs() {
		text := []byte(ref.Certificate.String() + "\n")
		in.Certificates[ref.Certificate] = certificate.Bundle{PEM: text, KeyEnd: len(text) - 1}
	}
	return in
}

// structure notes the places of a mapping's keys and of those below.
func (s *sink) structure(n *yaml.Node, t reflect.Type, path string, steps []int) {
	fields := fieldsOf(t)
	for i := 0; i+1 < len(n.Content); i += 2 {
		at := slices.IndexFunc(fields, func(f *field) bool { return f.Key == n.Content[i].Value })
		if at < 0 {
			continue // the model says what is wrong with it
		}
		p := place{join(path, fields[at].Key), fields[at], append(slices.Clone(steps), i+1)}
		if p.Below == nil {
			s.places = append(s.places, p)
		} else {
			s.below(n.Content[i+1], p.Type, p)
		}
	}
}

// below goes on in what holds structs: one, a list or a mapping of them. A
// struct may be written as one value, too.
func (s *sink) below(n *yaml.Node, t reflect.Type, p place) {
	steps := p.steps
	switch {
	case t.Kind() == reflect.Pointer:
		s.below(n, t.Elem(), p)
	case t.Kind() == reflect.Slice && n.Kind == yaml.SequenceNode:
		for i, item := range n.Content {
			s.below(item, t.Elem(), place{p.path + "[]", p.field, append(slices.Clone(steps), i)})
		}
	case t.Kind() == reflect.Map && n.Kind == yaml.MappingNode:
		for i := 1; i < len(n.Content); i += 2 {
			s.below(n.Content[i], t.Elem(), place{p.path + ".*", p.field, append(slices.Clone(steps), i)})
		}
	case n.Kind == yaml.MappingNode:
		s.structure(n, p.Below, p.path, steps)
	case n.Kind == yaml.ScalarNode:
		s.places = append(s.places, place{p.path + short, p.field, steps})
	}
}

// short is behind the path of a struct that is written as one value.
const short = " (short)"

// at returns the value of a place in a tree.
func at(root *yaml.Node, steps []int) *yaml.Node {
	for _, i := range steps {
		root = root.Content[i]
	}
	return root
}

// copyOf returns a tree that may be changed.
func copyOf(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = make([]*yaml.Node, len(n.Content))
	for i, below := range n.Content {
		c.Content[i] = copyOf(below)
	}
	return &c
}
