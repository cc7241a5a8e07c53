//go:build linux

package behaviour_test

import (
	"fmt"
	"net/http"
	"time"
)

func routeScenarios() []scenario {
	return []scenario{
		{name: "actions", site: "testdata/actions.yaml", env: staff(), steps: actions},
		{name: "limits", site: "testdata/limits.yaml", steps: limits},
		{name: "matches", site: "testdata/matches.yaml", steps: matches},
		{name: "tcp", site: "testdata/tcp.yaml", steps: tcpRoutes},
		{name: "tls", site: "testdata/tls.yaml", steps: tlsBinds},
	}
}

// staff are the passwords of actions.yaml. The hash is that of "Anna's 1st".
func staff() map[string]string {
	return map[string]string{
		"ANNA_HASH": "$6$behaviour$x7Hw0WFbDil1zcYTelAJfANqyZgpjEfwNtJ5AQMceGVqPsKQZ.IQo.UPFCk54ydynSgFKIXIActDpH8DY1mjL.",
		"BERT":      `b "e' r\t $HOME #1`,
	}
}

func actions(m *machine) {
	m.web("app1", "192.0.2.21:80").answer = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Answer", "the server's")
		w.Header().Set("X-Many", "the server's")
		w.Header().Set("X-Secret", "version 1.2")
	}
	m.web("other1", "192.0.2.22:80")
	m.to = "192.0.2.5"
	m.start()
	m.get("http://x.example/").by("app1")
	refusals(m)
	redirects(m)
	returns(m)
	authentication(m)
	requestChanges(m)
	answerChanges(m)

	// Rules of a backend are for its own requests only.
	m.get("http://x.example/other/deny").is(404)
	m.get("http://x.example/other/page?x=1").by("other1").says("GET /page?x=1 ").says("X-Backend: other")
	m.get("http://x.example/").by("app1").saysNot("X-Backend")
}

func refusals(m *machine) {
	m.get("http://x.example/deny").is(403)
	for _, status := range []int{400, 401, 403, 404, 405, 407, 408, 410, 413, 425, 429, 500, 501, 502, 503, 504} {
		m.get(fmt.Sprintf("http://x.example/deny/%d", status)).is(status)
	}
	m.get("http://x.example/deny", from("198.51.100.1")).by("app1") // allowed before
	m.get("http://x.example/drop", patience(time.Second)).broken()
}

func redirects(m *machine) {
	m.get("http://x.example/scheme/a?b=c").is(301).has("Location", "https://x.example/scheme/a?b=c")
	m.get("http://x.example/prefix/a?b=c").is(308).has("Location", "https://www.example.com/prefix/a?b=c")
	m.get("http://x.example/bare/a?b=c").is(302).has("Location", "https://www.example.com/bare/a")
	m.get("http://x.example/location").is(303).has("Location", "/elsewhere")
	m.get("http://x.example/found").is(302).has("Location", "https://www.example.com/100%25")
}

func returns(m *machine) {
	m.get("http://x.example/page").is(202).says("<title>A page</title><p>100% ours").has("Content-Type", "text/html")
	m.get("http://x.example/text").is(200).says(`50% of {all}, "quoted" and 'single'`).has("Content-Type", "text/plain")
	m.get("http://x.example/json").is(200).says(`{"ok": true}`).has("Content-Type", "application/json")
}

func authentication(m *machine) {
	anna, bert := password("anna", "Anna's 1st"), password("bert", staff()["BERT"])
	m.get("http://x.example/staff/").is(401).has("WWW-Authenticate", `Basic realm="Staff only"`)
	m.get("http://x.example/staff/", password("anna", "wrong")).is(401)
	m.get("http://x.example/staff/", password("nobody", "")).is(401)
	m.get("http://x.example/staff/", anna).by("app1")
	m.get("http://x.example/staff/", bert).by("app1")
	m.get("http://x.example/admins/", anna).by("app1")
	m.get("http://x.example/admins/", bert).is(401)
}

func requestChanges(m *machine) {
	mine := header("X-Test", "mine")
	m.get("http://x.example/set", mine).by("app1").says("X-Test: 100% ours\r\n").saysNot("mine")
	m.get("http://x.example/sample").by("app1").says("X-Port: 80\r\n")
	m.get("http://x.example/add", mine).by("app1").says("X-Test: mine\r\n").says("X-Test: ours\r\n")
	m.get("http://x.example/del", mine).by("app1").saysNot("X-Test")
	m.get("http://x.example/", mine).by("app1").says("X-Test: mine\r\n")
	m.get("http://x.example/path?x=1").by("app1").says("GET /another/place?x=1 ")
	m.get("http://x.example/strip/a/b?x=1").by("app1").says("GET /a/b?x=1 ")
	m.get("http://x.example/strip/").by("app1").says("GET / ")
	// A route is tried where it stands: what a later one makes of the path is not for it.
	m.get("http://x.example/strip/hidden").by("app1").says("GET /hidden ")
	m.get("http://x.example/hidden").by("other1")
}

func answerChanges(m *machine) {
	got := m.get("http://x.example/response").by("app1").has("X-Answer", "set").has("X-Secret", "")
	if many := got.Header.Values("X-Many"); len(many) != 2 || many[0] != "the server's" || many[1] != "added" {
		m.Errorf("X-Many is %q", many)
	}
	// What HAProxy itself answers has the header, too.
	m.get("http://x.example/cors/asked").is(200).says("asked").has("X-Cors", "allowed")
	m.get("http://x.example/cors/asked", header("Origin", "https://a.example")).has("X-Origin", "https://a.example")
	m.get("http://x.example/cors/denied").is(403).has("X-Cors", "allowed")
	m.get("http://x.example/").has("X-Answer", "the server's").has("X-Secret", "version 1.2")
}

func limits(m *machine) {
	m.webs("app1", "192.0.2.21:80")
	m.tcp("192.0.2.21:90", echo("tcp1"))
	m.to = "192.0.2.5"
	m.start()

	m.served(5, "http://x.example:81/")
	m.get("http://x.example:81/").is(429)
	m.get("http://x.example:81/", from("198.51.100.7")).by("app1") // each client has its own account

	m.served(10, "http://x.example:82/") // no path of the API
	m.served(3, "http://x.example:82/api")
	m.get("http://x.example:82/api").is(503)
	time.Sleep(1100 * time.Millisecond) // refused requests count, too: the client must rest for the period
	m.get("http://x.example:82/api").by("app1")

	m.served(4, "http://x.example:83/")
	m.get("http://x.example:83/").is(429)

	a, b := m.dial("192.0.2.5:84"), m.dial("192.0.2.5:84")
	a.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").gets("HTTP/1.1 200 ")
	b.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").gets("HTTP/1.1 200 ")
	m.get("http://x.example:84/").is(429)
	a.close()
	m.until("a connection is free", func() bool { return m.get("http://x.example:84/").StatusCode == 200 })

	m.served(3, "http://x.example:85/", header("X-Real-IP", "203.0.113.1"))
	m.get("http://x.example:85/", header("X-Real-IP", "203.0.113.1")).is(429)
	m.get("http://x.example:85/", header("X-Real-IP", "203.0.113.2")).by("app1")

	m.served(3, "http://x.example:86/")
	m.get("http://x.example:86/").is(429)
	m.served(9, "http://x.example:86/", from("198.51.100.7"))
	m.served(1, "http://x.example:87/")
	m.get("http://x.example:87/").is(403)
	m.served(1, "http://x.example:88/")
	m.get("http://x.example:88/").is(400)
	// A provider gives a client not one IPv6 address but a /64 of them.
	const ipv6 = "http://[2001:db8::5]:89/"
	m.served(3, ipv6, to(""), from("2001:db8:1::1"))
	m.get(ipv6, to(""), from("2001:db8:1::2")).is(429)
	m.get(ipv6, to(""), from("2001:db8:2::1")).by("app1")
	limitsOfTCP(m)
}

func limitsOfTCP(m *machine) {
	for range 3 {
		m.dial("192.0.2.5:91").gets("tcp1").close()
	}
	m.dial("192.0.2.5:91").ends()
	m.dial("192.0.2.5:91", from("198.51.100.7")).gets("tcp1")

	a, _ := m.dial("192.0.2.5:92").gets("tcp1"), m.dial("192.0.2.5:92").gets("tcp1")
	m.dial("192.0.2.5:92").ends()
	a.close()
	m.until("a connection is free", func() bool { return m.dial("192.0.2.5:92").begins("tcp1") })
}

func matches(m *machine) {
	m.web("app1", "192.0.2.21:80")
	gone := m.web("gone1", "192.0.2.22:80")
	m.to = "192.0.2.5"
	m.start()
	for _, c := range matchCases() {
		got := m.ask(c.method, c.url, c.options...).is(200)
		if c.want == "" && got.server() == "app1" {
			continue
		}
		if got.server() != "" || got.body != c.want {
			m.Errorf("%s: matched by %q, want %q", got.what, got.body, c.want)
		}
	}
	m.up("gone/gone1")
	m.get("http://x.example/down").by("app1")
	gone.down()
	m.down("gone/gone1")
	m.get("http://x.example/down").is(200).says("down").has("Served-By", "")
}

// matchCase is a request and the match that takes it, "" for none.
type matchCase struct {
	want, method, url string
	options           []option
}

func matchCases() []matchCase {
	get := func(want, rest string, options ...option) matchCase {
		return matchCase{want, http.MethodGet, "http://x.example" + rest, options}
	}
	visit := func(want, url string) matchCase { return matchCase{want, http.MethodGet, url, nil} }
	return []matchCase{
		get("", "/"),
		visit("host", "http://a.example.com/"), visit("host", "http://B.EXAMPLE.COM/"), visit("host", "http://a.example.com:80/"),
		visit("", "http://aa.example.com/"),
		visit("host_end", "http://any.Example.Org/"), visit("host_end", "http://x.y.example.org/"), visit("", "http://example.org/"),
		visit("", "http://anyexample.org/"),
		visit("host_regex", "http://v12.example.net/"), visit("host_regex", "http://V1.EXAMPLE.NET/"), visit("", "http://vx.example.net/"),
		visit("", "http://v1xexample.net/"),
		get("path", "/one"), get("path", "/two?x=1"), get("", "/one/"), get("", "/One"),
		get("ignore_case", "/Case"), get("ignore_case", "/cASE"),
		get("path_beg", "/img/a"), get("path_beg", "/static/"), get("", "/img"), get("", "/x/img/"),
		get("path_end", "/a.png"), get("path_end", "/b/c.jpg?d"), get("", "/a.pngx"), get("", "/?a.png"),
		get("path_regex", "/v12/x"), get("", "/v123/x"), get("", "/V1/x"),
		get("path_regex, ignore_case", "/index.php"), get("", "/index.phpx"),
		{"method", http.MethodPut, "http://x.example/", nil}, {"method", http.MethodDelete, "http://x.example/", nil},
		{"", http.MethodPost, "http://x.example/", nil},
		get("src", "/", from("198.51.100.127")), get("src", "/", from("203.0.113.9")), get("", "/", from("198.51.100.128")),
		get("", "/", from("203.0.113.8")),
		get("port", ":8080/"),
		get("header", "/", header("x-there", "")), get("header", "/", header("X-There", "any")),
		get("header value", "/", header("X-Value", "exact one")), get("header value", "/", header("X-Value", "-f")),
		get("", "/", header("X-Value", "exact one more")), get("", "/", header("X-Value", "one")),
		get("header beg", "/", header("X-Beg", "Mozilla")), get("", "/", header("X-Beg", "mozilla")), get("", "/", header("X-Beg", "xMoz")),
		get("header end", "/", header("X-End", "a bot")), get("", "/", header("X-End", "bottom")),
		get("header contains", "/", header("X-Has", "x a } b y")), get("", "/", header("X-Has", "a } c")),
		get("header regex", "/", header("X-Regex", "xYx")), get("", "/", header("X-Regex", "xzx")),
		get("url_param", "/?a=b&debug=1"), get("", "/?nodebug=1"),
		get("url_param value", "/?v=2"), get("", "/?v=22"),
		get("cookie", "/", header("Cookie", "a=b; beta=1")), get("", "/", header("Cookie", "alpha=beta")),
		get("cookie value", "/", header("Cookie", "group=test")), get("", "/", header("Cookie", "group=testing")),
		get("acme", "/.well-known/acme-challenge/token"), get("", "/.well-known/other"),
		get("both", "/both", from("192.0.2.200")), get("", "/both"), get("", "/neither", from("192.0.2.200")),
		get("not", "/not"), get("", "/not", from("192.0.2.200")),
	}
}
