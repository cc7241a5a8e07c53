package model

import (
	"regexp"
	"strings"
	"testing"
)

// TestShapes wants the pattern that editors are given and the check by hand to
// say the same of every byte in first and later place, and of every length.
func TestShapes(t *testing.T) {
	for _, c := range constraints() {
		if c.pattern == "" {
			continue
		}
		pattern := regexp.MustCompile(c.pattern)
		same := func(word string) {
			if got, want := c.holds(word), pattern.MatchString(word); got != want {
				t.Errorf("%s: %q: got %t, pattern says %t", c.tag, word, got, want)
			}
		}
		same("")
		for b := range 256 {
			one := string([]byte{byte(b)})
			for _, word := range []string{one, "a" + one, "/" + one, "a@" + one, "a" + one + "@b", one + one + "a"} {
				same(word)
			}
		}
		if c.tag == "mail" { // its lengths are not in the pattern
			continue
		}
		for _, first := range []string{"a", "/"} {
			for n := range 1010 {
				same(first + strings.Repeat("a", n))
			}
		}
	}
}
