package model_test

import (
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/model"
)

// FuzzSecret writes a password among characters that YAML gives a meaning to,
// and wants it neither in a message nor in a line as it is shown.
func FuzzSecret(f *testing.F) {
	for _, s := range [][2]string{{"", ""}, {"'", "'"}, {`"`, `"`}, {"'a'", "b"}, {`"a"`, `b"`}, {"{", "}"}, {"[", "]"}, {"a,", ""},
		{"a}", "}"}, {"{env: ", "!}"}, {"&", ""}, {"*", ""}, {"!", " b"}, {"|", ""}, {"# ", ""}, {"a, b", "c"}, {"a]", ","}, {"\\", "'"},
		{"日", "本"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		if strings.ContainsAny(before, ":\n\r") || strings.ContainsAny(after, "\n\r") {
			return // the password would be another key's, or on another line
		}
		value := before + "hunter2" + after
		for _, form := range []string{
			"vrrp:\n  - name: x\n    auth_pass: %s\n    bad: 1\n",
			"vrrp:\n  - {name: x, auth_pass: %s, bad: 1}\n",
			"vrrp:\n  - {bad: 1, auth_pass: %s}\n",
			"vrrp:\n  - {bad: 1,\n     auth_pass: %s,\n     name: y}\n",
			"vrrp:\n  - bad: 1\n    auth_pass:\n      %s\n",
			"vrrp:\n  - bad: 1\n    auth_pass: |\n      %s\n",
		} {
			_, src, found := model.Load("site.yaml", []byte(strings.Replace(form, "%s", value, 1)))
			shown := list(found)
			for n := 1; n < 10; n++ {
				shown += src.Masked(n) + "\n"
			}
			if strings.Contains(shown, "hunter2") {
				t.Fatalf("%q shows the password:\n%s", value, shown)
			}
		}
	})
}
