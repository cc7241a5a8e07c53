package model_test

import (
	"strings"
	"testing"
)

// TestPeersFaults is about the channel between the nodes.
func TestPeersFaults(t *testing.T) {
	const web = "  web: {device: ens256, subnet: 192.168.50.0/24, zone: public}\n"
	const nodes = "nodes:\n  - {name: lb1, priority: 100, addresses: {management: 172.16.10.71, client: 172.16.110.71, web: " +
		"192.168.50.71}}\n" +
		"  - {name: lb2, priority: 50, addresses: {management: 172.16.10.72, client: 172.16.110.72, web: 192.168.50.72}}\n"
	twoFamilies := strings.NewReplacer("subnet: 192.168.50.0/24", "subnet: [192.168.50.0/24, '2001:db8::/64']", "web: 192.168.50.72",
		"web: '2001:db8::72'")
	checkFaults(t, []fault{
		{"peers on no NIC", "stats: {", "peers: {nic: §wed}\nstats: {", "unknown-reference",
			[]string{`there is no NIC "wed"`, `did you mean "web"?`}},
		{"peers of one node", "  - {name: lb2, priority: 50, addresses: {management: 172.16.10.72, client: 172.16.110.72, web: " +
			"192.168.50.72}}\nvrrp:", "peers: §{nic: web}\nvrrp:", "bad-value", []string{"needs a second node", "take peers out"}},
		{"peers where a node has no address", "172.16.110.72, web: 192.168.50.72}}", "172.16.110.72}}\npeers: {nic: web}", "missing-field",
			[]string{`node "lb2" has no address on NIC "web"`}},
		{"a bind on the peers' port", "frontends:\n  - name: main\n    binds:\n",
			"peers: {nic: web}\nfrontends:\n  - name: main\n    binds:\n      - §{nic: web, port: 10001}\n", "duplicate",
			[]string{"192.168.50.71:10001 is bound twice"}},
		{"the peers' port is that of the statistics page", "stats: {", "peers: §{nic: management, port: 8404}\nstats: {", "duplicate",
			[]string{"172.16.10.71:8404 is bound twice"}},
		{"peers without a zone", "  web: {device: ens256, subnet: 192.168.50.0/24, zone: public}",
			"  web: §{device: ens256, subnet: 192.168.50.0/24}\npeers: {nic: web}", "missing-field", []string{`NIC "web" has no firewall zone`}},
		{"peers of two families", web + nodes, twoFamilies.Replace(web+nodes) + "peers: {nic: §web}\n", "bad-value",
			[]string{`NIC "web" are of different families`}},
	})
}
