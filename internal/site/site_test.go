package site_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// changed is the bare site with a part of it written otherwise.
func changed(t *testing.T, old, by string) *site.Site {
	t.Helper()
	if !strings.Contains(bare, old) {
		t.Fatalf("the bare site has no %q", old)
	}
	return resolve(t, strings.Replace(bare, old, by, 1))
}

func TestHAProxyIsAlwaysWatched(t *testing.T) {
	for _, track := range []string{"", ", track: {}", ", track: {haproxy: {fall: 3}}"} {
		s := changed(t, ", track: {haproxy: {http: {}}}", track)
		if h := s.VRRP[0].Track.HAProxy; h == nil || h.Method != "killall" || h.Weight != 0 {
			t.Errorf("%q: %v", track, h)
		}
	}
	if s := changed(t, "{haproxy: {http: {}}}", "{haproxy: false}"); s.VRRP[0].Track.HAProxy != nil || s.Alive != nil {
		t.Error("it is watched although the site file says false")
	}
}

func TestPreferredMaster(t *testing.T) {
	for _, c := range []struct {
		name, old, by string
		preferred     int
		noPreempt     []bool
		path          string // of the second node's priority
	}{
		{"the nodes' own", "vips:", "vips:", 0, []bool{true, false}, "nodes[1].priority"},
		{"the router's own", "vips:", "priorities: {lb2: 200}, vips:", 1, []bool{false, true}, "vrrp[0].priorities[lb2]"},
		{"the VIPs shall come back", "vips:", "preempt: true, vips:", 0, []bool{false, false}, "nodes[1].priority"},
	} {
		s := changed(t, c.old, c.by)
		v := &s.VRRP[0]
		got := []bool{v.Members[0].NoPreempt, v.Members[1].NoPreempt}
		if v.Preferred != c.preferred || !slices.Equal(got, c.noPreempt) || string(v.PriorityPath(&s.Nodes[1])) != c.path {
			t.Errorf("%s: preferred %d, nopreempt %v, priority from %s", c.name, v.Preferred, got, v.PriorityPath(&s.Nodes[1]))
		}
	}
}

func TestFamilies(t *testing.T) {
	s := changed(t, "subnet: 192.0.2.0/24", "subnet: [192.0.2.0/24, 2001:db8::/64]")
	if v := s.VRRP[0]; v.Version != 2 || !slices.Equal(v.Instances, []site.Instance{{Name: "v", Family: 4, Version: 2}}) {
		t.Errorf("IPv4: %v", v.Instances)
	}
	text := strings.Replace(bare, "192.0.2.0/24, zone", "[192.0.2.0/24, 2001:db8::/64], zone", 1)
	v := resolve(t, strings.Replace(text, "vips: [192.0.2.10]", `vips: [192.0.2.10, "2001:db8::10", 198.51.100.1/32]`, 1)).VRRP[0]
	if v.Version != 2 || !slices.Equal(v.Instances, []site.Instance{{Name: "v", Family: 4, Version: 2},
		{Name: "v_v6", Family: 6, Version: 3}}) {
		t.Errorf("both: version %d, %v", v.Version, v.Instances)
	}
	for i, want := range []string{"192.0.2.10/24", "2001:db8::10/64", "198.51.100.1/32"} {
		if got := v.VIPs[i].Address.String(); got != want {
			t.Errorf("VIP %d is %s, not %s", i, got, want)
		}
	}
}

// TestServers looks at what a server says itself, what all servers have, and
// the rest.
func TestServers(t *testing.T) {
	s := changed(t, `servers: [{name: s, address: "192.0.2.99:443"}]`, `servers:
      - {name: a, address: "192.0.2.91:443", check: {inter: 5s, port: 8443}, weight: 3, backup: true}
      - {name: b, address: "192.0.2.92:443", check: {off: true}, tls: {verify: none}, disabled: true}
      - {name: c, address: "192.0.2.93:443", tls: false}
      - {name: d, address: "192.0.2.94:443"}`)
	b := &s.Backends[0]
	option := func(i int) *model.ServerOptions { return &b.Servers[i].ServerOptions }
	want := site.Check{Inter: 5 * time.Second, FastInter: site.FastInter, DownInter: 5 * time.Second, Rise: 2, Fall: 2, Port: 8443}
	if got := b.Check(option(0)); got != want {
		t.Errorf("check of a: %v", got)
	}
	if got := b.Check(option(3)); got.Inter != site.Inter || got.Port != 0 {
		t.Errorf("check of d: %v", got)
	}
	for i, want := range []bool{true, false, true, true} {
		if b.Checked(option(i)) != want {
			t.Errorf("server %d is checked: %v", i, !want)
		}
	}
	if b.Weight(option(0)) != 3 || b.Weight(option(3)) != site.Weight || !b.Backup(option(0)) || b.Backup(option(3)) ||
		!b.Disabled(option(1)) || b.Disabled(option(3)) {
		t.Error("weight, backup or disabled")
	}
	if got := b.TLS(option(1)); got.Off || got.Verify != "none" || got.CAFile != "" || got.SNI != "example.com" {
		t.Errorf("TLS to b: %v", got)
	}
	if got := b.TLS(option(3)); got.Verify != "required" || got.CAFile != s.Machine.CABundle {
		t.Errorf("TLS to d: %v", got)
	}
	if !b.TLS(option(2)).Off {
		t.Error("TLS to c")
	}
}

// TestSectionsInherit looks at what a section takes from defaults, and at what
// it was written with.
func TestSectionsInherit(t *testing.T) {
	s := changed(t, "frontends:", "defaults: {mode: http, retries: 5, forwardfor: {header: X-Client}, timeouts: {server: 2m, client: 3m, "+
		"tunnel: 1h}}\nfrontends:")
	f, b := &s.Frontends[0], &s.Backends[0]
	if f.Mode != model.ModeHTTP || f.Frontend.Mode != "" || f.Timeouts.Client != 3*time.Minute || f.Maxconn != 0 ||
		f.ForwardFor != s.Defaults.ForwardFor {
		t.Errorf("frontend %+v", f)
	}
	if b.Mode != model.ModeHTTP || b.Retries != 5 || !b.Redispatch || b.Timeouts.Server != 2*time.Minute || b.Timeouts.Tunnel != time.Hour ||
		b.ForwardFor.Header != "X-Client" {
		t.Errorf("backend %+v", b)
	}
	own := changed(t, "persist: {cookie", "forwardfor: false\n    retries: 0\n    timeouts: {server: 9s}\n    persist: {cookie").Backends[0]
	if own.ForwardFor != nil || own.Retries != 0 || own.Timeouts.Server != 9*time.Second || own.Timeouts.Connect != site.TimeoutConnect {
		t.Errorf("backend of its own mind %+v", own)
	}
}

func TestNames(t *testing.T) {
	s := resolve(t, bare+"userlists: [{name: u, users: [{name: a, password_hash: {env: A}}]}]\n")
	if b := s.Backend("r"); b == nil || b.Path() != "backends[1]" || s.Backend("none") != nil {
		t.Error("backends by name")
	}
	if l := s.Userlist("u"); l == nil || l.Name != "u" || s.Userlist("none") != nil {
		t.Error("userlists by name")
	}
	n := &s.Nodes[1]
	if n.Path() != "nodes[1]" || n.Device("front") != "eth0" || n.Device("none") != "" || n.RouterID != "lb2" {
		t.Errorf("node %+v", n)
	}
	if got := n.NICs[0].Addresses; !slices.Equal(got, []netip.Prefix{netip.MustParsePrefix("192.0.2.2/24")}) {
		t.Errorf("addresses %v", got)
	}
	if got := s.Frontends[0].Binds[0]; !got.Open || !slices.Equal(got.Addresses, []netip.Addr{netip.MustParseAddr("192.0.2.10")}) ||
		!slices.Equal(got.Ports, []int{443}) {
		t.Errorf("bind %+v", got)
	}
	if len(s.Nonlocal) != 1 || s.Nonlocal[0].Path != "frontends[0].binds[0]" || !s.UsesTLS {
		t.Errorf("nonlocal %v", s.Nonlocal)
	}
}

// TestNetworks: a role that shares a device with one role on the first node and with
// another on the second has all three in one network.
func TestNetworks(t *testing.T) {
	s := site.Site{Roles: []string{"a", "b", "c", "d"}, Nodes: []site.Node{
		{NICs: []site.NIC{{Role: "a", Device: "eth0"}, {Role: "b", Device: "eth1"}, {Role: "c", Device: "eth0"}, {Role: "d", Device: "eth2"}}},
		{NICs: []site.NIC{{Role: "a", Device: "eth0"}, {Role: "b", Device: "eth1"}, {Role: "c", Device: "eth1"}, {Role: "d", Device: "eth2"}}},
	}}
	if of := s.Networks(); of["a"] != of["b"] || of["b"] != of["c"] || of["d"] != "d" {
		t.Error(of)
	}
}
