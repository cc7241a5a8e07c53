package model

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

// tests looks at what the tests name and at what they expect. What comes of a
// request is for lbgen test to say.
func (c *cross) tests() {
	t := &testCheck{cross: c, backends: known{what: "backend", list: "backends", names: map[string]bool{}}, at: map[string]int{},
		servers: map[string]known{}, pages: known{what: "page", list: "backends", names: map[string]bool{}}, asked: map[string]place{}}
	for i := range c.site.Backends {
		b := &c.site.Backends[i]
		t.backends.names[b.Name], t.at[b.Name] = true, i
	}
	for _, ref := range c.site.PageRefs() {
		t.pages.names[ref.File] = true
	}
	t.users = known{what: "user", list: "userlists", names: map[string]bool{}}
	for _, l := range c.site.Userlists {
		for _, u := range l.Users {
			t.users.names[u.Name] = true
		}
	}
	for i := range c.site.Tests {
		t.test(diag.Path("tests").Index(i), i, &c.site.Tests[i])
	}
}

// testCheck looks at the tests of a site.
type testCheck struct {
	*cross
	backends, pages, users known
	at                     map[string]int   // index of each backend
	servers                map[string]known // of the backends that were asked about
	asked                  map[string]place // the requests so far
}

func (t *testCheck) test(path diag.Path, i int, one *Test) {
	t.refer(path.Key("backend"), one.Backend, t.backends)
	t.server(path.Key("server"), one.Server)
	for j, down := range one.Down {
		t.down(path.Key("down").Index(j), down)
	}
	t.refer(path.Key("page"), one.Page, t.pages)
	t.refer(path.Key("user"), one.User, t.users)
	t.expects(path, one)
	t.sends(path, one)
	if !t.hasFailedBelow(path) {
		t.twice(i, one)
	}
}

// down wants a backend, or one of its servers.
func (t *testCheck) down(path diag.Path, name string) {
	if strings.Contains(name, "/") {
		t.server(path, name)
		return
	}
	t.refer(path, name, t.backends)
}

func (t *testCheck) server(path diag.Path, name string) {
	backend, server, ok := strings.Cut(name, "/")
	if !ok || !t.refer(path, backend, t.backends) {
		return
	}
	b := &t.site.Backends[t.at[backend]]
	for _, template := range b.ServerTemplates {
		if template.makes(server) {
			return
		}
	}
	if _, done := t.servers[backend]; !done {
		names := known{what: "server in backend " + backend + ":", list: diag.Path("backends").Index(t.at[backend]).Key("servers"),
			names: make(map[string]bool, len(b.Servers))}
		for i := range b.Servers {
			names.names[b.Servers[i].Name] = true
		}
		t.servers[backend] = names
	}
	t.refer(path, server, t.servers[backend])
}

// expects wants something to be expected, and no two things that cannot both be.
func (t *testCheck) expects(path diag.Path, one *Test) {
	served := keys([]written{{"server", one.Server != ""}})
	answered := keys([]written{{"redirect", one.Redirect != ""}, {"code", one.Code != 0}, {"status", one.Status != 0},
		{"page", one.Page != ""}})
	backend, _, _ := strings.Cut(one.Server, "/")
	all := append(append(keys([]written{{"backend", one.Backend != ""}}), served...), answered...)
	switch {
	case t.hasFailedBelow(path):
	case len(all) == 0 && !one.Closed:
		t.add(path, "missing-field", "a test expects nothing",
			"add what has to come of the request: backend, server, redirect, status, page or closed")
	case one.Closed && len(all) > 0:
		t.contradict(path, "closed", all[0],
			"a connection that is closed without an answer has none of the others: write two tests, or one of the two")
	case len(served) > 0 && len(answered) > 0:
		t.contradict(path, "server", answered[0], answered[0]+" is of an answer by HAProxy itself, and then no server gets the request")
	case one.Backend != "" && one.Server != "" && backend != one.Backend:
		t.contradict(path, "backend", "server", fmt.Sprintf("%s is a server of backend %s", one.Server, backend))
	default:
		t.answers(path, one)
	}
}

// answers looks at what is expected of an answer by HAProxy itself.
func (t *testCheck) answers(path diag.Path, one *Test) {
	switch {
	case one.Code != 0 && one.Redirect == "":
		t.add(path.Key("code"), "missing-field", "code without redirect", "write status, or where the client is sent: redirect")
	case one.Redirect != "" && one.Page != "":
		t.contradict(path, "redirect", "page", "a redirect has no page")
	case one.Redirect != "" && one.Status != 0 && one.Status != one.Code:
		t.contradict(path, "redirect", "status", "the status of a redirect is code")
	}
}

func (t *testCheck) contradict(path diag.Path, a, b, detail string) {
	t.add(path.Key(b), "bad-value", fmt.Sprintf("a test expects %s and %s", a, b), detail, t.elsewhere("the other is here", path.Key(a)))
}

// sends looks at what the client sends, and whether it can.
func (t *testCheck) sends(path diag.Path, one *Test) {
	r := &one.Request
	for _, name := range sortedKeys(one.Headers) {
		if at := path.Key("headers").Entry(name); strings.EqualFold(name, "Host") || strings.EqualFold(name, "Cookie") {
			t.add(at, "bad-value", fmt.Sprintf("%s is not written among the headers", name), "the request has the host, and cookies has the cookies")
		}
	}
	switch {
	case r.Scheme == "":
	case r.IsTCP():
		for _, key := range keys([]written{{"headers", one.Headers != nil}, {"cookies", one.Cookies != nil},
			{"user", one.User != ""}, {"redirect", one.Redirect != ""},
			{"code", one.Code != 0}, {"status", one.Status != 0}, {"page", one.Page != ""}}) {
			t.add(path.Key(key), "bad-value", key+" means nothing over TCP", "write the request with a method and an address, or take it out")
		}
	case r.Scheme == "http":
		for _, key := range keys([]written{{"sni", one.SNI != ""}, {"client_certificate", one.ClientCertificate}}) {
			t.add(path.Key(key), "bad-value", key+" means nothing without TLS", "write the request with https://, or take it out")
		}
	}
	if addr := r.Addr(); addr.IsValid() && one.To.IsValid() && addr != one.To.Addr && r.IsTCP() {
		t.add(path.Key("to"), "bad-value", fmt.Sprintf("the request goes to %s, and to says %s", addr, one.To), "take one of them out")
	}
	if to := one.To.Addr; to.IsValid() && one.From.IsValid() && to.Is4() != one.From.Is4() {
		t.add(path.Key("from"), "bad-value", "from and to are not of one family", "write two addresses of IPv4, or two of IPv6")
	}
}

// twice refuses a request that was asked before: both expect the same, or one of
// them fails for ever.
func (t *testCheck) twice(i int, one *Test) {
	asks := *one
	asks.Backend, asks.Server, asks.Redirect, asks.Code, asks.Status, asks.Page, asks.Closed = "", "", "", 0, 0, "", false
	key := fmt.Sprintf("%#v", asks) // fmt sorts mappings
	first, ok := t.asked[key]
	if !ok {
		t.asked[key] = place{list: "tests", i: i}
		return
	}
	summary, detail := "the same request is tested twice", "take one of them out, or write what both expect into one"
	if !reflect.DeepEqual(t.site.Tests[first.i], *one) {
		summary += ", and something else is expected"
	}
	t.add(diag.Path("tests").Index(i), "duplicate", summary, detail, t.elsewhere("it is tested here already", first.path()))
}
