package model_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/source"
)

// FuzzLoad wants of any bytes: no panic, findings in order and each at a place
// inside the file, an Error where there is no site, and lines that are as long
// as they are when passwords in them are hidden.
func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{"../../examples/*.yaml", "../../examples/*/*.yaml", "../../testdata/sites/*.yaml", "testdata/*.yaml"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			f.Fatal(pattern, err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	for _, c := range faults() {
		f.Add([]byte(strings.Replace(strings.Replace(base, c.old, c.new, 1), "§", "", 1)))
	}
	for _, text := range []string{
		"", "\n", "# nothing\n", "---\n", "a: 1\n---\nb: 2\n", "a:\n\tb: 1\n", "\xff\xfea\x00", "a: \xff", "a: \x00", "[[[[", "{a: {b: ",
		"- - - -",
		"a: &a [*a]", "a: &a {<<: *a}", "x: &x [1]\ny: &y [*x, *x]\nz: [*y, *y]", "? a\n: b", "? [a]\n: b", "!!int a: 1",
		"%YAML 1.1\n---\na: 1", "a: |\n  x\n---\n",
		"auth_pass: 'x\n\ny", "nics: {\"\": {}}", "nics: {\"a]\": {device: x}}", "nics: {\"a.b\": {\"c[0]\": 1}}",
		"\ufeffversion: 1\r\nsite: 2\r\n", "a: \u2028", "null", "~", "a", "[]", "{}",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		site, src, found := model.Load("site.yaml", data)
		if site == nil && !found.HasErrors() {
			t.Error("neither a site nor an error")
		}
		sorted := slices.Clone(found)
		sorted.Sort()
		for i, d := range found {
			if d.Subject != sorted[i].Subject {
				t.Errorf("not sorted: %s", list(found))
			}
		}
		allInside(t, src, found)
	})
}

// FuzzLoadShared wants the same of a site and the file that it takes defaults
// from.
func FuzzLoadShared(f *testing.F) {
	f.Add([]byte("version: 1\nsite: a\ndefaults_from: b\n"), []byte(strings.Replace(base, "version: 1\nsite: ", "#", 1)))
	f.Add([]byte(strings.Replace(base, "site:", "defaults_from: b\nsite:", 1)),
		[]byte("backends: {x: 1}\nnics: {client: {zone: ü}, x: &a {device: y}, z: *a}"))
	f.Add([]byte("defaults_from: x/y\ndefaults: {error_pages: {500: a, 501: b}}"),
		[]byte("defaults: {error_pages: {500: c, 502: d, e: f, 503: {}}}"))
	f.Add([]byte("defaults_from: b\na: &a {b: 1}\nc: *a\nd: &d []\n"), []byte("a: &a {b: &b {c: 1}}\nc: {b: *b}\nauth_pass: "+
		"x\ndefaults_from: c"))
	f.Add([]byte("{defaults_from: b}"), []byte("[]"))
	f.Fuzz(func(t *testing.T, data, shared []byte) {
		site, src, found := model.LoadShared("site.yaml", data, func(string) (string, []byte, *diag.Diagnostic) {
			return "shared.yaml", shared,
				nil
		})
		if site == nil && !found.HasErrors() {
			t.Error("neither a site nor an error")
		}
		allInside(t, src, found)
	})
}

// allInside wants each place that a finding names to be in one of the files.
func allInside(t *testing.T, src *source.File, found diag.List) {
	t.Helper()
	for _, d := range found {
		inside(t, src, d, d.Subject)
		for _, r := range d.Related {
			inside(t, src, d, r.Range)
		}
	}
}

func inside(t *testing.T, site *source.File, d diag.Diagnostic, r diag.Range) {
	t.Helper()
	i := slices.IndexFunc(site.Files(), func(f *source.File) bool { return f.Name == r.File })
	if i < 0 {
		t.Fatalf("%s is in no file: %s %s", r, d.Code, d.Summary)
	}
	src := site.Files()[i]
	if r.Start == (diag.Pos{}) && d.Code == "too-large" {
		return
	}
	line := src.Line(r.Start.Line)
	if r.Start.Line < 1 || r.Start.Column < 1 || r.Start.Column > utf8.RuneCountInString(line)+1 {
		t.Errorf("%s is not in the file: %q: %s %s", r, line, d.Code, d.Summary)
	}
	if got := src.Masked(r.Start.Line); utf8.RuneCountInString(got) != utf8.RuneCountInString(line) {
		t.Errorf("masked line has another length: %q, %q", got, line)
	}
}
