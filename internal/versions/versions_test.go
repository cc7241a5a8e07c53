package versions_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/site"
	"github.com/lbgen/lbgen/internal/testenv"
	"github.com/lbgen/lbgen/internal/versions"
)

const pair = `version: 1
site: pair
platform: debian12
nics: {front: {device: eth0, subnet: 192.0.2.0/24}}
nodes:
  - {name: lb1, priority: 100, addresses: {front: 192.0.2.1}}
  - {name: lb2, priority: 50, addresses: {front: 192.0.2.2}}
{globals}{defaults}{keepalived}vrrp:
  - name: VI
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    track: {haproxy: {}}
{vrrp}frontends:
  - name: main
    binds: [{vip: VI, ports: [80]}]
    default_backend: app
{frontend}backends:
  - name: app
    servers: [{name: web, address: 198.51.100.9:80}]
{backend}`

// with is the site with a raw line in the section of a gate, a harmless one
// before it.
func with(section, line string) string {
	top := func(key, other string) string {
		return fmt.Sprintf("%s:\n  raw: |\n    %s\n    %s\n", key, other, line)
	}
	item := fmt.Sprintf("    raw: |\n      # a comment: %s\n      %s\n", strings.NewReplacer("{", "", "}", "", "\n", "").Replace(line), line)
	parts := map[string]string{
		"global": top("global", "maxconn 1000"), "defaults": top("defaults", "backlog 100"),
		"global_defs":   top("keepalived", "max_auto_priority 99"),
		"vrrp_instance": item, "frontend": item, "backend": item,
	}
	place := map[string]string{"global": "{globals}", "defaults": "{defaults}", "global_defs": "{keepalived}", "vrrp_instance": "{vrrp}",
		"frontend": "{frontend}", "backend": "{backend}"}
	text := strings.Replace(pair, place[section], parts[section], 1)
	return regexp.MustCompile(`\{(?:globals|defaults|keepalived|vrrp|frontend|backend)\}`).ReplaceAllString(text, "")
}

func check(t *testing.T, text string, to model.Target) diag.List {
	t.Helper()
	s, src, found := model.Load("site.yaml", []byte(text))
	if found.HasErrors() {
		t.Fatalf("%v in\n%s", found, text)
	}
	sets, err := render.New().Sets(site.Resolve(s), model.Inputs{})
	if err != nil {
		t.Fatal(err)
	}
	return versions.Check(site.Resolve(s), src, sets, to)
}

// wanted is the code that a gate leads to at a version, read from the table
// once more; "" is none.
func wanted(g versions.Gate, to string) string {
	at := func(version string) bool { return version != "" && number(to) >= number(version) }
	switch {
	case g.Since != "" && !at(g.Since):
		return "needs-version"
	case at(g.Removed):
		return "removed-directive"
	case at(g.Deprecated):
		return "deprecated-directive"
	case at(g.Changed):
		return "changed-directive"
	case g.Removed != "" || g.Deprecated != "":
		return "coming-change"
	default:
		return ""
	}
}

// number makes 3.2 and 3.2.1 302.
func number(version string) int {
	var major, minor int
	if _, err := fmt.Sscanf(version, "%d.%d", &major, &minor); err != nil {
		panic(version)
	}
	return major*100 + minor
}

// TestEachGateIsFound takes a site with each gate's line to each version and wants
// what the table says, at the line.
func TestEachGateIsFound(t *testing.T) {
	for _, g := range versions.Table() {
		if g.Section == "program" { // no site file has one
			continue
		}
		text := with(g.Section, strings.TrimSuffix(g.Example, "{")+strings.Repeat("{\n      }", strings.Count(g.Example, "{")))
		line := strings.Count(text[:strings.LastIndex(text, g.Example)], "\n") + 1
		known := model.HAProxyVersions()
		if g.Keepalived {
			known = model.KeepalivedVersions()
		}
		for _, version := range known {
			to := model.Target{HAProxy: version, Keepalived: "2.2"}
			if g.Keepalived {
				to = model.Target{HAProxy: "2.6", Keepalived: version}
			}
			var got []string
			for _, d := range check(t, text, to) {
				got = append(got, d.Code)
				if d.Subject.Start.Line != line || !strings.HasSuffix(string(d.Path), ".raw") || d.Detail == "" {
					t.Errorf("%s to %s: %+v, want line %d", g.Name, version, d, line)
				}
			}
			if want := strings.Fields(wanted(g, version)); !slices.Equal(got, want) {
				t.Errorf("%s to %s: %q, want %q", g.Name, version, got, want)
			}
		}
	}
}

// TestOtherLinesAreNot has words that look like gates in other places.
func TestOtherLinesAreNot(t *testing.T) {
	for section, line := range map[string]string{
		"global":   "grace 5s", // the newer of the two
		"frontend": `http-request set-header X "nbproc 2"`,
		"backend":  "option httpchk GET / HTTP/1.1",
		"defaults": "timeout client 30s # 30",
	} {
		if found := check(t, with(section, line), model.Target{HAProxy: "3.2", Keepalived: "2.4"}); len(found) > 0 {
			t.Errorf("%s: %v", line, found)
		}
	}
	for _, line := range []string{"timeout queue 100", "timeout queue 1m", "timeout queue 0"} {
		if found := check(t, with("backend", line), model.Target{HAProxy: "3.2", Keepalived: "2.4"}); len(found) > 0 {
			t.Errorf("%s: %v", line, found)
		}
	}
}

// TestFieldsThatAreLacking has a field that came with 2.6: shown once, at the field.
func TestFieldsThatAreLacking(t *testing.T) {
	text := strings.Replace(with("none", ""), "vrrp:\n", "global: {close_spread_time: 5s}\nvrrp:\n", 1)
	found := check(t, text, model.Target{HAProxy: "2.4", Keepalived: "2.2"})
	if len(found) != 1 || found[0].Code != "needs-version" || found[0].Path != "global.close_spread_time" || found[0].Severity != diag.Error {
		t.Errorf("%v", found)
	}
	if found := check(t, text, model.Target{HAProxy: "2.6", Keepalived: "2.2"}); len(found) > 0 {
		t.Errorf("%v", found)
	}
}

// TestLbgenWritesNothingThatGoes takes each example to the oldest and the
// newest versions: of lbgen's own lines nothing may be found.
func TestLbgenWritesNothingThatGoes(t *testing.T) {
	names, err := filepath.Glob("../../examples/*.yaml")
	if err != nil || len(names) < 10 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		s, src, found := model.LoadShared(name, data, func(file string) (string, []byte, *diag.Diagnostic) {
			shared, err := os.ReadFile(filepath.Join("../../examples", file))
			if err != nil {
				t.Fatal(err)
			}
			return file, shared, nil
		})
		if found.HasErrors() {
			t.Fatal(found)
		}
		in := model.Inputs{Pages: map[string][]byte{}}
		for _, ref := range s.PageRefs() {
			if in.Pages[ref.File], err = os.ReadFile(filepath.Join("../../examples", ref.File)); err != nil {
				t.Fatal(err)
			}
		}
		sets, err := render.New().Sets(site.Resolve(s), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, to := range []model.Target{{HAProxy: "2.4", Keepalived: "2.2"}, {HAProxy: "3.4", Keepalived: "2.4"}} {
			for _, d := range versions.Check(site.Resolve(s), src, sets, to) {
				if len(d.Related) > 0 {
					t.Errorf("%s to %+v: %+v", name, to, d)
				}
			}
		}
	}
}

// TestRenderedLinesAreFound plants a line in a rendered file.
func TestRenderedLinesAreFound(t *testing.T) {
	s, src, _ := model.Load("site.yaml", []byte(with("none", "")))
	sets, err := render.New().Sets(site.Resolve(s), model.Inputs{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range sets {
		for k, f := range sets[i].Files {
			if f.Path == sets[i].Host.ConfigFile() {
				sets[i].Files[k].Data = bytes.Replace(f.Data, []byte("\n    server web "),
					[]byte("\n    option httpchk GET / HTTP/1.0\\r\\nHost:\\ x\n    server web "), 1)
			}
		}
	}
	found := versions.Check(site.Resolve(s), src, sets, model.Target{HAProxy: "2.8", Keepalived: "2.2"})
	if len(found) != 1 || found[0].Code != "removed-directive" || len(found[0].Related) != 1 ||
		!strings.Contains(found[0].Related[0].Text, "httpchk") || found[0].Subject.Start.Line == 0 {
		t.Errorf("%+v", found)
	}
}

// TestSharedFileIsShown points into the file that defaults_from names.
func TestSharedFileIsShown(t *testing.T) {
	text := strings.Replace(with("none", ""), "platform: debian12\n", "defaults_from: all.yaml\n", 1)
	shared := "platform: debian12\nglobal:\n  raw: |\n    maxconn 10\n\n    nbproc 2\n"
	s, src, found := model.LoadShared("site.yaml", []byte(text),
		func(string) (string, []byte, *diag.Diagnostic) { return "all.yaml", []byte(shared), nil })
	if found.HasErrors() {
		t.Fatal(found)
	}
	found = versions.Check(site.Resolve(s), src, nil, model.Target{HAProxy: "3.2", Keepalived: "2.2"})
	want := diag.Range{File: "all.yaml", Start: diag.Pos{Line: 6, Column: 5}, End: diag.Pos{Line: 6, Column: 13}}
	if len(found) != 1 || found[0].Subject != want {
		t.Errorf("%+v", found)
	}
}

// TestHAProxyAgrees asks the HAProxy that is here about each line of the table:
// it must know, warn of and refuse what the table says that its version does.
func TestHAProxyAgrees(t *testing.T) {
	testenv.Programs(t, "haproxy")
	out, err := exec.Command("haproxy", "-v").Output()
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`version (\d+\.\d+)\.(\d+)`).FindStringSubmatch(string(out))
	version, patch := m[1], m[2]
	t.Log("HAProxy", m[0])
	features, _ := exec.Command("haproxy", "-vv").Output()
	for _, g := range versions.Table() {
		if g.Keepalived || strings.Contains(g.Name, "quic.") && bytes.Contains(features, []byte("-QUIC")) {
			continue
		}
		want := "nothing"
		switch wanted(g, version) {
		case "needs-version":
			if series, _, _ := strings.Cut(strings.TrimPrefix(g.Patch, version+"."), "."); g.Patch != version+"."+series ||
				laterInSeries(g.Patch, version, patch) {
				want = "refuses"
			}
		case "removed-directive":
			want = "refuses"
		case "deprecated-directive":
			want = "warns"
		}
		if got, text := haproxySays(t, g); got != want {
			t.Errorf("%s: %s, want %s\n%s", g.Example, got, want, text)
		}
	}
}

// haproxySays is what haproxy -c does with a line: nothing, warns or refuses.
func haproxySays(t *testing.T, g versions.Gate) (verdict, text string) {
	t.Helper()
	in := map[string]string{g.Section: "    " + g.Example + "\n"}
	cfg := "global\n    log 127.0.0.1 local0\n" + in["global"] +
		"defaults\n    log global\n    mode http\n    timeout client 5s\n    timeout server 5s\n    timeout connect 5s\n" + in["defaults"] +
		"frontend f\n    bind 127.0.0.1:8099\n" + in["frontend"] + "    default_backend b\n" +
		"backend b\n" + in["backend"] + "    server s 127.0.0.1:1\n"
	args := []string{"-c", "-f"}
	if g.Section == "program" {
		cfg, args = cfg+"program p\n"+in["program"], append([]string{"-W"}, args...)
	}
	file := filepath.Join(t.TempDir(), "haproxy.cfg")
	if err := os.WriteFile(file, []byte(cfg), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "haproxy", append(args, file)...).CombinedOutput()
	switch {
	case err != nil:
		return "refuses", string(out)
	case bytes.Contains(out, []byte("[WARNING]")):
		return "warns", string(out)
	default:
		return "nothing", string(out)
	}
}

// TestKeepalivedAgrees does the same with Keepalived's words.
func TestKeepalivedAgrees(t *testing.T) {
	testenv.Programs(t, "keepalived")
	out, _ := exec.Command("keepalived", "--version").CombinedOutput() // it may end with 1
	m := regexp.MustCompile(`Keepalived v((\d+\.\d+)\.(\d+))`).FindStringSubmatch(string(out))
	if m == nil {
		t.Fatalf("no version in %s", out)
	}
	t.Log("Keepalived", m[1])
	for _, g := range versions.Table() {
		if !g.Keepalived {
			continue
		}
		line := g.Example
		if strings.HasSuffix(line, "{") {
			line += "\n}"
		}
		in := map[string]string{g.Section: line + "\n"}
		conf := "global_defs {\n" + in["global_defs"] + "}\nvrrp_instance VI {\ninterface lo\nvirtual_router_id 9\npriority 9\n" +
			in["vrrp_instance"] + "}\n"
		file := filepath.Join(t.TempDir(), "keepalived.conf")
		if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
			t.Fatal(err)
		}
		// lo carries no VRRP, so it complains in any case.
		said, _ := exec.CommandContext(t.Context(), "keepalived", "-t", "-f", file).CombinedOutput()
		word, _, _ := strings.Cut(g.Example, " ")
		unknown := regexp.MustCompile(`(?i)unknown keyword '` + word).Match(said)
		if want := wanted(g, m[2]) == "needs-version" || laterInSeries(g.Since, m[2], m[3]); unknown != want {
			t.Errorf("%s: unknown %v, want %v\n%s", g.Example, unknown, want, said)
		}
	}
}

// laterInSeries says whether a keyword came with a later version of the series than
// the patch that is here.
func laterInSeries(since, series, patch string) bool {
	rest, ok := strings.CutPrefix(since, series+".")
	came, err := strconv.Atoi(rest)
	here, _ := strconv.Atoi(patch) // the expression found digits
	return ok && err == nil && here < came
}

// TestThePageNamesTheCodes holds docs/upgrade.md against the table.
func TestThePageNamesTheCodes(t *testing.T) {
	page, err := os.ReadFile("../../docs/upgrade.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range versions.Table() {
		for _, to := range slices.Concat(model.HAProxyVersions(), model.KeepalivedVersions()) {
			if code := wanted(g, to); code != "" && !bytes.Contains(page, []byte("| `"+code+"` |")) {
				t.Fatalf("docs/upgrade.md does not name %s", code)
			}
		}
	}
}

// TestTheTableIsWhole wants what the reports need of each line.
func TestTheTableIsWhole(t *testing.T) {
	shape := regexp.MustCompile(`^(\d+\.\d+(\.\d+)?)?$`)
	for _, g := range versions.Table() {
		for _, v := range []string{g.Since, g.Deprecated, g.Removed, g.Changed} {
			if !shape.MatchString(v) {
				t.Errorf("%s: %q is no version", g.Name, v)
			}
		}
		if g.Name == "" || g.Example == "" || g.Since+g.Deprecated+g.Removed+g.Changed == "" || g.Remedy == "" &&
			g.Deprecated+g.Removed+g.Changed != "" {
			t.Errorf("not whole: %+v", g)
		}
	}
}
