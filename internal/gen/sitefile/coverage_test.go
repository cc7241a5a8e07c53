package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/testenv"
)

// item is one thing that real configurations use, and in how many per cent of
// files. A line of a rendered file that holds it matches the pattern.
type item struct{ group, name, share, pattern string }

// evidence reads what was counted.
func evidence(t *testing.T) []item {
	t.Helper()
	text, err := os.ReadFile("testdata/evidence.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var all []item
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 4 {
			t.Fatalf("not four fields: %q", line)
		}
		all = append(all, item{f[0], f[1], f[2], f[3]})
	}
	return all
}

// row is one line of a table in docs/coverage.md.
type row struct{ group, name, share, how, what string }

// rows reads the tables of docs/coverage.md.
func rows(t *testing.T) []row {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs/coverage.md"))
	if err != nil {
		t.Fatal(err)
	}
	var all []row
	group := ""
	for line := range strings.Lines(string(text)) {
		c := strings.Split(strings.TrimSpace(line), "|")
		if len(c) != 6 || strings.HasPrefix(c[1], "-") {
			continue
		}
		for i := range c {
			c[i] = strings.TrimSpace(c[i])
		}
		if c[2] == "%" {
			group = c[1]
		} else {
			all = append(all, row{group, c[1], c[2], c[3], c[4]})
		}
	}
	return all
}

// TestCoverageIsWhole wants a row for everything that was counted, with its
// share, and no others but groups that are left out.
func TestCoverageIsWhole(t *testing.T) {
	missing := map[string]bool{}
	for _, i := range evidence(t) {
		missing[i.group+" "+i.name+" "+i.share] = true
	}
	for _, r := range rows(t) {
		key := r.group + " " + r.name + " " + r.share
		if !missing[key] && r.how != "left out" {
			t.Errorf("docs/coverage.md has %q twice, or it was not counted", key)
		}
		delete(missing, key)
	}
	for key := range missing {
		t.Errorf("docs/coverage.md has no row %q", key)
	}
}

// reasons are the words of the column how. What is written somehow has to
// appear in a rendered file, what does harm must not.
func reasons() map[string]struct{ appears, never bool } {
	return map[string]struct{ appears, never bool }{
		"field": {appears: true}, "always": {appears: true}, "better": {}, "raw": {}, "left out": {},
		"removed": {never: true}, "harm": {never: true}, "needless": {never: true},
	}
}

// TestCoverageIsTrue compares each row with what the sites with every field are
// rendered to, and the fields that it names with the model.
func TestCoverageIsTrue(t *testing.T) {
	patterns := map[string]string{}
	for _, i := range evidence(t) {
		patterns[i.group+" "+i.name] = i.pattern
	}
	lines := renderedLines(t)
	possible := allPaths()
	for _, r := range rows(t) {
		reason, known := reasons()[r.how]
		if !known {
			t.Errorf("%s: %q is none of the reasons", r.name, r.how)
		}
		fields := quoted(r.what)
		if r.how == "field" && len(fields) == 0 || r.how != "field" && strings.Trim(r.what, "` ") == "" {
			t.Errorf("%s: no field, and no reason", r.name)
		}
		for _, f := range fields {
			if !slices.Contains(possible, f) {
				t.Errorf("%s: the model has no field %s", r.name, f)
			}
		}
		if pattern := patterns[r.group+" "+r.name]; pattern != "" {
			found := slices.ContainsFunc(lines[r.group], regexp.MustCompile(pattern).MatchString)
			if reason.appears && !found {
				t.Errorf("%s: no rendered line matches %s", r.name, pattern)
			}
			if reason.never && found {
				t.Errorf("%s: a rendered line matches %s", r.name, pattern)
			}
		}
	}
}

// quoted returns what stands between backquotes.
func quoted(text string) []string {
	var all []string
	for i, part := range strings.Split(text, "`") {
		if i%2 == 1 {
			all = append(all, part)
		}
	}
	return all
}

// allPaths are the paths of all fields, also of those that hold structs.
func allPaths() []string {
	var all []string
	for _, s := range sections() {
		for _, f := range s.Fields {
			all = append(all, f.Paths...)
		}
	}
	return all
}

// renderedLines returns the lines of HAProxy's and Keepalived's files, by the
// groups of the evidence that they are looked up in. Raw lines count for none.
func renderedLines(t *testing.T) map[string][]string {
	t.Helper()
	sinks, err := openSinks(root)
	if err != nil {
		t.Fatal(err)
	}
	var haproxy, keepalived []string
	for _, s := range sinks {
		for _, set := range s.sets {
			for _, f := range set.Files {
				for i := range strings.Count(string(f.Data), "\n") {
					line := strings.TrimSpace(f.Line(i + 1))
					switch base := filepath.Base(f.Path); {
					case strings.HasSuffix(f.Origin(i+1), ".raw"):
					case base == "haproxy.cfg":
						haproxy = append(haproxy, line)
					case base == "keepalived.conf":
						keepalived = append(keepalived, line)
					}
				}
			}
		}
	}
	return map[string][]string{
		"directive": haproxy, "parameter": haproxy, "criterion": haproxy, "flag": haproxy, "converter": haproxy,
		"keepalived": keepalived,
	}
}

// removed is where each removed directive stood, for HAProxy to refuse it.
func removed() map[string]string {
	return map[string]string{
		"section-line address": "listen l 127.0.0.1:8080\n",
		"reqadd":               "frontend f\n    bind 127.0.0.1:8080\n    reqadd X-A:\\ b\n",
		"clitimeout":           "defaults\n    clitimeout 1000\n",
		"contimeout":           "defaults\n    contimeout 1000\n",
		"srvtimeout":           "defaults\n    srvtimeout 1000\n",
		"nbproc":               "global\n    nbproc 2\n",
		"option http-use-htx":  "defaults\n    option http-use-htx\n",
	}
}

// TestRemoved has HAProxy itself say of each row that says so that the
// directive is gone.
func TestRemoved(t *testing.T) {
	testenv.Programs(t, "haproxy")
	for _, r := range rows(t) {
		text, ok := removed()[r.name]
		if ok != (r.how == "removed") {
			t.Errorf("%s is %q, and the test has %q", r.name, r.how, text)
		}
		if !ok {
			continue
		}
		file := filepath.Join(t.TempDir(), "haproxy.cfg")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), "haproxy", "-c", "-f", file).CombinedOutput()
		refused := err != nil && strings.Contains(string(out), fmt.Sprintf("haproxy.cfg:%d]", strings.Count(text, "\n")))
		warned := strings.Contains(string(out), "deprecated") // nbproc in 2.4
		unsaid := r.name == "option http-use-htx" && strings.Contains(string(out), "version is 2.4")
		if !refused && !warned && !unsaid {
			t.Errorf("%s: HAProxy takes it:\n%s", r.name, out)
		}
	}
}
