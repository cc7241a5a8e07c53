package rules_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/lbgen/lbgen/internal/pair"
	"github.com/lbgen/lbgen/internal/pair/rules"
)

// TestGoodPairs: nothing is found in good files that were written by hand, and the
// grammar takes all of their lines.
func TestGoodPairs(t *testing.T) {
	names, err := filepath.Glob("testdata/good/*.txtar")
	if err != nil || len(names) < 30 {
		t.Fatal(len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			p := readArchive(t, name)
			if found := append(append(p.Found, p.Grammar()...), rules.Run(rules.All(), p)...); len(found) > 0 {
				t.Error(show(found))
			}
		})
	}
}

// readArchive reads the nodes that an archive has a folder of.
func readArchive(t *testing.T, name string) *pair.Pair {
	t.Helper()
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	var inputs []pair.Input
	for _, f := range archive.Files {
		node, _, _ := strings.Cut(f.Name, "/")
		if len(inputs) == 0 || inputs[len(inputs)-1].Name != node {
			inputs = append(inputs, pair.Input{Name: node, Paths: []string{node}})
		}
		files[f.Name] = string(f.Data)
	}
	return pair.ReadFiles("pair", inputs, files)
}
