package route_test

import (
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

func evaluator(t *testing.T, text string) *route.Evaluator {
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
