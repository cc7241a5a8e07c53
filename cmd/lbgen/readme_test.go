package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReadmeNamesEveryPage: a page that nothing leads to is read by nobody.
func TestReadmeNamesEveryPage(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) < 10 {
		t.Fatal(pages, err)
	}
	for _, p := range pages {
		if link := "(docs/" + filepath.Base(p) + ")"; !strings.Contains(string(text), link) {
			t.Errorf("README.md has no link %s", link)
		}
	}
}
