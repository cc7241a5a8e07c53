//go:build linux

package rehearse_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/proc"
	"github.com/lbgen/lbgen/internal/rehearse"
	"github.com/lbgen/lbgen/internal/render"
)

// The test binary starts itself again as an agent, with this in its environment.
const agentMark = "LBGEN_REHEARSAL_AGENT"

func TestMain(m *testing.M) {
	if os.Getenv(agentMark) != "" {
		if err := lab.Agent(os.Args); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// pair reads and renders examples/prslb.yaml, changed by edit.
func pair(t *testing.T, edit func(string) string) (*model.Site, []artifact.Set) {
	t.Helper()
	text, err := os.ReadFile("../../examples/prslb.yaml")
	if err != nil {
		t.Fatal(err)
	}
	site, _, found := model.Load("prslb.yaml", []byte(edit(string(text))))
	if found.HasErrors() {
		t.Fatal(found)
	}
	page, err := os.ReadFile("../../examples/sorry.html")
	if err != nil {
		t.Fatal(err)
	}
	sets, err := render.New().Sets(site, model.Inputs{Pages: map[string][]byte{"sorry.html": page}})
	if err != nil {
		t.Fatal(err)
	}
	return site, sets
}

func same(text string) string { return text }

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

// play plays one drill and returns what came of it.
func play(t *testing.T, site *model.Site, sets []artifact.Set, names ...string) judge.Result {
	t.Helper()
	for _, program := range []string{"haproxy", "keepalived", "killall"} {
		if _, err := proc.Look(program); err != nil {
			skip(t, "%s is not installed", program)
		}
	}
	drills := rehearse.Drills(site)
	if len(names) > 0 {
		var err error
		if drills, err = rehearse.Find(drills, names); err != nil {
			t.Fatal(err)
		}
	}
	r, err := rehearse.Run(t.Context(), site, sets, drills, rehearse.Options{
		Lab: lab.Options{Self: []string{"lbgen"}, Env: []string{agentMark + "=1"}}, Jobs: 6, Progress: func(int, int, judge.Outcome) {},
	})
	if err != nil {
		skip(t, "a lab cannot be stood up here: %v", err)
	}
	return r
}

// skip skips the test; where REQUIRE_DAEMONS is set, as in CI, it fails.
func skip(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("REQUIRE_DAEMONS") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// TestPairPasses rehearses the first site for real, with every drill.
func TestPairPasses(t *testing.T) {
	site, sets := pair(t, same)
	r := play(t, site, sets)
	for _, o := range r.Drills {
		if o.Verdict == judge.Failed || o.Verdict == judge.Skipped {
			t.Errorf("%s %s: %s\n%s", o.Drill, o.Verdict, o.Why, lines(o))
		}
		if strings.HasPrefix(o.Drill, "vrrp-blocked") != (o.Verdict == judge.Noted) {
			t.Errorf("%s: %s", o.Drill, o.Verdict)
		}
	}
}

func lines(o judge.Outcome) string {
	var b bytes.Buffer
	for _, l := range judge.Interleaved(o.Timeline) {
		fmt.Fprintf(&b, "%8.2fs %s %s %s\n", l.At.Seconds(), l.Host, l.Program, l.Text)
	}
	return b.String()
}

const conf = "etc/keepalived/keepalived.conf"

// TestBrokenSitesFail breaks the pair on purpose. The drill that is about it
// must fail, and say why.
func TestBrokenSitesFail(t *testing.T) {
	const haproxy = `haproxy: {interval: 2s, timeout: 2s, rise: 2, fall: 2`
	cases := []struct {
		name, drill string
		edit        func(string) string
		breakSets   func(*testing.T, []artifact.Set)
		want        string
	}{
		{
			name: "nopreempt on both with a weight", drill: "haproxy-stopped",
			edit: func(s string) string { return strings.Replace(s, haproxy, haproxy+", weight: -60", 1) },
			breakSets: func(t *testing.T, sets []artifact.Set) {
				change(t, sets, "prslb02", conf, `(?m)^    priority 50$`, "    priority 50\n    nopreempt")
			},
			want: "prslb02 is higher with 50, but has nopreempt",
		},
		{
			name: "tracking removed", drill: "haproxy-killed", edit: same,
			breakSets: func(t *testing.T, sets []artifact.Set) {
				for _, node := range []string{"prslb01", "prslb02"} {
					change(t, sets, node, conf, `(?s)    track_script \{.*?\}\n`, "")
				}
			},
			want: "nothing on prslb01 watches HAProxy",
		},
		{
			name: "a weight smaller than the gap", drill: "haproxy-killed",
			edit: func(s string) string { return strings.Replace(s, haproxy, haproxy+", weight: -20", 1) },
			want: "still not below the 50 of prslb02",
		},
		{
			name: "VRRP does not pass", drill: "steady", edit: same,
			breakSets: func(t *testing.T, sets []artifact.Set) {
				change(t, sets, "prslb02", conf, `global_defs \{`, "global_defs {\n    vrrp_mcast_group4 224.0.0.99")
			},
			want: "vrrp_mcast_group4 is not set on prslb01 and 224.0.0.99 on prslb02",
		},
		{
			name: "another virtual_router_id on one node", drill: "steady", edit: same,
			breakSets: func(t *testing.T, sets []artifact.Set) {
				change(t, sets, "prslb02", conf, `virtual_router_id 1\b`, "virtual_router_id 7")
			},
			want: "virtual_router_id is 1 on prslb01 and 7 on prslb02",
		},
		{
			name: "no nonlocal bind", drill: "steady", edit: same,
			breakSets: func(t *testing.T, sets []artifact.Set) {
				for _, node := range []string{"prslb01", "prslb02"} {
					change(t, sets, node, "etc/sysctl.d/99-nonlocal_bind.conf", `= *1`, "= 0")
				}
			},
			want: "does not hold the address",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			site, sets := pair(t, c.edit)
			if c.breakSets != nil {
				c.breakSets(t, sets)
			}
			o := play(t, site, sets, c.drill).Drills[0]
			if o.Verdict != judge.Failed || !strings.Contains(o.Why, c.want) {
				t.Errorf("%s %s: %s\nwant: %s\n%s", o.Drill, o.Verdict, o.Why, c.want, lines(o))
			}
			if o.Remedy == "" {
				t.Errorf("nothing is said of what to do about: %s", o.Why)
			}
		})
	}
}

// TestEveryExampleHasDrills shows that a list can be made of each site, and that
// no two drills of one have the same name.
func TestEveryExampleHasDrills(t *testing.T) {
	files, err := filepath.Glob("../../examples/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		site, _, _ := model.Load(file, text)
		var names []string
		for _, d := range rehearse.Drills(site) {
			if slices.Contains(names, d.Name) || d.Title == "" || d.Must == "" {
				t.Errorf("%s: drill %q", file, d.Name)
			}
			names = append(names, d.Name)
		}
	}
}
