package word

import (
	"reflect"
	"testing"
)

// TestSecretsMoveWithTheirWords: whatever is put around a secret, its stretch
// holds the same bytes.
func TestSecretsMoveWithTheirWords(t *testing.T) {
	pass := Hidden(`"secret"`, "a.password", true)
	line := NewLine("a", "stats auth", Word{}, Concat(Final("joe"), Key(":"), pass), Phrase(Key("or"), Word{}, pass))
	if want := `stats auth joe:"secret" or "secret"`; line.Text() != want || line.From() != "a" {
		t.Errorf("%q from %q, want %q", line.Text(), line.From(), want)
	}
	want := []Stretch{{15, 23, "a.password", true}, {27, 35, "a.password", true}}
	if !reflect.DeepEqual(line.Secrets(), want) {
		t.Errorf("secrets are %v, want %v", line.Secrets(), want)
	}
	for _, s := range line.Secrets() {
		if line.Text()[s.Start:s.End] != `"secret"` {
			t.Errorf("a stretch holds %q", line.Text()[s.Start:s.End])
		}
	}
}

// TestALineCostsOneAllocation: a large site has 100,000 of them.
func TestALineCostsOneAllocation(t *testing.T) {
	name, address := Final("s1"), Final("192.0.2.1:80")
	got := testing.AllocsPerRun(100, func() {
		if l := NewLine("a", "server", name, address, Key("check"), Word{}, Key("backup")); l.Text() == "" {
			t.Error("the line is empty")
		}
	})
	if got > 1 {
		t.Errorf("a line costs %v allocations", got)
	}
}
