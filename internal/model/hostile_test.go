package model_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/source"
)

// TestHostileSites loads sites that would take minutes if any step were a
// product of two lengths, and wants no more findings than anybody reads.
func TestHostileSites(t *testing.T) {
	repeat := strings.Repeat
	numbered := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	with := func(section, text string) string {
		i := strings.Index(base, "\n"+section+":") + 1
		j := i + strings.Index(base[i:], "\n") + 1
		return base[:j] + text + base[j:]
	}
	for name, text := range map[string]string{
		"unknown keys":            "{" + numbered(100_000, "k%d: 1, ") + "}",
		"unknown keys in items":   "backends: [" + repeat("{naem: x}, ", 50_000) + "]",
		"wrong types in one line": "backends: [" + repeat("x, ", 200_000) + "]",
		"NICs":                    with("nics", numbered(30_000, "  n%d: {device: eth0, subnet: 10.0.0.0/24}\n")),
		"nodes": with("nodes", numbered(30_000, "  - {name: n%d, priority: 3, addresses: {client: 172.16.110.9, web: "+
			"192.168.50.9}}\n")),
		"instances": with("vrrp", numbered(20_000, "  - {name: i%d, nic: client, virtual_router_id: 7, vips: [172.16.110.9]}\n")),
		"VIPs":      strings.Replace(base, "[172.16.110.70]", "["+repeat("172.16.110.70,", 100_000)+"]", 1),
		"binds by alias": with("frontends", "  - {name: x, default_backend: app, binds: [{vip: VI_1, ports: &p ["+numbered(1000,
			"%d,")+"9]}"+repeat(", {vip: VI_1, ports: *p}", 20_000)+"]}\n"),
		"references to nothing": with("frontends", numbered(20_000, "  - {name: f%d, default_backend: nope, binds: [{nic: clinet, ports: "+
			"[1]}]}\n")),
		"references to nothings": with("frontends", numbered(5_000, "  - {name: f%d, default_backend: nope%[1]d, binds: [{nic: client, "+
			"ports: [1]}]}\n")) + "",
		"names twice": with("backends", repeat("  - {name: x, servers: [{name: a, address: 10.0.0.1:80}]}\n", 30_000)),
		"pages": with("backends", numbered(10_000, "  - {name: x%d, servers: [{name: a, address: 10.0.0.1:80}], sorry: "+
			"{page: d%[1]d/x.html}}\n")),
		"networks": strings.Replace(base, "subnet: 192.168.50.0/24", "subnet: ["+repeat("192.168.50.0/24,", 100_000)+"]", 1),
		"long key": base + repeat("x", 1<<20) + ": 1\n",
		"one server by alias": with("backends", "  - {name: big, servers: [&s {name: a, address: 10.0.0.1:80}"+repeat(",*s",
			200_000)+"]}\n"),
		"one backend by alias": with("backends", "  - &b {name: big, servers: [{name: a, address: 10.0.0.1:80}]}\n"+repeat("  - *b\n",
			50_000)),
		"passwords": with("vrrp", numbered(20_000, "  - {name: i%d, nic: clinet, auth_pass: 'x, virtual_router_id: 7, vips: "+
			"[172.16.110.9]}\n")),
		"many listeners by number": with("frontends", numbered(300,
			"  - {name: f%d, default_backend: app, binds: [{nic: web, ports: ["+numbered(900, "%d,")+"9]}]}\n")),
	} {
		t.Run(name, func(t *testing.T) {
			_, src, found := model.Load("site.yaml", []byte(text))
			if len(found) == 0 {
				t.Error("no finding")
			}
			if len(found) > source.MaxFindings+1 {
				t.Errorf("%d findings", len(found))
			}
			for _, f := range found[:min(len(found), 20)] {
				src.Masked(f.Subject.Start.Line)
			}
		})
	}
}

// TestAliasIsOneFault wants a fault once where it stands, however often it is used.
func TestAliasIsOneFault(t *testing.T) {
	found, at := load(t, "ports: [80, 443]}\n      - {nic: client, ports: [80, 443]}", "ports: &p [80, §0]}\n      - {nic: client, ports: *p}")
	if len(found) != 1 || found[0].Subject.Start != at {
		t.Error(list(found))
	}
}
