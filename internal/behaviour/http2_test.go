//go:build linux

package behaviour_test

import (
	"net/http"
	"os/exec"
	"strings"
)

// http2 has servers that speak HTTP/2, in which their checks have to speak it, too.
func http2(m *machine) {
	for name, protocols := range map[string][]string{"two": {"h2"}, "both": {"h2", "http/1.1"}, "one": {"http/1.1"}} {
		addr := map[string]string{"two": "192.0.2.41:", "both": "192.0.2.42:", "one": "192.0.2.43:"}[name]
		m.speaking(name, addr+"443", protocols...)
		if name == "two" {
			m.speaking("port", addr+"8443", protocols...)
		}
	}
	clear := m.clearHTTP2("clear", "192.0.2.44:80")
	ill := m.web("ill", "192.0.2.47:80")
	ill.answer = func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/broken" {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}
	m.put("/etc/haproxy/site.pem", m.ca.file(m.ca.issue("www.example.com")))
	m.put("/etc/haproxy/pages/own.html", []byte(strings.Repeat("<p>", 4000))) // as large as they are
	m.clearHTTP2("tracks", "192.0.2.45:80")
	m.webs("seven", "192.0.2.46:30007", "nine", "192.0.2.46:30009")
	m.to = "192.0.2.5"
	m.start()
	m.up("raw/clear", "only/two", "both/both", "both/one", "shared/two", "shared/one", "port/two")
	m.get("http://only.example/x").by("two").says("GET /x HTTP/2.0")
	m.get("http://raw.example/x").by("clear").says("GET /x HTTP/2.0")
	m.inTurn("http://shared.example/", "two", "one")
	m.inTurn("http://clear.example/", "clear", "tracks")
	m.to = "192.0.2.5:30007"
	m.get("http://x.example/").by("seven")
	m.to = "192.0.2.5:30009"
	m.get("http://x.example/").by("nine")
	m.to = "192.0.2.5"
	m.until("no check has failed for a while", func() bool { return m.status("only/two") == "UP" })
	m.to = ""
	m.toldHow("192.0.2.5:8443", "X-Forwarded-Proto: https")
	m.toldHow("192.0.2.5:8444", "")
	m.formsGetTheirPage("/gone")
	m.formsGetTheirPage("/closed")
	for range 4 {
		m.to = "192.0.2.5:8444"
		m.get("https://www.example.com/broken")
	}
	// Its next check is well, and it is UP again a moment later.
	m.until("observed/ill was DOWN", func() bool { return m.timesDown("observed/ill") != "0" })
	clear.down()
	m.down("clear/clear", "clear/tracks")
}

// clearHTTP2 starts a server that speaks HTTP/2 in clear text, and nothing else.
func (m *machine) clearHTTP2(name, addr string) *webServer {
	m.Helper()
	s := m.web(name, addr)
	s.down()
	s.protocols = &http.Protocols{}
	s.protocols.SetUnencryptedHTTP2(true)
	s.up()
	return s
}

// speaking starts a server that speaks these over TLS, and no others.
func (m *machine) speaking(name, addr string, protocols ...string) {
	m.Helper()
	s := m.web(name, addr)
	s.down()
	s.tls = m.serverTLS("www.example.com")
	s.tls.NextProtos, s.protocols = protocols, &http.Protocols{}
	for _, p := range protocols {
		s.protocols.SetHTTP1(p == "http/1.1" || s.protocols.HTTP1())
		s.protocols.SetHTTP2(p == "h2" || s.protocols.HTTP2())
	}
	s.up()
}

// otherScheme follows each redirect by scheme, which has to lead to where it is spoken.
func otherScheme(m *machine) {
	m.web("s1", "192.0.2.21:80")
	m.put("/etc/haproxy/site.pem", m.ca.file(m.ca.issue("www.example.com")))
	m.start()
	for from, want := range map[string]string{
		"192.0.2.6:8080": "https://www.example.com:8443/a?b=c", "192.0.2.7:8080": "https://www.example.com/a?b=c",
		"192.0.2.8:80": "https://www.example.com:9443/a?b=c", "192.0.2.9:80": "https://www.example.com/a?b=c",
	} {
		m.to = from
		port := from[len("192.0.2.6"):]
		if port == ":80" {
			port = ""
		}
		r := m.get("http://www.example.com" + port + "/a?b=c").is(http.StatusMovedPermanently)
		if got := r.Header.Get("Location"); got != want {
			m.Errorf("from %s to %s, want %s", from, got, want)
			continue
		}
		m.to = from[:len("192.0.2.6")]
		m.get(want).by("s1").says("GET /a?b=c")
	}
}

// toldHow looks at what a server hears of how the client came.
func (m *machine) toldHow(addr, want string) {
	m.Helper()
	m.to = addr
	r := m.get("https://www.example.com/x").by("ill")
	if want == "" {
		r.saysNot("X-Forwarded-Proto")
		return
	}
	r.says(want)
}

// plainProfile looks at what lbgen leaves out with profile haproxy.
func plainProfile(m *machine) {
	m.web("s1", "192.0.2.21:80")
	m.put("/etc/haproxy/site.pem", m.ca.file(m.ca.issue("www.example.com")))
	m.to = "192.0.2.5"
	m.start()
	m.up("app/s1")
	m.get("http://www.example.com/x").by("s1").saysNot("X-Forwarded")
	m.get("https://www.example.com/x").by("s1").saysNot("X-Forwarded")
	for _, word := range []string{"option httplog", "retries", "maxconn", "timeout check", "alpn", "ssl-default", "inter 2s", "balance"} {
		if strings.Contains(m.cfg, word) {
			m.Errorf("haproxy.cfg has %q", word)
		}
	}
}

// formsGetTheirPage sends forms over HTTP/2 with curl, which sees it where the stream is
// reset before the form is sent, as browsers do and Go's client does not.
func (m *machine) formsGetTheirPage(path string) {
	m.Helper()
	curl, err := exec.LookPath("curl")
	if err != nil {
		return
	}
	form, lost := strings.Repeat("a=b&", 500), 0
	for range 15 {
		out, _ := exec.CommandContext(m.Context(), curl, "-sk", "--http2", "-o", "/dev/null", "-w", "%{http_code}", "--data", form,
			"https://192.0.2.5:8443"+path).Output()
		if string(out) != "503" {
			lost++
		}
	}
	if lost > 0 {
		m.Errorf("%d of 15 forms to %s got no answer", lost, path)
	}
}
