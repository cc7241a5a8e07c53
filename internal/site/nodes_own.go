package site

import (
	"slices"

	"github.com/lbgen/lbgen/internal/model"
)

// NodesOwn returns the files and folders with certificates that HAProxy reads and lbgen
// does not make: the site file names them by their paths on the nodes. They are sorted.
func (s *Site) NodesOwn() []string {
	var all []string
	add := func(paths ...string) {
		for _, p := range paths {
			if p != "" && !slices.Contains(all, p) {
				all = append(all, p)
			}
		}
	}
	bind := func(t *BindTLS) {
		if t != nil {
			add(t.BindTLS.Certificate.Path, t.ClientCA, t.CRLFile)
		}
	}
	for i := range s.Frontends {
		for _, b := range s.Frontends[i].Binds {
			bind(b.TLS)
		}
	}
	if s.Stats != nil {
		bind(s.Stats.TLS)
	}
	server := func(t *model.ServerTLS) {
		if t != nil {
			add(t.CAFile, t.Certificate)
		}
	}
	for i := range s.Backends {
		b := s.Backends[i].Backend
		if b.Health.TLS != nil {
			add(b.Health.TLS.CAFile)
		}
		if b.Sorry != nil && b.Sorry.Remote != nil {
			server(b.Sorry.Remote.TLS)
		}
		server(b.ServerDefaults.TLS)
		for j := range b.Servers {
			server(b.Servers[j].TLS)
		}
		for j := range b.ServerTemplates {
			server(b.ServerTemplates[j].TLS)
		}
	}
	slices.Sort(all)
	return all
}
