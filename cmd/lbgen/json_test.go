package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/lbgen/lbgen/internal/cli"
	"github.com/lbgen/lbgen/internal/testenv"
	"github.com/lbgen/lbgen/schema"
)

// strict is the schema of the output as it is today: the one that is published
// allows members that are added later, here each must be described.
func strict(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(schema.Findings)))
	if err != nil {
		t.Fatal(err)
	}
	top := doc.(map[string]any)
	top["additionalProperties"] = false
	for _, def := range top["$defs"].(map[string]any) {
		def.(map[string]any)["additionalProperties"] = false
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("findings.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("findings.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func fits(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%.300s", err, text)
	}
	return s.Validate(v)
}

// changedExample puts a changed example and what belongs to it into a new folder.
func changedExample(t *testing.T, example string, changes ...string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../examples")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, example)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(string(text), changes[i]) {
			t.Fatalf("%s has no %q", example, changes[i])
		}
	}
	if err := os.WriteFile(file, []byte(strings.NewReplacer(changes...).Replace(string(text))), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestJSONFitsTheSchema holds what the commands print, on good sites and on bad
// ones, against the published schema.
func TestJSONFitsTheSchema(t *testing.T) {
	s := strict(t)
	good := changedExample(t, "prslb.yaml")
	wrong := changedExample(t, "prslb.yaml", "balance: roundrobin", "ballance: roundrobin", "name: prslb02", "name: prslb01")
	warned := changedExample(t, "prslb.yaml", "lbgen:ignore", "not ignored:", "rise: 2, fall: 2", "rise: 2, fall: 1")
	weak := changedExample(t, "prslb.yaml", "haproxy: {", "haproxy: {weight: -1, ", "name: prslb02", "name: prslb03")
	moved := changedExample(t, "prslb.yaml", "priority: 50", "priority: 150", "router_id: 1 ", "router_id: 7 ", "prslb.secrets/vrrp",
		"elsewhere/vrrp")
	out := t.TempDir()
	renderTo(t, good, out)
	cases := []struct {
		name string
		code int
		args []string
		has  []string
	}{
		{"validate", 0, []string{"validate", good}, []string{`"findings": []`}},
		{"validate, errors", 1, []string{"validate", wrong}, []string{`"related"`, `"detail"`, `"endColumn"`, `"path"`}},
		{"lint", 1, []string{"lint", warned}, []string{`"name"`, `"fix"`, `"edits"`}},
		{"lint, errors", 1, []string{"lint", wrong, warned}, []string{"unknown-field"}},
		{"prove", 0, []string{"prove", good}, []string{`"groups"`, `"terms"`, `"split"`}},
		{"prove, fails", 1, []string{"prove", weak}, []string{`"code": "failover"`}},
		{"prove, errors", 1, []string{"prove", wrong}, []string{"unknown-field"}},
		{"timing", 0, []string{"timing", good}, []string{`"timing"`, `"formula"`}},
		{"test", 0, []string{"test", "../../examples/virtual-hosts.yaml"}, []string{`"outcome": "passed"`, `"byLine"`, `"percent": 100`}},
		{"test, fails", 1, []string{"test", changedExample(t, "virtual-hosts.yaml", "static.tb.com, img.tb.com", "static.tb.com")},
			[]string{`"outcome": "failed"`, `"code": "test-failed"`, `"got": "backend www`}},
		{"diff, same", 0, []string{"diff", good, good}, []string{`"nodes"`}},
		{"diff", 1, []string{"diff", good, weak}, []string{`"consequences"`, `"diff"`, `"state": "stale"`}},
		{"diff, requests", 1, []string{"diff", "../../examples/virtual-hosts.yaml",
			changedExample(t, "virtual-hosts.yaml", "static.tb.com, img.tb.com", "static.tb.com")}, []string{`"requests"`, `"was"`}},
		{"diff, directory", 1, []string{"diff", moved, "-o", out}, []string{`"not_compared"`, `"may_move"`, `"together"`}},
		{"diff, errors", 1, []string{"diff", wrong, "-o", out}, []string{`"findings"`}},
		{"upgrade-check", 0, []string{"upgrade-check", "--to", "haproxy=3.2", good}, []string{`"findings": []`}},
		{"upgrade-check, older", 1, []string{"upgrade-check", "--to", "haproxy=2.4", "../../examples/kitchen-sink.yaml"},
			[]string{"needs-version"}},
		{"route", 0, []string{"route", "../../examples/virtual-hosts.yaml", "http://tb.com/x", "-L"}, []string{`"redirect"`, `"steps"`, `"by"`}},
		{"route, by nobody", 0, []string{"route", "../../examples/virtual-hosts.yaml", "https://tb.com/"}, []string{`"kind": "not heard"`}},
		{"render --check", 1, []string{"render", "--check", weak, "-o", out}, []string{`"nodes"`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			code, text, talk := lbgen(t, append(c.args, "--format", "json")...)
			if code != c.code {
				t.Errorf("exit code %d, want %d\n%s", code, c.code, talk)
			}
			for _, part := range c.has {
				if !strings.Contains(text, part) {
					t.Errorf("no %s in\n%.2000s", part, text)
				}
			}
			if err := fits(t, s, text); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestCheckFitsTheSchema runs the daemons that are here. Those that are not
// have a status that fits as well.
func TestCheckFitsTheSchema(t *testing.T) {
	testenv.Machine(t)
	s := strict(t)
	site := changedExample(t, "prslb.yaml", "\nfrontends:", "\nglobal:\n  raw: nonsense here\n\nfrontends:")
	_, text, _ := lbgen(t, "check", "--format", "json", site)
	if err := fits(t, s, text); err != nil {
		t.Error(err)
	}
	for _, part := range []string{`"checkers"`, `"status": "ran"`, `"code": "check-haproxy"`, `"text": "`} {
		if strings.Contains(text, part) {
			continue
		}
		if !hasDaemons(t) {
			testenv.Lacks(t, "not every daemon is installed: what they say is not seen")
		}
		t.Errorf("no %s in\n%.2000s", part, text)
	}
}

// TestEveryExampleFitsTheSchema looks at the shapes that the sites of a whole
// fleet bring: no virtual IPs, many of them, sync groups.
func TestEveryExampleFitsTheSchema(t *testing.T) {
	s := strict(t)
	for _, site := range goldenSites(t) {
		for _, command := range []string{"lint", "prove", "timing"} {
			if _, text, _ := lbgen(t, command, "--format", "json", site); fits(t, s, text) != nil {
				t.Errorf("%s %s: %v", command, site, fits(t, s, text))
			}
		}
	}
}

// TestTheSchemaOfTheOutputRefuses breaks a good output in one place after the other.
func TestTheSchemaOfTheOutputRefuses(t *testing.T) {
	s := strict(t)
	const good = `{"findings": [{"severity": "error", "code": "a", "message": "b", "file": "c", "line": 1, "column": 2,
	"related": [{"message": "d"}], "fix": {"title": "e",
	"edits": [{"file": "c", "line": 1, "column": 1, "endLine": 1, "endColumn": 1, "new": ""}]}}]}`
	if err := fits(t, s, good); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{
		{`"error"`, `"fatal"`}, {`"code": "a", `, ``}, {`"message": "b"`, `"message": ""`}, {`"line": 1`, `"line": 0`},
		{`"line": 1`, `"line": "1"`},
		{`"file": "c", `, ``}, {`"message": "d"`, `"text": "d"`}, {`"endLine": 1, `, ``}, {`"findings"`, `"finding"`},
		{`"code"`, `"colour": 1, "code"`},
	} {
		if fits(t, s, strings.Replace(good, c[0], c[1], 1)) == nil {
			t.Errorf("accepted: %s in the place of %s", c[1], c[0])
		}
	}
}

// TestExampleOfTheJSONPage runs what docs/json.md shows.
func TestExampleOfTheJSONPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)```yaml\n(.*?)```.*?```json\n(.*?)```").FindStringSubmatch(string(page))
	if m == nil {
		t.Fatal("no example found")
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("site.yaml", []byte(m[1]), 0o644); err != nil {
		t.Fatal(err)
	}
	code, text, _ := lbgen(t, "lint", "--format", "json", "site.yaml")
	if code != cli.ExitFindings {
		t.Errorf("exit code %d", code)
	}
	if diff := cmp.Diff(m[2], text); diff != "" {
		t.Error(diff)
	}
	if !json.Valid([]byte(text)) {
		t.Error("no JSON")
	}
}
