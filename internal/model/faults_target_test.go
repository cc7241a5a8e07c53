package model_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/model"
)

// gatedFields is how each field with a since tag is written, by type and name.
func gatedFields() map[string]struct{ old, new string } {
	return map[string]struct{ old, new string }{
		"VRRP.AuthHMAC":          {"auth_pass: {file: secret}", "§auth_hmac: {keys: [{id: 1, key: {env: KEY}}]}"},
		"Global.CloseSpreadTime": {"stats: {", "global: {§close_spread_time: 30s}\nstats: {"},
	}
}

// sinceTags returns the since tag of each field that has one.
func sinceTags(t reflect.Type, tags map[string]string, seen map[reflect.Type]bool) map[string]string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] || !strings.HasSuffix(t.PkgPath(), "/model") {
		return tags
	}
	seen[t] = true
	for i := range t.NumField() {
		f := t.Field(i)
		if since := f.Tag.Get("since"); since != "" {
			tags[t.Name()+"."+f.Name] = since
		}
		sinceTags(f.Type, tags, seen)
	}
	return tags
}

// TestSince writes each field that needs a version of a daemon, for the version
// before it and for that version.
func TestSince(t *testing.T) {
	versions := map[string][]string{
		"haproxy":    {"2.4", "2.5", "2.6", "2.7", "2.8", "2.9", "3.0", "3.1", "3.2"},
		"keepalived": {"2.2", "2.3", "2.4"},
	}
	fields := gatedFields()
	tags := sinceTags(reflect.TypeFor[model.Site](), map[string]string{}, map[reflect.Type]bool{})
	for name, since := range tags {
		t.Run(name, func(t *testing.T) {
			c, ok := fields[name]
			daemon, version, _ := strings.Cut(since, " ")
			i := slices.Index(versions[daemon], version)
			if !ok || i < 1 {
				t.Fatalf("since %q: no such version, or the field is not in the table", since)
			}
			text := strings.Replace(base, c.old, c.new, 1)
			at := strings.Index(text, "§")
			line := strings.Count(text[:at], "\n") + 2 // that of target goes in front
			for _, v := range versions[daemon][i-1 : i+1] {
				site := "target: {" + daemon + ": \"" + v + "\"}\n" + strings.Replace(text, "§", "", 1)
				_, _, found := model.Load("site.yaml", []byte(site))
				switch {
				case v == version && len(found) > 0:
					t.Errorf("with %s:\n%s", v, list(found))
				case v != version && (len(found) != 1 || found[0].Code != "needs-version" || found[0].Subject.Start.Line != line ||
					!strings.Contains(found[0].Summary, version) || !strings.Contains(found[0].Detail, "target says "+v)):
					t.Errorf("with %s, wanted one finding at line %d:\n%s", v, line, list(found))
				}
			}
		})
	}
	for name := range fields {
		if tags[name] == "" {
			t.Errorf("%s has no since tag", name)
		}
	}
}

// targetFaults are things that the platform itself has not.
func targetFaults() []fault {
	return []fault{
		{"too new for the platform", "stats: {", "global: {close_spread_time: §30s}\nstats: {", "needs-version",
			[]string{`field "close_spread_time" needs HAProxy 2.6`, "platform rocky9 has 2.4", `target: {haproxy: "2.6"}`}},
		{"too new for a node", "web: 192.168.50.72}}", "web: 192.168.50.72}, platform: rocky10}\nglobal: {close_spread_time: §30s}",
			"needs-version", []string{`needs HAProxy 2.6`, "platform rocky9 has 2.4"}},
		{"a node of another family", "{name: lb2,", "{name: lb2, platform: §debian12,", "bad-value",
			[]string{`node "lb2" is of another family than platform rocky9`, "almalinux10, almalinux9, rhel10, rhel9, rocky10, rocky9"}},
		{"a version that there is not", "site: prslb", "site: prslb\ntarget: {haproxy: §\"2.66\"}", "bad-value",
			[]string{"a version of HAProxy from 2.4 on"}},
	}
}

func TestTargetFaults(t *testing.T) { checkFaults(t, targetFaults()) }

// TestMachineIsTheOldest: what one node lacks cannot be counted on, and a platform that
// no node has does not count.
func TestMachineIsTheOldest(t *testing.T) {
	for name, c := range map[string]struct{ site, lb1, lb2, haproxy, keepalived string }{
		"one platform":           {"debian12", "", "", "2.6", "2.2"},
		"the second is newer":    {"debian12", "", "debian13", "2.6", "2.2"},
		"the second is older":    {"debian13", "", "debian12", "2.6", "2.2"},
		"each daemon for itself": {"debian13", "ubuntu2404", "debian13", "2.8", "2.2"},
		"all say so themselves":  {"debian12", "debian13", "debian13", "3.0", "2.3"},
	} {
		s := model.Site{Platform: c.site, Nodes: []model.Node{{Platform: c.lb1}, {Platform: c.lb2}}}
		if m := s.Machine(); m.HAProxy != c.haproxy || m.Keepalived != c.keepalived {
			t.Errorf("%s: HAProxy %s, Keepalived %s", name, m.HAProxy, m.Keepalived)
		}
	}
}
