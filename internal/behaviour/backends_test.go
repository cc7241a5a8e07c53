//go:build linux

package behaviour_test

import (
	"crypto/tls"
	"net/http"
	"strings"
)

func backendScenarios() []scenario {
	return []scenario{
		{name: "balance", site: "testdata/balance.yaml", steps: balance},
		{name: "persist", site: "testdata/persist.yaml", env: map[string]string{"COOKIE_KEY": `k "e' y`}, steps: persist},
		{name: "health", site: "testdata/health.yaml", env: map[string]string{"REDIS": redisPassword}, steps: health},
		{name: "profile", site: "testdata/profile.yaml", steps: plainProfile},
		{name: "redirects", site: "testdata/redirects.yaml", steps: otherScheme},
		{name: "http2", site: "testdata/http2.yaml", steps: http2},
		{name: "servers", site: "testdata/servers.yaml", steps: servers},
		{name: "sorry", site: "testdata/sorry.yaml", steps: sorryPages},
		{name: "queues", site: "testdata/queues.yaml", steps: queues},
		{name: "names", site: "testdata/names.yaml", steps: names},
	}
}

func servers(m *machine) {
	m.webs("s1", "192.0.2.21:80", "s2", "192.0.2.22:80", "b1", "192.0.2.31:80", "b2", "192.0.2.32:80", "busy", "192.0.2.33:80", "check",
		"192.0.2.33:81")
	m.put("/etc/haproxy/ca.pem", m.ca.pem())
	m.put("/etc/haproxy/other-ca.pem", newAuthority(m.T).pem())
	m.put("/etc/haproxy/ours.pem", m.ca.file(m.ca.issue("balancer")))
	tlsServers(m)
	p1 := m.web("p1", "192.0.2.51:80")
	p1.proxied = true
	p1.down()
	p1.up()
	m.to = "192.0.2.5"
	connections := newConnections(m)
	m.start()

	tlsToServers(m)
	for _, host := range []string{"proxy1", "proxy2"} {
		m.up(host + "/p1") // checks are made with the header, too
		m.get("http://"+host+".example/", from("198.51.100.7")).by("p1").says("Peer: 198.51.100.7:")
	}
	m.inTurn("http://mixed.example/", "p1", "s1")
	outOfService(m)
	connections.change()
	backups(m)
}

// tlsServers speak TLS: the first two with a name of their own, the third with
// clients only that show a certificate, the fourth in an old version only.
func tlsServers(m *machine) {
	m.web("t1", "192.0.2.41:443").secure(m.serverTLS("t1.example.com"))
	m.web("t2", "192.0.2.42:443").secure(m.serverTLS("t2.example.com")).answer = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Asked-For", r.TLS.ServerName)
		w.Header().Set("Spoken", r.Proto)
	}
	clients := m.serverTLS("t3.example.com")
	clients.ClientAuth, clients.ClientCAs = tls.RequireAndVerifyClientCert, m.ca.pool()
	m.web("t3", "192.0.2.43:443").secure(clients).answer = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Client", r.TLS.PeerCertificates[0].Subject.CommonName)
	}
	old := m.serverTLS("t4.example.com")
	old.MaxVersion = tls.VersionTLS12
	m.web("t4", "192.0.2.44:443").secure(old)
}

// tlsToServers: who is not believed does not serve.
func tlsToServers(m *machine) {
	m.get("http://verified.example/").by("t1")
	m.get("http://wrong.example/").is(503)
	m.get("http://stranger.example/").is(503)
	m.get("http://unverified.example/").by("t1")
	m.get("http://asked.example/").by("t2").has("Asked-For", "t2.example.com")
	m.get("http://hello.example/").by("t2").has("Asked-For", "hello.example")
	m.get("http://alpn.example/").by("t2").has("Spoken", "HTTP/2.0")
	m.get("http://ours.example/").by("t3").has("Client", "balancer")
	m.get("http://version.example/").is(503)
	m.get("http://newer.example/").is(503)
	m.get("http://older.example/").by("t4")
}

// outOfService: switched off by hand, and checked in another way.
func outOfService(m *machine) {
	if got := m.status("off/s1"); !strings.HasPrefix(got, "MAINT") {
		m.Errorf("off/s1 is %s, want MAINT", got)
	}
	m.servers["check"].down()
	m.down("off/s2") // though its own port answers
	if got := m.status("off/s3"); got != "no check" {
		m.Errorf("off/s3 is %s, want no check", got)
	}
	m.tell("enable server off/s1")
	m.up("off/s1")
	m.servers["check"].up()
	m.up("off/s2")
}

// backups serve when all others are down, and one after the other unless all
// are to.
func backups(m *machine) {
	m.inTurn("http://spare.example/", "s1", "s2")
	m.servers["s1"].down()
	m.down("spare/s1", "spares/s1")
	m.inTurn("http://spare.example/", "s2")
	m.servers["s2"].down()
	m.down("spare/s2", "spares/s2")
	m.inTurn("http://spare.example/", "b1")
	m.inTurn("http://spares.example/", "b1", "b2")
	m.servers["b1"].down()
	m.down("spare/b1")
	m.inTurn("http://spare.example/", "b2")
	m.servers["s2"].up()
	m.up("spare/s2")
	m.inTurn("http://spare.example/", "s2")
}

// connections are open while the state of their server changes.
type connections struct {
	m     *machine
	check *webServer
}

func newConnections(m *machine) connections {
	m.tcp("192.0.2.61:90", echo("e1"))
	m.tcp("192.0.2.62:90", echo("e2"))
	return connections{m, m.web("echo's check", "192.0.2.61:81")}
}

func (c connections) change() {
	m := c.m
	cut, kept := m.dial("192.0.2.5:90").gets("e1\n"), m.dial("192.0.2.5:91").gets("e1\n")
	c.check.down()
	m.down("cut/e1", "kept/e1", "returned/e1")
	cut.ends()
	kept.send("still here\n").gets("still here\n")
	backup := m.dial("192.0.2.5:92").gets("e2\n")
	c.check.up()
	m.up("returned/e1")
	backup.ends()
	m.dial("192.0.2.5:92").gets("e1\n")
}
