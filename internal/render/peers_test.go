package render

import (
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
)

// twoPeers is a site of two nodes whose HAProxy share their tables.
func twoPeers(platform string) string {
	return `version: 1
site: pair
platform: ` + platform + `
nics: {lan: {device: eth0, subnet: 10.0.0.0/24, zone: internal}}
nodes:
  - {name: lb1, priority: 100, addresses: {lan: 10.0.0.1}}
  - {name: lb2, priority: 50, addresses: {lan: 10.0.0.2}}
frontends: [{name: web, binds: [{nic: lan, port: 80}], default_backend: app}]
backends: [{name: app, servers: [{name: a, address: 10.0.0.9:80}]}]
peers: {nic: lan}
`
}

// TestPeers: haproxy.cfg is one for all nodes, and each is told by its command
// line which of the peers it is.
func TestPeers(t *testing.T) {
	for platform, want := range map[string][2]string{
		"rocky9":     {"etc/sysconfig/haproxy", `OPTIONS="-L lb2"`},
		"debian12":   {"etc/default/haproxy", `EXTRAOPTS="-S /run/haproxy-master.sock -L lb2"`},
		"ubuntu2404": {"etc/default/haproxy", `EXTRAOPTS="-S /run/haproxy-master.sock -L lb2"`},
	} {
		sets := secretSets(t, twoPeers(platform), nil)
		options := fileOf(t, sets[1], want[0])
		if !strings.HasSuffix(string(options.Data), "\n"+want[1]+"\n") || options.Action != artifact.RestartHAProxy {
			t.Errorf("%s: %s\n%s", platform, options.Action, options.Data)
		}
		a, b := fileOf(t, sets[0], "etc/haproxy/haproxy.cfg"), fileOf(t, sets[1], "etc/haproxy/haproxy.cfg")
		if string(a.Data) != string(b.Data) || !strings.Contains(string(a.Data),
			"\npeers lbgen\n    peer lb1 10.0.0.1:10001\n    peer lb2 10.0.0.2:10001\n") {
			t.Errorf("%s: %s", platform, a.Data)
		}
	}
}

// TestPeersAreLetIn: the other node, and nobody else, to the one port.
func TestPeersAreLetIn(t *testing.T) {
	set := secretSets(t, twoPeers("rocky9"), nil)[1]
	rules := string(fileOf(t, set, "firewalld.table").Data)
	want := `rule family="ipv4" source address="10.0.0.1" destination address="10.0.0.2" port port="10001" protocol="tcp" accept`
	if strings.Count(rules, want) != 1 || strings.Count(rules, `"10001"`) != 1 {
		t.Error("not opened, or to others too:\n", rules)
	}
	node := string(fileOf(t, set, "node.table").Data)
	for _, port := range []string{"\nport bind 10001\n", "\nport connect 10001\n"} {
		if !strings.Contains(node, port) {
			t.Errorf("node.table has no %q", port)
		}
	}
}

// TestSELinuxKnowsAllPorts: those that HAProxy listens on and connects to.
func TestSELinuxKnowsAllPorts(t *testing.T) {
	site := strings.Replace(twoPeers("rocky9"), "backends: [{name: app, servers: [{name: a, address: 10.0.0.9:80}]}]\n", `backends:
  - name: app
    health: {port: 7001, agent: {port: 7002}}
    server_defaults: {check: {port: 7003}}
    servers: [{name: a, address: "10.0.0.9:7004", check: {port: 7005}}]
    server_templates: [{prefix: t, count: 2, resolvers: dns, address: "web.example.com:7006", check: {port: 7007}}]
    sorry: {remote: {address: "10.0.0.8:7008", path: /sorry.html}}
resolvers: [{name: dns, parse_resolv_conf: true}]
`, 1)
	node := string(fileOf(t, secretSets(t, site, nil)[0], "node.table").Data)
	for _, port := range []string{"bind 80", "bind 10001", "connect 7001", "connect 7002", "connect 7003", "connect 7004", "connect 7005",
		"connect 7006", "connect 7007", "connect 7008", "connect 10001"} {
		if strings.Count(node, "\nport "+port+"\n") != 1 {
			t.Errorf("node.table does not have %q once", port)
		}
	}
	if strings.Contains(node, "\nport connect 0\n") {
		t.Error("node.table has a port 0")
	}
}

// TestNoPeersNoOptions: the package's option file is left alone.
func TestNoPeersNoOptions(t *testing.T) {
	for _, set := range pair(t) {
		if _, ok := set.File("etc/sysconfig/haproxy"); ok {
			t.Error("an option file is made")
		}
	}
}

// TestTablesAreShared: what is counted over time, and not how many connections
// there are just now, which each node knows of itself alone.
func TestTablesAreShared(t *testing.T) {
	text := strings.Replace(twoPeers("rocky9"), "default_backend: app", "routes: [{rate_limit: {requests: 9}}, {rate_limit: {concurrent: "+
		"9}}], default_backend: app", 1)
	for _, c := range []struct{ text, want string }{
		{text, "store http_req_rate(10s) peers lbgen\n"}, {text, "store conn_cur\n"},
		{strings.Replace(text, "peers: {nic: lan}\n", "", 1), "store http_req_rate(10s)\n"},
	} {
		cfg := string(fileOf(t, secretSets(t, c.text, nil)[0], "etc/haproxy/haproxy.cfg").Data)
		if !strings.Contains(cfg, c.want) {
			t.Errorf("no %q in\n%s", c.want, cfg)
		}
	}
}
