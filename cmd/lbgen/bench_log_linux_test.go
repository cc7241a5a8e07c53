package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// BenchmarkLog has lbgen route --log read a million lines for a site with 60 routes, and
// wc -l count the same ones in the same run: seconds, those of the CPU and megabytes of lbgen,
// and how many times as long as wc -l it takes. Memory does not grow with the log: that of a
// tenth of it is beside.
func BenchmarkLog(b *testing.B) {
	dir := b.TempDir()
	site, program := filepath.Join(dir, "site.yaml"), build(b, ".")
	if err := os.WriteFile(site, []byte(siteOfLog()), 0o600); err != nil {
		b.Fatal(err)
	}
	const million = 1_000_000
	whole, tenth := writeLog(b, dir, million), writeLog(b, dir, million/10)
	var all [5][]float64
	for b.Loop() {
		var ours, counted, small used
		took := timed(func() { ours = uses(b, exec.CommandContext(b.Context(), program, "route", site, "--log", whole)) })
		wc := timed(func() { counted = uses(b, exec.CommandContext(b.Context(), "wc", "-l", whole)) })
		small = uses(b, exec.CommandContext(b.Context(), program, "route", site, "--log", tenth))
		for i, n := range []float64{took, took / wc, ours.cpu, ours.memory, small.memory} {
			all[i] = append(all[i], n)
		}
		b.Logf("wc -l: %.2f s, %.2f s of CPU", wc, counted.cpu)
	}
	for i, unit := range []string{"s", "x-wc-l", "CPU-s", "MB", "MB-of-a-tenth"} {
		b.ReportMetric(median(all[i]), unit)
	}
	b.ReportMetric(0, "ns/op")
}

// siteOfLog is a site with 60 routes.
func siteOfLog() string {
	var s strings.Builder
	s.WriteString("version: 1\nsite: logged\nplatform: debian12\nnics: {front: {device: eth0, subnet: 192.0.2.0/24}}\n" +
		"nodes: [{name: lb1, addresses: {front: 192.0.2.1}}]\nfrontends:\n  - name: web\n    binds: [{nic: front, port: 80}]\n" +
		"    raw: capture request header Host len 64\n    routes:\n")
	for i := range 60 {
		fmt.Fprintf(&s, "      - {when: [{host: h%d.example.com}, {path_beg: /p%d/}], backend: b%d}\n", i, i%7, i%10)
	}
	s.WriteString("    default_backend: b0\nbackends:\n")
	for i := range 10 {
		fmt.Fprintf(&s, "  - {name: b%d, servers: [{name: s, address: \"192.0.2.%d:80\"}]}\n", i, 100+i)
	}
	return s.String()
}

// writeLog writes so many lines of requests to that site, each another.
func writeLog(b *testing.B, dir string, lines int) string {
	b.Helper()
	name := filepath.Join(dir, fmt.Sprint(lines, ".log"))
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	for i := range lines {
		fmt.Fprintf(w, "Nov 30 08:00:00 lb1 haproxy[712]: 10.%d.%d.%d:40000 [30/Nov/2026:08:00:00.%03d] web b%d/s 0/0/1/2/3 200 512 - - ---- "+
			"1/1/0/0/0 0/0 {h%d.example.com} \"GET /p%d/%d HTTP/1.1\"\n", i>>16&255, i>>8&255, i&255, i%1000, i%10, i%70, i%61, i)
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		b.Fatal(err)
	}
	return name
}

// used is what a program took: seconds of CPU, and the most megabytes at a time.
type used struct{ cpu, memory float64 }

// uses runs a program, and returns what it took. That it finds something is no failure.
func uses(b *testing.B, c *exec.Cmd) used {
	b.Helper()
	var exit *exec.ExitError
	out, err := c.CombinedOutput()
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		b.Fatalf("%v\n%s", err, out)
	}
	usage, ok := c.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		b.Fatal("the kernel does not tell how much memory was used")
	}
	return used{(c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds(), float64(usage.Maxrss) / 1024}
}
