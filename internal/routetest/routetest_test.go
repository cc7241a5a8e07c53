package routetest_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/route"
	"github.com/lbgen/lbgen/internal/routetest"
	"github.com/lbgen/lbgen/internal/site"
)

const shop = `version: 1
site: shop
platform: debian12
nics: {front: {device: eth0, subnet: 192.0.2.0/24}}
nodes: [{name: lb1, addresses: {front: 192.0.2.1}}]
frontends:
  - name: web
    binds: [{nic: front, port: 80}]
    routes:
      - {when: [{src: 203.0.113.0/24}], silent_drop: true}
      - {when: [{host: old.example.com}], redirect: {prefix: "https://www.example.com"}}
      - {when: [{path_beg: /static/}], backend: static}
      - {when: [{path: /robots.txt}], return: {page: sorry.html}}
    default_backend: app
  - {name: raw, mode: tcp, binds: [{nic: front, port: 81}], default_backend: tcp}
backends:
  - {name: app, servers: [{name: a1, address: "192.0.2.91:80"}, {name: a2, address: "192.0.2.92:80"}],
     rules: [{when: [{path: /x}], deny: 403}]}
  - {name: static, servers: [{name: s1, address: "192.0.2.93:80"}]}
  - {name: tcp, mode: tcp, servers: [{name: t1, address: "192.0.2.94:80"}]}
tests:
`

// run asks one test of the shop.
func run(t *testing.T, test string) routetest.Report {
	t.Helper()
	s, _, found := model.Load("shop.yaml", []byte(shop+"  - {"+test+"}\n"))
	if found.HasErrors() {
		t.Fatal(found)
	}
	return routetest.Run(site.Resolve(s))
}

func nowhere(diag.Path) diag.Range { return diag.Range{} }

// TestOutcomes has for each kind of expectation a test that passes and ones that must not.
func TestOutcomes(t *testing.T) {
	const known = "from: 198.51.100.7, "
	for _, c := range []struct {
		test, said string // "" where it passes
	}{
		{known + "request: GET http://www.example.com/, backend: app", ""},
		{known + "request: GET http://www.example.com/, backend: static", "backend app (a1 or a2), not backend static"},
		{known + "request: GET http://www.example.com/, server: app/a1", "backend app (a1 or a2), not server app/a1"},
		{known + "request: GET http://www.example.com/, down: app/a2, server: app/a1", ""},
		{known + "request: GET http://www.example.com/, down: app/a1, server: app/a1", "server app/a2, not server app/a1"},
		{known + "request: GET http://www.example.com/, down: app, backend: app", "backend app, status 503, not backend app"},
		{known + "request: GET http://www.example.com/, down: app, backend: app, status: 503", ""},
		{known + "request: GET http://www.example.com/x, status: 403", ""},
		{known + "request: GET http://www.example.com/x, status: 404", "status 403, not status 404"},
		{known + "request: GET http://old.example.com/y, redirect: https://www.example.com/y", ""},
		{known + "request: GET http://old.example.com/y, redirect: https://www.example.com/y, code: 302", ""},
		{known + "request: GET http://old.example.com/y, redirect: https://www.example.com/y, code: 301",
			"with 302, not redirect to https://www.example.com/y with 301"},
		{known + "request: GET http://old.example.com/y, redirect: https://www.example.com/z", "not redirect to https://www.example.com/z"},
		{known + "request: GET http://www.example.com/robots.txt, page: sorry.html", ""},
		{known + "request: GET http://www.example.com/, page: sorry.html", "not page sorry.html"},
		{"request: GET http://www.example.com/, from: 203.0.113.9, closed: true", ""},
		{"request: GET http://www.example.com/, from: 203.0.113.9, status: 403", "no answer, not status 403"},
		{known + "request: GET http://www.example.com/, closed: true", "not no answer"},
		{known + `request: "GET http://www.example.com:82/", backend: app`, "nothing listens there"},
		{"request: GET http://www.example.com/, backend: app", "is undecided: it depends on the client's address"},
		{`request: "tcp 192.0.2.1:81", backend: tcp`, ""},
		{`request: "tcp 192.0.2.1:81", server: tcp/t1`, ""},
		{`request: "tcp 192.0.2.1:81", down: tcp, closed: true`, ""},
		{`request: "tcp 192.0.2.1:81", backend: app`, "server tcp/t1, not backend app"},
	} {
		r := run(t, c.test)
		found := r.Findings(nowhere)
		switch {
		case c.said == "" && (len(found) > 0 || r.Results[0].Outcome != routetest.Passed):
			t.Errorf("%s: %+v", c.test, found)
		case c.said != "" && (len(found) != 1 || found[0].Severity != diag.Error || !strings.Contains(found[0].Summary, c.said)):
			t.Errorf("%s: want %q, got %+v", c.test, c.said, found)
		}
	}
}

// TestUndecidedSaysWhatToWrite: an undecided test has a remedy, and is not guessed.
func TestUndecidedSaysWhatToWrite(t *testing.T) {
	r := run(t, "request: GET http://www.example.com/, backend: app")
	found := r.Findings(nowhere)
	if r.Count(routetest.Undecided) != 1 || len(found) != 1 || found[0].Code != "test-undecided" ||
		!strings.Contains(found[0].Detail, "from: ") {
		t.Errorf("got %+v", found)
	}
}

// TestCoverage names the routes that a test has reached.
func TestCoverage(t *testing.T) {
	all := []string{"frontends[0].routes[0]", "frontends[0].routes[1]", "frontends[0].routes[2]", "frontends[0].routes[3]",
		"frontends[0].default_backend", "frontends[1].default_backend", "backends[0].rules[0]"}
	for test, want := range map[string]string{
		"request: GET http://a.example.com/, from: 203.0.113.9, closed: true":                           all[0],
		"request: GET http://old.example.com/, from: 10.1.2.3, status: 302":                             all[1],
		"request: GET http://a.example.com/static/x, from: 10.1.2.3, backend: static":                   all[2],
		"request: GET http://a.example.com/static/x, from: 10.1.2.3, down: static, status: 503":         all[2],
		"request: GET http://a.example.com/robots.txt, from: 10.1.2.3, status: 200":                     all[3],
		"request: GET http://a.example.com/, from: 10.1.2.3, backend: app":                              all[4],
		"request: GET http://a.example.com/, from: 10.1.2.3, down: app, status: 503":                    all[4],
		"request: GET http://a.example.com/x, from: 10.1.2.3, status: 403":                              all[4] + " " + all[6],
		`request: "tcp 192.0.2.1:81", backend: tcp`:                                                     all[5],
		`request: "GET http://a.example.com:99/", backend: app`:                                         "",
		`request: GET http://a.example.com/, backend: app`:                                              "",
		`request: GET http://a.example.com/, from: 10.1.2.3, headers: {X-A: b}, times: 3, backend: app`: all[4],
	} {
		r := run(t, test)
		var listed, reached []string
		for _, one := range r.Routes {
			listed = append(listed, string(one.Path))
			if one.Reached > 0 {
				reached = append(reached, string(one.Path))
			}
		}
		if !slices.Equal(listed, all) {
			t.Fatalf("routes: %q", listed)
		}
		if got := strings.Join(reached, " "); got != want {
			t.Errorf("%s reaches %q, want %q", test, got, want)
		}
	}
	if routetest.Percent(2, 3) != 66 || routetest.Percent(0, 0) != 100 || routetest.Percent(3, 3) != 100 {
		t.Error("per cent are not rounded down")
	}
}

// TestRequestIsWhatTheClientSends looks at what a test says in other words.
func TestRequestIsWhatTheClientSends(t *testing.T) {
	s, _, found := model.Load("shop.yaml", []byte(shop+`
  - {request: "GET https://www.example.com:443/a?b=c", to: 192.0.2.1, headers: {X-B: [one, two], X-A: x}, cookies: {b: "2", a: "1"},
     status: 200}
  - {request: "GET https://www.example.com:80/", status: 200}
  - {request: "GET http://192.0.2.1:81/", status: 200}
`))
	if found.HasErrors() {
		t.Fatal(found)
	}
	r := routetest.Request(&s.Tests[0])
	want := []route.Header{{Name: "X-A", Value: "x"}, {Name: "X-B", Value: "one"}, {Name: "X-B", Value: "two"},
		{Name: "Cookie", Value: "a=1; b=2"}}
	if r.Host != "www.example.com" || r.Target != "/a?b=c" || r.Port != 443 || r.Address.String() != "192.0.2.1" ||
		!slices.Equal(r.Headers, want) {
		t.Errorf("got %+v", r)
	}
	if r := routetest.Request(&s.Tests[1]); r.Host != "www.example.com:80" {
		t.Errorf("Host is %q", r.Host)
	}
	if r := routetest.Request(&s.Tests[2]); r.Host != "192.0.2.1:81" || r.Address.String() != "192.0.2.1" {
		t.Errorf("got %+v", r)
	}
}

// TestExamples: the tests of each example pass, and reach all of its routes.
func TestExamples(t *testing.T) {
	for _, s := range examples(t) {
		r := routetest.Run(s)
		for _, d := range r.Findings(nowhere) {
			t.Errorf("%s: %s", s.Name, d.Summary)
		}
		for _, one := range r.Routes {
			if one.Reached == 0 {
				t.Errorf("%s: no test reaches %s", s.Name, one.Path)
			}
		}
	}
}

func examples(t *testing.T) []*site.Site {
	t.Helper()
	var all []*site.Site
	for _, pattern := range []string{"../../examples/*.yaml", "../../examples/fleet/*.yaml"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			all = append(all, open(t, name))
		}
	}
	if len(all) < 19 {
		t.Fatalf("only %d examples", len(all))
	}
	return all
}

func open(t *testing.T, name string) *site.Site {
	t.Helper()
	s, _, found := model.LoadShared(name, read(t, name), func(file string) (string, []byte, *diag.Diagnostic) {
		file = filepath.Join(filepath.Dir(name), file)
		return file, read(t, file), nil
	})
	if found.HasErrors() {
		t.Fatal(name, found)
	}
	return site.Resolve(s)
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
