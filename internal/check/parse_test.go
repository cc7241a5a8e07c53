package check

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
)

var update = flag.Bool("update", false, "write what the parsers make of testdata/output as what they should")

// TestParsers reads what the daemons really print (testdata/output/PARSER,
// each file named after the version) and compares what is made of it with the
// .want file beside it: a line "severity file:line message" for each finding.
func TestParsers(t *testing.T) {
	t.Parallel()
	script := artifact.File{Path: "s.sh"}
	sysctl := artifact.File{
		Path: "etc/sysctl.d/99-nonlocal_bind.conf",
		Data: []byte("# x\nnet.ipv4.ip_forward 1\nnet.ipv4.ip_nunlocal_bind = 1\n"),
	}
	parsers := map[string]func([]byte) []finding{
		"haproxy":           parseHAProxy,
		"keepalived":        func(b []byte) []finding { return parseKeepalived(b, false) },
		"keepalived-mapped": func(b []byte) []finding { return parseKeepalived(b, true) },
		"rsyslog":           parseRsyslog,
		"logrotate":         func(b []byte) []finding { f, _ := parseLogrotate(b, false); return f },
		"firewalld":         func(b []byte) []finding { return parseFirewalld(b, false) },
		"firewalld-failed":  func(b []byte) []finding { return parseFirewalld(b, true) },
		"nftables":          parseNftables,
		"systemd": func(b []byte) []finding {
			return parseSystemd(b, []string{"haproxy.service"}, []artifact.File{{Path: "etc/systemd/system/haproxy.service.d/override.conf"}})
		},
		"tmpfiles":   parseTmpfiles,
		"sysctl":     func(b []byte) []finding { return parseSysctl(b, sysctl, false) },
		"sh":         func(b []byte) []finding { return parseShell(b, script) },
		"shellcheck": func(b []byte) []finding { return parseShellcheck(b, script) },
	}
	outputs, err := filepath.Glob("testdata/output/*/*.txt")
	if err != nil || len(outputs) == 0 {
		t.Fatal("no outputs", err)
	}
	for _, name := range outputs {
		parse := parsers[filepath.Base(filepath.Dir(name))]
		if parse == nil {
			t.Errorf("%s: no parser", name)
			continue
		}
		output, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, strings.TrimSuffix(name, ".txt")+".want", printed(parse(output)))
	}
}

func printed(found []finding) string {
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintf(&b, "%s %s:%d %s\n", f.severity, f.file, f.line, f.message)
	}
	return b.String()
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\ngot:\n%swant:\n%s", name, got, want)
	}
}

// TestLineOf: where a message has no position, the names in it lead to one.
func TestLineOf(t *testing.T) {
	t.Parallel()
	const text = "frontend main\n  default_backend app\nbackend app\n  server web01 10.0.0.1:80\n  server web02 10.0.0.2:80\n}\n"
	for message, want := range map[string]int{
		"missing timeouts for backend 'app'.":             3,
		"'server app/web02' : no method to resolve":       5,
		"INVALID_PORT: 10.0.0.1:80: rule":                 4,
		"(app) nothing":                                   2,
		"Proxy 'main': unable to find 'nope'":             1,
		"server 'app/web01' has no check":                 4,
		"unknown thing":                                   0,
		"There are 1 missing '}'s or extra '{'s":          0,
		"zone x: add rule failed: INVALID_PORT: 10.0.0.2": 5,
	} {
		if got := lineOf([]byte(text), message); got != want {
			t.Errorf("%s: line %d, want %d", message, got, want)
		}
	}
}
