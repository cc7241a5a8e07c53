package rehearse_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/rehearse"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/site"
)

// tried is a site that is rehearsed: a file, and what is changed in it or in
// what is rendered from it.
type tried struct {
	file      string
	edit      func(string) string
	breakSets func(*testing.T, []artifact.Set)
}

// sites are those that recordings are of, by the name of their folder.
func sites() map[string]tried {
	all := map[string]tried{}
	for _, name := range []string{"prslb", "dual-master", "ipv6", "sorry-server", "tls", "cookie", "k8s-api", "databases"} {
		all[name] = tried{file: "../../examples/" + name + ".yaml"}
	}
	for _, name := range []string{
		"delay-weight", "delay", "sync-mixed", "dual-family-adv2", "startup-delay", "saturate-seed2", "close-nopreempt-seed1030",
	} {
		all[name] = tried{file: "testdata/sites/" + name + ".yaml"}
	}
	for _, b := range brokenSites() {
		all["broken-"+b.name] = tried{file: "../../examples/prslb.yaml", edit: b.edit, breakSets: b.breakSets}
	}
	return all
}

// load reads and renders the site.
func (s tried) load(t *testing.T) (*rehearse.Subject, []artifact.Set) {
	t.Helper()
	text, err := os.ReadFile(s.file)
	if err != nil {
		t.Fatal(err)
	}
	if s.edit != nil {
		text = []byte(s.edit(string(text)))
	}
	written, _, found := model.Load(s.file, text)
	if found.HasErrors() {
		t.Fatal(found)
	}
	page, err := os.ReadFile("../../examples/sorry.html")
	if err != nil {
		t.Fatal(err)
	}
	if written.Defaults.Profile == "" { // what was recorded and measured had the defaults of those days
		written.Defaults.Profile = model.ProfileRHEL
	}
	resolved := site.Resolve(written)
	sets, err := render.New().Sets(resolved, model.Inputs{Pages: map[string][]byte{"sorry.html": page}})
	if err != nil {
		t.Fatal(err)
	}
	if s.breakSets != nil {
		s.breakSets(t, sets)
	}
	return rehearse.Of(resolved), sets
}

// change replaces in a rendered file of a node; what is not there is a fault of the test.
func change(t *testing.T, sets []artifact.Set, node, file, pattern, with string) {
	t.Helper()
	i := slices.IndexFunc(sets, func(s artifact.Set) bool { return s.Node == node })
	sets[i].Files = slices.Clone(sets[i].Files)
	k := slices.IndexFunc(sets[i].Files, func(f artifact.File) bool { return f.Path == file })
	expr := regexp.MustCompile(pattern)
	if k < 0 || !expr.Match(sets[i].Files[k].Data) {
		t.Fatalf("%s of %s has no %s", file, node, pattern)
	}
	sets[i].Files[k].Data = expr.ReplaceAll(sets[i].Files[k].Data, []byte(with))
}

const conf = "etc/keepalived/keepalived.conf"

// brokenSite is the first pair, broken on purpose. The drill that is about it
// must fail, and say why.
type brokenSite struct {
	name, drill string
	edit        func(string) string
	breakSets   func(*testing.T, []artifact.Set)
	want        string // in what is said
}

func brokenSites() []brokenSite {
	weighted := func(weight string) func(string) string {
		const haproxy = `haproxy: {interval: 2s, timeout: 2s, rise: 2, fall: 2`
		return func(s string) string { return strings.Replace(s, haproxy, haproxy+", weight: "+weight, 1) }
	}
	both := func(file, pattern, with string) func(*testing.T, []artifact.Set) {
		return func(t *testing.T, sets []artifact.Set) {
			for _, node := range []string{"prslb01", "prslb02"} {
				change(t, sets, node, file, pattern, with)
			}
		}
	}
	second := func(pattern, with string) func(*testing.T, []artifact.Set) {
		return func(t *testing.T, sets []artifact.Set) { change(t, sets, "prslb02", conf, pattern, with) }
	}
	return []brokenSite{
		{
			name: "nopreempt-on-both-with-a-weight", drill: "haproxy-stopped", edit: weighted("-60"),
			breakSets: second(`(?m)^    priority 50$`, "    priority 50\n    nopreempt"),
			want:      "prslb02 is higher with 50, but has nopreempt",
		},
		{
			name: "tracking-removed", drill: "haproxy-killed", breakSets: both(conf, `(?s)    track_script \{.*?\}\n`, ""),
			want: "nothing on prslb01 watches HAProxy",
		},
		{
			name: "weight-smaller-than-the-gap", drill: "haproxy-killed", edit: weighted("-20"),
			want: "still not below the 50 of prslb02",
		},
		{
			name: "vrrp-does-not-pass", drill: "steady", breakSets: second(`global_defs \{`, "global_defs {\n    vrrp_mcast_group4 224.0.0.99"),
			want: "vrrp_mcast_group4 is 224.0.0.18 on prslb01 and 224.0.0.99 on prslb02",
		},
		{
			name: "another-virtual-router-id", drill: "steady", breakSets: second(`virtual_router_id 1\b`, "virtual_router_id 7"),
			want: "virtual_router_id is 1 on prslb01 and 7 on prslb02",
		},
		{
			name: "no-nonlocal-bind", drill: "steady", breakSets: both("etc/sysctl.d/99-nonlocal_bind.conf", `= *1`, "= 0"),
			want: "does not have the address",
		},
	}
}
