package model

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

// port wants a port to be there for the checks of a server that clients bring theirs to.
func (s *serverCheck) port(i int, v *Server) {
	if v.Address.Port() != 0 || !v.Address.IsValid() && v.Address.Host == "" {
		return
	}
	b := s.backend
	check, shared := v.Check, b.ServerDefaults.Check
	off := b.Health.Off || v.Track != "" || check != nil && check.Off || check == nil && shared != nil && shared.Off
	if off || b.Health.Port != 0 || shared != nil && shared.Port != 0 || check != nil && check.Port != 0 {
		return
	}
	path := s.at.Key("servers").Index(i).Key("address")
	if s.hasFailedBelow(path) {
		return
	}
	s.add(path, "bad-value", fmt.Sprintf("bad value %q for address: server %q has no port, and nothing says which one is checked",
		v.Address, v.Name),
		"expected address:port; where the server is to get the port that the client came to, add health: {port: …}")
}

// lineOptions looks at what only the server's line itself has.
func (s *serverCheck) lineOptions(path diag.Path, o *ServerOptions) {
	d := &s.backend.ServerDefaults
	if o.Proto != "" && s.mode == ModeTCP {
		s.onlyHTTP(path.Key("proto"), "proto")
	}
	if o.Proto != "" && o.TLS.on() && len(o.TLS.ALPN) > 0 {
		s.add(path.Key("proto"), "bad-value", "proto and tls.alpn exclude each other", "with TLS the server chooses by alpn: take proto out")
	}
	if o.Observe == "layer7" && s.mode == ModeTCP {
		s.onlyHTTP(path.Key("observe"), "layer7")
	}
	if cmp.Or(o.Observe, d.Observe) == "" && !s.hasFailedBelow(path.Key("observe")) {
		s.useless(path, "without observe", "add observe: layer4 or layer7, or take it out", written{"error_limit", o.ErrorLimit != 0},
			written{"on_error", o.OnError != ""})
	}
	if o.Track != "" {
		s.tracks(path.Key("track"), o)
	}
}

// tracks wants the server that is tracked to be one that is checked.
func (s *serverCheck) tracks(path diag.Path, o *ServerOptions) {
	if o == &s.backend.ServerDefaults {
		s.add(path, "bad-value", "server_defaults cannot track a server", "write track at each server: the one that is tracked has to be checked")
		return
	}
	if o.Check != nil {
		s.add(path, "bad-value", "a server that tracks another has no checks of its own", "take check out, or track")
	}
	name, server, _ := strings.Cut(o.Track, "/")
	for i := range s.site.Backends {
		b := &s.site.Backends[i]
		for j := range b.Servers {
			if other := &b.Servers[j]; b.Name == name && other.Name == server {
				if b.Health.Off || other.Track != "" || other.Check != nil && other.Check.Off {
					s.add(path, "bad-value", fmt.Sprintf("server %s is not checked itself", o.Track), "track one that is checked",
						s.elsewhere("it is here", diag.Path("backends").Index(i).Key("servers").Index(j)))
				}
				return
			}
		}
	}
	if !s.hasFailedBelow("backends") {
		s.add(path, "unknown-reference", fmt.Sprintf("there is no server %q", o.Track), "write BACKEND/SERVER of a server of this site")
	}
}
