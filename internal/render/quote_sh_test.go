package render

import (
	"os/exec"
	"strings"
	"testing"
)

func FuzzShQuote(f *testing.F) {
	for _, s := range []string{"", "plain", "it's", "''", `a\b`, "$HOME `id` $(id)", "a b\tc", "-n", "*", "é", "new\nline", "'; id; '"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsRune(s, 0) {
			t.Skip("no word of a shell holds a NUL")
		}
		out, err := exec.Command("sh", "-c", "printf %s "+shQuote(s)).Output()
		if err != nil || string(out) != s {
			t.Errorf("the shell reads %s as %q (%v), want %q", shQuote(s), out, err, s)
		}
	})
}
