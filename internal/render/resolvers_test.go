package render

import (
	"strings"
	"testing"
)

// TestResolvers: the section, and where each of its lines comes from.
func TestResolvers(t *testing.T) {
	const resolvers = `resolvers:
  - {name: lan, nameservers: ["10.0.0.53:53", "[2001:db8::53]:53"], hold_valid: 30s,
     timeout_retry: 500ms, timeout_resolve: 2s, resolve_retries: 2, accepted_payload_size: 4096}
  - {name: own, parse_resolv_conf: true}
`
	f := fileOf(t, secretSets(t, twoPeers("rocky9")+resolvers, nil)[0], "etc/haproxy/haproxy.cfg")
	_, section, _ := strings.Cut(string(f.Data), "\nresolvers lan\n")
	want := `    nameserver ns1 10.0.0.53:53
    nameserver ns2 [2001:db8::53]:53
    timeout resolve 2s
    timeout retry 500ms
    hold valid 30s
    resolve_retries 2
    accepted_payload_size 4096

resolvers own
    parse-resolv-conf

`
	if !strings.HasPrefix(section, want) {
		t.Errorf("got\n%s", f.Data)
	}
	for text, origin := range map[string]string{
		"    nameserver ns2 [2001:db8::53]:53": "resolvers[0].nameservers[1]",
		"    hold valid 30s":                   "resolvers[0].hold_valid",
		"    parse-resolv-conf":                "resolvers[1].parse_resolv_conf",
	} {
		if got := f.Origin(lineOf(f, text)); got != origin {
			t.Errorf("%q comes from %q, want %q", text, got, origin)
		}
	}
}
