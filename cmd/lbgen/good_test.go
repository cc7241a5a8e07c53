package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/lbgen/lbgen/internal/cli"
	"github.com/lbgen/lbgen/internal/testenv"
)

// TestDaemonsTakeGoodPairs: the real daemons find nothing in the hand-written pairs in
// which lint must find nothing.
func TestDaemonsTakeGoodPairs(t *testing.T) {
	testenv.Programs(t, "haproxy", "keepalived")
	archives, err := filepath.Glob("../../internal/pair/rules/testdata/good/*.txtar")
	if err != nil || len(archives) < 30 {
		t.Fatal(len(archives), err)
	}
	dir := t.TempDir()
	var pairs []string
	for _, name := range archives {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		pair := filepath.Join(dir, strings.TrimSuffix(filepath.Base(name), ".txtar"))
		for _, f := range archive.Files {
			to := filepath.Join(pair, f.Name)
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(to, f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		pairs = append(pairs, pair)
	}
	if code, out, talk := lbgen(t, append([]string{"check"}, pairs...)...); code != cli.ExitOK {
		t.Errorf("exit code %d\n%s%s", code, out, talk)
	}
}
