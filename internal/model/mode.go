package model

import "cmp"

// What a section of haproxy.cfg speaks.
const (
	ModeHTTP = "http"
	ModeTCP  = "tcp"
)

// FrontendMode returns what a frontend speaks: http or tcp.
func (s *Site) FrontendMode(f Frontend) string { return cmp.Or(f.Mode, s.DefaultMode()) }

// BackendMode returns what a backend speaks: http or tcp.
func (s *Site) BackendMode(b Backend) string { return cmp.Or(b.Mode, s.DefaultMode()) }

// DefaultMode returns what sections speak that say nothing themselves.
func (s *Site) DefaultMode() string { return cmp.Or(s.Defaults.Mode, ModeHTTP) }
