package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestIndexNamesEveryPage: a page that nothing leads to is read by nobody.
func TestIndexNamesEveryPage(t *testing.T) {
	text, err := os.ReadFile("../../docs/README.md")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) < 10 {
		t.Fatal(pages, err)
	}
	for _, p := range pages {
		name := filepath.Base(p)
		if name != "README.md" && !strings.Contains(string(text), "]("+name+")") {
			t.Errorf("docs/README.md has no link to %s", name)
		}
	}
	for _, m := range regexp.MustCompile(`\]\(([^)#]+)`).FindAllStringSubmatch(string(text), -1) {
		if _, err := os.Stat(filepath.Join("../../docs", m[1])); err != nil {
			t.Errorf("docs/README.md leads nowhere: %v", err)
		}
	}
}

// TestReadmePicture: it is the one that the commands above it make.
func TestReadmePicture(t *testing.T) {
	want, err := os.ReadFile("../../docs/app.svg")
	if err != nil {
		t.Fatal(err)
	}
	steps := recordings(t, "../../README.md")[0]
	t.Chdir(t.TempDir())
	if err := os.Mkdir("docs", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		says(t, "", strings.Fields(s.command)[1:]...)
	}
	if got, err := os.ReadFile("docs/app.svg"); err != nil || string(got) != string(want) {
		t.Errorf("docs/app.svg is another picture (%v): type the commands of README.md and take what they make", err)
	}
}
