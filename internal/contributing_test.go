package internal_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

// named returns the files and folders that a table of the page names: what
// stands between backticks and has a slash or a known ending.
func named(page string) []string {
	var names []string
	for line := range strings.Lines(page) {
		if !strings.HasPrefix(line, "|") {
			continue
		}
		for _, m := range regexp.MustCompile("`([^` ]+)`").FindAllStringSubmatch(line, -1) {
			if strings.Contains(m[1], "/") || strings.HasSuffix(m[1], ".mod") {
				names = append(names, m[1])
			}
		}
	}
	return names
}

// absent returns the names that match nothing below root.
func absent(root fs.FS, names []string) []string {
	var missing []string
	for _, name := range names {
		found, err := fs.Glob(root, strings.TrimSuffix(name, "/"))
		if err != nil || len(found) == 0 {
			missing = append(missing, name)
		}
	}
	return missing
}

// TestHowToAddNamesRealFiles holds the tables of CONTRIBUTING.md and
// docs/architecture.md against the tree.
func TestHowToAddNamesRealFiles(t *testing.T) {
	root := os.DirFS("..")
	for page, least := range map[string]int{"CONTRIBUTING.md": 40, "docs/architecture.md": 30} {
		text, err := fs.ReadFile(root, page)
		if err != nil {
			t.Fatal(err)
		}
		names := named(string(text))
		if len(names) < least {
			t.Errorf("%s names %d files in its tables: are they read rightly?", page, len(names))
		}
		for _, name := range absent(root, names) {
			t.Errorf("%s names %s, which is not there", page, name)
		}
	}
}

func TestAbsentFilesAreFound(t *testing.T) {
	page := "| a field | `internal/model/site*.go`, `internal/helpers/`, `make generate`, `go.mod` |\n`internal/nowhere.go`\n"
	if got := absent(os.DirFS(".."), named(page)); len(got) != 1 || got[0] != "internal/helpers/" {
		t.Errorf("absent: %q", got)
	}
}
