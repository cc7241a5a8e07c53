package model

import (
	"cmp"
	"slices"
)

// What a section of haproxy.cfg speaks.
const (
	ModeHTTP = "http"
	ModeTCP  = "tcp"
)

// frontendMode returns what a frontend speaks: http or tcp.
func (s *Site) frontendMode(f Frontend) string { return cmp.Or(f.Mode, s.Defaults.ModeOrDefault()) }

// backendMode returns what a backend speaks: http or tcp.
func (s *Site) backendMode(b Backend) string { return cmp.Or(b.Mode, s.Defaults.ModeOrDefault()) }

// ModeOrDefault returns what sections speak that say nothing themselves.
func (d *Defaults) ModeOrDefault() string { return cmp.Or(d.Mode, ModeHTTP) }

// ForwardForByFrontend says whether each frontend says for itself how servers
// hear of the client's address. Otherwise each backend does: HAProxy tells them
// where either of the two says so, so that only one kind may take it back.
func (s *Site) ForwardForByFrontend() bool {
	return slices.ContainsFunc(s.Frontends, func(f Frontend) bool { return f.ForwardFor != nil })
}
