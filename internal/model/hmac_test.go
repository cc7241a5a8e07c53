package model_test

import (
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/model"
)

// TestAuthHMAC: what Keepalived would drop with a line in its log is refused at its place.
func TestAuthHMAC(t *testing.T) {
	const one = "{id: 1, key: {env: KEY}}"
	for fields, want := range map[string]string{
		"auth_hmac: {keys: [" + one + "]}":                                                         "",
		"auth_hmac: {keys: [" + one + ", " + one + "]}":                                            "two keys have number 1",
		"auth_hmac: {keys: [" + one + "], active_key: 2}":                                          "no key has number 2",
		"auth_hmac: {keys: [" + one + "]}, auth_pass: {env: PASS}":                                 "auth_pass has no effect beside auth_hmac",
		"auth_hmac: {keys: [" + one + "], time_window: 301s}":                                      "1s to 300s",
		"auth_hmac: {keys: [" + one + "], time_window: 1500ms}":                                    "whole seconds",
		"auth_hmac: {keys: [" + one + "], time_window: 5s, anti_replay: monotonic}":                "has no effect with anti_replay",
		"auth_hmac: {keys: [" + one + "], mode: sometimes}":                                        "receive-only",
		"auth_hmac: {keys: []}":                                                                    "keys",
		"auth_hmac: {keys: [{id: 1, key: " + strings.Repeat("k", 32) + "}], mode: permissive}":     "the password stands in the site file",
		"auth_hmac: {keys: [{id: 256, key: {env: KEY}}]}":                                          "at most 255",
		"version: 3, auth_hmac: {keys: [" + one + "], mode: receive-only, anti_replay: monotonic}": "",
	} {
		text := strings.Replace(base, "auth_pass: {file: secret}", strings.ReplaceAll(fields, "}, ", "}\n    "), 1)
		if strings.Contains(fields, "version: 3") {
			text = strings.Replace(base, "auth_pass: {file: secret}", "version: 3\n    "+strings.TrimPrefix(fields, "version: 3, "), 1)
		} else if !strings.Contains(fields, "auth_pass") {
			text = strings.Replace(base, "auth_pass: {file: secret}", fields, 1)
		}
		_, _, found := model.Load("site.yaml", []byte("target: {keepalived: \"2.4\"}\n"+text))
		var all []string
		for _, d := range found {
			all = append(all, d.Summary+" "+d.Detail)
		}
		if said := strings.Join(all, "\n"); want == "" && said != "" || !strings.Contains(said, want) {
			t.Errorf("%s: %q", fields, said)
		}
	}
}

// TestCheckHMACKey never shows the key.
func TestCheckHMACKey(t *testing.T) {
	for key, want := range map[string]string{
		strings.Repeat("k", 32):                   "",
		strings.Repeat("k", 64):                   "",
		"hex:" + strings.Repeat("0a", 32):         "",
		"hex:" + strings.Repeat("0a", 31):         "it has 31 bytes",
		"hex:" + strings.Repeat("0g", 32):         "are not pairs of hexadecimal digits",
		strings.Repeat("k", 65):                   "it has 65 bytes",
		"hunter2":                                 "it has 7 bytes",
		"file:/etc/keepalived/keys/vrrp_number_1": "would read the file",
		strings.Repeat("k", 40) + `"`:             "double quote",
		strings.Repeat("k", 40) + "\n":            "it holds",
		"":                                        "it is empty",
	} {
		got := model.CheckHMACKey(key)
		if want == "" && got != "" || !strings.Contains(got, want) || key != "" && strings.Contains(got, key) {
			t.Errorf("%q: %q", key, got)
		}
	}
}
