package compare_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lbgen/lbgen/internal/artifact"
)

func TestDirReadsOnly(t *testing.T) {
	dir := written(t, site(t))
	os.Chmod(filepath.Join(dir, "lb1/install.sh"), 0o600)
	before := listing(t, dir)
	dirOf(t, dir, site(t, "priority 100", "priority 90"))
	if d := cmp.Diff(before, listing(t, dir)); d != "" {
		t.Error(d)
	}
}

func listing(t *testing.T, dir string) []string {
	var all []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		info, _ := d.Info()
		all = append(all, fmt.Sprint(p, info.Mode(), info.ModTime()))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// BenchmarkDiff measures a file of one megabyte with one line in ten changed.
func BenchmarkDiff(b *testing.B) {
	text := func(port int) []artifact.Set {
		var s strings.Builder
		for i := range 16000 {
			p := 80
			if i%10 == 0 {
				p = port
			}
			fmt.Fprintf(&s, "    server web%d 192.168.%d.%d:%d check inter 2s\n    # a comment\n", i, i/256, i%256, p)
		}
		return []artifact.Set{{Site: "s", Node: "n",
			Files: []artifact.File{render("etc/haproxy/haproxy.cfg", artifact.ReloadHAProxy, s.String())}}}
	}
	dir, now := written(b, text(80)), text(8080)
	for b.Loop() {
		if dirOf(b, dir, now).Same() {
			b.Fatal("no difference")
		}
	}
	b.SetBytes(int64(len(now[0].Files[0].Data)))
}
