//go:build linux

package behaviour_test

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/route"
	"github.com/lbgen/lbgen/internal/site"
)

// trial is a request, and how it is sent where the evaluator does not mind.
type trial struct {
	route.Request
	absolute bool   // the request line has the whole address
	proxied  bool   // the PROXY protocol tells the client's address
	ended    bool   // TLS ends at the bind
	passing  bool   // a TCP client begins with the hello of TLS
	password bool   // of Request.User is right
	n        int    // of the trial, for an address of its own
	version  string // of HTTP: 1.0, 1.1 or 2
}

// request makes a request to one of the site's frontends, such that the conditions of one
// of its routes often hold.
func (g *maker) request(s *site.Site, n int) trial {
	if s.Stats != nil && g.chance(4) {
		return g.statsRequest(s, n)
	}
	f := &s.Frontends[g.IntN(len(s.Frontends))]
	b := &f.Binds[g.IntN(len(f.Binds))]
	to := netip.MustParseAddr("192.0.2.1")
	if b.Addresses[0].Is6() {
		to = netip.MustParseAddr("2001:db8:ff::1")
	}
	t := trial{Request: route.Request{Address: to, Port: one(g, b.Ports...)}, n: n, proxied: b.AcceptProxy, ended: b.TLS != nil}
	t.From = g.source(n, to.Is6() && !b.AcceptProxy)
	if b.TLS != nil {
		t.ClientCertificate = b.TLS.ClientCA != "" && g.chance(60)
	}
	if f.Mode == model.ModeTCP {
		t.Scheme, t.passing = route.TCP, g.chance(70)
	} else {
		g.http(&t, b)
	}
	if t.ended || t.passing {
		t.SNI = one(g, hostWords()...)
	}
	if t.Scheme == route.HTTPS && g.chance(70) && !strings.HasPrefix(t.Host, "[") {
		t.SNI = "" // the host's name
	}
	g.aim(&t, s, f)
	if t.Scheme == route.TCP && !t.ended && !t.passing {
		t.SNI = ""
	}
	if t.Scheme == route.HTTPS && t.Host == "" && t.SNI == "" {
		t.SNI = "none.example.com"
	}
	g.state(&t, s)
	return t
}

// statsRequest asks for the statistics page.
func (g *maker) statsRequest(s *site.Site, n int) trial {
	t := trial{n: n, password: true, version: "1.1", Request: route.Request{Scheme: route.HTTP, Method: "GET", Host: "192.0.2.1",
		Port:    s.Stats.Port,
		Address: netip.MustParseAddr("192.0.2.1"), Target: one(g, "/stats", "/stats;csv", "/metrics", "/", "/Stats", "/statsx")}}
	t.From = g.source(n, false)
	return t
}

// source is an address that no trial before this one had: rate limits count clients.
func (g *maker) source(n int, v6 bool) netip.Addr {
	k := 1 + g.IntN(3)
	switch {
	case v6 && g.chance(20): // 6to4: it has an IPv4 address in it
		return netip.MustParseAddr(fmt.Sprintf("2002:a%02x:%x::1", k, n&0xffff))
	case v6:
		return netip.MustParseAddr(fmt.Sprintf("2001:db8:%d:%x::1", k, n&0xffff))
	default:
		return netip.AddrFrom4([4]byte{10, byte(k), byte(n >> 8), byte(n)})
	}
}

// http makes a request by HTTP.
func (g *maker) http(t *trial, b *site.Bind) {
	t.Scheme, t.version = route.HTTP, "1.1"
	h2 := b.Proto == "h2"
	if b.TLS != nil {
		t.Scheme = route.HTTPS
		h2 = slices.Contains(b.TLS.ALPN, "h2") && g.chance(50)
	}
	if h2 {
		t.version = "2"
	} else if g.chance(5) {
		t.version = "1.0"
	}
	t.Method = one(g, append(methodWords(), "GET", "GET", "GET")...)
	t.Host = one(g, hostWords()...)
	switch {
	case g.chance(15):
		t.Host += fmt.Sprint(":", t.Port)
	case g.chance(5):
		t.Host = one(g, "[2001:db8:ff::1]:80", "192.0.2.1", "A.EXAMPLE.COM", "a.example.com.")
	case t.version == "1.0" && g.chance(50):
		t.Host = ""
	}
	t.Target = one(g, pathWords()...)
	if g.chance(35) {
		t.Target += "?" + g.query()
	}
	// HAProxy takes a default port off where the request line has the whole address; no
	// request of internal/route has one there (see its Parse).
	t.absolute = t.version == "1.1" && t.Host != "" && g.chance(8) && !strings.HasSuffix(t.Host, ":80")
	for range g.IntN(4) {
		t.Headers = append(t.Headers, route.Header{Name: one(g, headerWords()...), Value: one(g, append(valueWords(), "", ",", "a,,b",
			" two ")...)})
	}
	if g.chance(30) {
		t.Headers = append(t.Headers, route.Header{Name: "Cookie", Value: g.cookie()})
	}
	if t.version == "2" {
		t.Headers = slices.DeleteFunc(t.Headers, func(h route.Header) bool { return h.Value != strings.TrimSpace(h.Value) })
	}
}

func (g *maker) query() string {
	parts := make([]string, 0, 3)
	for range 1 + g.IntN(3) {
		parts = append(parts, one(g, paramWords()...)+one(g, "=", "=", "=", "", "=="))
		parts[len(parts)-1] += one(g, "one", "two", "One", "a%62", "o%6Ee", "x+y", "%zz", "%", "", "%2C", "one%20two")
	}
	return strings.Join(parts, one(g, "&", "&", ";", "?"))
}

func (g *maker) cookie() string {
	parts := make([]string, 0, 3)
	for range 1 + g.IntN(3) {
		parts = append(parts, one(g, cookieWords()...)+one(g, "=", "=", "=", "", " = ")+one(g, "one", "two", "s0", "s1", "other0", "s1~abc",
			"", `"q,q"`, "One", "one two"))
	}
	return strings.Join(parts, one(g, "; ", "; ", ";"))
}

// aim changes the request so that the conditions of one route or rule are likely to hold.
func (g *maker) aim(t *trial, s *site.Site, f *site.Frontend) {
	rules := f.Routes
	if b := s.Backend(f.DefaultBackend); b != nil && g.chance(30) {
		rules = b.Rules
	}
	if len(rules) == 0 || g.chance(15) {
		return
	}
	r := &rules[g.IntN(len(rules))]
	for i := range r.When {
		if m := &r.When[i]; !m.Not && g.chance(85) {
			g.meet(t, m)
		}
	}
	if r.Auth != nil && t.Scheme != route.TCP {
		t.User = one(g, "anna", "bert", "")
	}
	if r.RateLimit != nil {
		t.Count = 1 + g.IntN(4)
	}
	if (r.StripPrefix != "" || r.SetPath != "") && g.chance(60) {
		t.Target = strings.TrimRight(r.StripPrefix, "/") + one(g, "", "/", "/x", "/a?q=one", "x", "//b", "?q=two")
		if t.Target == "" || t.Target[0] != '/' {
			t.Target = "/" + t.Target
		}
	}
}

// meet makes one criterion hold, if that is easily done.
func (g *maker) meet(t *trial, m *model.Match) {
	path, query, _ := strings.Cut(t.Target, "?")
	switch m.Criterion() {
	case "host":
		t.Host = one(g, m.Host...)
	case "host_end":
		t.Host = "w" + one(g, m.HostEnd...)
	case "path":
		path = one(g, m.Path...)
	case "path_beg":
		path = one(g, m.PathBeg...) + one(g, "", "x", "/x")
	case "path_end":
		path = "/z" + one(g, m.PathEnd...)
	case "path_regex":
		path = one(g, "/a", "/img/12.png", "/aXb", "/app/o+ne", "/apple")
	case "method":
		t.Method = one(g, m.Method...)
	case "header":
		t.Headers = append(t.Headers, route.Header{Name: one(g, m.Header.Name, strings.ToUpper(m.Header.Name)), Value: g.value(m.Header)})
	case "url_param":
		query = strings.TrimPrefix(query+"&"+m.URLParam.Name+"="+one(g, strings.ReplaceAll(url.QueryEscape(g.value(m.URLParam)), "%25", "%"),
			g.plain(m.URLParam)), "&")
	case "cookie":
		t.Headers = append(t.Headers, route.Header{Name: "Cookie", Value: one(g, "c=zzz; ", "") + m.Cookie.Name + "=" + g.plain(m.Cookie)})
	case "sni":
		t.SNI, t.passing = one(g, m.SNI...), true
	case "sni_end":
		t.SNI, t.passing = "w"+one(g, m.SNIEnd...), true
	case "acme":
		path = "/.well-known/acme-challenge/token"
	case "client_certificate":
		t.ClientCertificate = t.ClientCertificate || *m.ClientCertificate && t.ended
	case "down":
		t.Down = append(t.Down, m.Down)
	}
	if t.Scheme == route.TCP {
		return
	}
	t.Target = path
	if query != "" {
		t.Target += "?" + query
	}
}

// value is one that the match may take.
func (g *maker) value(m *model.HeaderMatch) string {
	switch {
	case m.Value != nil:
		return one(g, "", "x, ") + one(g, m.Value...)
	case m.Beg != nil:
		return one(g, m.Beg...) + one(g, "", "x")
	case m.End != nil:
		return one(g, "", "x ") + one(g, m.End...)
	case m.Contains != nil:
		return "w" + one(g, m.Contains...) + "w"
	default:
		return one(g, "one", "v12", "a b", "example.com", "o+ne", "X}y")
	}
}

// plain is one without what means something in cookies and queries.
func (g *maker) plain(m *model.HeaderMatch) string {
	return strings.Map(func(c rune) rune {
		if strings.ContainsRune(" ;&?%\"", c) || c > 0x7e {
			return 'z'
		}
		return c
	}, g.value(m))
}

// state is what is down, who asks, and how often.
func (g *maker) state(t *trial, s *site.Site) {
	if g.chance(20) {
		b := &s.Backends[g.IntN(len(s.Backends))]
		t.Down = append(t.Down, b.Name)
		if g.chance(60) {
			t.Down[len(t.Down)-1] += "/" + b.Servers[g.IntN(len(b.Servers))].Name
		}
	}
	t.password = true
	if t.Scheme != route.TCP && g.chance(5) {
		t.User = one(g, "anna", "bert")
	}
	if t.Scheme != route.TCP && (g.chance(2) || t.User != "" && g.chance(15)) {
		t.User, t.password = "", false // a wrong one
	}
	if t.Count > 1 && t.Scheme != route.TCP {
		t.Headers = slices.DeleteFunc(t.Headers, func(h route.Header) bool { return strings.EqualFold(h.Name, "X-Real-IP") })
		if g.chance(70) {
			t.Headers = append(t.Headers, route.Header{Name: "X-Real-IP", Value: fmt.Sprintf("10.%d.%d.%d", 200+g.IntN(20), t.n>>8&255, t.n&255)})
		}
	}
}
