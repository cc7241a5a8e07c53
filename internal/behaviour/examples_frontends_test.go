//go:build linux

package behaviour_test

import (
	"fmt"
	"net/http"
	"strings"
)

// l7Routing: the beginning of the path says which servers answer.
func l7Routing(m *machine) {
	srv1 := m.web("ms1.srv1", "192.168.171.133:81")
	m.webs("ms1.srv2", "192.168.171.133:82", "ms2.srv1", "192.168.171.133:83", "ms2.srv2", "192.168.171.145:84", "srv1",
		"192.168.171.145:85", "srv2", "192.168.171.145:86")
	logged := newSyslog(m, "127.0.0.1:514")
	m.to = "192.168.171.129"
	m.start()
	const ms1 = "http://www.example.com/ms1/page"
	m.inTurn(ms1, "ms1.srv1", "ms1.srv2")
	m.inTurn("http://www.example.com/MS2/page", "ms2.srv1", "ms2.srv2")
	m.inTurn("http://www.example.com/ms3/page", "srv1", "srv2")
	m.inTurn("http://www.example.com/x/ms1/", "srv1", "srv2")

	got := m.get(ms1)
	got.has("Set-Cookie", "HA_STICKY_ms1="+got.server()+"; path=/")
	mine := header("Cookie", "HA_STICKY_ms1=ms1.srv1")
	m.shares(ms1, map[string]int{"ms1.srv1": 4}, mine)
	m.get(ms1, mine).has("Set-Cookie", "").saysNot("HA_STICKY") // the server does not see it
	srv1.status.Store(500)
	m.down("ms1/ms1.srv1")
	m.get(ms1, mine).by("ms1.srv2").has("Set-Cookie", "HA_STICKY_ms1=ms1.srv2; path=/")

	const page = "http://192.168.171.129:1080/stats"
	admin := password("admin", m.secret("l7-routing.secrets/stats_password"))
	m.get(page).is(401).has("WWW-Authenticate", `Basic realm="HAProxy Stats"`)
	m.get(page, admin).is(200).says("ms1.srv2").saysNot("HAProxy version").has("Refresh", "30")
	m.get(page, admin, from("198.51.100.7")).is(403)

	// Requests are for the first file, and what is wrong for both.
	m.until("a request is logged", func() bool { return logged.has("local0", "/ms1/page") })
	m.until("a server that is down is logged", func() bool { return logged.has("local1", "ms1/ms1.srv1 is DOWN") })
	if logged.has("local1", "/ms1/page") {
		m.Error("requests are in the file for warnings")
	}
}

// virtualHosts: the name that the browser asks for says which servers answer.
func virtualHosts(m *machine) {
	for i, name := range []string{"www1", "www2", "static1", "static2", "video1", "video2"} {
		m.web(name, fmt.Sprintf("192.168.66.%d:80", 31+i))
	}
	m.to = "192.168.66.10"
	m.start()
	m.inTurn("http://www.tb.com/", "www1", "www2")
	m.inTurn("http://static.tb.com/", "static1", "static2")
	m.inTurn("http://IMG.tb.com/", "static1", "static2")
	m.inTurn("http://video.tb.com/", "video1", "video2")
	m.inTurn("http://unheard.of/", "www1", "www2")
	m.get("http://tb.com/page?a=b").is(301).has("Location", "http://www.tb.com/page?a=b")
	m.servers["video1"].status.Store(404)
	m.down("video/video1")
	m.inTurn("http://video.tb.com/", "video2")
	m.inTurn("http://www.tb.com/", "www1", "www2")
}

// rateLimit: a client that asks too often is told so, and no other.
func rateLimit(m *machine) {
	m.webs("app1", "10.0.0.21:80", "app2", "10.0.0.22:80")
	m.to = "192.0.2.30"
	m.start()
	const page = "http://www.example.com/"
	hasty, calm, own := from("198.51.100.7"), from("198.51.100.8"), from("10.1.2.3")
	m.served(100, page, hasty)
	m.get(page, hasty).is(429)
	m.get(page, calm).is(200)
	m.served(110, page, own)

	for range 5 {
		m.ask(http.MethodPost, page+"login", calm).is(200)
	}
	m.ask(http.MethodPost, page+"login", calm).is(429)
	m.get(page+"login", calm).is(200) // only POST is held tighter
	m.get(page, calm).is(200)

	for range 50 {
		m.dial("192.0.2.30:80", from("198.51.100.9")).send("GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n").gets("HTTP/1.1 200 ")
	}
	m.get(page, from("198.51.100.9")).is(503)
}

// tlsExample: TLS ends here, and is spoken again to servers that are who they
// say they are.
func tlsExample(m *machine) {
	m.put("/etc/haproxy/certs/www.pem", m.ca.file(m.ca.issue("www.example.com")))
	m.put("/etc/haproxy/certs/shop.pem", m.ca.file(m.ca.issue("shop.example.com")))
	m.put("/etc/haproxy/ca/internal.pem", m.ca.pem())
	app1 := m.web("app1", "10.0.0.21:8443").secure(m.serverTLS("app.example.com"))
	m.web("app2", "10.0.0.22:8443").secure(m.serverTLS("app.example.com"))
	m.web("certbot", "10.0.0.30:8080")
	m.to = "192.0.2.10"
	m.start()
	m.get("http://www.example.com/a?b=c").is(301).has("Location", "https://www.example.com/a?b=c")
	m.get("http://www.example.com/.well-known/acme-challenge/token").by("certbot")
	m.inTurn("https://www.example.com/", "app1", "app2")
	m.inTurn("https://shop.example.com/", "app1", "app2") // with its own certificate
	m.get("https://www.example.com/", from("198.51.100.7")).is(200).has("Strict-Transport-Security", "max-age=31536000").
		says("X-Forwarded-For: 198.51.100.7\r\n").says("X-Forwarded-Proto: https\r\n").says("Host: www.example.com\n")
	if got := m.get("https://www.example.com/"); got.err == nil && got.ProtoMajor != 2 {
		m.Errorf("spoken with the browser is %s, want HTTP/2", got.Proto)
	}

	app1.secure(m.serverTLS("other.example.com")) // somebody else has its address
	m.down("app/app1")
	m.inTurn("https://www.example.com/", "app2")
}

// tlsPassthrough: the web server has the certificate, and HAProxy looks into
// nothing.
func tlsPassthrough(m *machine) {
	m.web("http", "192.168.3.80:80").answer = func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://"+r.Host+r.URL.Path, http.StatusMovedPermanently)
	}
	nginx := m.web("nginx", "192.168.3.80:443").secure(m.serverTLS("www.example.com"))
	m.to = "192.168.3.37"
	m.start()
	m.get("http://www.example.com/page").is(301).has("Location", "https://www.example.com/page")
	m.get("https://www.example.com/page").by("nginx").saysNot("X-Forwarded")
	m.get("http://192.168.3.37:1080/stats", to("")).is(200).says("nginx_https")
	m.get("http://192.168.3.37:1080/stats", to(""), from("198.51.100.7")).is(403)

	nginx.plain.Store(true) // its port is open, and it speaks no TLS
	m.down("nginx_https/nginx")
	m.dial("192.168.3.37:443").ends()
}

// sniExample: the name in the first bytes of TLS says where to, and the PROXY
// protocol who it is, from the one proxy to the next and on to the servers.
func sniExample(m *machine) {
	for name, addr := range map[string]string{"www1": "10.0.0.21:443", "www2": "10.0.0.22:443", "mail1": "10.0.0.31:443"} {
		s := m.web(name, addr)
		s.proxied = true
		s.secure(m.serverTLS("www.example.com", "mail.example.com", "other.example.com", "www.example.org"))
	}
	m.to = "192.0.2.20"
	m.start()
	visitor := proxy("PROXY TCP4 203.0.113.7 192.0.2.20 4711 443\r\n")
	colleague := proxy("PROXY TCP4 10.1.2.3 192.0.2.20 4711 443\r\n")
	m.shares("https://www.example.com/", map[string]int{"www1": 2, "www2": 2}, visitor)
	m.get("https://www.example.com/", visitor).is(200).says("Peer: 203.0.113.7:4711\n")
	m.get("https://mail.example.com/", colleague).by("mail1").says("Peer: 10.1.2.3:4711\n")
	m.get("https://mail.example.com/", visitor).broken()
	m.get("https://other.example.com/", visitor).broken()
	if got := m.get("https://www.example.org/", visitor).is(200).server(); !strings.HasPrefix(got, "www") {
		m.Errorf("another name is for %q, want www", got)
	}
	m.get("https://www.example.com/").broken() // not over the proxy
}
