package model_test

import (
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
)

const statsAllow = "allow: [192.168.11.0/24]}"

// statsWith is the statistics page of base with further keys.
func statsWith(keys string) string { return "allow: [192.168.11.0/24], " + keys + "}" }

// userlist is a list with one user, in front of the statistics page.
func userlist(user string) string {
	return "userlists:\n  - {name: admins, users: [" + user + "]}\nstats: {"
}

const goodHash = "$6$abcdefgh$M/eYsB4rVXAm3ZNc88J.UD9rCKAT6FB1rahiwJCHtEndQNORCub5qhjxn50qbqVVthkM.9HpEwtf0t.iV9uH0/"

// TestStatsFaults is about the statistics page and users.
func TestStatsFaults(t *testing.T) {
	checkFaults(t, []fault{
		{"admin without users", statsAllow, statsWith("admin: §true"), "missing-field", []string{"admin needs users", "switch servers off"}},
		{"realm without users", statsAllow, statsWith("realm: §Load balancer"), "missing-field", []string{"realm needs users"}},
		{"realm that ends its quotes", statsAllow, statsWith(`users: [{name: a, password: {env: A}}], realm: §'a" b'`), "bad-value",
			[]string{`without " and \`}},
		{"user without password", statsAllow, statsWith("users: [§{name: admin}]"), "missing-field",
			[]string{`user "admin" has no password`, "{file: PATH}"}},
		{"user twice", statsAllow, statsWith("users: [{name: admin, password: {env: A}}, {name: §admin, password: {env: B}}]"), "duplicate",
			[]string{`user "admin" is defined twice`}},
		{"user with a colon", statsAllow, statsWith("users: [{name: §'a:b', password: {env: A}}]"), "bad-value", []string{"name"}},
		{"metrics where the page is", statsAllow, statsWith("prometheus: §/stats"), "duplicate",
			[]string{"path /stats is defined twice", "/metrics"}},
		{"certificate without key", statsAllow, statsWith("tls: {certificate: §{cert: a.crt}}"), "missing-field", []string{"by cert and key"}},
		{"refresh in parts of a second", "refresh: 10s", "refresh: §1500ms", "bad-value", []string{"whole seconds"}},
		{"a password of several lines", statsAllow, statsWith(`users: [{name: a, password: §"a\nb"}]`), "bad-character", nil},
		{"a password that is too long", statsAllow, statsWith(`users: [{name: a, password: §` + strings.Repeat("a", 513) + "}]"), "bad-value",
			[]string{"more than 512 bytes"}},

		{"userlist twice", "stats: {", "userlists:\n  - {name: a, users: [{name: b, password_hash: {env: A}}]}\n  - {name: §a, users: " +
			"[{name: c, password_hash: {env: A}}]}\nstats: {", "duplicate", []string{`userlist "a" is defined twice`}},
		{"user of a list without password", "stats: {", userlist("§{name: admin}"), "missing-field",
			[]string{`user "admin" has no password`, "password_hash"}},
		{"user of a list with two passwords", "stats: {", userlist("{name: admin, password_hash: {env: A}, password: §{env: B}}"), "bad-value",
			[]string{"two passwords", "keep password_hash"}},
		{"user of a list twice", "stats: {", userlist("{name: a, password: {env: A}}, {name: §a, password: {env: B}}"), "duplicate",
			[]string{`user "a" is defined twice`}},
		{"group twice", "stats: {", userlist("{name: a, password: {env: A}, groups: [x, §x]}"), "duplicate",
			[]string{`group "x" is defined twice`}},
		{"a password that everybody tries first", "stats: {", userlist("{name: a, password: §ChangeMe}"), "bad-value",
			[]string{"tries first", "another one"}},
		{"a password in place of its hash", "stats: {", userlist("{name: a, password_hash: §hunter2hunter2}"), "bad-value",
			[]string{"mkpasswd -m sha-512"}},
	})
}

// TestSecretLiterals: a password that is written out is accepted and flagged,
// once and at its place.
func TestSecretLiterals(t *testing.T) {
	for name, c := range map[string]struct{ old, new string }{
		"stats user":     {statsAllow, statsWith("users: [{name: a, password: §'p w'}]")},
		"user of a list": {"stats: {", userlist("{name: a, password: §s3same}")},
		"hash":           {"stats: {", userlist("{name: a, password_hash: §" + goodHash + "}")},
		"cookie key":     {"    sorry: {", "    persist: {cookie: {name: SRV, dynamic_key: §s3same}}\n    sorry: {"},
		"Redis":          {"health: {http: {method: GET, uri: /ready, expect: 200},", "health: {redis: {password: §s3same},"},
		"VRRP":           {"auth_pass: {file: secret}", "auth_pass: §secret"},
	} {
		found, at := load(t, c.old, c.new)
		if len(found) != 1 || found[0].Code != "secret-literal" || found[0].Severity != diag.Warning || found[0].Subject.Start != at {
			t.Errorf("%s: want a warning at %v, got\n%s", name, at, list(found))
		}
	}
}

// TestPasswords: what a password for haproxy.cfg may hold.
func TestPasswords(t *testing.T) {
	for _, good := range []string{"a", "p w", " ", `"'\$#!%{}`, "ä日本", "a:b", strings.Repeat("x", 512)} {
		if bad := model.CheckPassword(good); bad != "" {
			t.Errorf("%q: %s", good, bad)
		}
	}
	for _, bad := range []string{"", "a\nb", "a\x00", "\x01", "\x02", "a\u202eb", strings.Repeat("x", 513)} {
		if model.CheckPassword(bad) == "" {
			t.Errorf("%q is accepted", bad)
		}
	}
	for _, good := range []string{goodHash, "$5$rounds=5000$abc$aPVhqCeoJH3vYxDVCb1KYzRSDVoxaPdGUdyHCPJpJdA",
		"$1$abcdefgh$G1.Xs5zb8AdGCTk6uSQXl0",
		"$2b$12$GhvMmNVjRW29ulnudl.LbuAnUtN/LRfe1JsBm1Xu6LE3059z5Tr8m",
		"$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7"} {
		if bad := model.CheckPasswordHash(good); bad != "" {
			t.Errorf("%q: %s", good, bad)
		}
	}
	for _, bad := range []string{"", "hunter2", "$6$", "$6$abc$", "$6$abc$short", goodHash + " ", goodHash + "\n"} {
		if model.CheckPasswordHash(bad) == "" {
			t.Errorf("%q is accepted", bad)
		}
	}
}
