package rehearse

import (
	"net/netip"
	"slices"
	"time"

	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// patience is how long the client waits for an answer. It is shorter than the
// second after which the kernel sends a SYN again, so that a request is answered
// at once or counts as failed.
const patience = 900 * time.Millisecond

// entry is an address and port that clients come in by.
type entry struct {
	frontend *site.Frontend
	bind     *site.Bind
	address  netip.AddrPort
}

// entries are all addresses that a frontend listens on and that the client has
// a way to, those of virtual IPs first.
func (s *stage) entries() []entry {
	var vips, own []entry
	for i := range s.site.Frontends {
		f := &s.site.Frontends[i]
		for j := range f.Binds {
			for _, e := range s.entriesOf(f, &f.Binds[j]) {
				if slices.ContainsFunc(s.groups, func(g group) bool { return slices.Contains(g.vips, e.address.Addr()) }) {
					vips = append(vips, e)
				} else if s.reached(e.address.Addr()) && !s.filtered() {
					own = append(own, e)
				}
			}
		}
	}
	return append(vips, own...)
}

// filtered says whether the nodes' own addresses may be closed to clients.
func (s *stage) filtered() bool { return s.booting != nil && len(s.groups) > 0 }

func (s *stage) entriesOf(f *site.Frontend, b *site.Bind) []entry {
	var all []entry
	for _, addr := range b.Addresses {
		for _, a := range s.listened(addr) {
			for _, port := range b.Ports {
				all = append(all, entry{f, b, netip.AddrPortFrom(a, uint16(port))})
			}
		}
	}
	return all
}

// listened are the addresses that a bind to addr is reached at.
func (s *stage) listened(addr netip.Addr) []netip.Addr {
	if !addr.IsUnspecified() {
		return []netip.Addr{addr}
	}
	var all []netip.Addr
	for _, g := range s.groups {
		all = append(all, g.vips...)
	}
	for _, n := range s.site.Nodes {
		for _, role := range s.site.Roles {
			all = append(all, n.Addresses[role]...)
		}
	}
	return slices.DeleteFunc(all, func(a netip.Addr) bool { return a.Is4() != addr.Is4() })
}

// reached says whether the client is in the address's network.
func (s *stage) reached(addr netip.Addr) bool {
	network, _, ok := s.home(addr)
	return ok && slices.ContainsFunc(s.plan.Client, func(l lab.Link) bool { return l.Network == network })
}

// from are the client's own addresses that it asks addr from.
func (s *stage) from(addr netip.Addr) []netip.Addr {
	var all []netip.Addr
	_, subnet, ok := s.home(addr)
	for _, link := range s.plan.Client {
		for _, p := range link.Addresses {
			if ok && subnet.Contains(p.Addr()) {
				all = append(all, p.Addr())
			}
		}
	}
	return all
}

// candidates are requests for the entry that some route may send to a server:
// a plain one, and one for each route to a backend that can be told from the
// site file. Which of them is served is tried out.
func (s *stage) candidates(e entry) []lab.Request {
	plain := lab.Request{
		Address: e.address, From: s.from(e.address.Addr()), Method: "GET", Path: "/",
		Proxy: e.bind.AcceptProxy, TLS: e.bind.TLS != nil, Timeout: patience, Header: map[string]string{},
	}
	all := []lab.Request{plain}
	for _, r := range e.frontend.Routes {
		if wish, ok := satisfied(plain, &r); r.Backend != "" && ok {
			all = append(all, wish)
		}
	}
	if e.bind.TLS == nil && e.frontend.Mode == model.ModeTCP {
		for _, c := range slices.Clone(all) { // the servers may end TLS
			c.TLS = true
			all = append(all, c)
		}
	}
	for i := range all {
		all[i].Name = described(all[i])
	}
	return all
}

// satisfied returns the request changed so that the route's conditions hold, as
// far as a client can see to that.
func satisfied(r lab.Request, route *site.Route) (lab.Request, bool) {
	r.Header = map[string]string{}
	for _, m := range route.When {
		if m.Not {
			continue // the plain request is likely to be none of these
		}
		if !satisfy(&r, m) {
			return r, false
		}
	}
	return r, true
}

// satisfy changes the request so that the match holds.
func satisfy(r *lab.Request, m model.Match) bool {
	switch m.Criterion() {
	case "host":
		r.Host = m.Host[0]
	case "host_end":
		r.Host = "rehearsal" + m.HostEnd[0]
	case "sni":
		r.Host, r.TLS = m.SNI[0], true
	case "sni_end":
		r.Host, r.TLS = "rehearsal"+m.SNIEnd[0], true
	case "path":
		r.Path = m.Path[0]
	case "path_beg":
		r.Path = m.PathBeg[0]
	case "path_end":
		r.Path = "/rehearsal" + m.PathEnd[0]
	case "method":
		r.Method = m.Method[0]
	case "acme":
		r.Path = "/.well-known/acme-challenge/rehearsal"
	case "header":
		return named(m.Header, func(name, value string) { r.Header[name] = value })
	case "cookie":
		return named(m.Cookie, func(name, value string) { r.Header["Cookie"] = name + "=" + value })
	case "url_param":
		return named(m.URLParam, func(name, value string) { r.Path += "?" + name + "=" + value })
	case "tls":
		return *m.TLS == r.TLS
	case "port":
		return slices.Contains(m.Port, int(r.Address.Port()))
	default: // an expression, or something that is not up to the client
		return false
	}
	return true
}

func named(h *model.HeaderMatch, set func(name, value string)) bool {
	for _, words := range []model.Words{h.Value, h.Beg, h.Contains, h.End} {
		if len(words) > 0 {
			set(h.Name, words[0])
			return true
		}
	}
	set(h.Name, "rehearsal")
	return h.Regex == nil
}

// described is the request in words.
func described(r lab.Request) string {
	text := r.Line()
	if v, ok := r.Header["Cookie"]; ok {
		text += " with cookie " + v
	}
	return text
}
