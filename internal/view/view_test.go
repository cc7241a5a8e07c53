package view

import (
	"slices"
	"testing"

	"github.com/lbgen/lbgen/internal/model"
)

// site is a pair with one VIP, as far as the tests here need it.
func site(t *testing.T, vrrp, binds string) *model.Site {
	t.Helper()
	text := `version: 1
site: test
platform: rocky9
nics: {front: {device: eth0, subnet: 192.0.2.0/24, zone: public}}
nodes:
  - {name: lb1, priority: 100, addresses: {front: 192.0.2.1}}
  - {name: lb2, priority: 50, addresses: {front: 192.0.2.2}}
vrrp:
  - {name: v, nic: front, virtual_router_id: 7, vips: [192.0.2.10]` + vrrp + `}
frontends:
  - {name: f, binds: [` + binds + `], default_backend: b}
backends:
  - {name: b, servers: [{name: s, address: "192.0.2.99:80"}]}
`
	s, _, found := model.Load("test.yaml", []byte(text))
	if found.HasErrors() {
		t.Fatal(found)
	}
	return s
}

func TestHAProxyIsAlwaysWatched(t *testing.T) {
	for _, vrrp := range []string{"", ", track: {}", ", track: {haproxy: {fall: 3}}"} {
		k := Resolve(site(t, vrrp, "{vip: v, ports: [80]}"), model.Inputs{})[0].Keepalived
		if len(k.Scripts) != 1 || !slices.Equal(k.Instances[0].TrackScripts, []string{k.Scripts[0].Name}) {
			t.Errorf("%q: scripts %v, instance tracks %q", vrrp, k.Scripts, k.Instances[0].TrackScripts)
		}
	}
}

// TestNoPreemptOnTheMasterOnly: on the other node it has no effect, and on both
// a node whose priority fell would never be relieved.
func TestNoPreemptOnTheMasterOnly(t *testing.T) {
	nodes := Resolve(site(t, "", "{vip: v, ports: [80]}"), model.Inputs{})
	if !nodes[0].Keepalived.Instances[0].NoPreempt || nodes[1].Keepalived.Instances[0].NoPreempt {
		t.Error("nopreempt is not on the master only")
	}
	for _, n := range Resolve(site(t, ", preempt: true", "{vip: v, ports: [80]}"), model.Inputs{}) {
		if n.Keepalived.Instances[0].NoPreempt {
			t.Errorf("%s has nopreempt although the VIP shall come back", n.Name)
		}
	}
}

func TestNeighbouringPortsAreOneRule(t *testing.T) {
	for _, c := range []struct {
		ports []int
		want  []string
	}{
		{[]int{80, 443}, []string{"80", "443"}},
		{[]int{443, 80}, []string{"80", "443"}},
		{[]int{8002, 8000, 8001, 9000}, []string{"8000-8002", "9000"}},
		{[]int{65534, 65535}, []string{"65534-65535"}},
	} {
		if got := runs(c.ports); !slices.Equal(got, c.want) {
			t.Errorf("%v become %v, want %v", c.ports, got, c.want)
		}
	}
}

// TestNonlocalBindExactlyWhenNeeded: a lone node that binds its own address
// needs none.
func TestNonlocalBindExactlyWhenNeeded(t *testing.T) {
	pair := site(t, "", "{nic: front, ports: [80]}")
	if got := len(resolveNonlocal(pair)); got != 1 {
		t.Errorf("a pair that binds every node's address has %d settings", got)
	}
	pair.Nodes = pair.Nodes[:1]
	if got := resolveNonlocal(pair); len(got) != 0 {
		t.Errorf("a lone node has %v", got)
	}
}
