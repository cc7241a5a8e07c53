package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/cli"
)

// passwords are ways of writing hunter2, right and wrong. Each stands for the
// line of auth_pass in the example; the words that nobody may see are hunter
// and secret2.
func passwords() map[string]string {
	return map[string]string{
		"plain":                       "    auth_pass: hunter2\n",
		"too long":                    "    auth_pass: hunter2hunter2\n",
		"single quotes":               "    auth_pass: 'hunter2'\n",
		"double quotes":               "    auth_pass: \"hunter2\"\n",
		"a quote inside":              "    auth_pass: 'hun''ter2'\n",
		"a wrong quote inside":        "    auth_pass: 'x'hunter2'\n",
		"a wrong double quote inside": "    auth_pass: \"x\"hunter2\"\n",
		"an escape":                   "    auth_pass: \"\\x hunter2\"\n",
		"an open quote":               "    auth_pass: 'hunter2\n",
		"an open quote, more below":   "    auth_pass: \"x\n      hunter2\n",
		"comma and colon":             "    auth_pass: a,hunter2:secret2\n",
		"colon and space":             "    auth_pass: a: hunter2\n",
		"brace first":                 "    auth_pass: {hunter2\n",
		"closed brace":                "    auth_pass: {hunter2}\n",
		"bracket":                     "    auth_pass: [hunter2]\n",
		"two in a list":               "    auth_pass: [a, hunter2]\n",
		"a mapping":                   "    auth_pass: {literal: hunter2}\n",
		"at sign":                     "    auth_pass: @hunter2\n",
		"percent":                     "    auth_pass: %hunter2\n",
		"star":                        "    auth_pass: *hunter2\n",
		"ampersand":                   "    auth_pass: &hunter2\n",
		"bang":                        "    auth_pass: !hunter2 secret2\n",
		"comment":                     "    auth_pass: a #hunter2\n",
		"next line":                   "    auth_pass:\n      hunter2hunter2\n",
		"next line, not deeper":       "    auth_pass:\n    hunter2hunter2\n",
		"block":                       "    auth_pass: |\n      hunter2\n      secret2\n",
		"folded":                      "    auth_pass: >-\n      hunter2\n      secret2\n",
		"two lines":                   "    auth_pass: a\n      hunter2\n",
		"list below":                  "    auth_pass:\n      - hunter2\n",
		"mapping below":               "    auth_pass:\n      value: hunter2\n",
		"no space":                    "    auth_pass:hunter2\n",
		"equals":                      "    auth_pass=hunter2\n",
		"nothing between":             "    auth_pass hunter2\n",
		"misspelt":                    "    auth_pas: hunter2\n",
		"misspelt otherwise":          "    auht_pass: hunter2\n",
		"dash":                        "    auth-pass: hunter2\n",
		"another word":                "    password: hunter2\n",
		"upper case":                  "    AUTH_PASS: hunter2\n",
		"quoted key":                  "    \"auth_pass\": hunter2x8\n",
		"explicit key":                "    ? auth_pass\n    : hunter2hunter2\n",
		"tab":                         "    auth_pass:\thunter2hunter2\n",
		"tab before":                  "\tauth_pass: hunter2\n",
		"control character":           "    auth_pass: hunter2\x01\n",
		"not UTF-8":                   "    auth_pass: hunter2\xff\n",
		"line break":                  "    auth_pass: \"hun\\nhunter2\"\n",
		"env for the password":        "    auth_pass: {env: \"hunter2!\"}\n",
		"env below":                   "    auth_pass:\n      env: hunter2!\n",
		"anchor elsewhere":            "    advert_int: &a hunter2hunter2\n    auth_pass: *a\n",
		"twice":                       "    auth_pass: hunter2\n    auth_pass: secret2\n",
		"flow":                        "  - {name: VI_2, nic: client, auth_pass: hunter2, virtual_router_id: 999}\n  - name: VI_3\n    nic: client\n",
		"flow, comma":                 "  - {name: VI_2, auth_pass: a,hunter2, nic: client, virtual_router_id: 999}\n  - name: VI_3\n    nic: client\n",
		"flow, brace":                 "  - {name: VI_2, auth_pass: a}hunter2, nic: client}\n  - name: VI_3\n    nic: client\n",
		"flow, last":                  "  - {name: VI_2, nic: nowhere, auth_pass: hunter2}\n  - name: VI_3\n    nic: client\n",
		"flow, many lines":            "  - {name: VI_2, auth_pass:\n     hunter2hunter2, nic: client, virtual_router_id: 999}\n  - name: VI_3\n    nic: client\n",
		"flow, key on its line":       "  - {name: VI_2,\n     auth_pass: hunter2hunter2, nic: nowhere}\n  - name: VI_3\n    nic: client\n",
	}
}

// TestNoPasswordIsShown loads each with further faults around it, so that the
// lines are shown, and looks for the password in all that is printed.
func TestNoPasswordIsShown(t *testing.T) {
	example, err := os.ReadFile("../../examples/prslb.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const line = "    auth_pass: {file: prslb.secrets/vrrp_auth_pass}   # a sample: put your own there, and keep it out of version control\n"
	if !strings.Contains(string(example), line) {
		t.Fatal("the example has another line")
	}
	for name, password := range passwords() {
		for _, args := range [][]string{{"validate", "-"}, {"validate", "--format", "json", "-"}, {"render", "-", "-o", t.TempDir()}} {
			text := strings.Replace(string(example), line, password, 1)
			var out bytes.Buffer
			code := cli.Run(t.Context(), args, cli.Streams{In: strings.NewReader(text), Out: &out, Err: &out, Getenv: func(string) (string, bool) { return "", false }})
			if args[0] == "validate" && code != cli.ExitFindings {
				t.Errorf("%s: exit code %d\n%s", name, code, out.String())
			}
			if s := out.String(); strings.Contains(s, "hunter") || strings.Contains(s, "secret2") || strings.Contains(s, "''ter2") {
				t.Errorf("%s: %v shows the password:\n%s", name, args, s)
			}
		}
	}
}
