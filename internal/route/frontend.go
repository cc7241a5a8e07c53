package route

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
)

// request takes an HTTP request through its frontend.
func (w *walk) request() {
	w.read()
	f := w.front
	if f.MonitorURI != "" && w.monitored(f.MonitorURI) {
		w.byHAProxy(f.Path().Key("monitor_uri"), 200)
		w.respond()
		return
	}
	if !w.rawRules(&f.raw, false) {
		return
	}
	if f.EndsTLS() && f.ForwardedProto {
		w.set(f.Path().Key("binds"), "X-Forwarded-Proto", known(choose(w.tls, HTTPS, HTTP)))
	}
	if w.tryRules(&f.section, &w.later) {
		w.respond()
		return
	}
	w.chooseBackend()
}

// read takes the request apart as HAProxy does.
func (w *walk) read() {
	target := w.req.Target
	w.path, w.query = target, ""
	if i := strings.IndexByte(target, '?'); i >= 0 {
		w.path, w.query = target[:i], target[i:]
	}
	w.hasPath = strings.HasPrefix(w.path, "/")
	w.headers = make([]field, 0, len(w.req.Headers)+4)
	if w.req.Host != "" {
		w.headers = append(w.headers, field{name: "Host", value: w.req.Host})
	}
	for _, h := range w.req.Headers {
		w.headers = append(w.headers, field{name: h.Name, value: strings.Trim(h.Value, " \t")})
	}
}

// monitored says whether HAProxy answers the request for somebody's monitoring: with
// HTTP/2, too (measured with 2.6.12, 3.0.11 and 3.2.26).
func (w *walk) monitored(uri string) bool { return w.req.Target == uri }

// connection takes a TCP connection through its frontend.
func (w *walk) connection() {
	f := w.front
	if !w.rawRules(&f.raw, false) || w.tryRules(&f.section, &w.later) {
		return
	}
	w.chooseBackend()
}

// tryRules tries the rules in order; it says whether one of them has ended the way of
// the request.
func (w *walk) tryRules(s *section, later *[]late) (ended bool) {
	for i := range s.rules {
		r := &s.rules[i]
		switch {
		case r.Backend != "" && !r.ends: // HAProxy looks at it when all rules are done
		case r.OnResponse():
			w.remember(r, i, later)
		case r.RateLimit != nil:
			if w.limited(r) {
				return true
			}
		default:
			stop, done := w.try(s, r, i)
			if done {
				return true
			}
			if stop {
				return false
			}
		}
	}
	return false
}

// try looks at one rule. It stops the rules, or is the end of the way.
func (w *walk) try(s *section, r *rule, i int) (stop, done bool) {
	switch w.holds(r) {
	case No:
		if r.Backend != "" {
			w.tried.add(i)
		}
		return false, false
	case Maybe:
		return false, w.undecided(r)
	case Yes:
	}
	switch {
	case r.Backend != "":
		if r.kept {
			w.chosen.add(i)
		}
		return true, false
	case r.Allow:
		w.did(r, "no further route but those to a backend")
		return true, false
	}
	return false, w.act(s, r)
}

// undecided is a rule of which nobody knows whether it acts. Where it only changes the
// request, what it changes is not known from here on.
func (w *walk) undecided(r *rule) (done bool) {
	why := w.why
	switch r.Action {
	case "set_header", "add_header", "del_header":
		c := Change{Path: r.path, Do: "del", Name: r.DelHeader}
		if h := header(r); h != nil {
			v := w.value(h)
			c.Do, c.Name, c.Value, c.Sample = r.Action[:3], h.Name, v.value, v.sample
		}
		w.answer.Request = append(w.answer.Request, c)
		w.blur(c.Name, why)
	case "set_path", "strip_prefix":
		w.unsurePath, w.answer.Target = why, ""
	default:
		w.doubt(r.path, why)
		return true
	}
	w.note(r.path, why)
	return false
}

func header(r *rule) *model.Header {
	if r.SetHeader != nil {
		return r.SetHeader
	}
	return r.AddHeader
}

// chooseBackend looks at the routes to backends, which HAProxy does when all others are
// done.
func (w *walk) chooseBackend() {
	f := w.front
	if f.raw.chooses {
		w.doubt(f.Path().Key("raw"), "a raw line chooses a backend")
		return
	}
	for i := range f.rules {
		r := &f.rules[i]
		if r.Backend == "" || w.tried.has(i) {
			continue
		}
		switch w.takes(r, i) {
		case Yes:
			w.did(r, r.Backend)
			w.toBackend(r.to, r.path)
			return
		case Maybe:
			w.doubt(r.path, w.why)
			return
		case No:
		}
	}
	switch {
	case f.to >= 0:
		w.toBackend(f.to, f.fallback)
	case f.Mode == model.ModeTCP:
		w.close(f.Path(), "no route has taken the connection, and there is no default_backend")
	default:
		w.failed(f.Path(), 503)
		w.respond()
	}
}

// takes says whether a route to a backend takes the request: by what it found out in its
// place, or by what holds now.
func (w *walk) takes(r *rule, i int) Truth {
	if r.kept {
		return truth(w.chosen.has(i))
	}
	return w.holds(r)
}

// limited counts a client and says whether it is refused.
func (w *walk) limited(r *rule) bool {
	l := r.RateLimit
	limit := l.Requests + l.Connections + l.Concurrent
	n := max(w.req.Count, 1)
	if n <= limit {
		if w.trace && w.holds(r) == Yes {
			w.did(r, "counted: "+strconv.Itoa(n)+" of "+strconv.Itoa(limit))
		}
		return false
	}
	switch w.holds(r) {
	case No:
		return false
	case Maybe:
		w.doubt(r.path, w.why)
		return true
	case Yes:
	}
	if l.Header != "" && !w.hasAddress(l.Header) {
		w.did(r, "not counted: no address in "+l.Header)
		return false
	}
	w.did(r, "counted: "+strconv.Itoa(n)+", and "+strconv.Itoa(limit)+" are served")
	if w.front.Mode == model.ModeTCP {
		w.close(r.path, "the client has come too often")
		return true
	}
	w.failed(r.path, l.Status)
	return true
}

// hasAddress says whether the last value of a header is an address, as req.hdr_ip(…,-1)
// reads it.
func (w *walk) hasAddress(name string) bool {
	last := ""
	for i := range w.headers {
		if isName(w.headers[i].name, name) {
			for v := range values(w.headers[i].value) {
				last = v
			}
		}
	}
	_, err := netip.ParseAddr(last)
	return err == nil
}

// byHAProxy is an answer by HAProxy itself.
func (w *walk) byHAProxy(by diag.Path, status int) {
	w.answer.Kind, w.answer.By, w.answer.Status = ByHAProxy, by, status
}
