package adopt

import (
	"time"
)

// profile is what a site file with one of the profiles of defaults leaves out
// (docs/defaults.md). An empty value stands for none.
type profile struct {
	name          string
	timeouts      map[string]string
	global, front string // connections
	connection    string
	redispatch    bool
	forwardFor    bool
	forwardProto  bool
	log           bool // option httplog or tcplog, and dontlognull
	alpn          bool
	tls           bool
	fast          string
	fall          int
	method        string
	expect        string
	track         time.Duration
}

func profiles() []profile {
	modern := profile{
		name: "modern", redispatch: true, forwardFor: true, forwardProto: true, log: true, alpn: true, tls: true,
		timeouts: map[string]string{
			"http_request": "10s", "queue": "30s", "connect": "5s", "client": "1m", "server": "1m", "http_keep_alive": "10s", "check": "1s",
		},
		fast: "500ms", fall: 2, method: "GET", expect: "200", track: time.Second,
	}
	rhel := modern
	rhel.name, rhel.global, rhel.front, rhel.connection, rhel.fast, rhel.fall, rhel.track = "rhel", "4000", "3000", "server-close", "", 3,
		2*time.Second
	rhel.timeouts = map[string]string{
		"http_request": "10s", "queue": "1m", "connect": "10s", "client": "1m", "server": "1m", "http_keep_alive": "10s", "check": "10s",
	}
	return []profile{modern, rhel, {name: "haproxy", fall: 3, method: "OPTIONS", track: time.Second}}
}

// cost says which of several drafts reads best: lines that are raw or unsaid, and what
// the profile would add, weigh more than the length of the text.
func (d *Draft) cost() int {
	const line, added = 200, 2000
	return len(d.Text) + line*(d.Count(Raw)+d.Count(Unsaid)) + added*d.added
}
