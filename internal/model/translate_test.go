package model_test

import (
	"strings"
	"testing"
)

// TestWordsOfTheDaemons: who writes what HAProxy or Keepalived calls it is told what it
// is here.
func TestWordsOfTheDaemons(t *testing.T) {
	const router = "    virtual_router_id: 1\n"
	const backend = "    retries: 1"
	for _, c := range []struct{ old, line, want string }{
		{router, "    state: MASTER\n", "every node begins as BACKUP"},
		{router, "    virtual_ipaddress: [172.16.110.70]\n", `Keepalived's "virtual_ipaddress" is vips here`},
		{router, "    interface: ens224\n", `Keepalived's "interface" is nic here`},
		{router, "    nopreempt: true\n", "preempt: true takes it away"},
		{router, "    authentication: {auth_type: PASS}\n", "write auth_pass"},
		{router, "    track_interface: [ens256]\n", `Keepalived's "track_interface" is track.nics`},
		{router, "    unicast_peer: [172.16.110.72]\n", "write unicast: true"},
		{backend, "\n    timeout server: 30s", `HAProxy's "timeout server" is timeouts.server here`},
		{backend, "\n    timeout_connect: 3s", `HAProxy's "timeout connect" is timeouts.connect here`},
		{backend, "\n    option httpchk: GET /", `HAProxy's "option httpchk" is health.http here`},
		{backend, "\n    httpchk: GET /", `HAProxy's "option httpchk" is health.http here`},
		{backend, "\n    default-server: inter 2s", `HAProxy's "default-server" is server_defaults here`},
		{backend, "\n    stick-table: type ip", `HAProxy's "stick-table" is persist.table`},
		{backend, "\n    use_backend: other", `HAProxy's "use_backend" is frontends[].routes[].backend here`},
		{backend, "\n    retris: 3", "did you mean"},
		{backend, "\n    nonsense: 3", "expected one of"},
		{"site: prslb\n", "listen: []\n", "a frontend and a backend"},
		{"site: prslb\n", "vrrp_instance: []\n", "an item of vrrp"},
		{"site: prslb\n", "virtual_server: []\n", "no LVS"},
	} {
		found, _ := load(t, c.old, c.old+c.line)
		if len(found) == 0 || !strings.Contains(found[0].Detail, c.want) {
			t.Errorf("%s: %s, want %q", strings.TrimSpace(c.line), list(found), c.want)
		}
	}
}
