package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/cli"
)

// slipBase is a site as a beginner copies it.
const slipBase = `version: 1
site: shop
platform: debian12

nics:
  front: {device: eth0, subnet: 10.0.0.0/24}

nodes:
  - {name: lb1, priority: 110, addresses: {front: 10.0.0.11}}
  - {name: lb2, priority: 100, addresses: {front: 10.0.0.12}}

vrrp:
  - name: main
    nic: front
    virtual_router_id: 51
    vips: [10.0.0.10]

frontends:
  - name: web
    binds:
      - {vip: main, port: 80}
    default_backend: app

backends:
  - name: app
    health: {http: {uri: /health}}
    servers:
      - {name: app1, address: 10.0.0.21:8080}
      - {name: app2, address: 10.0.0.22:8080}
`

// slip is what somebody who begins gets wrong: new in place of old.
type slip struct{ title, old, new string }

func slips() []slip {
	return []slip{
		{"a tab indents", "  front: {device", "\tfront: {device"},
		{"a key without its colon", "platform: debian12", "platform debian12"},
		{"no blank behind the colon", "platform: debian12", "platform:debian12"},
		{"a quote that is not closed", "site: shop", "site: \"shop"},
		{"curly quotes from a word processor", "uri: /health", "uri: \u201c/health\u201d"},
		{"curly quotes around a name", "site: shop", "site: \u2018shop\u2019"},
		{"a no-break space from a web page", "  - name: main", "  -\u00a0name: main"},
		{"a bracket that is not closed", "vips: [10.0.0.10]", "vips: [10.0.0.10"},
		{"a key twice", "    nic: front\n    virtual", "    nic: front\n    nic: front\n    virtual"},
		{"a key too far to the right", "    nic: front\n    virtual", "     nic: front\n    virtual"},
		{"a list where a mapping is wanted", "nics:\n  front: {device: eth0, subnet: 10.0.0.0/24}",
			"nics:\n  - {name: front, device: eth0, subnet: 10.0.0.0/24}"},
		{"a mapping where a list is wanted",
			"nodes:\n  - {name: lb1, priority: 110, addresses: {front: 10.0.0.11}}\n  - {name: lb2, priority: 100, addresses: {front: 10.0.0.12}}",
			"nodes:\n  lb1: {priority: 110, addresses: {front: 10.0.0.11}}\n  lb2: {priority: 100, addresses: {front: 10.0.0.12}}"},
		{"a single value where a list is wanted", "vips: [10.0.0.10]", "vips: 10.0.0.10"},
		{"addresses as a single value", "addresses: {front: 10.0.0.11}", "addresses: 10.0.0.11"},
		{"a word where a mapping is wanted", "health: {http: {uri: /health}}", "health: http"},
		{"servers in one text", "servers:\n      - {name: app1, address: 10.0.0.21:8080}\n      - {name: app2, address: 10.0.0.22:8080}",
			"servers: 10.0.0.21:8080, 10.0.0.22:8080"},
		{"the version is forgotten", "version: 1\n", ""},
		{"another version", "version: 1\n", "version: 2\n"},
		{"the site has no name", "site: shop\n", ""},
		{"a platform that there is not", "platform: debian12", "platform: debian"},
		{"a misspelt key", "default_backend: app", "default_backends: app"},
		{"a word of HAProxy's", "default_backend: app", "use_backend: app"},
		{"a word of Keepalived's", "    vips: [10.0.0.10]", "    virtual_ipaddress: [10.0.0.10]"},
		{"the state of Keepalived", "    nic: front\n", "    nic: front\n    state: MASTER\n"},
		{"a key without its value", "    nic: front\n    virtual", "    nic:\n    virtual"},
		{"an address with too large a number", "10.0.0.11}", "10.0.0.311}"},
		{"an address with three numbers", "10.0.0.11}", "10.0.11}"},
		{"an address with letters", "10.0.0.11}", "10.0.0.l1}"},
		{"an address with a leading zero", "10.0.0.11}", "10.0.0.011}"},
		{"an address with a prefix where none belongs", "10.0.0.11}", "10.0.0.11/24}"},
		{"a subnet without its prefix", "subnet: 10.0.0.0/24", "subnet: 10.0.0.0"},
		{"a subnet with the bits of a host", "subnet: 10.0.0.0/24", "subnet: 10.0.0.1/24"},
		{"a node outside of the network", "10.0.0.12}", "10.0.1.12}"},
		{"a virtual IP outside of the network", "vips: [10.0.0.10]", "vips: [10.0.9.10]"},
		{"an IPv6 virtual IP without a network", "vips: [10.0.0.10]", "vips: [10.0.0.10, \"2001:db8::10\"]"},
		{"the virtual IP is a node's own", "vips: [10.0.0.10]", "vips: [10.0.0.11]"},
		{"a server without a port", "10.0.0.21:8080", "10.0.0.21"},
		{"a port that there is not", "10.0.0.21:8080", "10.0.0.21:80800"},
		{"a URL in place of an address", "address: 10.0.0.21:8080", "address: http://10.0.0.21:8080"},
		{"a backend that there is not", "default_backend: app", "default_backend: apps"},
		{"a NIC that there is not", "    nic: front", "    nic: eth0"},
		{"the same server twice", "name: app2", "name: app1"},
		{"the same priority twice", "priority: 100", "priority: 110"},
		{"a virtual_router_id above 255", "virtual_router_id: 51", "virtual_router_id: 256"},
		{"a number in words", "priority: 110", "priority: high"},
		{"a time without its unit", "    health: {http: {uri: /health}}", "    health: {http: {uri: /health}, inter: 2}"},
		{"yes in place of true", "    health: {http: {uri: /health}}", "    redispatch: yes\n    health: {http: {uri: /health}}"},
		{"port 443 without TLS", "port: 80}", "port: 443}"},
		{"a certificate that is not a path", "port: 80}", "port: 443, tls: {certificate: shop.pem}}"},
		{"nothing but the head", slipBase, "version: 1\nsite: shop\n"},
	}
}

// TestSlips: each mistake of a beginner is answered with its place, its cause and what to
// do. testdata/slips.txt is the answers, to be read.
func TestSlips(t *testing.T) {
	snapshot, err := filepath.Abs("../../testdata/slips.txt")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	place := regexp.MustCompile(`(?m)^site\.yaml:\d+:\d+: (error|warning): .+ \[[^\]]+\]$`)
	remedy := regexp.MustCompile(`(?m)^ +\| +\^+$\n +(= \S.*)`)
	var all strings.Builder
	for _, s := range slips() {
		if strings.Count(slipBase, s.old) < 1 {
			t.Fatalf("%s: the base has no %q", s.title, s.old)
		}
		if err := os.WriteFile("site.yaml", []byte(strings.Replace(slipBase, s.old, s.new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		code, out, _ := lbgen(t, "lint", "site.yaml")
		if code != cli.ExitFindings {
			t.Errorf("%s: exit code %d\n%s", s.title, code, out)
		}
		if !place.MatchString(out) || !remedy.MatchString(out) {
			t.Errorf("%s: place, cause or remedy is missing in\n%s", s.title, out)
		}
		fmt.Fprintf(&all, "# %s\n%s\n", s.title, out)
	}
	if *update {
		if err := os.WriteFile(snapshot, []byte(all.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(snapshot)
	if err != nil {
		t.Fatal(err)
	}
	if all.String() != string(want) {
		t.Errorf("go test ./cmd/lbgen -run TestSlips -update, and read the diff:\n%s", all.String())
	}
}
