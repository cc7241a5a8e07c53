package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/lbgen/lbgen/internal/cli"
)

// BenchmarkAnsible is the same job done by ansible-playbook's template module
// on the same machine, with the same files.
func BenchmarkAnsible(b *testing.B) {
	if _, err := exec.LookPath("ansible-playbook"); err != nil {
		b.Skip("ansible-playbook is not installed (Debian: ansible-core)")
	}
	lbgen := build(b, ".")
	dir := b.TempDir()
	out := filepath.Join(dir, "out")
	playbook := func() cost {
		return run(b, "ansible-playbook", "-i", "testdata/ansible/inventory.ini", "-e", "auth_pass=passw123 out="+filepath.Join(dir, "ansible"),
			"testdata/ansible/prslb.yml")
	}
	render := func() cost { return run(b, lbgen, "render", "../../examples/prslb.yaml", "-o", out) }
	comparison{against: render, job: playbook, times: 3,
		before: func() { remove(b, out); remove(b, filepath.Join(dir, "ansible")) }}.run(b)
	sameConfig(b, out, filepath.Join(dir, "ansible"))
}

// sameConfig makes sure that both did the same job.
func sameConfig(b *testing.B, one, other string) {
	b.Helper()
	for _, node := range []string{"prslb01", "prslb02"} {
		for _, name := range []string{"haproxy/haproxy.cfg", "keepalived/keepalived.conf"} {
			x, err := os.ReadFile(filepath.Join(one, node, "etc", name))
			if err != nil {
				b.Fatal(err)
			}
			y, err := os.ReadFile(filepath.Join(other, node, "etc", name))
			if err != nil {
				b.Fatal(err)
			}
			if !bytes.Equal(x, y) {
				b.Fatalf("%s/%s differs between the two", node, name)
			}
		}
	}
}

// BenchmarkGrowth renders 1,000 to 100,000 servers: time and memory a server
// stay the same.
func BenchmarkGrowth(b *testing.B) {
	for _, servers := range []int{1000, 10_000, 100_000} {
		b.Run(fmt.Sprint(servers), func(b *testing.B) {
			dir := b.TempDir()
			site := writeSite(b, dir, "growth", servers/20, 20, 50)
			var before, after runtime.MemStats
			var spent float64
			runtime.ReadMemStats(&before)
			const times = 3
			for i := range times {
				spent += timed(func() { inProcess(b, "render", site, "-o", filepath.Join(dir, fmt.Sprint(i))) })
			}
			runtime.ReadMemStats(&after)
			n := float64(times * servers)
			b.ReportMetric(spent*1e6/n, "µs/server")
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/n, "bytes/server")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// timed returns how long f takes, in seconds.
func timed(f func()) float64 {
	start := time.Now()
	f()
	return time.Since(start).Seconds()
}

func build(b *testing.B, pkg string) string {
	b.Helper()
	name := filepath.Join(b.TempDir(), "program")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", name, pkg) // as make build does
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return name
}

func inProcess(b *testing.B, args ...string) {
	b.Helper()
	var talk bytes.Buffer
	s := cli.Streams{In: strings.NewReader(""), Out: io.Discard, Err: &talk, Getenv: os.LookupEnv}
	if code := cli.Run(context.Background(), args, s); code != cli.ExitOK {
		b.Fatalf("exit code %d\n%s", code, talk.String())
	}
}

func parse(b *testing.B, data []byte) {
	b.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal(data, &n); err != nil {
		b.Fatal(err)
	}
}

func remove(b *testing.B, dir string) {
	b.Helper()
	if err := os.RemoveAll(dir); err != nil {
		b.Fatal(err)
	}
}

func copyTree(b *testing.B, from, to string) {
	b.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		b.Fatal(err)
	}
}

// writeSite writes a site with so many backends of so many servers each.
func writeSite(b *testing.B, dir, name string, backends, servers, instances int) string {
	b.Helper()
	var s strings.Builder
	fmt.Fprintf(&s, "version: 1\nsite: %s\nplatform: debian12\nnics:\n  front: {device: eth0, subnet: 10.0.0.0/16}\nnodes:\n", name)
	s.WriteString("  - {name: lb1, priority: 100, addresses: {front: 10.0.0.1}}\n  - {name: lb2, priority: 50, addresses: {front: " +
		"10.0.0.2}}\nvrrp:\n")
	for i := range instances {
		fmt.Fprintf(&s, "  - {name: VI_%d, nic: front, virtual_router_id: %d, vips: [10.0.1.%d], track: {haproxy: {}}}\n", i, i+1, i+1)
	}
	s.WriteString("frontends:\n")
	for i := range backends {
		fmt.Fprintf(&s, "  - {name: f%d, binds: [{vip: VI_%d, ports: [%d]}], default_backend: b%d}\n", i, i%instances, 1000+i/instances, i)
	}
	s.WriteString("backends:\n")
	for i := range backends {
		fmt.Fprintf(&s, "  - name: b%d\n    health: {http: {uri: /health}}\n    servers:\n", i)
		for j := range servers {
			fmt.Fprintf(&s, "      - {name: s%d, address: 10.%d.%d.%d:80}\n", j, 1+i/250, i%250, j+1)
		}
	}
	file := filepath.Join(dir, name+".yaml")
	if err := os.WriteFile(file, []byte(s.String()), 0o644); err != nil {
		b.Fatal(err)
	}
	return file
}

// fleetApart writes sites like prslb that have nothing in common.
func fleetApart(b *testing.B, n int) []string {
	b.Helper()
	prslb, err := os.ReadFile("../../examples/prslb.yaml")
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	copyTree(b, "../../examples", dir)
	var names []string
	for i := range n {
		own, lb := fmt.Sprintf("%d.%d.", i/250, i%250), fmt.Sprintf("name: s%dlb0", i)
		text := strings.NewReplacer("172.16.110.", "10."+own, "172.16.10.", "11."+own, "192.168.50.", "12."+own,
			"site: prslb", fmt.Sprintf("site: s%d", i), "name: prslb0", lb).Replace(string(prslb))
		name := filepath.Join(dir, fmt.Sprintf("s%d.yaml", i))
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
		names = append(names, name)
	}
	return names
}
