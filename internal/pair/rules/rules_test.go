package rules_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	lintrules "github.com/lbgen/lbgen/internal/lint/rules"
	"github.com/lbgen/lbgen/internal/mistakes"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/pair"
	"github.com/lbgen/lbgen/internal/pair/rules"
	"github.com/lbgen/lbgen/internal/site"
)

func run(e rules.Example) diag.List { return rules.Run(rules.All(), e.Pair) }

func show(l diag.List) string {
	var b strings.Builder
	for _, d := range l {
		fmt.Fprintf(&b, "%s %s %s %s\n", d.Subject, d.Severity, d.Code, d.Summary)
	}
	return b.String()
}

// TestTable: numbers and names are those of the other table where both have them.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rules.All() {
		if seen[r.ID] {
			t.Errorf("%s is defined twice", r.ID)
		}
		seen[r.ID] = true
		known := slices.IndexFunc(lintrules.All(), func(o lint.Rule) bool { return o.ID == r.ID || o.Name == r.Name })
		switch {
		case known >= 0:
			if o := lintrules.All()[known]; o.ID != r.ID || o.Name != r.Name || o.Severity != r.Severity || r.Title != "" {
				t.Errorf("%s %s is %s %s, %s in a site file", r.ID, r.Name, o.ID, o.Name, o.Severity)
			}
		case r.Title == "" || r.Text == "" || strings.HasSuffix(r.Title, "."):
			t.Errorf("%s is not whole", r.ID)
		}
		if !regexp.MustCompile(`^LB[1-9]\d{3}$`).MatchString(r.ID) || r.Run == nil {
			t.Errorf("%s is not whole", r.ID)
		}
	}
}

// TestCommonPairIsGood: nothing is found in the pair that the fragments change.
func TestCommonPairIsGood(t *testing.T) {
	e := rules.NewExample("")
	if found := append(slices.Clone(e.Pair.Found), run(e)...); len(found) > 0 || len(e.Pair.Grammar()) > 0 {
		t.Error(show(found), show(e.Pair.Grammar()))
	}
}

// TestBad: in Bad the rule finds something at the mark, and says what to do.
func TestBad(t *testing.T) {
	for _, r := range rules.All() {
		if r.Bad == "" {
			continue
		}
		t.Run(r.ID, func(t *testing.T) {
			e := rules.NewExample(r.Bad)
			found := run(e)
			i := slices.IndexFunc(found, func(d diag.Diagnostic) bool {
				return d.Code == r.ID && path.Base(d.Subject.File) == path.Base(e.File) && d.Subject.Start == e.Marked
			})
			if i < 0 {
				t.Fatalf("nothing at %s:%d:%d, but\n%s", e.File, e.Marked.Line, e.Marked.Column, show(found))
			}
			if d := found[i]; d.Detail == "" || d.Severity != r.Severity || d.Name != r.Name {
				t.Errorf("%+v", d)
			}
			for _, d := range found {
				if d.Code != r.ID && !slices.Contains(beside()[r.ID], d.Code) {
					t.Errorf("%s is found, too: %s", d.Code, d.Summary)
				}
			}
		})
	}
}

// beside are further rules that find something in the example of a rule, and rightly.
func beside() map[string][]string {
	return map[string][]string{
		"LB5010": {"LB1021"}, "LB5020": {"LB1021"}, "LB5029": {"LB1021"}, "LB5060": {"LB1021"}, // the common haproxy.cfg does not bind these
		"LB6009": {"LB2016"}, // a star is both
		"LB5031": {"LB1021"}, "LB5032": {"LB1021"},
		"LB6013": {"LB3004"}, // in clear text, too
	}
}

// TestGoldenTreesAreGood: what lbgen renders draws no more than what lint says of the
// site file.
func TestGoldenTreesAreGood(t *testing.T) {
	dirs, err := filepath.Glob("../../../testdata/golden/*")
	if err != nil || len(dirs) == 0 {
		t.Fatal(dirs, err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			p := pair.Read("pair", []pair.Input{{Paths: []string{dir}}})
			if len(p.Found) > 0 {
				t.Fatal(show(p.Found))
			}
			codes := ofSite(t, filepath.Base(dir))
			for _, d := range rules.Run(rules.All(), p) {
				if !codes[d.Code] {
					t.Error(show(diag.List{d}))
				}
			}
		})
	}
}

// ofSite are the rules that find something in the site file of a golden tree, waivers
// left out.
func ofSite(t *testing.T, name string) map[string]bool {
	t.Helper()
	for _, dir := range []string{"../../../examples", "../../../examples/fleet", "../../../testdata/sites"} {
		file := filepath.Join(dir, name+".yaml")
		data, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		shared := func(file string) (string, []byte, *diag.Diagnostic) {
			data, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			return file, data, nil
		}
		// Neither what a waiver accepts nor what the site switches off.
		data = regexp.MustCompile(`(?m)^lint:.*`).ReplaceAll(data, nil)
		written, src, bad := model.LoadShared(file, []byte(strings.ReplaceAll(string(data), "lbgen:ignore", "")), shared)
		if bad.HasErrors() {
			t.Fatal(bad)
		}
		codes := map[string]bool{}
		for _, d := range lint.Run(lintrules.All(), []lint.Subject{{Site: site.Resolve(written), Source: src}}, lint.InTurn)[0] {
			codes[d.Code] = true
		}
		return codes
	}
	t.Fatalf("there is no site file %s", name)
	return nil
}

// TestMistakesAreKnown: what a rule says that it finds is in the list of mistakes.
func TestMistakesAreKnown(t *testing.T) {
	var known []string
	for _, row := range mistakes.All() {
		known = append(known, row.ID)
	}
	for _, r := range rules.All() {
		for _, id := range r.Mistakes {
			if !slices.Contains(known, id) {
				t.Errorf("%s finds %s, which is no mistake of the list", r.ID, id)
			}
		}
	}
}

// TestWaivers: a comment accepts a finding on its line, or in the block below it; one
// that accepts nothing, or gives no reason, is told.
func TestWaivers(t *testing.T) {
	for fragment, want := range map[string]string{
		"\nvrrp_instance VI_1 {\n    interface eth0\n    # lbgen:ignore LB1003 -- alone here\n    virtual_router_id 51\n    @lb1 priority " +
			"110\n" +
			"    virtual_ipaddress {\n        192.0.2.10/24\n    }\n    track_script {\n        alive\n    }\n}\n": "",
		"\nvrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id 51 ! lbgen:ignore LB1003 -- alone here\n    @lb1 priority 110\n" +
			"    virtual_ipaddress {\n        192.0.2.10/24\n    }\n    track_script {\n        alive\n    }\n}\n": "",
		"\nbackend app\n    server a 192.0.2.21:80 # lbgen:ignore servers-not-checked -- a sorry page\n": "",
		"\nbackend app\n    # lbgen:ignore LB2003 -- a sorry page\n    server a 192.0.2.21:80\n":         "",
		"\nbackend app\n    # lbgen:ignore LB2003\n    server a 192.0.2.21:80 check\n":                   "bad-waiver",
		"\nbackend app\n    # lbgen:ignore LB2003 -- x\n    server a 192.0.2.21:80 check\n":              "unused-waiver",
		"\nbackend app\n    # lbgen:ignore LB0003 -- x\n    server a 192.0.2.21:80 check\n":              "unknown-rule",
	} {
		var codes []string
		for _, d := range run(rules.NewExample(fragment)) {
			codes = append(codes, d.Code)
		}
		slices.Sort(codes)
		if got := strings.Join(slices.Compact(codes), " "); got != want {
			t.Errorf("%s\nfound %q, want %q", fragment, got, want)
		}
	}
}
