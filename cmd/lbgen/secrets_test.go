package main

import (
	"bytes"
	"os"
	"path/filepath"
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
		"flow": "  - {name: VI_2, nic: client, auth_pass: hunter2, virtual_router_id: 999}\n  - name: VI_3\n    nic: " +
			"client\n",
		"flow, comma": "  - {name: VI_2, auth_pass: a,hunter2, nic: client, virtual_router_id: 999}\n  - name: VI_3\n    " +
			"nic: client\n",
		"flow, brace": "  - {name: VI_2, auth_pass: a}hunter2, nic: client}\n  - name: VI_3\n    nic: client\n",
		"flow, last":  "  - {name: VI_2, nic: nowhere, auth_pass: hunter2}\n  - name: VI_3\n    nic: client\n",
		"flow, many lines": "  - {name: VI_2, auth_pass:\n     hunter2hunter2, nic: client, virtual_router_id: 999}\n  - name: " +
			"VI_3\n    nic: client\n",
		"flow, key on its line": "  - {name: VI_2,\n     auth_pass: hunter2hunter2, nic: nowhere}\n  - name: VI_3\n    nic: client\n",
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
			code := cli.Run(t.Context(), args, cli.Streams{In: strings.NewReader(text), Out: &out, Err: &out,
				Getenv: func(string) (string, bool) { return "", false }})
			if args[0] == "validate" && code != cli.ExitFindings {
				t.Errorf("%s: exit code %d\n%s", name, code, out.String())
			}
			if s := out.String(); strings.Contains(s, "hunter") || strings.Contains(s, "secret2") || strings.Contains(s, "''ter2") {
				t.Errorf("%s: %v shows the password:\n%s", name, args, s)
			}
		}
	}
}

// haproxySecrets are the secrets of haproxy.cfg: the key, and a site around its
// line, with faults beside it so that the line is shown.
func haproxySecrets() map[string][2]string {
	return map[string][2]string{
		"stats":      {"password", "stats:\n  nic: nowhere\n  users:\n  - name: admin\n%s    wrong: 1\n"},
		"userlist":   {"password", "userlists:\n- name: l\n  users:\n  - name: admin\n%s    wrong: 1\n"},
		"hash":       {"password_hash", "userlists:\n- name: l\n  users:\n  - name: admin\n%s    wrong: 1\n"},
		"cookie key": {"dynamic_key", "backends:\n- name: b\n  persist:\n   cookie:\n    name: SRV\n%s    wrong: 1\n"},
		"Redis":      {"password", "backends:\n- name: b\n  health:\n   redis:\n    role: any\n%s    wrong: 1\n"},
	}
}

// TestNoPasswordOfHAProxyIsShown does the same with the secrets of haproxy.cfg.
func TestNoPasswordOfHAProxyIsShown(t *testing.T) {
	for name, password := range passwords() {
		for place, c := range haproxySecrets() {
			line := strings.NewReplacer("auth_pass", c[0], "AUTH_PASS", strings.ToUpper(c[0]), "auth-pass",
				strings.ReplaceAll(c[0], "_", "-")).Replace(password)
			for _, format := range []string{"text", "json"} {
				var out bytes.Buffer
				cli.Run(t.Context(), []string{"validate", "--format", format, "-"},
					cli.Streams{In: strings.NewReader(strings.Replace(c[1], "%s", line, 1)), Out: &out, Err: &out,
						Getenv: func(string) (string, bool) { return "", false }})
				if s := out.String(); strings.Contains(s, "hunter") || strings.Contains(s, "secret2") || strings.Contains(s, "''ter2") {
					t.Errorf("%s, %s, %s: the password is shown:\n%s", place, name, format, s)
				}
			}
		}
	}
}

// TestNoSecretLeavesItsFile renders a site with passwords, changes them, and
// looks for them in every file but haproxy.cfg, and in what is printed.
func TestNoSecretLeavesItsFile(t *testing.T) {
	dir := t.TempDir()
	site := filepath.Join(dir, "site.yaml")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const text = `version: 1
site: lo
platform: debian12
nics: {lan: {device: eth0, subnet: 10.0.0.0/24}}
nodes: [{name: lb1, addresses: {lan: 10.0.0.1}}]
frontends: [{name: web, binds: [{nic: lan, port: 80}], default_backend: app}]
backends: [{name: app, servers: [{name: a, address: 10.0.0.9:80}]}]
userlists: [{name: l, users: [{name: a, password: {file: list}}]}]
stats: {nic: lan, allow: [10.0.0.0/8], users: [{name: admin, password: {file: stats}}]}
`
	write("site.yaml", text)
	write("stats", "hunter2 it's #1\n")
	write("list", "hunter4\n")
	out := filepath.Join(dir, "out")
	shown := func(code int, args ...string) string {
		t.Helper()
		got, stdout, stderr := lbgen(t, args...)
		if got != code {
			t.Errorf("%v: exit code %d\n%s%s", args, got, stdout, stderr)
		}
		if s := stdout + stderr; strings.Contains(s, "hunter") {
			t.Errorf("%v shows a password:\n%s", args, s)
		}
		return stdout
	}
	shown(cli.ExitOK, "render", site, "-o", out)
	shown(cli.ExitOK, "diff", site, "-o", out)
	for _, name := range []string{"MANIFEST", "node.table", "firewalld.table"} {
		if data, _ := os.ReadFile(filepath.Join(out, "lb1", name)); len(data) == 0 || bytes.Contains(data, []byte("hunter")) {
			t.Errorf("%s is missing, or holds a password", name)
		}
	}
	write("stats", "hunter3\n")
	shown(cli.ExitFindings, "diff", site, "-o", out)
	shown(cli.ExitFindings, "render", site, "-o", out, "--check")
	write("site.yaml", text[:len(text)-2]+", uri: /lb}\n")
	if diff := shown(cli.ExitFindings, "diff", site, "-o", out); !strings.Contains(diff, "\n-    stats uri /stats\n") {
		t.Errorf("what holds no password is hidden:\n%s", diff)
	}
	write("site.yaml", text)
	if err := os.Remove(filepath.Join(dir, "stats")); err != nil {
		t.Fatal(err)
	}
	shown(cli.ExitOK, "diff", site, "-o", out)
	cfg := filepath.Join(out, "lb1/etc/haproxy/haproxy.cfg")
	data, err := os.ReadFile(cfg)
	if err != nil {
		t.Fatal(err)
	}
	edited := strings.Replace(string(data), "    stats auth admin:", "    stats auth other:hunter9\n    stats auth  admin:", 1)
	if err := os.WriteFile(cfg, []byte(edited+"    # stats auth admin:hunter8\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	shown(cli.ExitFindings, "diff", site, "-o", out)
	info, err := os.Stat(cfg)
	if err != nil || !bytes.Contains(data, []byte(`'hunter2 it'\''s #1'`)) {
		t.Errorf("haproxy.cfg: %v %v\n%s", info, err, data)
	}
}
