package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/testenv"
)

// comparison is one row of the table in docs/performance.md: a job against
// another that somebody knows, in turn and in one run, so that the ratio means
// something on any machine.
type comparison struct {
	name         string
	aim          float64
	times        int
	against, job func() cost
	before       func() // before each pair; not measured
	jobFirst     bool   // what it is held against needs what the job makes
	part         float64
}

// cost is what something took: seconds, seconds of processors, bytes at most.
type cost struct{ wall, cpu, peak float64 }

// BenchmarkRatios is the table: ratio is the median over the pairs, because a
// machine's pace changes from one second to the next; cpu is the ratio of the
// processors' time of all pairs, which other programs on the machine disturb less.
func BenchmarkRatios(b *testing.B) {
	t := tools{lbgen: build(b, "."), empty: build(b, "./testdata/empty")}
	b.Run("prslb", func(b *testing.B) { t.prslb(b) })
	b.Run("large", func(b *testing.B) { t.large(b) })
	b.Run("pair", func(b *testing.B) { t.pair(b) })
	b.Run("fleet", func(b *testing.B) { t.fleet(b) })
}

type tools struct{ lbgen, empty string }

// prslb is a render of a small site against a Go program that does nothing.
func (t tools) prslb(b *testing.B) {
	out := filepath.Join(b.TempDir(), "out")
	empty := func() cost { return run(b, t.empty) }
	render := func() cost { return run(b, t.lbgen, "render", "../../examples/prslb.yaml", "-o", out) }
	render()
	comparison{name: "unchanged/empty-program", aim: 4.5, times: 200, against: empty, job: render}.sub(b)
	comparison{name: "new/empty-program", aim: 6, times: 200, against: empty, job: render, before: func() { remove(b, out) }}.sub(b)
}

// large is a site with 500 backends of 20 servers and 50 VRRP instances.
func (t tools) large(b *testing.B) {
	testenv.Programs(b, "haproxy")
	dir := b.TempDir()
	site, out := writeSite(b, dir, "large", 500, 20, 50), filepath.Join(dir, "out")
	render := func() cost { return run(b, t.lbgen, "render", site, "-o", out) }
	lint := func() cost { return run(b, t.lbgen, "lint", "--fail-on", "error", site) }
	render()
	check := func() cost { return run(b, "haproxy", "-c", "-f", filepath.Join(out, "lb1/etc/haproxy/haproxy.cfg")) }
	comparison{name: "lint/haproxy-c", aim: 0.8, times: 15, against: check, job: lint}.sub(b)
	comparison{name: "render/haproxy-c", aim: 1, times: 15, against: check, job: render, before: func() { remove(b, out) },
		jobFirst: true}.sub(b)

	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent)) // as main does, for both sides
	data, err := os.ReadFile(site)
	if err != nil {
		b.Fatal(err)
	}
	parser := func() cost { return here(func() { parse(b, data) }) }
	whole := func() cost { return here(func() { inProcess(b, "render", site, "-o", out) }) }
	comparison{name: "after-the-parser/parser", aim: 0.8, times: 25, against: parser, job: whole, before: func() { remove(b, out) },
		part: 1}.sub(b)
}

// pair is two nodes' own files with 10,000 servers, without anything else of lbgen's.
func (t tools) pair(b *testing.B) {
	testenv.Programs(b, "haproxy")
	dir := b.TempDir()
	out, pair, adopted := filepath.Join(dir, "out"), filepath.Join(dir, "pair"), filepath.Join(dir, "adopted")
	run(b, t.lbgen, "render", writeSite(b, dir, "large", 500, 20, 50), "-o", out)
	for _, name := range []string{"lb1/etc/haproxy/haproxy.cfg", "lb1/etc/keepalived/keepalived.conf", "lb2/etc/haproxy/haproxy.cfg",
		"lb2/etc/keepalived/keepalived.conf"} {
		data, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			b.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(pair, name)), 0o750); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(pair, name), data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	check := func() cost { return run(b, "haproxy", "-c", "-f", filepath.Join(pair, "lb1/etc/haproxy/haproxy.cfg")) }
	lint := func() cost { return run(b, t.lbgen, "lint", "--fail-on", "error", pair) }
	adopt := func() cost { return run(b, t.lbgen, "adopt", "--platform", "debian12", pair, "-o", adopted) }
	comparison{name: "lint/haproxy-c", aim: 0.6, times: 9, against: check, job: lint}.sub(b)
	comparison{name: "adopt/haproxy-c", aim: 1.5, times: 9, against: check, job: adopt, before: func() { remove(b, adopted) }}.sub(b)
}

// fleet is many sites like prslb in one call, each with names and networks of its own.
func (t tools) fleet(b *testing.B) {
	names := fleetApart(b, 4000)
	dir := b.TempDir()
	out, again := filepath.Join(dir, "out"), filepath.Join(dir, "again")
	render := func(n int) func() cost {
		return func() cost { return run(b, t.lbgen, append([]string{"render", "-o", out}, names[:n]...)...) }
	}
	lint := func(n int) func() cost {
		return func() cost { return run(b, t.lbgen, append([]string{"lint"}, names[:n]...)...) }
	}
	clear := func() { remove(b, out); remove(b, again) }
	cp := func() cost { return run(b, "cp", "-r", out, again) }
	comparison{name: "render-1000/cp-r", aim: 4, times: 3, against: cp, job: render(1000), before: clear, jobFirst: true}.sub(b)
	export := func() cost {
		return run(b, t.lbgen, append([]string{"export", "ansible", "-o", again}, names[:200]...)...)
	}
	comparison{name: "export-ansible-200/render-200", aim: 1.5, times: 9, against: render(200), job: export, before: clear}.sub(b)
	// The same work a site: 4 is linear. The peak is that of the 4,000.
	comparison{name: "render-4000/render-1000", aim: 4.4, times: 2, against: render(1000), job: render(4000), before: clear,
		jobFirst: false}.sub(b)
	comparison{name: "lint-4000/lint-1000", aim: 4.4, times: 3, against: lint(1000), job: lint(4000)}.sub(b)

	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent)) // as main does, for both sides
	parseAll := func() cost {
		return here(func() {
			for _, name := range names[:1000] {
				data, err := os.ReadFile(name)
				if err != nil {
					b.Fatal(err)
				}
				parse(b, data)
			}
		})
	}
	lintHere := func() cost { return here(func() { inProcess(b, append([]string{"lint"}, names[:1000]...)...) }) }
	comparison{name: "lint-1000/parser", aim: 5, times: 9, against: parseAll, job: lintHere}.sub(b)
}

func (c comparison) sub(b *testing.B) {
	b.Run(c.name, func(b *testing.B) { c.run(b) })
}

// run measures the pairs. part is what the job holds of the other and what does
// not count: 1 where the ratio is that of the rest.
func (c comparison) run(b *testing.B) {
	b.Helper()
	var ratios []float64
	var base, job, peak float64
	for range c.times {
		if c.before != nil {
			c.before()
		}
		var x, y cost
		if c.jobFirst {
			y = c.job()
			x = c.against()
		} else {
			x = c.against()
			y = c.job()
		}
		ratios = append(ratios, y.wall/x.wall-c.part)
		base, job, peak = base+x.cpu, job+y.cpu, max(peak, y.peak)
	}
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(job/base-c.part, "cpu-ratio")
	b.ReportMetric(job/float64(c.times)*1000, "cpu-ms")
	if c.aim > 0 {
		b.ReportMetric(c.aim, "aim")
	}
	if peak > 0 {
		b.ReportMetric(peak/1e6, "peak-MB")
	}
	b.ReportMetric(0, "ns/op")
}

// run runs a program and returns what it took.
func run(b *testing.B, name string, args ...string) cost {
	b.Helper()
	cmd := exec.Command(name, args...)
	var talk strings.Builder
	cmd.Stdout, cmd.Stderr = &talk, &talk
	start := time.Now()
	if err := cmd.Run(); err != nil {
		b.Fatalf("%s: %v\n%s", name, err, talk.String())
	}
	wall := time.Since(start).Seconds()
	used, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		b.Fatal("no usage of a process that has ended")
	}
	return cost{wall, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), float64(used.Maxrss) * 1024}
}

// here runs something in this process and returns what it took.
func here(f func()) cost {
	before, start := processors(), time.Now()
	f()
	return cost{wall: time.Since(start).Seconds(), cpu: processors() - before}
}

// processors is the processors' time that this process has had, in seconds.
func processors() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(fmt.Sprintf("getrusage: %v", err)) // it has no reason to fail
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}
