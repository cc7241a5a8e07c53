package alike_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/alike"
	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/lab"
)

const before = `
defaults
    mode http
frontend web
    bind 192.0.2.10:80
    bind :443 ssl crt /etc/haproxy/www.pem
    bind 127.0.0.1:9000
    acl api path_beg /api /rest
    acl inside src 192.0.2.0/24
    use_backend api if api !inside { hdr(host) -i api.example.com }
    use_backend old if { path_reg ^/v[0-9]+/x$ } or { req.cook(old) -m found }
    http-request deny if { method DELETE } { url_param(force) yes }
    default_backend app
listen mixed
    mode tcp
    bind 192.0.2.10:8443
    use_backend x if { req.ssl_sni -m end .tcp.example.com }
backend app
    cookie SRV insert
    server a 192.0.2.21:80 cookie first
`

const after = `
frontend web
    mode http
    bind 192.0.2.10:80
    bind 192.0.2.10:443 ssl crt /etc/haproxy/www.pem
    http-request set-header X-New 1 if { req.hdr(X-Token) secret }
`

func read(text string) *haproxy.Config {
	return haproxy.Read(haproxy.World{}, haproxy.File{Name: "haproxy.cfg", Data: []byte(text)})
}

// TestRequests: what is asked are the conditions of both, with each value, and without;
// the same in each run.
func TestRequests(t *testing.T) {
	old, made := read(before), read(after)
	here := []netip.Addr{netip.MustParseAddr("192.0.2.10"), netip.MustParseAddr("192.0.2.11")}
	entries, unreached := alike.Entries(old, made, here)
	if got := fmt.Sprint(unreached); got != "[127.0.0.1:9000]" {
		t.Errorf("unreached: %s", got)
	}
	var at []string
	for _, e := range entries {
		at = append(at, fmt.Sprintf("%s %t %t %q", e.At, e.TLS, e.Both, e.Listeners))
	}
	if got, want := strings.Join(at, "\n"), `192.0.2.10:80 false false [["web"] ["web"]]
192.0.2.10:443 true false [["web"] ["web"]]
192.0.2.10:8443 false true [["mixed"] []]`; got != want {
		t.Fatalf("%s\nwant\n%s", got, want)
	}
	var all, cookies []string
	for _, e := range entries {
		requests := alike.Requests(e, old, made, 70)
		if len(requests) < 70 {
			t.Errorf("%s: %d requests", e.At, len(requests))
		}
		for _, r := range requests {
			all, cookies = append(all, r.Name), append(cookies, r.Header["Cookie"])
		}
		same := func(a, b lab.Request) bool { return a.Name == b.Name }
		if again := alike.Requests(e, old, made, 70); !slices.EqualFunc(again, requests, same) {
			t.Error("they are others in another run")
		}
	}
	for _, want := range []string{
		"GET http://192.0.2.10:80/", "GET http://192.0.2.10:80/api for api.example.com", "GET http://192.0.2.10:80/rest for api.example.com",
		"GET http://192.0.2.10:80/api", "GET http://192.0.2.10:80/ for api.example.com", "GET http://192.0.2.10:80/v0/x",
		"GET http://192.0.2.10:80/, Cookie: ********", "DELETE http://192.0.2.10:80/?force=yes", "DELETE http://192.0.2.10:80/",
		"GET http://192.0.2.10:80/?force=yes", "GET http://192.0.2.10:80/, X-Token: ********", "GET http://192.0.2.10:443/",
		"GET https://192.0.2.10:443/api/more, HTTP/2", "GET http://192.0.2.10:80/ for API.EXAMPLE.COM",
		"GET https://192.0.2.10:8443/ for more.tcp.example.com", "GET http://192.0.2.10:8443/",
	} {
		if !slices.Contains(all, want) {
			t.Errorf("not asked: %s", want)
		}
	}
	for _, want := range []string{"SRV=first", "SRV=unknown", "old=there"} { // which their names do not tell apart
		if !slices.Contains(cookies, want) {
			t.Errorf("no request has the cookie %s", want)
		}
	}
	for _, name := range all {
		if strings.Contains(name, "secret") || strings.Contains(name, "first") {
			t.Errorf("a secret is shown: %s", name)
		}
	}
}

// answered are several answers to one request.
func answered(all ...lab.Exchange) *alike.Answers {
	var a alike.Answers
	for _, x := range all {
		a.Add(x)
	}
	return &a
}

func from(server string, headers ...string) lab.Exchange {
	return lab.Exchange{Status: 200, Proto: "HTTP/1.1", Header: headers, Server: "a name", Received: &lab.Received{At: server}}
}

// TestCompare: what is alike, what is not, and what may differ.
func TestCompare(t *testing.T) {
	page := func(text string) lab.Exchange { return lab.Exchange{Status: 503, Proto: "HTTP/1.1", Body: text} }
	refused := lab.Exchange{Problem: "refused"}
	for name, c := range map[string]struct {
		before, after *alike.Answers
		known         alike.Excuses
		want          string
	}{
		"the same servers in another order": {answered(from("a"), from("b")), answered(from("b"), from("a"), from("b")), alike.Excuses{}, ""},
		"a server that nobody reached before": {answered(from("a")), answered(from("a"), from("b")), alike.Excuses{},
			"[200 from a] -> [200 from b]"},
		"a header": {answered(from("a", "X: 1")), answered(from("a", "X: 2")), alike.Excuses{},
			"[200 from a header X: 1] -> [200 from a header X: 2]"},
		"a page":        {answered(page("one")), answered(page("two")), alike.Excuses{}, "body: one] -> [503 from HAProxy itself body: two]"},
		"nothing there": {answered(from("a")), answered(refused), alike.Excuses{}, "-> [no answer: refused]"},
		"what changes by itself": {answered(from("a", "Id: 1"), from("a", "Id: 2")), answered(from("a", "Id: 3"), from("a", "Id: 4")),
			alike.Excuses{}, ""},
		"what changes on one side": {answered(from("a", "Id: 1"), from("a", "Id: 2")), answered(from("a", "Id: 3")), alike.Excuses{},
			"header Id: 3"},
		"a new name": {answered(from("a", "By: web/a1")), answered(from("a", "By: web_2/a1")),
			alike.Excuses{Renamed: map[string]string{"web_2": "web"}}, "renamed"},
		"a header that the files say": {answered(from("a", "X-Frame: 1")), answered(from("a")),
			alike.Excuses{Listed: []string{"lb1: frontend web: http-response: set-header X-Frame 1 -> not there"}},
			"listed above: lb1: frontend web"},
		"a secret": {answered(from("a", "Set-Cookie: id=s3cret; Path=/")), answered(from("a", "Set-Cookie: id=other; Path=/")), alike.Excuses{},
			"header Set-Cookie: id=********; Path=/"},
	} {
		d, _ := alike.Compare(c.before, c.after, c.known)
		got := ""
		if d != nil {
			got = fmt.Sprintf("%v -> %v %s", d.Before, d.After, d.Allowed)
		}
		if (c.want == "") != (d == nil) || !strings.Contains(got, c.want) || strings.Contains(got, "s3cret") {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestExample(t *testing.T) {
	for pattern, sure := range map[string]bool{`^/v[0-9]+/(x|y)$`: true, `\.(png|jpe?g)$`: true, `^a{3}`: true, `(?!no)`: false} {
		if text, ok := alike.Example(pattern); ok != sure {
			t.Errorf("%s: %q, %t", pattern, text, ok)
		}
	}
}
