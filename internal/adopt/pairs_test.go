package adopt_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/lbgen/lbgen/internal/adopt"
	"github.com/lbgen/lbgen/internal/pair"
)

var update = flag.Bool("update", false, "write the reports anew")

// TestPairs: pairs in the manner of real ones end as their reports say. A pair without a
// mistake passes the gate at once.
func TestPairs(t *testing.T) {
	names, err := filepath.Glob("testdata/pairs/*.txtar")
	if err != nil || len(names) < 25 {
		t.Fatal(len(names), err)
	}
	passed := 0
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := adopted(t, archive)
			if ok {
				passed++
			}
			mistake := strings.Contains(string(archive.Comment), "a mistake") || strings.Contains(string(archive.Comment), "not yet")
			if ok == mistake {
				t.Errorf("it passes: %t, with a mistake: %t\n%s", ok, mistake, got)
			}
			last := &archive.Files[len(archive.Files)-1]
			if *update {
				last.Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if string(last.Data) != got {
				t.Errorf("report:\n%s\nwant\n%s", got, last.Data)
			}
		})
	}
	if passed < 20 {
		t.Errorf("%d pairs pass the gate at once", passed)
	}
}

// filesOf are the files of the pair that an archive has before its report.
func filesOf(archive *txtar.Archive) (map[string]string, []pair.Input) {
	files := map[string]string{}
	var inputs []pair.Input
	for _, f := range archive.Files[:len(archive.Files)-1] {
		node, _, _ := strings.Cut(f.Name, "/")
		if !slices.ContainsFunc(inputs, func(i pair.Input) bool { return i.Name == node }) {
			inputs = append(inputs, pair.Input{Name: node, Paths: []string{node}})
		}
		files[f.Name] = string(f.Data)
	}
	return files, inputs
}

// adopted is the report of a pair, and whether it passes the gate.
func adopted(t *testing.T, archive *txtar.Archive) (string, bool) {
	t.Helper()
	files, inputs := filesOf(archive)
	p := pair.ReadFiles("site", inputs, files)
	d := adopt.Import(p, adopt.Options{Platform: "debian12"})
	var b strings.Builder
	fmt.Fprintf(&b, "%d fields, %d raw, %d no effect, %d unsaid\n", d.Count(adopt.Field), d.Count(adopt.Raw), d.Count(adopt.NoEffect),
		d.Count(adopt.Unsaid))
	ok := d.Count(adopt.Unsaid) == 0
	got, bad := rendered(t, d)
	if bad.HasErrors() {
		for _, e := range bad {
			fmt.Fprintf(&b, "refused: %s\n", e.Summary)
		}
		return b.String() + "\n" + string(d.Text), false
	}
	for _, diff := range adopt.Differences(p, made(p, got)) {
		fmt.Fprintf(&b, "%s\n", diff)
		ok = ok && diff.Allowed != ""
	}
	for _, fate := range []adopt.Fate{adopt.Raw, adopt.Unsaid} {
		for _, l := range d.Having(fate) {
			fmt.Fprintf(&b, "%s %s:%d: %s\n", fate, l.At.File, l.At.Start.Line, l.Text)
		}
	}
	return b.String() + "\n" + string(d.Text), ok
}
