package model_test

import (
	"testing"

	"github.com/lbgen/lbgen/internal/model"
)

const lastLine = "notifications: {email: {to: [root@localhost], from: root@localhost, smtp_server: localhost}}\n"

// inTests is a fault of one test.
func inTests(name, test, code string, words ...string) fault {
	return fault{name, lastLine, lastLine + "tests:\n  - " + test + "\n", code, words}
}

func TestFaultsOfTests(t *testing.T) {
	checkFaults(t, []fault{
		inTests("no request", "§{backend: app}", "missing-field", `field "request" is missing`),
		inTests("an address alone", "{request: §http://a.example/x, backend: app}", "bad-value", "GET http://a.example/x"),
		inTests("a word alone", "{request: §GET, backend: app}", "bad-value", "expected a method and an address"),
		inTests("another scheme", "{request: §GET ftp://a.example/, backend: app}", "bad-value", "expected a method and an address"),
		inTests("a method in lower case", "{request: §get http://a.example/, backend: app}", "bad-value", "in upper case: GET"),
		inTests("a version behind", "{request: §GET http://a.example/ HTTP/1.1, backend: app}", "bad-value", "expected a method and an address"),
		inTests("no port", "{request: §\"GET http://a.example:0/\", backend: app}", "bad-value", "a port from 1 to 65535"),
		inTests("a port that is none", "{request: §\"GET http://a.example:x/\", backend: app}", "bad-value", "expected a method and an address"),
		inTests("no name", "{request: §\"GET http://10.1.2.300/\", backend: app}", "bad-value", "a host name or an address"),
		inTests("a password", "{request: §\"GET http://a:b@a.example/\", backend: app}", "bad-value", "without user and password"),
		inTests("a fragment", "{request: §\"GET http://a.example/x#y\", backend: app}", "bad-value", "browsers keep what stands behind it"),
		inTests("TCP to a name", "{request: §\"tcp a.example:80\", backend: app}", "bad-value", "an address and a port behind tcp"),
		inTests("TCP to port 0", "{request: §\"tcp 10.1.2.3:0\", backend: app}", "bad-value", "an address and a port behind tcp"),
		inTests("TCP to all", "{request: §\"tcp 0.0.0.0:80\", backend: app}", "bad-value", "the address of one machine"),

		inTests("nothing is expected", "§{request: GET http://a.example/}", "missing-field", "a test expects nothing"),
		inTests("another backend", "{request: GET http://a.example/, backend: §ap}", "unknown-reference", `there is no backend "ap"`,
			`did you mean "app"?`),
		inTests("another server", "{request: GET http://a.example/, server: §app/web3}", "unknown-reference", `no server in backend app: "web3"`,
			"web1, web2"),
		inTests("the server alone", "{request: GET http://a.example/, server: §web1}", "bad-value", "BACKEND/SERVER"),
		inTests("a server of another backend that is down", "{request: GET http://a.example/, down: [§app/web9], backend: app}",
			"unknown-reference", `no server in backend app: "web9"`),
		inTests("another backend that is down", "{request: GET http://a.example/, down: §apq, backend: app}", "unknown-reference",
			`did you mean "app"?`),
		inTests("another page", "{request: GET http://a.example/, page: §sorri.html}", "unknown-reference", `did you mean "sorry.html"?`),
		inTests("another user", "{request: GET http://a.example/, user: §ada, backend: app}", "unknown-reference", `there is no user "ada"`),

		inTests("closed and answered", "{request: GET http://a.example/, closed: true, status: §403}", "bad-value",
			"expects closed and status"),
		inTests("closed and passed on", "{request: GET http://a.example/, closed: true, backend: §app}", "bad-value",
			"expects closed and backend"),
		inTests("a server and a status", "{request: GET http://a.example/, server: app/web1, status: §200}", "bad-value",
			"expects server and status"),
		{"a server of another backend", lastLine, lastLine +
			"tests:\n  - {request: GET http://a.example/, backend: app, server: §other/a}\n",
			"unknown-reference", []string{`no backend "other"`}},
		inTests("code without redirect", "{request: GET http://a.example/, code: §301}", "missing-field", "code without redirect"),
		inTests("a redirect with a page", "{request: GET http://a.example/, redirect: /x, page: §sorry.html}", "bad-value", "has no page"),
		inTests("two statuses", "{request: GET http://a.example/, redirect: /x, code: 301, status: §302}", "bad-value", "is code"),
		inTests("a status of no answer", "{request: GET http://a.example/, status: §100}", "bad-value", "at least 200"),

		inTests("Host among the headers", "{request: GET http://a.example/, headers: {Host: §b.example}, backend: app}", "bad-value",
			"Host is not written among the headers"),
		inTests("a header's name", `{request: GET http://a.example/, headers: {§"a b": c}, backend: app}`, "bad-value", "a word of letters"),
		inTests("SNI without TLS", "{request: GET http://a.example/, sni: §a.example, backend: app}", "bad-value", "means nothing without TLS"),
		inTests("a status over TCP", `{request: "tcp 172.16.110.70:80", status: §200}`, "bad-value", "means nothing over TCP"),
		inTests("cookies over TCP", `{request: "tcp 172.16.110.70:80", cookies: §{a: b}, backend: app}`, "bad-value", "means nothing over TCP"),
		inTests("two addresses", `{request: "tcp 172.16.110.70:80", to: §172.16.110.71, backend: app}`, "bad-value", "take one of them out"),
		inTests("two families", "{request: GET http://a.example/, to: 172.16.110.71, from: §2001:db8::1, backend: app}", "bad-value",
			"not of one family"),
		inTests("how often", "{request: GET http://a.example/, times: §100001, backend: app}", "bad-value", "at most 100000"),

		inTests("twice", "{request: GET http://a.example/, backend: app}\n  - §{request: GET http://a.example/, backend: app}", "duplicate",
			"tested twice", "take one of them out"),
		inTests("twice and otherwise", "{request: GET http://a.example/, backend: app}\n  - §{request: GET http://a.example/, status: 403}",
			"duplicate", "and something else is expected"),
	})
}

// TestFineTests wants no finding where the table above has a near miss.
func TestFineTests(t *testing.T) {
	tests := `tests:
  - {request: GET http://www.example.com, backend: app}
  - {request: "GET http://www.example.com?x=1", backend: app}
  - {request: PURGE http://www.example.com:443/x, to: 172.16.110.71, from: 203.0.113.9, status: 405}
  - {request: "GET https://[2001:db8::1]/", server: app/web1, backend: app}
  - {request: GET https://www.example.com/, sni: other.example.com, client_certificate: true, backend: app}
  - {request: GET https://www.example.com/, headers: {X-A: [b, c], X-B: d}, cookies: {SRV: a}, backend: app}
  - {request: GET http://www.example.com/, down: app, status: 200, page: sorry.html}
  - {request: GET http://www.example.com/, down: [app/web1, app/web2], backend: app}
  - {request: GET http://www.example.com/, times: 3, redirect: /login, code: 302, status: 302}
  - {request: "tcp 172.16.110.70:443", sni: www.example.com, closed: true}
`
	site, _, found := model.Load("site.yaml", []byte(base+tests))
	if len(found) > 0 {
		t.Fatal(list(found))
	}
	for i, want := range []model.TestRequest{
		{Method: "GET", Scheme: "http", Authority: "www.example.com", Host: "www.example.com", Port: 80, Target: "/"},
		{Method: "GET", Scheme: "http", Authority: "www.example.com", Host: "www.example.com", Port: 80, Target: "/?x=1"},
		{Method: "PURGE", Scheme: "http", Authority: "www.example.com:443", Host: "www.example.com", Port: 443, Target: "/x"},
		{Method: "GET", Scheme: "https", Authority: "[2001:db8::1]", Host: "2001:db8::1", Port: 443, Target: "/"},
	} {
		got := site.Tests[i].Request
		if want.Text = got.Text; got != want {
			t.Errorf("test %d: got %+v, want %+v", i, got, want)
		}
	}
	if r := site.Tests[9].Request; r.String() != "tcp 172.16.110.70:443" || !r.IsTCP() {
		t.Errorf("got %+v", r)
	}
	if addr := site.Tests[3].Request.Addr(); addr.String() != "2001:db8::1" {
		t.Errorf("got %v", addr)
	}
}
