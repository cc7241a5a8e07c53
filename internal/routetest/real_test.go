package routetest_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/route"
	"github.com/lbgen/lbgen/internal/routetest"
	"github.com/lbgen/lbgen/internal/site"
)

const realSite = `version: 1
site: real
platform: debian12
nics: {front: {device: eth0, subnet: 192.0.2.0/24}}
nodes: [{name: lb1, addresses: {front: 192.0.2.1}}]
frontends:
  - name: web
    binds: [{nic: front, port: 80}]
    raw: http-request deny if { path /raw }
    default_backend: b
  - name: other
    binds: [{nic: front, port: 81}]
    routes: [{when: [{src: 10.0.0.0/8}], deny: 403}]
    default_backend: b
backends:
  - {name: b, servers: [{name: s, address: "192.0.2.99:80"}, {name: t, address: "192.0.2.98:80"}]}
tests:
  - {request: GET http://x:81/, from: 192.0.2.9, backend: b}
  - {request: GET http://x:80/raw, status: 403}
  - {request: GET http://x:81/from, backend: b}
`

// TestReal: what is seen counts; where something else is computed that is a failure of
// its own, and where the client's address decides nobody is asked.
func TestReal(t *testing.T) {
	written, _, found := model.Load("real.yaml", []byte(realSite))
	if found.HasErrors() {
		t.Fatal(found)
	}
	s := site.Resolve(written)
	toServer := routetest.Seen{Kind: route.ToBackend, Backend: "b", Servers: []string{"b/t"}}
	refused := routetest.Seen{Kind: route.ByHAProxy, Status: 403}
	for _, test := range []struct {
		name   string
		seen   []routetest.Seen // of the first two tests
		want   string
		others string // what the findings say
	}{
		{"as expected", []routetest.Seen{toServer, refused}, "passed passed undecided", "say where the client comes from"},
		{"another answer than is computed", []routetest.Seen{refused, refused}, "failed passed undecided",
			"something else than is computed: status 403, not backend b"},
		{"another server than could answer", []routetest.Seen{{Kind: route.ToBackend, Backend: "b", Servers: []string{"b/u"}}, refused},
			"failed passed undecided", "server b/u, not backend b (s or t)"},
		{"what a raw line does", []routetest.Seen{toServer, toServer}, "passed failed undecided",
			"GET http://x:80/raw: server b/t, not status 403"},
		{"not sent", []routetest.Seen{{Kind: route.Unknown, Why: "no reason"}, refused}, "undecided passed undecided", "is undecided: no reason"},
	} {
		n := 0
		r, err := routetest.RunReal(s, func(*route.Request, *route.Answer) (routetest.Seen, error) {
			n++
			return test.seen[n-1], nil
		})
		if err != nil || n != 2 {
			t.Fatalf("%s: %d asked, %v", test.name, n, err)
		}
		var got []string
		for i := range r.Results {
			got = append(got, string(r.Results[i].Outcome))
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: %v, want %s", test.name, got, test.want)
		}
		var said strings.Builder
		for _, d := range r.Findings(nowhere) {
			said.WriteString(d.Summary + "\n" + d.Detail + "\n")
		}
		if !strings.Contains(said.String(), test.others) {
			t.Errorf("%s: %q is not in\n%s", test.name, test.others, said.String())
		}
		if r.Reached() != 1 || len(r.Routes) != 3 { // other's default_backend; what hangs on something reaches nothing
			t.Errorf("%s: %d of %d routes reached", test.name, r.Reached(), len(r.Routes))
		}
	}
	broken := errors.New("no HAProxy")
	if _, err := routetest.RunReal(s, func(*route.Request, *route.Answer) (routetest.Seen, error) {
		return routetest.Seen{}, broken
	}); !errors.Is(err, broken) {
		t.Errorf("%v, want %v", err, broken)
	}
}
