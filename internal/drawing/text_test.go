package drawing

import (
	"strings"
	"testing"
)

func TestLongTextsAreCut(t *testing.T) {
	f := Face{Size: 11}
	for _, s := range []string{"", "short", strings.Repeat("long word ", 40), strings.Repeat("W", 90), strings.Repeat("漢", 60),
		"\u202e" + strings.Repeat("x", 90), "\xff" + strings.Repeat("é", 90)} {
		cut := Fit(s, 200, f)
		if f.Width(cut) > 200 {
			t.Errorf("%q is %v px wide", cut, f.Width(cut))
		}
		if cut != Visible(s) && !strings.HasSuffix(cut, "…") {
			t.Errorf("%q does not say that it was cut", cut)
		}
	}
}

func TestWrappedTextsFitAndLoseNothing(t *testing.T) {
	f := Face{Size: 12}
	for _, s := range []string{"", "short", strings.Repeat("long word ", 40), strings.Repeat("W", 90), strings.Repeat("漢", 60),
		"a " + strings.Repeat("é", 200) + " b", "two  blanks"} {
		lines := Wrap(s, 200, f, 1000)
		for _, l := range lines {
			if f.Width(l) > 200 {
				t.Errorf("%q is %v px wide", l, f.Width(l))
			}
		}
		all := strings.ReplaceAll(strings.Join(lines, ""), " ", "")
		if want := strings.ReplaceAll(s, " ", ""); all != want {
			t.Errorf("%q became %q", want, all)
		}
	}
	if lines := Wrap("one two three four", 30, f, 2); len(lines) != 2 || !strings.HasSuffix(lines[1], "…") {
		t.Errorf("%q does not say that it was cut", lines)
	}
}

func TestNothingInvisibleIsLeft(t *testing.T) {
	for in, want := range map[string]string{"a\u202eb": `a\u202eb`, "\x1b[31m": `\u001b[31m`,
		"\xff": "\ufffd", "\uffff": `\uffff`, "ä\n": "ä\n"} {
		if got := Visible(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
