package render

import (
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/conf"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/render/keepalived"
	"github.com/lbgen/lbgen/internal/site"
)

// small is a site with one VIP, as far as the tests here need it.
func small(t *testing.T, vrrp, binds string) *model.Site {
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

// texts are lines as they are printed.
func texts(lines []conf.Line) []string {
	var all []string
	for _, l := range lines {
		all = append(all, l.Text())
	}
	return all
}

// keeps says whether the instance leaves the VIPs to whoever has them.
func keeps(inst keepalived.Instance) bool { return slices.Contains(texts(inst.Role), "nopreempt") }

func TestHAProxyIsAlwaysWatched(t *testing.T) {
	for _, vrrp := range []string{"", ", track: {}", ", track: {haproxy: {fall: 3}}"} {
		k := resolve(site.Resolve(small(t, vrrp, "{vip: v, ports: [80]}")), model.Inputs{})[0].Keepalived
		if len(k.Scripts) != 1 || !slices.Equal(texts(k.Instances[0].Scripts),
			[]string{strings.TrimPrefix(k.Scripts[0].Head.Text(), "vrrp_script ")}) {
			t.Errorf("%q: scripts %v, instance tracks %q", vrrp, k.Scripts, texts(k.Instances[0].Scripts))
		}
	}
}

// TestNoPreemptOnTheMasterOnly: on the other node it has no effect, and on both
// a node whose priority fell would never be relieved.
func TestNoPreemptOnTheMasterOnly(t *testing.T) {
	nodes := resolve(site.Resolve(small(t, "", "{vip: v, ports: [80]}")), model.Inputs{})
	if !keeps(nodes[0].Keepalived.Instances[0]) || keeps(nodes[1].Keepalived.Instances[0]) {
		t.Error("nopreempt is not on the master only")
	}
	for _, n := range resolve(site.Resolve(small(t, ", preempt: true", "{vip: v, ports: [80]}")), model.Inputs{}) {
		if keeps(n.Keepalived.Instances[0]) {
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
	other := small(t, "", `{address: "*", port: 8080}, {address: "::", port: 8080, open: false}, {address: 192.0.2.77, port: 8443}`)
	if n := site.Resolve(other).Nonlocal; len(n) != 1 || n[0].Setting != "net.ipv4.ip_nonlocal_bind" {
		t.Errorf("settings for an address that no node has: %v", n)
	}
	pair := small(t, "", "{nic: front, ports: [80]}")
	if got := len(resolveNonlocal(site.Resolve(pair))); got != 1 {
		t.Errorf("a pair that binds every node's address has %d settings", got)
	}
	pair.Nodes = pair.Nodes[:1]
	if got := resolveNonlocal(site.Resolve(pair)); len(got) != 0 {
		t.Errorf("a lone node has %v", got)
	}
}

// TestUnicast: each node names the others and never itself, by the addresses
// that they send from; the firewall lets these in and no whole network.
func TestUnicast(t *testing.T) {
	s, _, found := model.Load("test.yaml", []byte(`version: 1
site: test
platform: rocky9
nics: {front: {device: eth0, subnet: [192.0.2.0/24, "2001:db8::/64"], zone: public}}
nodes:
  - {name: lb1, priority: 100, addresses: {front: ["2001:db8::1", 192.0.2.1, 192.0.2.101]}}
  - {name: lb2, priority: 50, addresses: {front: [192.0.2.2, "2001:db8::2"]}}
  - {name: lb3, priority: 20, addresses: {front: [192.0.2.3, "2001:db8::3"]}}
vrrp:
  - {name: v, nic: front, virtual_router_id: 7, unicast: true, vips: [192.0.2.10, "2001:db8::10"]}
frontends:
  - {name: f, binds: [{vip: v, ports: [80]}], default_backend: b}
backends:
  - {name: b, servers: [{name: s, address: "192.0.2.99:80"}]}
`))
	if found.HasErrors() {
		t.Fatal(found)
	}
	two := resolve(site.Resolve(s), model.Inputs{})[1]
	for i, want := range []struct {
		source string
		peers  []string
	}{{"192.0.2.2", []string{"192.0.2.1", "192.0.2.3"}}, {"2001:db8::2", []string{"2001:db8::1", "2001:db8::3"}}} {
		inst := two.Keepalived.Instances[i]
		peers := texts(inst.Peers)
		if !slices.Equal(peers, want.peers) || !slices.Contains(texts(inst.Timing), "unicast_src_ip "+want.source) {
			t.Errorf("%s: %v to %v, want from %s to %v", inst.Head.Text(), texts(inst.Timing), peers, want.source, want.peers)
		}
	}
	var rules []string
	for _, r := range two.Firewall.Zones[0].Openings[:4] {
		rules = append(rules, r.Rich)
	}
	if want := []string{
		`rule family="ipv4" source address="192.0.2.1" protocol value="vrrp" accept`,
		`rule family="ipv6" source address="2001:db8::1" protocol value="vrrp" accept`,
		`rule family="ipv4" source address="192.0.2.3" protocol value="vrrp" accept`,
		`rule family="ipv6" source address="2001:db8::3" protocol value="vrrp" accept`,
	}; !slices.Equal(rules, want) {
		t.Errorf("rules\n%q\nwant\n%q", rules, want)
	}
}

// TestNoPreemptPerInstance: in a dual master each node is the preferred one of
// its own instance, and has nopreempt in that one.
func TestNoPreemptPerInstance(t *testing.T) {
	text := "}\n  - {name: w, nic: front, virtual_router_id: 8, vips: [192.0.2.11], priorities: {lb1: 10, lb2: 20}"
	for i, n := range resolve(site.Resolve(small(t, text, "{vip: v, ports: [80]}")), model.Inputs{}) {
		for j, inst := range n.Keepalived.Instances {
			if keeps(inst) != (i == j) {
				t.Errorf("%s, %s: nopreempt is %t", n.Name, inst.Head.Text(), keeps(inst))
			}
		}
	}
}

// TestHAProxyIsAsked: the page that is asked for is the one that HAProxy has,
// no shell and no server has part in it, and SELinux knows of the port.
func TestHAProxyIsAsked(t *testing.T) {
	n := resolve(site.Resolve(small(t, ", track: {haproxy: {http: {uri: /up, port: 9000}, timeout: 3s}}", "{vip: v, ports: [80]}")),
		model.Inputs{})[0]
	got := texts(n.Keepalived.Scripts[0].Lines)[0]
	if want := `script "/usr/bin/curl -sf -o /dev/null --max-time 3 http://127.0.0.1:9000/up"`; got != want {
		t.Errorf("asked by %q, want %q", got, want)
	}
	var page []string
	for _, l := range n.HAProxy.Alive[0].Lines {
		page = append(page, l.Text())
	}
	if want := []string{"mode http", "bind 127.0.0.1:9000", "monitor-uri /up"}; !slices.Equal(page, want) {
		t.Errorf("the page is %q", page)
	}
	if !slices.Contains(n.Install.Ports, Port{9000, true}) {
		t.Errorf("SELinux is told of %v", n.Install.Ports)
	}
}

// TestWhoHears: a mail is sent once, by Keepalived or by the script.
func TestWhoHears(t *testing.T) {
	for _, c := range []struct {
		vrrp          string
		alert, script bool
	}{
		{"", true, false},
		{", smtp_alert: false", false, false},
		{", notify: {mail: [master]}", false, true},
		{", notify: {mail: [master]}, smtp_alert: true", true, true},
		{", notify: {syslog: [master]}", true, true},
		{", notify: {script: /usr/bin/tell}", true, false},
	} {
		s := small(t, c.vrrp+"}\nnotifications: {email: {to: [root@localhost], from: root@localhost}", "{vip: v, ports: [80]}")
		k := resolve(site.Resolve(s), model.Inputs{})[0].Keepalived
		if got := slices.Contains(texts(k.Instances[0].Notify), "smtp_alert"); got != c.alert || (k.Notify != nil) != c.script {
			t.Errorf("%q: alert %t, script %t", c.vrrp, got, k.Notify != nil)
		}
	}
}
