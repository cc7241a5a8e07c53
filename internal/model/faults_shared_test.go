package model_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
)

// TestSharedFaults wants each fault of a site that two files make at its place
// in the one of them that has it (§).
func TestSharedFaults(t *testing.T) {
	const site = "version: 1\nsite: a\ndefaults_from: shared.yaml\nnics: {lan: {device: eth0, subnet: 192.0.2.0/24}}\n" +
		"nodes: [{name: a, addresses: {lan: 192.0.2.5}}]\nfrontends: [{name: http, binds: [{nic: lan, ports: [80]}], default_backend: app}]\n"
	const shared = "platform: debian12\nbackends: [{name: app, servers: [{name: app1, address: 192.0.2.21:80}]}]\n"
	for name, c := range map[string]struct{ site, shared, code string }{
		"a value":                      {site, strings.Replace(shared, "debian12", "§debian11", 1), "bad-value"},
		"a value of the site's own":    {site + "platform: §debian11\n", shared, "bad-value"},
		"an unknown key":               {site, shared + "stats: {nic: lan, allow: [10.0.0.0/8], §prot: 1}\n", "unknown-field"},
		"an unknown key beside others": {site + "stats: {nic: lan}\n", shared + "stats: {§prot: 1, allow: [10.0.0.0/8]}\n", "unknown-field"},
		"a wrong type":                 {site, shared + "log: §local0\n", "wrong-type"},
		"a reference to nothing": {strings.Replace(site, "d: app", "d: §app", 1),
			strings.Replace(shared, "name: app,", "name: app2,", 1), "unknown-reference"},
		"a reference of the shared file": {site, shared + "stats: {nic: §wan, allow: [10.0.0.0/8]}\n", "unknown-reference"},
		"a key's name":                   {site, shared + "nics: {§l n: {device: eth1, subnet: 198.51.100.0/24}}\n", "bad-value"},
		"missing from both":              {site + "stats: §{port: 80}\n", shared + "stats: {allow: [10.0.0.0/8]}\n", "missing-field"},
		"missing from the shared one":    {site, shared + "stats: §{port: 81, nic: lan}\n", "missing-field"},
		"in an item":                     {site, strings.Replace(shared, "192.0.2.21:80", "§192.0.2.21", 1), "bad-value"},
		"outside a network of the other": {strings.Replace(site, "lan: 192.0.2.5", "lan: §198.51.100.5", 1),
			shared + "nics: {lan: {zone: public}}\n", "outside-subnet"},
		"a list is not joined": {strings.Replace(site, "[{name: a, addresses: {lan: 192.0.2.5}}]",
			"[§{priority: 1, addresses: {lan: 192.0.2.5}}]", 1), shared + "nodes: [{name: a}]\n", "missing-field"},
		"null is no value": {site + "stats:§\n", shared + "stats: {nic: lan, allow: [10.0.0.0/8]}\n", "missing-value"},
		"YAML":             {site, shared + "log: [\n§", "syntax"},
		"a key twice":      {site, shared + "§platform: debian12\n", "duplicate-key"},
		"the site's name":  {site, shared + "§site: a\n", "not-shared"},
		"another level":    {site, shared + "§defaults_from: b\n", "not-shared"},
	} {
		t.Run(name, func(t *testing.T) {
			want := place(t, "site.yaml", c.site)
			if want.File == "" {
				want = place(t, "shared.yaml", c.shared)
			}
			_, _, found := model.LoadShared("site.yaml", []byte(strings.Replace(c.site, "§", "", 1)),
				func(string) (string, []byte, *diag.Diagnostic) {
					return "shared.yaml", []byte(strings.Replace(c.shared, "§", "", 1)), nil
				})
			if len(found) != 1 || found[0].Code != c.code {
				t.Fatalf("want one %s:\n%s", c.code, list(found))
			}
			if got := fmt.Sprint(found[0].Subject); got != want.String() {
				t.Errorf("at %s, want %s:\n%s", got, want, list(found))
			}
		})
	}
}

// place is where § stands in a text; no place where it does not.
func place(t *testing.T, file, text string) diag.Range {
	t.Helper()
	before, _, found := strings.Cut(text, "§")
	if !found {
		return diag.Range{}
	}
	line := before[strings.LastIndex(before, "\n")+1:]
	return diag.Range{File: file, Start: diag.Pos{Line: 1 + strings.Count(before, "\n"), Column: 1 + len(line)}}
}

// TestSharedPlaces wants the names of files that the shared file has relative
// to the site file.
func TestSharedPlaces(t *testing.T) {
	const shared = "defaults: {error_pages: {500: a/500.html, 503: /abs/503.html}}\n" +
		"vrrp: [{name: v, nic: lan, auth_pass: {file: secret}}]\nbackends: [{name: app, sorry: {page: ../sorry.html}}]\n"
	site, _, _ := model.LoadShared("sites/site.yaml", []byte("defaults_from: ../common/shared.yaml\ndefaults: {error_pages: {502: "+
		"own.html, 503: 503.html}}\n"),
		func(string) (string, []byte, *diag.Diagnostic) { return "common/shared.yaml", []byte(shared), nil })
	for want, got := range map[string]string{
		"../common/a/500.html": site.Defaults.ErrorPages["500"],
		"own.html":             site.Defaults.ErrorPages["502"],
		"503.html":             site.Defaults.ErrorPages["503"],
		"../common/secret":     site.VRRP[0].AuthPass.File,
		"../sorry.html":        site.Backends[0].Sorry.Page,
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
