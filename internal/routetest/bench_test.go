package routetest_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/routetest"
	"github.com/lbgen/lbgen/internal/site"
	"github.com/lbgen/lbgen/internal/testenv"
)

// routed is a site with so many routes and tests, half of them by host and half by path.
func routed(routes, tests int) []byte {
	var b strings.Builder
	b.WriteString("version: 1\nsite: routed\nplatform: debian12\nnics: {front: {device: eth0, subnet: 192.0.2.0/24}}\n" +
		"nodes: [{name: lb1, addresses: {front: 192.0.2.1}}]\nfrontends:\n  - name: web\n    binds: [{nic: front, port: 80}]\n    routes:\n")
	for i := range routes {
		if i%2 == 0 {
			fmt.Fprintf(&b, "      - {when: [{host: h%d.example.com}], backend: b%d}\n", i, i%50)
		} else {
			fmt.Fprintf(&b, "      - {when: [{path_beg: /p%d/}], backend: b%d}\n", i, i%50)
		}
	}
	b.WriteString("    default_backend: b0\nbackends:\n")
	for i := range 50 {
		fmt.Fprintf(&b, "  - {name: b%d, servers: [{name: s, address: \"192.0.2.%d:80\"}]}\n", i, 100+i)
	}
	b.WriteString("tests:\n")
	for i := range tests {
		n := i % routes
		if n%2 == 0 {
			fmt.Fprintf(&b, "  - {request: GET http://h%d.example.com/%d, backend: b%d}\n", n, i, n%50)
		} else {
			fmt.Fprintf(&b, "  - {request: GET http://www.example.com/p%d/%d, backend: b%d}\n", n, i, n%50)
		}
	}
	return []byte(b.String())
}

// BenchmarkTests shows what 1,000 tests of a site with 500 routes take, reading the site
// file included, as a part of one haproxy -c of the same site.
func BenchmarkTests(b *testing.B) {
	testenv.Programs(b, "haproxy")
	data := routed(500, 1000)
	written, _, found := model.Load("site.yaml", data)
	if found.HasErrors() {
		b.Fatal(found)
	}
	sets, err := render.New().Sets(site.Resolve(written), model.Inputs{})
	if err != nil {
		b.Fatal(err)
	}
	cfg, ok := sets[0].File(strings.TrimPrefix(site.Resolve(written).Machine.ConfigFile(), "/"))
	if !ok {
		b.Fatal("there is no haproxy.cfg")
	}
	file := filepath.Join(b.TempDir(), "haproxy.cfg")
	if err := os.WriteFile(file, cfg.Data, 0o600); err != nil {
		b.Fatal(err)
	}
	var asked, reading, checked time.Duration
	for b.Loop() {
		start := time.Now()
		s, _, _ := model.Load("site.yaml", data)
		resolved := site.Resolve(s)
		reading += time.Since(start)
		start = time.Now()
		r := routetest.Run(resolved)
		asked += time.Since(start)
		if n := r.Count(routetest.Passed); n != 1000 || r.Reached() != 500 {
			b.Fatalf("%d tests passed, %d routes reached", n, r.Reached())
		}
		start = time.Now()
		if out, err := exec.CommandContext(b.Context(), "haproxy", "-c", "-f", file).CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		checked += time.Since(start)
	}
	b.ReportMetric(float64(asked)/float64(checked), "tests/haproxy-c")
	b.ReportMetric(float64(asked+reading)/float64(checked), "reading+tests/haproxy-c")
	b.ReportMetric(float64(asked.Microseconds())/float64(b.N)/1000, "ms/1000tests")
}
