package graph

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// example is a site file of the repository.
func example(t testing.TB, file string) Graph {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, file, string(data))
}

func read(t testing.TB, file, text string) Graph {
	t.Helper()
	written, _, found := model.LoadShared(file, []byte(text), func(name string) (string, []byte, *diag.Diagnostic) {
		data, err := os.ReadFile(filepath.Join(filepath.Dir(file), name))
		if err != nil {
			t.Fatal(err)
		}
		return name, data, nil
	})
	if found.HasErrors() {
		t.Fatalf("%s: %v", file, found)
	}
	return Of(site.Resolve(written))
}

// everySite are all site files that the repository has, one with 50 backends and
// one whose every word wants to be something else.
func everySite(t testing.TB) map[string]Graph {
	t.Helper()
	all := map[string]Graph{"fifty backends": fifty(t), "hostile": hostile(t)}
	for _, folder := range []string{"../../examples", "../../examples/fleet", "../../testdata/sites"} {
		files, err := filepath.Glob(folder + "/*.yaml")
		if err != nil || len(files) == 0 {
			t.Fatalf("no sites in %s: %v", folder, err)
		}
		for _, f := range files {
			all[strings.TrimSuffix(filepath.Base(f), ".yaml")] = example(t, f)
		}
	}
	return all
}
