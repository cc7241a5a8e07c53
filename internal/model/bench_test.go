package model_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/lbgen/lbgen/internal/model"
)

// bigSite is a site of the given size, in the two ways of writing that people
// use: one line a server, and one block a backend.
func bigSite(backends, servers, instances int) []byte {
	var b strings.Builder
	b.WriteString("version: 1\nsite: big\nplatform: rocky9\nnics:\n  front: {device: eth0, subnet: 10.0.0.0/16, zone: public}\n  back: " +
		"{device: eth1, subnet: 10.1.0.0/16, zone: public}\nnodes:\n")
	b.WriteString("  - {name: lb1, priority: 100, addresses: {front: 10.0.255.1, back: 10.1.255.1}}\n  - {name: lb2, priority: 50, " +
		"addresses: {front: 10.0.255.2, back: 10.1.255.2}}\nvrrp:\n")
	for i := range instances {
		fmt.Fprintf(&b, "  - {name: VI_%d, nic: front, virtual_router_id: %d, vips: [10.0.1.%d], track: {nics: [back], haproxy: {interval: "+
			"2s}}}\n", i, i+1, i+1)
	}
	b.WriteString("frontends:\n")
	for i := range backends {
		fmt.Fprintf(&b, "  - {name: f%d, binds: [{vip: VI_%d, ports: [%d]}], default_backend: b%d}\n", i, i%instances, 1000+i, i)
	}
	b.WriteString("backends:\n")
	for i := range backends {
		fmt.Fprintf(&b, "  - name: b%d\n    balance: leastconn\n    timeouts: {connect: 3s, server: 5s, check: 2s}\n    health: {http: "+
			"{method: GET, uri: /ready, expect: 200}, inter: 2s, rise: 2, fall: 3}\n    servers:\n", i)
		for j := range servers {
			fmt.Fprintf(&b, "      - {name: s%d, address: 10.1.%d.%d:%d}\n", j, i%250, j+1, 8000+i/250)
		}
	}
	return []byte(b.String())
}

// BenchmarkLoad shows what reading a site costs, as a multiple of what the
// YAML parser alone takes for the same bytes.
func BenchmarkLoad(b *testing.B) {
	for _, size := range []struct{ backends, servers, instances int }{{1, 2, 1}, {500, 20, 50}, {5000, 20, 50}} {
		data := bigSite(size.backends, size.servers, size.instances)
		b.Run(fmt.Sprintf("servers=%d", size.backends*size.servers), func(b *testing.B) {
			var load, parse time.Duration
			for b.Loop() {
				start := time.Now()
				_, _, found := model.Load("site.yaml", data)
				load += time.Since(start)
				if len(found) > 0 {
					b.Fatal(found)
				}
				start = time.Now()
				var doc yaml.Node
				if err := yaml.Unmarshal(data, &doc); err != nil {
					b.Fatal(err)
				}
				parse += time.Since(start)
			}
			b.ReportMetric(float64(load-parse)/float64(parse), "rest/yaml")
			b.ReportMetric(float64(load.Milliseconds())/float64(b.N), "ms/load")
		})
	}
}
