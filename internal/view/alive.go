package view

import "github.com/lbgen/lbgen/internal/model"

// Alive is the frontend where Keepalived asks HAProxy whether it is alive. It
// is on loopback, no server has part in the answer, and HAProxy logs nothing of it.
type Alive struct{ Name, Address, URI, Origin string }

func resolveAlive(site *model.Site) *Alive {
	page, path := site.Alive()
	if path == "" {
		return nil
	}
	return &Alive{Name: model.AliveName, Address: page.Listener().String(), URI: page.URI, Origin: Mark(path)}
}
