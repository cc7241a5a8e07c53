//go:build linux

package behaviour_test

import (
	"net"
	"net/http"
	"strings"
)

func persist(m *machine) {
	newFarm(m)
	sessions := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", `"1"`) // caches may keep it
		switch r.URL.Path {
		case "/login":
			http.SetCookie(w, &http.Cookie{Name: "JSESSIONID", Value: "abc"})
			http.SetCookie(w, &http.Cookie{Name: "SESSION", Value: r.URL.Query().Get("as")})
		case "/own":
			http.SetCookie(w, &http.Cookie{Name: "SRV", Value: "the-server's"})
		}
	}
	for _, s := range m.servers {
		s.answer = sessions
	}
	m.tcp("192.0.2.24:3389", terminal("t1"))
	m.tcp("192.0.2.25:3389", terminal("t2"))
	m.to = "192.0.2.5"
	m.start()
	insertedCookies(m)
	m.until("all of guarded are up", func() bool { return len(m.served(6, "http://guarded.example/")) == 3 })
	guardedCookies(m)
	serversCookies(m)
	tables(m)
}

// insertedCookies: HAProxy gives the client a cookie, and goes by it.
func insertedCookies(m *machine) {
	got := m.get("http://plain.example/")
	got.has("Set-Cookie", "SRV=c"+got.server()[1:]+"; path=/")
	m.shares("http://plain.example/", map[string]int{"s2": 6}, header("Cookie", "a=b; SRV=c2"))
	m.get("http://plain.example/", header("Cookie", "SRV=c2")).by("s2").says("Cookie: SRV=c2\r\n")
	m.inTurn("http://plain.example/", "s1", "s2", "s3")
	m.shares("http://idle.example/", map[string]int{"s1": 3}, header("Cookie", "SRV=c1")) // weight 0: it keeps those that it has

	for host, word := range map[string]string{"strict": "; SameSite=Strict", "foreign": "; Secure; SameSite=None"} {
		if cookie := m.get("http://" + host + ".example/").is(200).Header.Get("Set-Cookie"); !strings.HasSuffix(cookie, word) {
			m.Errorf("%s: the cookie is %q, want %q at its end", host, cookie, word)
		}
	}

	// With a life time the cookie says since when it counts.
	limited := m.get("http://limited.example/").is(200).Header.Get("Set-Cookie")
	if value, _, _ := strings.Cut(limited, ";"); strings.Count(value, "|") != 2 {
		m.Errorf("limited: the cookie is %q, without the times of first and last use", limited)
	}
	m.shares("http://limited.example/", map[string]int{"s1": 2, "s2": 2, "s3": 2}, header("Cookie", "SRV=c1|AAAAB|AAAAB")) // of 1970

	m.get("http://post.example/").has("Set-Cookie", "")
	if cookie := m.ask(http.MethodPost, "http://post.example/").is(200).Header.Get("Set-Cookie"); !strings.HasPrefix(cookie, "SRV=c") {
		m.Errorf("post: the cookie is %q", cookie)
	}
	dynamic := m.get("http://dynamic.example/")
	cookie, _, _ := strings.Cut(dynamic.Header.Get("Set-Cookie"), ";")
	if len(cookie) < len("SRV=")+8 {
		m.Errorf("dynamic: the cookie is %q, which is no hash", cookie)
	}
	m.shares("http://dynamic.example/", map[string]int{dynamic.server(): 4}, header("Cookie", cookie))
}

// guardedCookies: all that a cookie can be told, and what becomes of a client
// whose server is down.
func guardedCookies(m *machine) {
	got := m.get("http://guarded.example/").has("Cache-Control", "private")
	cookie := got.Header.Get("Set-Cookie")
	for _, word := range []string{"SRV=c", "; path=/", "; domain=.example", "; HttpOnly", "; Secure", "; SameSite=Lax"} {
		if !strings.Contains(cookie, word) {
			m.Errorf("guarded: the cookie is %q, without %q", cookie, word)
		}
	}
	mine := header("Cookie", "SRV=c2")
	m.get("http://guarded.example/", mine).by("s2").has("Set-Cookie", "").saysNot("Cookie") // it is between HAProxy and the client

	m.servers["s2"].down()
	if other := m.get("http://guarded.example/", mine).is(200); other.server() == "s2" {
		m.Error("guarded: s2 is down and has answered")
	}
	m.down("guarded/s2")
	m.get("http://guarded.example/", mine).is(200)
	m.servers["s2"].up()
	m.up("guarded/s2")
	m.get("http://guarded.example/", mine).by("s2")
}

// serversCookies: those that the servers set themselves.
func serversCookies(m *machine) {
	m.get("http://preserve.example/own").is(200).has("Set-Cookie", "SRV=the-server's")

	m.get("http://rewrite.example/").has("Set-Cookie", "")
	got := m.get("http://rewrite.example/own")
	got.has("Set-Cookie", "SRV=c"+got.server()[1:])
	m.shares("http://rewrite.example/", map[string]int{"s3": 4}, header("Cookie", "SRV=c3"))

	got = m.get("http://prefix.example/login?as=x")
	got.has("Set-Cookie", "JSESSIONID=c"+got.server()[1:]+"~abc")
	m.shares("http://prefix.example/", map[string]int{"s2": 4}, header("Cookie", "JSESSIONID=c2~abc"))
	m.get("http://prefix.example/", header("Cookie", "JSESSIONID=c2~abc")).says("Cookie: JSESSIONID=abc\r\n")
}

// tables: HAProxy remembers who was where.
func tables(m *machine) {
	m.sticks("http://src.example/", from("198.51.100.1"), from("198.51.100.2"), from("198.51.100.3"))
	m.sticks("http://header.example/", header("X-User", "anna"), header("X-User", "bert"), header("X-User", "carl"))

	anna, bert := m.desktop("anna"), m.desktop("bert")
	if anna == bert {
		m.Errorf("both desktops are on %s", anna)
	}
	for range 3 {
		if again := m.desktop("anna"); again != anna {
			m.Errorf("Anna's desktop was on %s and is on %s", anna, again)
		}
	}

	// A session is at home where it was begun.
	first := m.get("http://cookie.example/login?as=anna").server()
	m.get("http://cookie.example/login?as=bert")
	m.shares("http://cookie.example/", map[string]int{first: 4}, header("Cookie", "SESSION=anna"))
}

// terminal answers a Remote Desktop's first packet.
func terminal(name string) func(net.Conn) {
	return func(conn net.Conn) {
		heard(conn, "\r\n")
		say(conn, name)
	}
}

// desktop opens a Remote Desktop as a user: [MS-RDPBCGR] 2.2.1.1.
func (m *machine) desktop(user string) string {
	m.Helper()
	cookie := "\xe0\x00\x00\x00\x00\x00Cookie: mstshash=" + user + "\r\n"
	length := len(cookie)
	client := m.dial("192.0.2.5:3389").send(string([]byte{3, 0, 0, byte(length + 5), byte(length)}) + cookie)
	defer client.close()
	name, err := client.next(len("t1"))
	m.must(err)
	return name
}

// sticks checks that clients that came one after the other, each to another
// server, stay there.
func (m *machine) sticks(url string, clients ...option) {
	m.Helper()
	seen := map[string]bool{}
	for _, client := range clients {
		home := m.get(url, client).is(http.StatusOK).server()
		seen[home] = true
		m.shares(url, map[string]int{home: 4}, client)
	}
	if len(seen) < 2 {
		m.Errorf("%s: all clients were on %v", url, seen)
	}
}
