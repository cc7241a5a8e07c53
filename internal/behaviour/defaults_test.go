//go:build linux

package behaviour_test

import (
	"net/http"
	"os"
	"strings"
	"time"
)

// defaults: what the global and the defaults section say holds everywhere.
func defaults(m *machine) {
	m.put("/etc/haproxy/certs/a.pem", m.ca.file(m.ca.issue("a.example.com")))
	f := newFarm(m)
	m.tcp("192.0.2.23:90", echo("e1"))
	m.tcp("192.0.2.24:90", m.silence)
	m.tcp("192.0.2.25:90", m.silence)
	logged := newSyslog(m, "127.0.0.1:514")
	m.to = "192.0.2.5"
	m.start()

	m.get("http://x.example/", from("203.0.113.7")).by("s1").says("X-Real-Ip: 203.0.113.7\r\n")
	m.get("http://x.example/", from("198.51.100.7")).by("s1").saysNot("X-Real-Ip")
	m.get("http://x.example/", header("X-Long", strings.Repeat("x", 30000))).by("s1") // more than HAProxy's own 16384
	m.get("http://x.example/forbidden").is(302).has("Location", "https://status.example/")
	ciphers(m, "192.0.2.5:443")
	if bad := m.failures("http://half.example/", 6); bad != 3 {
		m.Errorf("half: %d of 6 requests failed, want those that were for the server that is not there", bad)
	}
	runtimeSocket(m)
	timeouts(f)

	m.down("mute/m1") // it takes connections, and does not answer checks
	m.until("a check is logged", func() bool { return logged.has("local2", "Health check for server mute/m1 failed") })
	m.until("a request is logged as asked for", func() bool { return logged.has("local2", "203.0.113.7 got 200 from {s1}") })
	m.dial("192.0.2.5:80", from("203.0.113.8")).close() // says nothing
	m.until("a silent client is logged", func() bool { return logged.has("local2", "203.0.113.8 got ") })
}

func timeouts(f *farm) {
	m := f.m
	f.hold("http://busy.example/")
	m.get("http://busy.example/").is(http.StatusServiceUnavailable)
	f.release()

	m.dial("192.0.2.5:80").send("GET / HTTP/1.1\r\nHost: x.example\r\n\r\n").gets("HTTP/1.1 200 ").runsOut()
	tunnel := m.dial("192.0.2.5:90").gets("e1\n")
	time.Sleep(1500 * time.Millisecond) // more than the time-outs of both sides
	tunnel.send("still here\n").gets("still here\n")
	half := m.dial("192.0.2.5:91").send("hello")
	half.finish()
	half.ends() // long before the tunnel's own time-out
}

// runtimeSocket: who may use it, and for what.
func runtimeSocket(m *machine) {
	info, err := os.Stat(m.socket())
	m.must(err)
	if info.Mode().Perm() != 0o660 {
		m.Errorf("the runtime socket has mode %o", info.Mode().Perm())
	}
	if answer, err := m.command("set server app/s1 state maint"); err != nil || !strings.Contains(answer, "Permission denied") {
		m.Errorf("an operator may change servers: %q (%v)", answer, err)
	}
	if answer, err := m.command("show info"); err != nil || !strings.Contains(answer, "description: the pair in the cellar") {
		m.Errorf("raw lines of global are not there: %s (%v)", answer, err)
	}
}
