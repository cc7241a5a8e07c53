package site

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
)

// Port is where a redirect to another scheme leads.
type Port struct {
	// Number is the port that the scheme is spoken on. It is 0 where browsers find it
	// without one: they came to 80, and TLS is on 443.
	Number int
	// Fault says why there is none to be had, "" where there is.
	Fault string
}

// endpoint is an address and port that clients come to.
type endpoint struct {
	addr netip.Addr
	port int
}

// endpoints are those of HTTP frontends: where TLS ends, and where it does not.
type endpoints struct {
	plain, tls []endpoint
	open       bool // a raw line, or a proxy before HAProxy, makes that there may be others
}

func (e *endpoints) add(f *Frontend) {
	for i := range f.Binds {
		b := &f.Binds[i]
		e.open = e.open || b.AcceptProxy
		for _, addr := range b.Addresses {
			for _, port := range b.Ports {
				if b.TLS != nil {
					e.tls = append(e.tls, endpoint{addr, port})
				} else {
					e.plain = append(e.plain, endpoint{addr, port})
				}
			}
		}
	}
	for _, line := range f.Raw.Lines() {
		e.open = e.open || strings.HasPrefix(line, "bind")
	}
}

// redirectPorts looks up, for each redirect by scheme, where that is spoken.
func (s *Site) redirectPorts() {
	var all endpoints
	for i := range s.Frontends {
		if s.Frontends[i].Mode == model.ModeHTTP {
			all.add(&s.Frontends[i])
		}
	}
	for i := range s.Frontends {
		f := &s.Frontends[i]
		var own endpoints
		own.add(f)
		for j := range f.Routes {
			f.Routes[j].toScheme(own, all)
		}
	}
	for i := range s.Backends {
		for j := range s.Backends[i].Rules {
			if r := &s.Backends[i].Rules[j]; r.Redirect != nil {
				r.toScheme(all, all)
				r.Redirect.Port.Fault = "" // not every frontend leads here
			}
		}
	}
}

// toScheme finds the port for clients that come to some of own.
func (r *Route) toScheme(own, all endpoints) {
	if r.Redirect == nil || r.Redirect.Scheme == "" || own.open || all.open || r.asksHeader() {
		return
	}
	from, to, usual := own.plain, all.tls, [2]int{80, 443}
	if r.Redirect.Scheme == "http" {
		from, to, usual = own.tls, all.plain, [2]int{443, 80}
	}
	target, same := 0, true
	for _, e := range from {
		if !r.mayComeTo(e.port) {
			continue
		}
		port := spoken(e, to, usual[1])
		switch {
		case port == 0:
			r.Redirect.Port.Fault = fmt.Sprintf("clients of port %d are sent to %s, and nothing speaks that on this address", e.port,
				r.Redirect.Scheme)
			return
		case target != 0 && target != port:
			r.Redirect.Port.Fault = fmt.Sprintf("%s is on port %d for some of these clients and on %d for others", r.Redirect.Scheme, target, port)
			return
		}
		target, same = port, same && e.port == usual[0] && port == usual[1]
	}
	if !same {
		r.Redirect.Port.Number = target
	}
}

// spoken is the port of the address that the scheme is on: its usual one where that
// is among them, 0 where there is none.
func spoken(e endpoint, to []endpoint, usual int) int {
	var ports []int
	for _, t := range to {
		if t.addr == e.addr || t.addr.Is4() == e.addr.Is4() && (t.addr.IsUnspecified() || e.addr.IsUnspecified()) {
			ports = append(ports, t.port)
		}
	}
	switch {
	case slices.Contains(ports, usual):
		return usual
	case len(ports) == 0:
		return 0
	default:
		return slices.MinFunc(ports, cmp.Compare[int])
	}
}

// mayComeTo says whether the route is for clients of the port.
func (r *Route) mayComeTo(port int) bool {
	for i := range r.When {
		if m := &r.When[i]; m.Port != nil && slices.Contains(m.Port, port) == m.Not {
			return false
		}
	}
	return true
}

// asksHeader says whether a proxy before HAProxy tells how clients came: then its
// ports are not theirs.
func (r *Route) asksHeader() bool {
	return slices.ContainsFunc(r.When, func(m model.Match) bool { return m.Header != nil })
}
