package route_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/route"
	"github.com/lbgen/lbgen/internal/site"
)

// head is the beginning of a site with two backends.
const head = `version: 1
site: test
platform: debian12
nics: {front: {device: eth0, subnet: 192.0.2.0/24}}
nodes: [{name: lb1, addresses: {front: 192.0.2.1}}]
backends:
  - {name: b, servers: [{name: s, address: "192.0.2.99:80"}]}
  - {name: c, servers: [{name: s, address: "192.0.2.98:80"}, {name: t, address: "192.0.2.98:81", backup: true}]}
frontends:
`

func evaluator(t testing.TB, text string) *route.Evaluator {
	t.Helper()
	s, _, found := model.Load("test.yaml", []byte(text))
	if found.HasErrors() {
		t.Fatal(found)
	}
	return route.New(site.Resolve(s))
}

func ask(t *testing.T, e *route.Evaluator, request string, change ...func(*route.Request)) route.Answer {
	t.Helper()
	r, err := route.Parse(request)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		c(&r)
	}
	return e.Trace(r)
}

func TestFirstRouteThatMatches(t *testing.T) {
	e := evaluator(t, head+`
  - name: f
    binds: [{nic: front, port: 80}]
    routes:
      - {when: [{host: www.example.com}, {path_beg: /x}], backend: c}
      - {when: [{host: old.example.com}], redirect: {prefix: "https://www.example.com"}}
    default_backend: b
`)
	for request, want := range map[string]string{
		"GET http://www.example.com/x":      "c",
		"GET http://WWW.example.com:80/x?y": "c",
		"GET http://www.example.com/y":      "b",
		"GET http://other.example.com/x":    "b",
		"GET http://old.example.com/a?b=c":  "https://www.example.com/a?b=c",
		"GET http://www.example.com:8080/":  "not heard",
		"GET http://198.51.100.1/":          "not heard",
		"GET http://192.0.2.1/":             "b",
		"http://www.example.com/x":          "c",
	} {
		a := ask(t, e, request)
		got := a.Backend + a.Location
		if a.Kind == route.NotHeard {
			got = string(a.Kind)
		}
		if got != want {
			t.Errorf("%s: %q, want %q: %+v", request, got, want, a)
		}
	}
}

// TestCookies: what the real HAProxy takes for a cookie.
func TestCookies(t *testing.T) {
	e := evaluator(t, head+`
  - name: f
    binds: [{nic: front, port: 80}]
    routes:
      - {when: [{cookie: {name: k, value: [one, '"a,b"']}}], backend: c}
      - {when: [{cookie: {name: k}}], deny: 403}
    default_backend: b
`)
	for cookie, want := range map[string]string{
		"k=one": "c", "a=b; k = one ; x=y": "c", "a=b,k=one": "c", `k="a,b"`: "c", "k=two; k=one": "c",
		"k=one,two": "c", "K=one": "b", "k": "b", "a=k=one": "b", "": "b", "k; a=b": "b", "k=": "b", "k=two": "",
		"k=;": "", "k=,a=b": "b", "a=b; k=": "", "a=b;k=": "b", "k =": "", `a="x,y"; k=z`: "", `a="x,k=1`: "b", "$k=1": "b", "k;": "b",
	} {
		a := ask(t, e, "GET http://x/", func(r *route.Request) { r.Set(route.Header{Name: "Cookie", Value: cookie}) })
		if a.Backend != want {
			t.Errorf("%q: %q, want %q", cookie, a.Backend, want)
		}
	}
}

// TestNothingIsGuessed: what the site file does not decide is said, and what nothing hangs
// on changes nothing.
func TestNothingIsGuessed(t *testing.T) {
	e := evaluator(t, head+`
  - name: f
    binds: [{nic: front, port: 80}]
    routes:
      - {when: [{src: 10.0.0.0/8}], set_header: {name: X-In, value: "1"}}
      - {when: [{path: /header}, {header: {name: X-In}}], backend: c}
      - {when: [{path_regex: "^/a(?=b)"}], backend: c}
      - {when: [{path: /src}, {src: 10.0.0.0/8}], deny: 403}
    default_backend: b
  - {name: raw, binds: [{nic: front, port: 81}], raw: "http-request deny if { path /x }", default_backend: b}
  - {name: harmless, binds: [{nic: front, port: 82}], raw: "option http-no-delay", default_backend: b}
  - {name: chosen, binds: [{nic: front, port: 83}], raw: "use_backend c if { path /x }",
     routes: [{when: [{path: /no}], deny: 404}], default_backend: b}
`)
	for request, want := range map[string]route.Kind{
		"GET http://x/header": route.Unknown, "GET http://x/ab": route.Unknown, "GET http://x/src": route.Unknown,
		"GET http://x:81/": route.Unknown, "GET http://x:82/": route.ToBackend, "GET http://x:83/": route.Unknown,
		"GET http://x:83/no": route.ByHAProxy,
	} {
		a := ask(t, e, request)
		if a.Kind != want || !a.IsDecided() && (len(a.Undecided) == 0 || a.Undecided[0].Why == "") {
			t.Errorf("%s: %s, want %s: %+v", request, a.Kind, want, a.Undecided)
		}
	}
}

// TestSorryAndCookie: a refusal with 503 leads to the sorry redirect, too; of several
// cookies the first that names a server that is up counts. Asked of HAProxy 2.6.12.
func TestSorryAndCookie(t *testing.T) {
	shop := `  - name: shop
    persist: {cookie: {name: k}}
    sorry: {redirect: https://status.example.com/}
    rules: [{when: [{path: /no}], deny: 503}]
    servers: [{name: s, address: "192.0.2.97:80"}, {name: t, address: "192.0.2.97:81"}, {name: u, address: "192.0.2.97:82", disabled: true}]
frontends:
`
	e := evaluator(t, strings.Replace(head, "frontends:\n", shop, 1)+`
  - {name: f, binds: [{nic: front, port: 80}], default_backend: shop}
`)
	if a := ask(t, e, "GET http://x/no"); a.Status != 302 || a.Location != "https://status.example.com/" || a.By != "backends[2].rules[0]" {
		t.Errorf("refused: %d %s by %s", a.Status, a.Location, a.By)
	}
	for cookie, want := range map[string]string{"k=none; k=t": "t", "k=u; k=s": "s", "k=t; k=s": "t", "k=s,k=t": "s"} {
		a := ask(t, e, "GET http://x/", func(r *route.Request) { r.Set(route.Header{Name: "Cookie", Value: cookie}) })
		if !slices.Equal(a.Servers, []string{want}) {
			t.Errorf("%q: %v, want %s", cookie, a.Servers, want)
		}
	}
}

// TestNameOfTLS: what a client asks for in its hello.
func TestNameOfTLS(t *testing.T) {
	for host, want := range map[string]string{"a.example": "a.example", "a.example:8443": "a.example", "a.example.": "a.example",
		"a.example.:8443": "a.example",
		"192.0.2.1":       "", "[2001:db8::1]": "", "": ""} {
		r := route.Request{Scheme: route.HTTPS, Host: host}
		if got := r.ServerName(); got != want {
			t.Errorf("%q: %q, want %q", host, got, want)
		}
		if r.Scheme = route.TCP; r.ServerName() != "" {
			t.Errorf("%q: a TCP client names %q", host, r.ServerName())
		}
	}
}
