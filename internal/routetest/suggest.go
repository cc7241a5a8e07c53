package routetest

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/route"
	"github.com/lbgen/lbgen/internal/site"
)

// Suggest returns tests that say what a site does now: for each route, each rule of a
// backend and each default_backend a request that comes by there, where one is found
// and the site file decides what becomes of it. example makes a text of a regular
// expression that matches it.
func Suggest(s *site.Site, example func(pattern string) (string, bool)) []model.Test {
	g := &suggester{site: s, evaluator: route.New(s), coverage: newCoverage(s), example: example, outside: outside(networks(s))}
	for i := range s.Frontends {
		g.frontend(&s.Frontends[i])
	}
	for i := range s.Backends {
		g.backend(&s.Backends[i])
	}
	return g.tests
}

// suggester finds tests.
type suggester struct {
	site      *site.Site
	evaluator *route.Evaluator
	coverage  *coverage
	example   func(string) (string, bool)
	outside   netip.Addr // that no network of a route has
	tests     []model.Test
}

func (g *suggester) frontend(f *site.Frontend) {
	bases := g.bases(f)
	for i := range f.Routes {
		g.reach(f.Path().Key("routes").Index(i), &f.Routes[i], bases)
	}
	if at, ok := g.coverage.defaults[f.Name]; ok {
		for _, t := range bases {
			if g.coverage.routes[at].Reached > 0 || g.try(t, func(a *route.Answer) bool {
				return a.Frontend == f.Name && a.Backend == f.DefaultBackend
			}) {
				break
			}
		}
	}
}

// backend finds tests for the rules of a backend, among those that come to it, and for
// what is answered when it has no server left.
func (g *suggester) backend(b *site.Backend) {
	var bases []model.Test
	for _, t := range g.tests {
		if t.Backend == b.Name && len(t.Down) == 0 {
			bases = append(bases, request(&t))
		}
	}
	for i := range b.Rules {
		g.reach(b.Path().Key("rules").Index(i), &b.Rules[i], bases)
	}
	if b.Sorry == nil || len(bases) == 0 {
		return
	}
	t := bases[0]
	t.Down = model.Words{b.Name}
	if a := g.answer(&t); a.Kind != route.ToBackend {
		g.take(t, &a)
	}
}

// request is a test without what it expects.
func request(t *model.Test) model.Test {
	return model.Test{Request: t.Request, To: t.To, From: t.From, Headers: t.Headers, Cookies: t.Cookies, SNI: t.SNI,
		ClientCertificate: t.ClientCertificate, User: t.User}
}

// bases are the plainest requests for a frontend, by TLS first: to the address of a
// bind, then with a host's name in the place of the address.
func (g *suggester) bases(f *site.Frontend) []model.Test {
	var all []model.Test
	for _, tls := range []bool{true, false} {
		for i := range f.Binds {
			b := &f.Binds[i]
			if (b.TLS != nil) != tls || len(b.Ports) == 0 {
				continue
			}
			q := model.TestRequest{Method: "GET", Scheme: route.HTTP, Target: "/", Host: "www.example.com", Port: b.Ports[0]}
			if tls {
				q.Scheme = route.HTTPS
			}
			if f.Mode == model.ModeTCP {
				q.Method, q.Scheme, q.Target = "", model.SchemeTCP, ""
			}
			for _, addr := range b.Addresses {
				t := model.Test{Request: q}
				if addr.IsUnspecified() && f.Mode == model.ModeTCP {
					addr = g.own(addr)
				}
				if !addr.IsUnspecified() {
					t.Request.Host, t.To = addr.String(), model.HostAddress{Addr: addr}
				}
				all = append(all, t)
			}
		}
	}
	return all
}

// own is an address of a node, in the place of all of a family.
func (g *suggester) own(all netip.Addr) netip.Addr {
	for _, n := range g.site.Nodes {
		for _, role := range g.site.Roles {
			for _, a := range n.Addresses[role] {
				if a.Is4() == all.Is4() {
					return a
				}
			}
		}
	}
	return all
}

// most is how many values of one match are tried.
const most = 20

// reach finds a test that comes by a route, unless one does already.
func (g *suggester) reach(path diag.Path, r *site.Route, bases []model.Test) {
	at := g.coverage.at[path]
	if g.coverage.routes[at].Reached > 0 {
		return
	}
	for _, base := range bases {
		for match := range max(len(r.When), 1) {
			for value := range most {
				t, ok := g.satisfying(base, r, match, value)
				if !ok {
					break
				}
				if g.try(t, func(a *route.Answer) bool { return reaches(a, path) }) {
					return
				}
			}
		}
	}
}

// try takes a request as a test where it is decided and does what is wished: from
// anywhere, or else from an address that no route asks about.
func (g *suggester) try(t model.Test, wished func(*route.Answer) bool) bool {
	for _, from := range []netip.Addr{t.From.Addr, g.outside} {
		t.From.Addr = from
		if a := g.answer(&t); a.IsDecided() && wished(&a) && g.take(t, &a) {
			return true
		}
	}
	return false
}

// reaches says whether a request has come by a route.
func reaches(a *route.Answer, path diag.Path) bool {
	return slices.ContainsFunc(a.Steps, func(s route.Step) bool { return s.Path == path && s.Matched == route.Yes })
}

// outside is an address that none of the networks has, one for documentation (RFC 5737);
// the last of them where each has one.
func outside(networks []netip.Prefix) netip.Addr {
	var addr netip.Addr
	for _, text := range []string{"203.0.113.9", "198.51.100.9", "192.0.2.209"} {
		addr = netip.MustParseAddr(text)
		if !slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(addr) }) {
			break
		}
	}
	return addr
}

// networks are those that routes ask about.
func networks(s *site.Site) []netip.Prefix {
	var all []netip.Prefix
	add := func(routes []site.Route) {
		for i := range routes {
			for _, m := range routes[i].When {
				for _, n := range m.Src {
					all = append(all, netip.Prefix(n))
				}
			}
		}
	}
	for i := range s.Frontends {
		add(s.Frontends[i].Routes)
	}
	for i := range s.Backends {
		add(s.Backends[i].Rules)
	}
	return all
}

// answer is what becomes of the request of a test.
func (g *suggester) answer(t *model.Test) route.Answer {
	complete(t)
	return g.evaluator.Route(Request(t))
}

// complete writes the request of a test as the site file has it.
func complete(t *model.Test) {
	q := &t.Request
	q.Authority = q.Host
	if strings.Contains(q.Host, ":") {
		q.Authority = "[" + q.Host + "]"
	}
	if standard := map[string]int{route.HTTP: 80, route.HTTPS: 443}; standard[q.Scheme] != q.Port {
		q.Authority += ":" + strconv.Itoa(q.Port)
	}
	if q.Scheme == model.SchemeTCP {
		q.Text = q.Scheme + " " + q.Authority
	} else {
		q.Text = q.Method + " " + q.Scheme + "://" + q.Authority + q.Target
	}
}

// take adds a test that expects what becomes of its request, where that is decided and
// can be said. What the test does not need is left out.
func (g *suggester) take(t model.Test, a *route.Answer) bool {
	seen := Computed(a)
	switch seen.Kind {
	case route.ToBackend:
		t.Backend = seen.Backend
	case route.Redirect:
		t.Redirect, t.Code = seen.Location, seen.Status
	case route.ByHAProxy:
		t.Status, t.Page = seen.Status, seen.Page
	case route.Closed:
		t.Closed = true
	default:
		return false
	}
	for _, bare := range []func(*model.Test){
		func(t *model.Test) { t.To = model.HostAddress{} },
		func(t *model.Test) { t.From = model.HostAddress{} },
	} {
		less := t
		bare(&less)
		if b := g.answer(&less); b.Frontend == a.Frontend && sameSteps(a, &b) && g.passes(&less) {
			t = less
		}
	}
	if !g.passes(&t) {
		return false
	}
	g.coverage.add(a)
	g.tests = append(g.tests, t)
	return true
}

func sameSteps(a, b *route.Answer) bool {
	return slices.EqualFunc(a.Steps, b.Steps, func(x, y route.Step) bool { return x.Path == y.Path && x.Matched == y.Matched })
}

func (g *suggester) passes(t *model.Test) bool {
	a := g.answer(t)
	r := Judge(t, "", Computed(&a))
	return r.Outcome == Passed
}
