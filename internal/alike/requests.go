package alike

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/lab"
)

// Patience is how long a client waits for an answer.
const Patience = 5 * time.Second

// Least is how many requests are sent at the least, where clients come in at all.
const Least = 200

// asMany is how many requests an entry gets at the most: those of the rules come first.
const asMany = 1200

// Entry is an address and port that clients come in by.
type Entry struct {
	At    netip.AddrPort
	TLS   bool // one of the two ends TLS there
	Both  bool // one of the two hands on what comes: TLS, or not
	Proxy bool // a PROXY header is expected
	// Listeners are the sections that listen there, of each of the two.
	Listeners [2][]string
}

// Requests are what is asked at an entry: what the conditions of both configurations
// ask about, and what is beside it. They are at least as many as wanted, each another.
func Requests(e Entry, before, after *haproxy.Config, wanted int) []lab.Request {
	var a asks
	about(before, e.Listeners[0], &a)
	about(after, e.Listeners[1], &a)
	m := &maker{asks: a, entry: e, seen: map[string]bool{}}
	m.plain()
	m.ofRules()
	m.together()
	m.beside()
	m.otherWays()
	m.fill(wanted)
	return m.all[:min(len(m.all), max(asMany, wanted))]
}

// maker makes the requests of an entry.
type maker struct {
	asks
	entry Entry
	seen  map[string]bool
	all   []lab.Request
}

// nobody is a host, and nothing a path, that no rule asks for.
const (
	nobody  = "nobody.example"
	nothing = "/lbgen-nothing"
)

func (m *maker) request() lab.Request {
	return lab.Request{Address: m.entry.At, TLS: m.entry.TLS, Proxy: m.entry.Proxy, Method: "GET", Path: "/", Timeout: Patience,
		Header: map[string]string{}}
}

// add adds a request, unless it is there already.
func (m *maker) add(r lab.Request) {
	r.Name = Words(r)
	if key := fmt.Sprintf("%+v", r); !m.seen[key] { // its name has no secret, which may be all that is different
		m.seen[key] = true
		m.all = append(m.all, r)
	}
}

// with is a request of which a part is as wished.
func with(r lab.Request, w wish) lab.Request {
	r.Header = maps.Clone(r.Header)
	switch w.part {
	case host:
		r.Host = w.value
	case path:
		r.Path = w.value
	case method:
		r.Method = w.value
	case query:
		sign := "?"
		if strings.Contains(r.Path, "?") {
			sign = "&"
		}
		r.Path += sign + w.name + "=" + w.value
	case cookie:
		r.Header["Cookie"] = strings.TrimPrefix(r.Header["Cookie"]+"; "+w.name+"="+w.value, "; ")
	case header:
		r.Header[w.name] = w.value
	}
	return r
}

// plain is what is asked of every entry.
func (m *maker) plain() {
	m.add(m.request())
	other := m.request()
	other.Host, other.Path = nobody, nothing
	m.add(other)
	if m.entry.TLS || m.entry.Both {
		swapped := m.request()
		swapped.TLS = !swapped.TLS
		m.add(swapped)
	}
}

// ofRules are requests for which a line's conditions hold, with each of their values,
// and those for which one of them does not.
func (m *maker) ofRules() {
	for _, rule := range m.rules {
		for i, t := range rule {
			for _, w := range t.wishes {
				m.add(m.satisfying(rule, i, &w))
			}
			m.add(m.satisfying(rule, i, nil))
		}
	}
}

// satisfying is a request for which a rule's conditions hold; of the one with the number
// the wish, or nothing.
func (m *maker) satisfying(rule []term, number int, w *wish) lab.Request {
	r := m.request()
	// A parameter is put behind the path.
	for _, late := range []bool{false, true} {
		for i, t := range rule {
			one := w
			if i != number {
				if t.not || len(t.wishes) == 0 {
					continue
				}
				one = &t.wishes[0]
			}
			if one != nil && one.fits() && (one.part == query) == late {
				r = with(r, *one)
			}
		}
	}
	return r
}

// together is every host with every path.
func (m *maker) together() {
	for _, h := range append([]string{"", nobody}, m.hosts...) {
		for _, p := range append([]string{"/", nothing}, m.paths...) {
			r := m.request()
			r.Host, r.Path = h, p
			m.add(r)
		}
	}
}

// beside is what changes one thing: the method, a header, a cookie, a parameter, how a
// host and a path are written.
func (m *maker) beside() {
	for _, h := range append([]string{""}, m.hosts...) {
		r := m.request()
		r.Host = h
		for _, w := range m.others {
			m.add(with(r, w))
		}
		for _, method := range append([]string{"HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"}, m.methods...) {
			r.Method = method
			m.add(r)
		}
		if h != "" {
			forms := []string{strings.ToUpper(h), "x" + h, "more." + h}
			if !m.wholeHosts || !m.bareHosts { // it is known that the two differ in this, and adopt has listed it
				forms = append(forms, fmt.Sprintf("%s:%d", h, m.entry.At.Port()))
			}
			for _, written := range forms {
				r = m.request()
				r.Host = written
				m.add(r)
			}
		}
	}
	for _, p := range m.paths {
		bare, _, _ := strings.Cut(p, "?")
		for _, written := range []string{strings.ToUpper(p), bare + "x", strings.TrimSuffix(bare, "/") + "/more", bare + "?a=b", "/more" + bare,
			bare[:len(bare)-1]} {
			r := m.request()
			if r.Path = written; written != "" {
				m.add(r)
			}
		}
		for _, w := range m.others {
			r := m.request()
			r.Path = p
			m.add(with(r, w))
		}
	}
}

// otherWays are the same requests over HTTP/2, and without TLS or with it where both
// may come in.
func (m *maker) otherWays() {
	now := len(m.all)
	for _, r := range m.all[:min(now, asMany/3)] {
		if m.entry.Both {
			r.TLS = !r.TLS
			m.add(r)
			r.TLS = !r.TLS
		}
		if r.HTTP2 = true; r.TLS == m.entry.TLS {
			m.add(r)
		}
	}
}

// fill adds further paths, methods and hosts, until there are as many as wanted.
func (m *maker) fill(wanted int) {
	forms := []string{"/a/b/c", "/index.html", "/a%2fb", "/?q=1&q=2", "/a;b", "/UPPER", "/.hidden", "/favicon.ico"}
	for round := 0; len(m.all) < wanted; round++ {
		for _, h := range append([]string{"", nobody}, m.hosts...) {
			for _, method := range []string{"GET", "POST", "HEAD"} {
				for _, two := range []bool{false, true} {
					r := m.request()
					r.Host, r.Method, r.HTTP2 = h, method, two
					r.Path = forms[round%len(forms)]
					if round >= len(forms) {
						r.Path = fmt.Sprintf("%s/%d", nothing, round)
					}
					if m.add(r); len(m.all) >= wanted {
						return
					}
				}
			}
		}
	}
}

// Words are a request as it may be shown, and enough to send it by hand.
func Words(r lab.Request) string {
	text := r.Line()
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		text += ", " + field{"header " + name, r.Header[name]}.shown()[len("header "):]
	}
	if r.HTTP2 {
		text += ", HTTP/2"
	}
	return text
}
