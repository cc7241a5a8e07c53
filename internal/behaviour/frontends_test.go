//go:build linux

package behaviour_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"time"
)

func frontendScenarios() []scenario {
	return []scenario{{name: "frontends", site: "testdata/frontends.yaml", steps: frontends},
		{name: "defaults", site: "testdata/defaults.yaml", steps: defaults}}
}

func frontends(m *machine) {
	app := m.web("app1", "192.0.2.21:80")
	app.answer = func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/long":
			_, _ = io.WriteString(w, strings.Repeat("long ", 10000))
		case "/page":
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, strings.Repeat("long ", 10000))
		}
	}
	m.tcp("192.0.2.22:90", echo("e1"))
	logged := newSyslog(m, "127.0.0.1:514")
	m.to = "192.0.2.5"
	m.start()
	m.get("http://x.example/").by("app1").says("X-Forwarded-For: 192.0.2.5\r\n")
	ownAnswers(m)
	compressed(m)
	forwardedFor(m)
	kept(m)
	reused(m)
	m.get("http://x.example:116/").by("app1").says("X-Told: 192.0.2.5\r\n")
	m.get("http://x.example:117/a?b=c").by("app1").says("X-Raw: 100%\r\n").has("X-Raw", "yes")
	m.until("a request is logged as asked for", func() bool { return logged.has("local2", `192.0.2.5 asked for "/a?b=c" {200}`) })

	// A client that is too slow is told so, and one that says nothing is left.
	m.dial("192.0.2.5:80").send("GET / HT").gets("HTTP/1.1 408 ")
	m.dial("192.0.2.5:90").gets("e1\n").ends()

	// With maxconn 1 the second client waits for the first.
	first := m.dial("192.0.2.5:86").send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").gets("HTTP/1.1 200 ")
	m.get("http://x.example:86/", patience(500*time.Millisecond)).broken()
	first.close()
	m.get("http://x.example:86/").by("app1")

	m.get("http://x.example:87/",
		proxy("PROXY TCP4 198.51.100.7 203.0.113.5 4711 80\r\n")).by("app1").says("X-Forwarded-For: 198.51.100.7\r\n")
	m.get("http://x.example:87/").broken()
}

// ownAnswers are HAProxy's, with a status and a page of the site.
func ownAnswers(m *machine) {
	m.get("http://x.example/alive").is(200).has("Served-By", "")
	m.get("http://x.example/forbidden").is(403).says("<title>forbidden</title><p>100% \"quoted\"").has("Content-Type", "text/html")
	m.get("http://x.example/none").is(503).says("<title>unavailable</title>")
	m.get("http://x.example/own-page").is(503).says("<title>own</title>")
	m.get("http://x.example:81/").is(403).says("<title>own</title>")
}

// compressed: answers of one kind, for clients that can read them.
func compressed(m *machine) {
	gzipped := header("Accept-Encoding", "gzip")
	got := m.get("http://x.example/long", gzipped).is(200).has("Content-Encoding", "gzip")
	r, err := gzip.NewReader(strings.NewReader(got.body))
	m.must(err)
	text, err := io.ReadAll(r)
	if err != nil || !strings.Contains(string(text), "GET /long") {
		m.Errorf("the text is lost: %v\n%s", err, text)
	}
	m.get("http://x.example/long").is(200).has("Content-Encoding", "")
	offers := header("Accept-Encoding", "gzip, deflate, identity")
	for port, want := range map[string]string{"111": "gzip", "112": "deflate", "113": "deflate", "114": "", "115": "gzip"} {
		m.get("http://x.example:"+port+"/long", offers).is(200).has("Content-Encoding", want)
	}
	m.get("http://x.example/page", gzipped).is(200).has("Content-Encoding", "") // text/html is not in the list
}

func forwardedFor(m *machine) {
	m.get("http://x.example:82/").by("app1").saysNot("X-Forwarded-For")
	m.get("http://x.example:83/", from("203.0.113.7")).by("app1").says("X-Client: 203.0.113.7\r\n").saysNot("X-Forwarded-For")
	m.get("http://x.example:83/", from("198.51.100.7")).by("app1").saysNot("X-Client")
	m.get("http://x.example:83/", header("X-Client", "10.0.0.1")).by("app1").says("X-Client: 10.0.0.1\r\n").saysNot("192.0.2.5\r\nUser")
}

// kept: whether a connection serves for more than one request, towards the
// client and towards the server.
func kept(m *machine) {
	for port, want := range map[string][2]bool{
		"80": {true, false}, "84": {true, true}, "85": {false, false}, "101": {true, false}, "102": {true, false}, "103": {true, false},
	} {
		client := http.Client{Transport: &http.Transport{}}
		_, first := m.peer(&client, "http://192.0.2.5:"+port+"/")
		reused, second := m.peer(&client, "http://192.0.2.5:"+port+"/")
		if got := [2]bool{reused, first == second}; got != want {
			m.Errorf("port %s: connections of client and server kept: %v, want %v", port, got, want)
		}
		client.CloseIdleConnections()
	}
	m.get("http://x.example/").says("Connection: close\r\n") // the server is told so
	m.get("http://x.example:104/").saysNot("Connection: close")
}

// reused: whether another client's request goes over a connection to the server
// that has served before.
func reused(m *machine) {
	for port, want := range map[string]bool{"105": false, "106": false, "107": true, "84": true} {
		url := "http://192.0.2.5:" + port + "/"
		first, second := http.Client{Transport: &http.Transport{}}, http.Client{Transport: &http.Transport{}}
		m.peer(&first, url)
		_, one := m.peer(&first, url)
		_, other := m.peer(&second, url)
		if got := one == other; got != want {
			m.Errorf("port %s: a connection to the server is used for another client: %v, want %v", port, got, want)
		}
		first.CloseIdleConnections()
		second.CloseIdleConnections()
	}
}

// peer asks over a connection that may be one of before, and returns whether it
// was, and the other end of the server's.
func (m *machine) peer(client *http.Client, url string) (reused bool, peer string) {
	m.Helper()
	trace := httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) { reused = c.Reused }}
	r, err := http.NewRequestWithContext(httptrace.WithClientTrace(m.Context(), &trace), http.MethodGet, url, nil)
	m.must(err)
	got, err := client.Do(r)
	m.must(err)
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	m.must(err)
	_, after, _ := strings.Cut(string(body), "Peer: ")
	peer, _, _ = strings.Cut(after, "\n")
	return reused, peer
}
