package view

import "github.com/lbgen/lbgen/internal/model"

// sorryBackends returns the backends that have a sorry server on another
// machine, each with the name of the backend that stands in for it. Wherever a
// frontend uses such a backend, it uses the other one while the first has no
// server left.
func sorryBackends(site *model.Site) map[string]string {
	instead := map[string]string{}
	for _, b := range site.Backends {
		if b.Sorry != nil && b.Sorry.Remote != nil {
			instead[b.Name] = model.SorryName(b.Name)
		}
	}
	return instead
}
