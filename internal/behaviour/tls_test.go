//go:build linux

package behaviour_test

import (
	"crypto/tls"
	"net"
	"slices"
)

func tlsBinds(m *machine) {
	a, b := m.ca.issue("a.example.com"), m.ca.issue("b.example.com")
	m.put("/etc/haproxy/certs/a.pem", m.ca.file(a))
	m.put("/etc/haproxy/certs/b.pem", m.ca.file(b))
	m.put("/etc/haproxy/clients.pem", m.ca.pem())
	m.web("app1", "192.0.2.21:80")
	m.to = "192.0.2.5"
	m.start()

	// The browser is sent to TLS; a certificate authority that looks whether the host is ours is not.
	m.get("http://a.example.com/x?y=z").is(301).has("Location", "https://a.example.com/x?y=z")
	m.get("http://a.example.com/.well-known/acme-challenge/token").by("app1")
	lie := header("X-Forwarded-Proto", "https")
	m.get("http://a.example.com/.well-known/acme-challenge/token", lie).by("app1").says("X-Forwarded-Proto: http\r\n")
	m.get("https://a.example.com/").by("app1").says("X-Forwarded-Proto: https\r\n").
		has("Strict-Transport-Security", "max-age=15552000; includeSubDomains")

	// Each host has its own certificate: the client refuses any other.
	m.get("https://b.example.com/").by("app1")
	m.get("https://c.example.com/").broken()
	m.get("https://a.example.com:445/").by("app1")
	m.refusesTLS("192.0.2.5:445", &tls.Config{ServerName: "c.example.com", InsecureSkipVerify: true})

	clientCertificates(m)
	m.offers("192.0.2.5:443", "h2", "http/1.1")
	m.offers("192.0.2.5:445", "http/1.1")
	m.refusesTLS("192.0.2.5:446", &tls.Config{ServerName: "a.example.com", InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12})
	m.refusesTLS("192.0.2.5:443", &tls.Config{ServerName: "a.example.com", InsecureSkipVerify: true, MinVersion: tls.VersionTLS10,
		MaxVersion: tls.VersionTLS11})
	m.get("https://a.example.com:446/").by("app1")
	ciphers(m, "192.0.2.5:447")

	m.get("https://a.example.com/plain?x").is(307).has("Location", "http://a.example.com/plain?x")
	m.get("https://a.example.com:448/").by("app1").has("Strict-Transport-Security", "max-age=31536000; includeSubDomains; preload")
	m.get("https://a.example.com:8404/stats").is(200).says("app1")
}

func clientCertificates(m *machine) {
	anna, stranger := m.ca.issue("anna"), newAuthority(m.T).issue("stranger")
	m.get("https://a.example.com/who").is(200).says("no client certificate")
	m.get("https://a.example.com/who", showing(anna)).is(200).says("a client certificate").saysNot("no ")
	m.get("https://a.example.com/", showing(anna)).by("app1").says("X-Client: anna\r\n")
	m.get("https://a.example.com/", showing(stranger)).broken()
	m.get("https://a.example.com:444/", showing(anna)).by("app1")
	m.get("https://a.example.com:444/").broken()
}

// ciphers: those that the site names, and no others.
func ciphers(m *machine, addr string) {
	for version, want := range map[uint16]uint16{tls.VersionTLS12: tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
		tls.VersionTLS13: tls.TLS_CHACHA20_POLY1305_SHA256} {
		conn, err := m.shakeHands(addr, &tls.Config{ServerName: "a.example.com", RootCAs: m.ca.pool(), MaxVersion: version})
		m.must(err)
		if got := conn.ConnectionState().CipherSuite; got != want {
			m.Errorf("%s is spoken with %s, want %s", tls.VersionName(version), tls.CipherSuiteName(got), tls.CipherSuiteName(want))
		}
	}
	m.refusesTLS(addr, &tls.Config{
		ServerName: "a.example.com", RootCAs: m.ca.pool(), MaxVersion: tls.VersionTLS12,
		CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
	})
}

// offers checks which protocols are offered above TLS, the best first.
func (m *machine) offers(addr string, want ...string) {
	m.Helper()
	var got []string
	for _, protocol := range []string{"h2", "http/1.1"} {
		conn, err := m.shakeHands(addr, &tls.Config{ServerName: "a.example.com", RootCAs: m.ca.pool(), NextProtos: []string{protocol}})
		if err == nil && conn.ConnectionState().NegotiatedProtocol == protocol {
			got = append(got, protocol)
		}
	}
	if !slices.Equal(got, want) {
		m.Errorf("%s offers %q, want %q", addr, got, want)
	}
}

// refusesTLS checks that there is no handshake for such a client.
func (m *machine) refusesTLS(addr string, c *tls.Config) {
	m.Helper()
	if _, err := m.shakeHands(addr, c); err == nil {
		m.Errorf("%s shakes hands for %s with versions %x to %x", addr, c.ServerName, c.MinVersion, c.MaxVersion)
	}
}

func (m *machine) shakeHands(addr string, c *tls.Config) (*tls.Conn, error) {
	m.Helper()
	raw, err := net.Dial("tcp", addr)
	m.must(err)
	m.Cleanup(func() { _ = raw.Close() })
	conn := tls.Client(raw, c)
	return conn, conn.HandshakeContext(m.Context())
}

func tcpRoutes(m *machine) {
	for name, addr := range map[string]string{"ab1": "192.0.2.21:443", "org1": "192.0.2.22:443", "rest1": "192.0.2.23:443"} {
		m.web(name, addr).secure(m.serverTLS("a.example.com", "b.example.com", "c.example.com", "x.example.org", "example.org",
			"bad.example.com"))
	}
	m.web("app1", "192.0.2.20:80")
	m.tcp("192.0.2.24:90", echo("e0"))
	m.tcp("192.0.2.25:90", echo("e1"))
	m.tcp("192.0.2.26:90", sayProxy)
	m.to = "192.0.2.5"
	m.start()

	m.get("http://x.example/").by("app1").says("X-Forwarded-For: ") // HTTP beside it

	// TLS is the servers' own; HAProxy reads the name only.
	m.get("https://a.example.com/").by("ab1")
	m.get("https://B.example.com/").by("ab1")
	m.get("https://x.example.org/").by("org1")
	m.get("https://c.example.com/").by("rest1")
	m.get("https://example.org/").by("rest1")
	m.get("https://bad.example.com/").broken()
	m.get("https://a.example.com/", from("203.0.113.8")).broken()

	m.dial("192.0.2.5:90").gets("e0\n").send("hello\n").gets("hello\n")
	m.dial("192.0.2.5:91").gets("e1\n")
	m.dial("192.0.2.5:90", from("203.0.113.8")).ends()
	m.dial("192.0.2.5:90", from("203.0.113.7")).gets("e0\n") // allowed before
	m.silent("192.0.2.5:90", from("203.0.112.8"))

	const client = "PROXY TCP4 198.51.100.7 203.0.113.5 4711 92\r\n"
	m.dial("192.0.2.5:92", proxy(client)).gets("version 1: 198.51.100.7\n")
	m.dial("192.0.2.5:92", proxy("GET / HTTP/1.0\r\n\r\n")).ends()
	m.dial("192.0.2.5:93", from("198.51.100.7")).gets("version 2: 198.51.100.7\n")
}
