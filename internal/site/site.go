// Package site is a site with nothing left out: each default is applied, each
// name is looked up, modes, roles and priorities are computed. What comes after
// the model reads it and asks nothing twice. Nothing here can fail for a user's
// reason; the model has refused that before.
//
// A resolved part embeds the part as the site file has it. A field of its own
// stands over the written one of the same name, so that b.Mode is what a backend
// speaks and b.Backend.Mode is what the site file says of it, if anything. A
// field without a default is the written one.
//
// Nothing is copied that may be large: servers and what matches a route are those
// of the model. Paths are put together when they are asked for.
package site

import (
	"cmp"
	"maps"
	"slices"

	"github.com/lbgen/lbgen/internal/model"
)

// Site is a whole site.
type Site struct {
	// Written is the site as its file has it.
	Written  *model.Site
	Name     string
	Machine  model.Platform // what may be counted on at all nodes
	Global   Global
	Defaults Defaults
	Logs     []Log    // where HAProxy's log lines go, at least one
	Roles    []string // of the NICs, sorted
	NICs     map[string]model.NIC
	Nodes    []Node
	VRRP     []VRRP
	// SyncGroups are the items of VRRP that move together.
	SyncGroups []model.SyncGroup
	Alive      *Alive // nil: Keepalived does not ask HAProxy itself
	Keepalived Keepalived
	Frontends  []Frontend
	Backends   []Backend
	Peers      *Peers // nil: none
	Stats      *Stats // nil: none
	Email      *Email // nil: nobody gets mails
	// Nonlocal are the kernel settings that let HAProxy bind addresses which a
	// node may not hold.
	Nonlocal []model.Nonlocal
	LogDays  int // that log files are kept
	// UsesTLS says whether anything in the site speaks TLS.
	UsesTLS bool
	// ForwardForByFrontend says whether each frontend says for itself how servers
	// hear of the client's address. Otherwise each backend does: HAProxy tells
	// them where either of the two says so, so that only one kind may take it back.
	ForwardForByFrontend bool

	profile  profile
	backends map[string]int // index of each by its name
}

// Resolve returns the site with nothing left out. The site must be one that the
// model has found no error in.
func Resolve(written *model.Site) *Site {
	s := &Site{
		Written: written, Name: written.Site, Machine: written.Machine(),
		Roles: slices.Sorted(maps.Keys(written.NICs)), NICs: written.NICs,
		SyncGroups: written.SyncGroups(), Nonlocal: written.NonlocalBind(),
		LogDays: cmp.Or(written.Host.LogDays, LogDays), UsesTLS: usesTLS(written), ForwardForByFrontend: written.ForwardForByFrontend(),
	}
	s.profile = profileOf(written.Defaults.Profile)
	s.Global, s.Logs = s.global(), s.logs()
	s.Defaults = s.defaults()
	s.Nodes = s.nodes()
	s.Keepalived, s.Email = keepalived(written, s.Logs), email(written.Notifications.Email)
	s.VRRP, s.Alive = s.vrrp(), s.alive()
	s.Peers, s.Stats = s.peers(), s.stats()
	s.Frontends = s.frontends()
	s.Backends, s.backends = s.allBackends()
	s.redirectPorts()
	return s
}

// Backend returns the backend of a name; nil where there is none.
func (s *Site) Backend(name string) *Backend {
	if i, ok := s.backends[name]; ok {
		return &s.Backends[i]
	}
	return nil
}

// Userlist returns the list of users of a name; nil where there is none.
func (s *Site) Userlist(name string) *model.Userlist {
	for i := range s.Written.Userlists {
		if l := &s.Written.Userlists[i]; l.Name == name {
			return l
		}
	}
	return nil
}
