package route

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// bindAt is a bind at one of its ports.
type bindAt struct {
	*site.Bind
	front int
	path  diag.Path
}

// listen notes the ports of a frontend's binds.
func (e *Evaluator) listen(i int, f *site.Frontend) {
	for j := range f.Binds {
		b := &f.Binds[j]
		at := bindAt{b, i, f.Path().Key("binds").Index(j)}
		e.fronts[i].binds = append(e.fronts[i].binds, at)
		for _, p := range b.Ports {
			e.binds[p] = append(e.binds[p], at)
		}
	}
}

// find returns the bind that takes the request; nil where the answer says why none does.
func (w *walk) find() *bindAt {
	if w.req.Frontend != "" {
		return w.named(w.req.Frontend)
	}
	if w.special() {
		return nil
	}
	all := w.binds[w.req.Port]
	var found *bindAt
	var best int
	for i := range all {
		n := all[i].hears(w.req.Address)
		switch {
		case n == 0 || n < best:
		case n == best && found.front != all[i].front:
			w.doubt(all[i].path, fmt.Sprintf("the frontends %s and %s both listen on port %d: say to which address the client goes",
				w.fronts[found.front].Name, w.fronts[all[i].front].Name, w.req.Port))
			return nil
		case n == best && (found.TLS == nil) == (all[i].TLS == nil):
		case n == best && (all[i].TLS != nil) != (w.req.Scheme == HTTPS): // of two addresses the one that speaks it
		default:
			found, best = &all[i], n
		}
	}
	if found == nil {
		w.notHeard()
	}
	return found
}

// named finds the bind of a frontend that a log names.
func (w *walk) named(name string) *bindAt {
	i, is := w.byName[name]
	if !is {
		w.answer.Kind, w.answer.Why = NotHeard, "there is no frontend "+name
		return nil
	}
	var found *bindAt
	ports := 0
	f := &w.fronts[i]
	for j := range f.binds {
		b := &f.binds[j]
		if f.Mode == model.ModeHTTP && (b.TLS != nil) != (w.req.Scheme == HTTPS) {
			continue
		}
		if ports += len(b.Ports); found == nil || w.req.Port != 0 && slices.Contains(b.Ports, w.req.Port) {
			found = b
		}
	}
	if found == nil {
		w.answer.Kind, w.answer.Why = NotHeard, "no bind of frontend "+name+choose(w.req.Scheme == HTTPS, " ends TLS", " is without TLS")
		return nil
	}
	if ports == 1 {
		w.req.Port = found.Ports[0]
	}
	return found
}

// hears says how well the bind fits an address: 0 not at all, and the address itself
// better than one that stands for all.
func (b *bindAt) hears(to netip.Addr) int {
	best := 0
	for _, a := range b.Addresses {
		switch {
		case !to.IsValid(), a == to:
			return 2
		case a.IsUnspecified() && a.Is4() == to.Is4():
			best = 1
		}
	}
	return best
}

// notHeard says that nothing listens, unless a raw line may.
func (w *walk) notHeard() {
	for i := range w.fronts {
		f := &w.fronts[i]
		if f.raw.binds {
			w.doubt(f.Path().Key("raw"), "a raw line has a bind of its own")
			return
		}
	}
	w.answer.Kind, w.answer.Why = NotHeard, fmt.Sprint("no frontend has port ", w.req.Port)
	if len(w.binds[w.req.Port]) > 0 {
		w.answer.Why = fmt.Sprintf("no frontend has port %d of %s", w.req.Port, w.req.Address)
	}
}

// connect makes the connection ready; false where it ends there.
func (w *walk) connect(at *bindAt) bool {
	w.tls = at.TLS != nil
	if strings.Contains(string(at.Raw), "ssl") || strings.Contains(string(at.Raw), "verify") {
		w.doubt(at.path.Key("raw"), "raw words change TLS")
		return false
	}
	why := ""
	switch http := w.front.Mode == model.ModeHTTP; {
	case http && w.req.Scheme == TCP:
		why = "the frontend speaks HTTP: write the request as http:// or https://"
	case http && w.tls && w.req.Scheme == HTTP:
		why = "TLS ends here, and the client does not speak it"
	case http && !w.tls && w.req.Scheme == HTTPS:
		why = "no TLS ends here, and the client speaks it"
	case w.tls && at.TLS.ClientVerify == site.ClientVerify && !w.req.ClientCertificate && !w.req.Incomplete:
		why = "the client shows no certificate, and needs one"
	}
	if why != "" {
		w.close(at.path, why)
		return false
	}
	return true
}

// close ends the connection without an answer.
func (w *walk) close(by diag.Path, why string) {
	w.answer.Kind, w.answer.By, w.answer.Why = Closed, by, why
}

// ServerName is the name in the hello of TLS, "" where the client names none.
func (r *Request) ServerName() string {
	if r.SNI != "" || r.Scheme != HTTPS {
		return r.SNI
	}
	host, _, _ := strings.Cut(r.Host, ":")
	if _, err := netip.ParseAddr(host); err == nil || strings.HasPrefix(r.Host, "[") {
		return "" // no client asks for an address (RFC 6066 3)
	}
	return strings.TrimSuffix(host, ".") // nor for a name with its last dot (the same)
}
