package source_test

import (
	"testing"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/source"
)

// TestComments: a # is a comment where YAML says so.
func TestComments(t *testing.T) {
	const text = `# word: alone
a: 1 # word: behind a value
b: "# word" # word: behind quotes
c: it's # word: behind an apostrophe
d: 'it''s # word'
e: x#word
f: |
  # word in a text
  more # word
g: "a \" # word"
  # word: indented
`
	f, found := source.Parse("t.yaml", []byte(text))
	if len(found) > 0 {
		t.Fatal(found)
	}
	var got []string
	for _, c := range f.Comments("word") {
		alone := ""
		if c.Alone {
			alone = " alone"
		}
		got = append(got, c.Range.String()+" "+c.Text+alone)
	}
	want := []string{
		"t.yaml:1:1 word: alone alone", "t.yaml:2:6 word: behind a value", "t.yaml:3:13 word: behind quotes",
		"t.yaml:4:9 word: behind an apostrophe", "t.yaml:11:3 word: indented alone",
	}
	if len(got) != len(want) {
		t.Fatalf("got %q", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %q, want %q", got[i], want[i])
		}
	}
}

// TestEdits: what is replaced or inserted stands in the style of what is there,
// and nothing else changes.
func TestEdits(t *testing.T) {
	const text = "a: {x: 1, y: [1, 2]} # keep\nb:\n  - name: é\n    n: 'q'   # keep\nc: |\n  text\n"
	f, _ := source.Parse("t.yaml", []byte(text))
	for _, c := range []struct {
		name string
		edit func() (diag.Edit, bool)
		want string // "" where there is no safe edit
	}{
		{"a value in a flow mapping", func() (diag.Edit, bool) { return f.Replace("a.x", "5") },
			"a: {x: 5, y: [1, 2]} # keep\nb:\n  - name: é\n    n: 'q'   # keep\nc: |\n  text\n"},
		{"a quoted value", func() (diag.Edit, bool) { return f.Replace("b[0].n", "z") },
			"a: {x: 1, y: [1, 2]} # keep\nb:\n  - name: é\n    n: z   # keep\nc: |\n  text\n"},
		{"a wide value", func() (diag.Edit, bool) { return f.Replace("b[0].name", "z") },
			"a: {x: 1, y: [1, 2]} # keep\nb:\n  - name: z\n    n: 'q'   # keep\nc: |\n  text\n"},
		{"a key in a flow mapping", func() (diag.Edit, bool) { return f.Insert("a", "z", "3") },
			"a: {x: 1, y: [1, 2], z: 3} # keep\nb:\n  - name: é\n    n: 'q'   # keep\nc: |\n  text\n"},
		{"a key in a block mapping", func() (diag.Edit, bool) { return f.Insert("b[0]", "z", "3") },
			"a: {x: 1, y: [1, 2]} # keep\nb:\n  - name: é\n    n: 'q'   # keep\n    z: 3\nc: |\n  text\n"},
		{"a mapping is no value", func() (diag.Edit, bool) { return f.Replace("a", "5") }, ""},
		{"nothing is there", func() (diag.Edit, bool) { return f.Replace("a.q", "5") }, ""},
		{"a list is no mapping", func() (diag.Edit, bool) { return f.Insert("b", "z", "3") }, ""},
		{"behind a text", func() (diag.Edit, bool) { return f.Insert("", "z", "3") }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			edit, ok := c.edit()
			if ok != (c.want != "") {
				t.Fatalf("%v %+v", ok, edit)
			}
			if got := f.Apply([]diag.Edit{edit}); ok && got != c.want {
				t.Errorf("got\n%s", got)
			}
		})
	}
}
