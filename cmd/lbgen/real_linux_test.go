package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/cli"
)

// asked is what lbgen test prints.
type asked struct {
	Tests []struct {
		File             string
		Line             int
		Request, Outcome string
		Wanted, Got      string
	}
	Coverage []struct {
		Site            string
		Routes, Percent int
	}
}

// testOf asks the tests of a site file.
func testOf(t *testing.T, r rehearsal, args ...string) (int, asked) {
	t.Helper()
	c := exec.CommandContext(t.Context(), r.program, append([]string{"test", "--format", "json"}, args...)...)
	c.Dir = filepath.Dir(r.site)
	code, out := ran(t, c)
	var a asked
	if err := json.Unmarshal([]byte(out[:strings.LastIndexByte(out, '}')+1]), &a); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return code, a
}

// TestExamplesReal: what is computed of the tests of each example and what the real
// HAProxy does is the same, every test passes, and every route is reached.
func TestExamplesReal(t *testing.T) {
	requireNamespaces(t)
	t.Parallel()
	r := newRehearsal(t)
	sites, err := filepath.Glob("../../examples/*.yaml")
	if err != nil || len(sites) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, file := range sites {
		name := filepath.Base(file)
		code, computed := testOf(t, r, name)
		realCode, seen := testOf(t, r, "--real", name)
		if code != cli.ExitOK || realCode != cli.ExitOK || len(computed.Tests) == 0 || len(computed.Tests) != len(seen.Tests) {
			t.Errorf("%s: exit code %d, with --real %d, of %d and %d tests: %+v", name, code, realCode, len(computed.Tests), len(seen.Tests), seen)
			continue
		}
		for i := range computed.Tests {
			if c, s := &computed.Tests[i], &seen.Tests[i]; c.Outcome != s.Outcome || c.Outcome != "passed" {
				t.Errorf("%s:%d: %s: %s, with --real %s: %s", name, c.Line, c.Request, c.Outcome, s.Outcome, s.Got)
			}
		}
		if !reflect.DeepEqual(computed.Coverage, seen.Coverage) || computed.Coverage[0].Percent != 100 {
			t.Errorf("%s: coverage %+v, with --real %+v", name, computed.Coverage, seen.Coverage)
		}
	}
}

// TestRealFindsMore: what a daemon alone knows fails a test that passes without it, and
// passes one that is undecided without it; nobody is sent from an address that decides.
func TestRealFindsMore(t *testing.T) {
	requireNamespaces(t)
	t.Parallel()
	r := newRehearsal(t)
	text := `version: 1
site: busy
platform: debian12
nics: {front: {device: eth0, subnet: 192.0.2.0/24}}
nodes: [{name: lb1, addresses: {front: 192.0.2.1}}]
frontends:
  - {name: one, mode: tcp, binds: [{nic: front, port: 6443}], default_backend: narrow}
  - name: two
    binds: [{nic: front, port: 80}]
    raw: http-request deny deny_status 410 if { path_beg /gone }
    routes: [{when: [{path: /in}, {src: 10.0.0.0/8}], deny: 403}]
    default_backend: web
backends:
  # One connection at a time: the second waits until it has waited too long.
  - {name: narrow, mode: tcp, timeouts: {queue: 200ms}, servers: [{name: s, address: "192.0.2.99:6443", maxconn: 1}]}
  - {name: web, servers: [{name: s, address: "192.0.2.99:80"}]}
tests:
  - {request: tcp 192.0.2.1:6443, backend: narrow}
  - {request: tcp 192.0.2.1:6443, times: 2, backend: narrow}
  - {request: GET http://www.example.com/gone, status: 410}
  - {request: GET http://www.example.com/x, backend: web}
  - {request: GET http://www.example.com/y, status: 404}
`
	site := filepath.Join(filepath.Dir(r.site), "busy.yaml")
	if err := os.WriteFile(site, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		flags []string
		want  string
	}{
		{nil, "passed passed undecided undecided undecided"},
		{[]string{"--real"}, "passed failed passed passed failed"},
	} {
		code, got := testOf(t, r, append(test.flags, site)...)
		var outcomes []string
		for _, one := range got.Tests {
			outcomes = append(outcomes, one.Outcome)
		}
		if code != cli.ExitFindings || strings.Join(outcomes, " ") != test.want {
			t.Errorf("%v: exit code %d, %v, want %s", test.flags, code, outcomes, test.want)
		}
	}
	c := exec.CommandContext(t.Context(), r.program, "test", "--real", site)
	if _, out := ran(t, c); !strings.Contains(out, "HAProxy does something else than is computed: no answer, not server narrow/s") ||
		!strings.Contains(out, "busy.yaml:19") || !strings.Contains(out, "haproxy") {
		t.Errorf("said: %s", out)
	}
	c = exec.CommandContext(t.Context(), r.program, "route", "--real", site, "http://www.example.com/gone/x")
	if code, out := ran(t, c); code != cli.ExitOK || !strings.Contains(out, ": status 410") {
		t.Errorf("route --real: exit code %d\n%s", code, out)
	}
	c = exec.CommandContext(t.Context(), r.program, "route", "--real", "--format", "json", site, "http://www.example.com/x")
	if code, out := ran(t, c); code != cli.ExitOK || fits(t, strict(t), out) != nil || !strings.Contains(out, `"server": "web/s"`) {
		t.Errorf("route --real --format json: exit code %d\n%s\n%v", code, out, fits(t, strict(t), out))
	}
	c = exec.CommandContext(t.Context(), r.program, "route", "--real", site, "http://www.example.com/x")
	code, out := ran(t, c)
	if code != cli.ExitOK || !strings.Contains(out, ": server web/s") || !strings.Contains(out, "the server got: GET /x") {
		t.Errorf("route --real: exit code %d\n%s", code, out)
	}
}
