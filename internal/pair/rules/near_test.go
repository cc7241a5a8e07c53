package rules_test

import (
	"slices"
	"testing"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair/rules"
)

// TestNearMisses: what is nearly one of the mistakes and is none draws nothing; what is
// one in another form than the rule's example is found.
func TestNearMisses(t *testing.T) {
	const backend = "\nbackend app\n    option httpchk\n    http-check send meth GET uri /ready\n    http-check expect status 200\n"
	const second = "\nvrrp_sync_group G1 {\n    group {\n        VI_1\n        VI_2\n    }\n}\n\nvrrp_instance VI_2 {\n    interface eth2\n" +
		"    virtual_router_id 24\n    @lb1 priority 120\n    @lb2 priority 100\n    virtual_ipaddress {\n        198.51.100.10/24\n    }\n" +
		"    track_script {\n        alive\n    }\n}\n"
	for name, c := range map[string]struct {
		code, fragment string
		found          bool
	}{
		"a process that is not HAProxy":    {"LB1013", "\nvrrp_track_process d {\n    process dnsmasq\n}\n", false},
		"one node first in both instances": {"LB5032", second, false},
		"a check that may take a second":   {"LB2014", backend + "    timeout check 1s\n    server a 192.0.2.21:80 check\n", false},
		"an interval of a minute":          {"LB2014", backend + "    server a 192.0.2.21:80 check inter 1m\n", true},
		"a source that all nodes have":     {"LB2031", backend + "    source 0.0.0.0\n    server a 192.0.2.21:80 check\n", false},
		"a server's own source":            {"LB2031", backend + "    server a 192.0.2.21:80 check source 192.0.2.10:0\n", true},
		"slowstart with leastconn": {"LB6025", backend + "    balance leastconn\n    server a 192.0.2.21:80 check slowstart 9s\n",
			false},
		"slowstart with a consistent hash": {"LB6025", backend + "    balance uri\n    hash-type consistent\n    server a 192.0.2.21:80 check " +
			"slowstart 9s\n", false},
		"slowstart with a hash":   {"LB6025", backend + "    balance source\n    server a 192.0.2.21:80 check slowstart 9s\n", true},
		"check-alpn beside alpn":  {"LB6026", backend + "    server a 192.0.2.21:443 check ssl verify none alpn h2 check-alpn h2\n", false},
		"alpn without h2":         {"LB6026", backend + "    server a 192.0.2.21:443 check ssl verify none alpn http/1.1\n", false},
		"a comment in a userlist": {"LB6013", "\nuserlist people\n    user ann password $5$x # hers\n", false},
		"a password in quotes":    {"LB6013", "\nuserlist people\n    user ann insecure-password 'se#cret'\n", false},
		"an escaped number sign":  {"LB6013", "\nuserlist people\n    user ann insecure-password se\\#cret\n", false},
		"the page's password":     {"LB6013", "\nlisten page\n    bind 192.0.2.10:81\n    stats auth ann:se#cret\n", true},
		"a name where TLS ends": {"LB6047", "\nfrontend tls\n    bind 192.0.2.10:443 ssl crt /a.pem\n    use_backend app if { ssl_fc_sni " +
			"a.example.com }\n", false},
		"a host in small letters": {"LB6048", "\nfrontend f\n    bind 192.0.2.10:81\n    use_backend app if { hdr(host) a.example.com }\n",
			false},
		"a host whatever its letters":   {"LB6048", "\nfrontend f\n    bind 192.0.2.10:81\n    acl a hdr(host) -i A.example.com\n", false},
		"a named condition in capitals": {"LB6048", "\nfrontend f\n    bind 192.0.2.10:81\n    acl a hdr_end(host) .Example.com\n", true},
		"a client that may be silent":   {"LB2033", "\nfrontend f\n    bind 192.0.2.10:81\n    timeout client 1s\n", false},
		"a client that must not pause":  {"LB2033", "\nfrontend f\n    bind 192.0.2.10:81\n    timeout client 500ms\n", true},
		"a backend that upgrades to HTTP": {"LB6041", "\nfrontend f\n    mode tcp\n    option tcplog\n    bind 192.0.2.10:81\n    " +
			"default_backend app\n", false},
		"a request in parts of a second": {"LB2033", "\nfrontend f\n    bind 192.0.2.10:81\n    timeout http-request 500ms\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			l := run(rules.NewExample(c.fragment))
			if got := slices.ContainsFunc(l, func(d diag.Diagnostic) bool { return d.Code == c.code }); got != c.found {
				t.Errorf("%s is found: %t\n%s", c.code, got, show(l))
			}
		})
	}
}
