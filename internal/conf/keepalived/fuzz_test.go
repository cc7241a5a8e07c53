package keepalived_test

import (
	"path/filepath"
	"testing"

	"os"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
)

// words is a tree without its places.
func words(lines []*keepalived.Node) [][]string {
	var all [][]string
	for _, n := range lines {
		var line []string
		for _, w := range n.Words {
			line = append(line, w.Text)
		}
		if n.Block {
			line = append(line, "{")
		}
		all = append(all, line)
		all = append(all, words(n.Lines)...)
		if n.Block {
			all = append(all, []string{"}"})
		}
	}
	return all
}

// writesAlike reads a text, writes it and reads that: the words must be the same.
func writesAlike(t *testing.T, text string) {
	t.Helper()
	c := readText(text, keepalived.Options{ID: idOfTests})
	again, err := keepalived.Format(c.Lines)
	if err != nil {
		return // a word that no line holds
	}
	if got, want := words(readText(string(again), keepalived.Options{}).Lines), words(c.Lines); !equal(got, want) {
		t.Errorf("%q\nis read as %q\nwritten as %q\nread again as %q", text, want, again, got)
	}
}

func equal(a, b [][]string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if len(a[i]) != len(b[i]) {
			return false
		}
		for j := range a[i] {
			if a[i][j] != b[i][j] {
				return false
			}
		}
	}
	return true
}

// FuzzReadWriteRead holds that what was read and written is read as the same, that
// nothing panics and that every place lies in the text.
func FuzzReadWriteRead(f *testing.F) {
	for _, piece := range pieces() {
		f.Add("vrrp_script s {\n script /bin/x " + piece + "\n user a" + piece + "\n}\n" + piece)
	}
	for _, text := range goldens(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { writesAlike(t, text) })
}

// goldens are all keepalived.conf that lbgen makes.
func goldens(t testing.TB) map[string]string {
	t.Helper()
	all := map[string]string{}
	files, err := filepath.Glob("../../../testdata/golden/*/*/etc/keepalived/keepalived.conf")
	if err != nil || len(files) < 40 {
		t.Fatal(len(files), err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all[f] = string(text)
	}
	return all
}

// TestGoldenFilesAreUnderstood: what lbgen writes has no finding, each of its keywords
// has a fact, and it is written again as it is read.
func TestGoldenFilesAreUnderstood(t *testing.T) {
	for name, text := range goldens(t) {
		c := readText(text, keepalived.Options{})
		if len(c.Found) > 0 {
			t.Errorf("%s: %v", name, c.Found)
		}
		c.Walk(func(n *keepalived.Node, _ []*keepalived.Node) {
			if !n.Known {
				t.Errorf("%s:%d: there is no fact of %s here", name, n.Range.Start.Line, n.Keyword())
			}
		})
		if _, err := keepalived.Format(c.Lines); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		writesAlike(t, text)
	}
}
