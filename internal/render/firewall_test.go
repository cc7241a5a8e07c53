package render

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// openings are the addresses and ports of a node that its clients' rules open,
// as ZONE ADDRESS PORTS.
func openings(fw Firewall) []string {
	var all []string
	for _, z := range fw.Zones {
		for _, r := range z.Openings {
			word := strings.Split(r.Rich, `"`) // rule family="F" destination address="A" port port="P" …
			if strings.HasPrefix(word[2], " destination address=") {
				all = append(all, z.Name+" "+word[3]+" "+word[5])
			}
		}
	}
	slices.Sort(all)
	return all
}

// TestBindsAreOpen: which addresses of the first node the clients of a bind are
// let in to.
func TestBindsAreOpen(t *testing.T) {
	yes, no := true, false
	address := func(a string) model.BindAddress { return model.BindAddress{Addr: netip.MustParseAddr(a)} }
	for _, c := range []struct {
		name string
		bind model.Bind
		want []string
	}{
		{"VIP", model.Bind{VIP: "v"}, []string{"public 192.0.2.10 80"}},
		{"VIP, closed", model.Bind{VIP: "v", Open: &no}, nil},
		{"NIC", model.Bind{NIC: "front"}, nil},
		{"NIC, opened", model.Bind{NIC: "front", Open: &yes}, []string{"public 192.0.2.1 80"}},
		{"all of IPv4", model.Bind{Address: address("0.0.0.0")}, []string{"internal 198.51.100.1 80", "public 192.0.2.1 80",
			"public 192.0.2.10 80"}},
		{"all of IPv4, closed", model.Bind{Address: address("0.0.0.0"), Open: &no}, nil},
		{"all of IPv6", model.Bind{Address: address("::")}, []string{"internal 2001:db8::1 80"}},
		{"the node's own address", model.Bind{Address: address("192.0.2.1")}, []string{"public 192.0.2.1 80"}},
		{"the other node's address", model.Bind{Address: address("192.0.2.2")}, nil},
		{"a VIP's address", model.Bind{Address: address("192.0.2.10")}, []string{"public 192.0.2.10 80"}},
		{"another address of a network", model.Bind{Address: address("198.51.100.77")}, []string{"internal 198.51.100.77 80"}},
		{"an address that may come in anywhere", model.Bind{Address: address("203.0.113.1")},
			[]string{"internal 203.0.113.1 80", "public 203.0.113.1 80"}},
		{"loopback", model.Bind{Address: address("127.0.0.1")}, nil},
	} {
		s := small(t, "", "{vip: v, ports: [80]}")
		s.NICs["inner"] = model.NIC{Device: "eth1", Zone: "internal",
			Subnet: model.Subnets{netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("2001:db8::/64")}}
		s.NICs["dark"] = model.NIC{Device: "eth2", Subnet: model.Subnets{netip.MustParsePrefix("10.0.0.0/24")}}
		s.Nodes[0].Addresses["inner"] = model.Addresses{netip.MustParseAddr("198.51.100.1"), netip.MustParseAddr("2001:db8::1")}
		s.Nodes[0].Addresses["dark"] = model.Addresses{netip.MustParseAddr("10.0.0.1")}
		c.bind.Ports = []int{80}
		s.Frontends[0].Binds = []model.Bind{c.bind}
		resolved := site.Resolve(s)
		if got := openings(resolveFirewall(resolved, &resolved.Nodes[0])); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
