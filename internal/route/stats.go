package route

import (
	"net/netip"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// special says whether the request goes to one of lbgen's own frontends, and answers it:
// the statistics page, and where Keepalived asks whether HAProxy is alive.
func (w *walk) special() bool {
	if a := w.site.Alive; a != nil && w.isLoopback(a.Listener) {
		w.answer.Frontend = model.AliveName
		w.readAt(a.Path, nil)
		if w.answer.Kind == "" {
			w.byHAProxy(a.Path, choose(w.req.Target == a.URI, 200, 503))
		}
		return true
	}
	if s := w.site.Stats; s != nil && s.Port == w.req.Port && w.isOneOf(s.Addresses) {
		w.answer.Frontend = model.StatsName
		w.stats(s)
		return true
	}
	return false
}

// isLoopback says whether the request goes to an address that nobody else listens on.
func (w *walk) isLoopback(at netip.AddrPort) bool {
	return w.req.Port == int(at.Port()) && w.req.Address == at.Addr()
}

// isOneOf says whether the request goes to one of the addresses, or may.
func (w *walk) isOneOf(all []netip.Addr) bool {
	if !w.req.Address.IsValid() {
		return len(w.binds[w.req.Port]) == 0
	}
	for _, a := range all {
		if a == w.req.Address {
			return true
		}
	}
	return false
}

// readAt takes the request apart, if what listens there speaks as the client does.
func (w *walk) readAt(path diag.Path, tls *site.BindTLS) {
	w.tls = tls != nil
	if (w.req.Scheme == HTTPS) != w.tls || w.req.Scheme == TCP {
		w.close(path, "the client does not speak what is spoken there")
		return
	}
	w.read()
}

// stats are the rules that internal/render/haproxy writes for the statistics page.
func (w *walk) stats(s *site.Stats) {
	const from = diag.Path("stats")
	if w.readAt(from, s.TLS); w.answer.Kind != "" {
		return
	}
	switch w.isFrom(prefixes(s.Allow)) {
	case No:
		w.byHAProxy(from.Key("allow"), 403)
		w.answer.Page = w.site.Defaults.ErrorPages["403"]
		return
	case Maybe:
		w.doubt(from.Key("allow"), w.why)
		return
	case Yes:
	}
	switch {
	case s.Prometheus != "" && w.path == s.Prometheus:
		w.byHAProxy(from.Key("prometheus"), 200)
	case !strings.HasPrefix(w.req.Target, s.URI):
		w.byHAProxy(from, 503)
		w.answer.Page = w.site.Defaults.ErrorPages["503"]
	case len(s.Users) == 0 || isUserOf(s, w.req.User):
		w.byHAProxy(from.Key("uri"), 200)
	case w.req.User == "" && w.has("Authorization"):
		w.doubt(from.Key("users"), "the password in the header Authorization is not looked at: say whose it is")
	default:
		w.byHAProxy(from.Key("users"), 401)
	}
}

func isUserOf(s *site.Stats, name string) bool {
	for i := range s.Users {
		if s.Users[i].Name == name {
			return true
		}
	}
	return false
}
