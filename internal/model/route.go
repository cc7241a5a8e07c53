package model

import "strconv"

// written is a key, and whether the site file has it.
type written struct {
	key string
	is  bool
}

func keys(all []written) []string {
	var list []string
	for _, w := range all {
		if w.is {
			list = append(list, w.key)
		}
	}
	return list
}

// Actions returns the keys of what the route does. A good route does one thing.
func (r *Route) Actions() []string {
	return keys([]written{
		{"backend", r.Backend != ""}, {"deny", r.Deny != 0}, {"reject", r.Reject}, {"allow", r.Allow}, {"silent_drop", r.SilentDrop},
		{"redirect", r.Redirect != nil}, {"return", r.Return != nil}, {"auth", r.Auth != nil}, {"rate_limit", r.RateLimit != nil},
		{"set_header", r.SetHeader != nil}, {"add_header", r.AddHeader != nil}, {"del_header", r.DelHeader != ""},
		{"set_response_header", r.SetResponseHeader != nil}, {"add_response_header", r.AddResponseHeader != nil},
		{"del_response_header", r.DelResponseHeader != ""}, {"set_path", r.SetPath != ""}, {"strip_prefix", r.StripPrefix != ""},
	})
}

// Action returns the key of the one thing that the route does, "" if there is
// none.
func (r *Route) Action() string {
	if all := r.Actions(); len(all) > 0 {
		return all[0]
	}
	return ""
}

// OnResponse says whether the route changes the answer and not the request.
func (r *Route) OnResponse() bool {
	return r.SetResponseHeader != nil || r.AddResponseHeader != nil || r.DelResponseHeader != ""
}

// ChangesRequest says whether the route changes what other routes may look at.
func (r *Route) ChangesRequest() bool {
	return r.SetHeader != nil || r.AddHeader != nil || r.DelHeader != "" || r.SetPath != "" || r.StripPrefix != ""
}

// Criteria returns the keys of what must match. A good match has one.
func (m *Match) Criteria() []string {
	return keys([]written{
		{"host", m.Host != nil}, {"host_end", m.HostEnd != nil}, {"host_regex", m.HostRegex != nil},
		{"path", m.Path != nil}, {"path_beg", m.PathBeg != nil}, {"path_end", m.PathEnd != nil}, {"path_regex", m.PathRegex != nil},
		{"method", m.Method != nil}, {"src", m.Src != nil}, {"port", m.Port != nil},
		{"header", m.Header != nil}, {"url_param", m.URLParam != nil}, {"cookie", m.Cookie != nil},
		{"sni", m.SNI != nil}, {"sni_end", m.SNIEnd != nil}, {"tls", m.TLS != nil}, {"acme", m.ACME},
		{"client_certificate", m.ClientCertificate != nil}, {"down", m.Down != ""},
	})
}

// Criterion returns the key of what must match, "" if there is nothing.
func (m *Match) Criterion() string {
	if all := m.Criteria(); len(all) > 0 {
		return all[0]
	}
	return ""
}

// OfConnection says whether the match looks at the connection alone, which is
// the same for its every request and known while the answer is on its way.
func (m *Match) OfConnection() bool {
	switch m.Criterion() {
	case "src", "port", "tls", "client_certificate", "down", "sni", "sni_end":
		return true
	default:
		return false
	}
}

// OfClientHello says whether the match looks at the name in the beginning of
// TLS.
func (m *Match) OfClientHello() bool { return m.SNI != nil || m.SNIEnd != nil }

// EndsTLS says whether TLS ends at one of the frontend's binds.
func (f *Frontend) EndsTLS() bool { return f.bindsWithTLS() > 0 }

func (f *Frontend) bindsWithTLS() int {
	n := 0
	for _, b := range f.Binds {
		if b.TLS != nil {
			n++
		}
	}
	return n
}

// StickyCounters is how many tables one request may be counted in: sc0, sc1
// and sc2 (MAX_SESS_STKCTR, which is 3 unless HAProxy is built otherwise).
const StickyCounters = 3

// RateTable is the name of the stick table, a proxy of its own, of the route
// with the number i in the section called name.
func RateTable(name string, i int) string { return name + ".rate." + strconv.Itoa(i) }

// LooksAtHello says whether a route looks at the beginning of TLS that passes
// through.
func (f *Frontend) LooksAtHello() bool {
	if f.EndsTLS() {
		return false
	}
	for i := range f.Routes {
		for j := range f.Routes[i].When {
			if f.Routes[i].When[j].OfClientHello() {
				return true
			}
		}
	}
	return false
}
