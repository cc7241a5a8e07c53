package internal_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const glossary = "docs/glossary.md"

// replaced returns the phrases that the glossary's tables have in their last
// column, each with the word to use.
func replaced(page string) map[string]string {
	phrases := map[string]string{}
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 || strings.HasPrefix(cells[0], "-") || strings.TrimSpace(cells[2]) == "not" {
			continue
		}
		for phrase := range strings.SplitSeq(cells[2], ",") {
			if phrase = strings.TrimSpace(phrase); phrase != "" {
				phrases[phrase] = strings.TrimSpace(cells[0])
			}
		}
	}
	return phrases
}

// anyOf finds each of the phrases. A line break in a sentence, and the sign of
// a comment behind it, count as a blank.
func anyOf(phrases map[string]string) *regexp.Regexp {
	var all []string
	for _, p := range slices.Sorted(maps.Keys(phrases)) {
		pattern := strings.ReplaceAll(regexp.QuoteMeta(p), " ", `\s+(?://\s*)?`)
		if !strings.HasSuffix(p, ":") {
			pattern += `\b`
		}
		all = append(all, pattern)
	}
	return regexp.MustCompile(`(?i)(?:^|[^\w-])(` + strings.Join(all, "|") + `)`)
}

// wrongWords returns where the text uses one of the phrases.
func wrongWords(name, text string, phrases map[string]string, any *regexp.Regexp) []string {
	var faults []string
	text = strings.ReplaceAll(text, `\n`, "  ") // the escape in a string is no letter of the word behind it
	for _, at := range any.FindAllStringSubmatchIndex(text, -1) {
		found := strings.Join(strings.Fields(strings.ReplaceAll(strings.ToLower(text[at[2]:at[3]]), "//", "")), " ")
		for phrase, word := range phrases {
			if strings.EqualFold(phrase, found) {
				faults = append(faults, fmt.Sprintf("%s:%d: %q: %s says %q", name, 1+strings.Count(text[:at[2]], "\n"), phrase, glossary, word))
			}
		}
	}
	return faults
}

func TestWordsOfTheGlossary(t *testing.T) {
	page, err := os.ReadFile("../" + glossary)
	if err != nil {
		t.Fatal(err)
	}
	phrases := replaced(string(page))
	if len(phrases) < 10 {
		t.Fatalf("%s forbids %d phrases: is it read rightly?", glossary, len(phrases))
	}
	any := anyOf(phrases)
	root := os.DirFS("..")
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (slices.Contains([]string{"bin", "node_modules"}, d.Name()) || strings.HasPrefix(d.Name(), ".") && name != "."):
			return fs.SkipDir
		case d.IsDir() || name == glossary || name == "CHANGELOG.md" || name == "internal/words_test.go":
			return nil
		case !slices.Contains([]string{".go", ".md", ".tmpl", ".sh", ".yaml", ".json", ".txtar", ".html"}, path.Ext(name)):
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		report(t, wrongWords(name, string(text), phrases, any))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWrongWordsAreFound(t *testing.T) {
	const page = "| word | meaning | not |\n|---|---|---|\n| master | has the VIP | new owner, stand-in |\n| backup | waits | |\n"
	phrases := replaced(page)
	got := wrongWords("x.go", "// the new\n// owner\nStand-in.\nrenew ownership, stand-ins\n"+`"\n\nNew owner"`, phrases, anyOf(phrases))
	want := []string{`x.go:1: "new owner": docs/glossary.md says "master"`, `x.go:3: "stand-in": docs/glossary.md says "master"`,
		`x.go:5: "new owner": docs/glossary.md says "master"`}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
