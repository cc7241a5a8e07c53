//go:build unix

package emit_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/emit"
)

// fleet returns two nodes for each of n sites, 13 files a node.
func fleet(tb testing.TB, n int) []artifact.Set {
	tb.Helper()
	shape := []struct {
		path string
		size int
	}{
		{"etc/haproxy/haproxy.cfg", 2200}, {"etc/haproxy/pages/sorry.html", 700},
		{"etc/keepalived/keepalived.conf", 1200}, {"etc/sysconfig/keepalived", 120},
		{"etc/sysctl.d/99-nonlocal_bind.conf", 150}, {"etc/rsyslog.d/haproxy.conf", 500},
		{"etc/rsyslog.d/keepalived.conf", 300}, {"etc/logrotate.d/haproxy", 400},
		{"etc/tmpfiles.d/lbgen.conf", 250}, {"etc/systemd/system/haproxy.service.d/override.conf", 150},
		{"etc/systemd/system/keepalived.service.d/override.conf", 200},
		{"firewalld.sh", 4000}, {"install.sh", 15000},
	}
	var sets []artifact.Set
	for i := range n {
		for node := 1; node <= 2; node++ {
			var files []artifact.File
			for _, s := range shape {
				data := make([]byte, s.size)
				copy(data, fmt.Sprintf("# site%d node%d %s\n", i, node, s.path))
				files = append(files, artifact.File{Path: s.path, Mode: 0o644, Owner: "root", Group: "root", Action: artifact.None, Data: data})
			}
			set, err := artifact.New(fmt.Sprintf("site%04d", i), fmt.Sprintf("site%04dlb%d", i, node), artifact.Host{}, files)
			if err != nil {
				tb.Fatal(err)
			}
			sets = append(sets, set)
		}
	}
	return sets
}

// BenchmarkWrite measures 1,000 sites of two nodes and 13 files against a
// `cp -r` of the tree that they make: the first write, and one that finds
// nothing to do.
func BenchmarkWrite(b *testing.B) {
	sets := fleet(b, 1000)
	var first, again, cp time.Duration
	for b.Loop() {
		dir := b.TempDir()
		out := filepath.Join(dir, "out")
		first += timed(b, func() error { return write(out, sets) })
		again += timed(b, func() error { return write(out, sets) })
		cp += timed(b, exec.Command("cp", "-r", out, filepath.Join(dir, "copy")).Run)
		if err := os.RemoveAll(dir); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(first.Seconds()/cp.Seconds(), "first/cp")
	b.ReportMetric(again.Seconds()/cp.Seconds(), "again/cp")
	b.ReportMetric(cp.Seconds()/float64(b.N), "cp-s")
}

func write(dir string, sets []artifact.Set) error {
	_, err := emit.Write(context.Background(), dir, sets, emit.Options{AllNodes: true})
	return err
}

func timed(b *testing.B, do func() error) time.Duration {
	start := time.Now()
	if err := do(); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}
