package site_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
	"github.com/lbgen/lbgen/internal/source"
)

// siteFiles are the texts of examples and of sites that tests have.
func siteFiles(t testing.TB) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, pattern := range []string{"examples/*.yaml", "examples/*/*.yaml", "examples/*/*/*.yaml", "testdata/sites/*.yaml"} {
		pattern = "../../" + pattern
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatal(pattern, err)
		}
		for _, name := range names {
			if all[name], err = os.ReadFile(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	return all
}

// TestExamplesAreFormatted: whoever copies one has the form that lbgen fmt gives.
func TestExamplesAreFormatted(t *testing.T) {
	for name, text := range siteFiles(t) {
		f, _ := source.Parse(name, text)
		if diff := cmp.Diff(string(text), f.Format(model.KeyOrder())); diff != "" {
			t.Errorf("go run ./cmd/lbgen fmt %s\n%s", name, diff)
		}
	}
}

// faultsOf are the findings without their places.
func faultsOf(found diag.List) []string {
	var all []string
	for _, d := range found {
		all = append(all, d.Code+" "+string(d.Path)+" "+d.Summary)
	}
	slices.Sort(all)
	return all
}

// FuzzFormat wants of any file: the formatted one means the same, and is in its form.
func FuzzFormat(f *testing.F) {
	for _, text := range siteFiles(f) {
		f.Add(text)
	}
	for _, text := range []string{
		"site: a # x\nversion: 1 # y\n", "version: 1\r\nnics:\r\n    a:\r\n        zone: x\r\n        device: y # z\r\n",
		"a: &x {zone: 1, device: 2}\nb: *x\n", "site: |+\n  x\n\n\nversion: 1\n", "site: |2\n    x\n   y\nversion: 1\n",
		"? site\n: 1\nversion: 2\n",
		"vrrp:\n- nic: a\n  # about the name\n  name: b\n- # nothing\n  nic: a\n-\n  name: c\n- - a\n  - b\n",
		"nodes:\n    -   {priority: 1, name: 'it''s, {x}', addresses: {b: \"}\", a: 1}} # c\n", "site: \"a\n  # b\n  c\"\nversion: 1\n",
		"---\nsite: x\nversion: 1\n...\n# end\n", "nics: {a: {zone: it's, device: b}}\n", "raw: |\n\n  x\n\n\n  y  \nversion: 1\n# tail\n",
		"global:\n  raw: |\n    # no comment\n    x\n   # a comment\n  maxconn: 1\n", "site: x\n\n\n\n  # deep\n# flat\nversion: 1\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		before, src, found := model.Load("site.yaml", data)
		text := src.Format(model.KeyOrder())
		after, again, foundAgain := model.Load("site.yaml", []byte(text))
		if twice := again.Format(model.KeyOrder()); twice != text {
			t.Errorf("not the same the second time:\n%q\n%q", text, twice)
		}
		if diff := cmp.Diff(faultsOf(found), faultsOf(foundAgain)); diff != "" {
			t.Error(diff)
		}
		if found.HasErrors() || foundAgain.HasErrors() {
			return
		}
		if diff := cmp.Diff(site.Resolve(before), site.Resolve(after), cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
			t.Error(diff)
		}
	})
}
