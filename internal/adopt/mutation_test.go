package adopt_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/adopt"
	"github.com/lbgen/lbgen/internal/pair"
)

// TestEachChangeIsSeen: each line that is taken out of a golden tree is a difference,
// but for those that say what counts anyhow.
func TestEachChangeIsSeen(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob("../../testdata/golden/*")
	if err != nil || len(dirs) == 0 {
		t.Fatal(dirs, err)
	}
	total, missed := 0, 0
	for _, dir := range dirs {
		files := map[string]string{}
		p := pair.Read("x", []pair.Input{{Paths: []string{dir}}})
		n := p.Nodes[0]
		for _, name := range n.Files() {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			file := "haproxy.cfg"
			if strings.HasSuffix(name, "keepalived.conf") {
				file = "keepalived.conf"
			}
			files["n/"+file] += string(data)
		}
		read := func(files map[string]string) *pair.Pair {
			return pair.ReadFiles("x", []pair.Input{{Name: n.Name, Paths: []string{"n"}}}, files)
		}
		before := read(files)
		for name, text := range files {
			lines := strings.SplitAfter(text, "\n")
			for i, line := range lines {
				if !counts(line) || testing.Short() && i%5 != 0 {
					continue
				}
				changed := map[string]string{}
				for k, v := range files {
					changed[k] = v
				}
				changed[name] = strings.Join(lines[:i], "") + strings.Join(lines[i+1:], "")
				total++
				if len(adopt.Differences(before, read(changed))) == 0 {
					missed++
					if !regexp.MustCompile(without).MatchString(strings.TrimSpace(line)) && !withoutTLS(text, strings.TrimSpace(line)) {
						t.Errorf("%s %s:%d: %q", filepath.Base(dir), name, i+1, strings.TrimSpace(line))
					}
				}
			}
		}
	}
	t.Logf("%d changes, %d not seen", total, missed)
}

// withoutTLS says whether a line is about TLS that no bind, or no server, of the file speaks.
func withoutTLS(text, line string) bool {
	of := map[bool]string{true: "bind", false: "(default-)?server(-template)?"}[strings.HasPrefix(line, "ssl-default-bind-")]
	return strings.HasPrefix(line, "ssl-default-") && !regexp.MustCompile(`(?m)^\s*`+of+`\s.* (check-)?ssl\b`).MatchString(text)
}

// without are lines that say what counts anyhow: HAProxy's and Keepalived's own values,
// and what defaults, or other lines of a page, have said already.
const without = `^(balance roundrobin|state BACKUP|retries 3|advert_int 1|priority 100|auth_type PASS|version 3|weight 0|rise 1|fall 1|` +
	`(interval|timeout) [12]|smtp_connect_timeout 30|option http-keep-alive|mode (tcp|http)|option abortonclose|option (http|tcp)log|` +
	`stats enable|timeout (http-request|http-keep-alive|client|server|connect|check|queue) \S+|maxconn \d+|` +
	`default-server inter 2s( fastinter \S+)? rise 2 fall [23]|http-error status .*|user root)$`

// counts says whether a line is one that does something by itself.
func counts(line string) bool {
	l := strings.TrimSpace(line)
	return l != "" && !strings.HasPrefix(l, "#") && !strings.HasPrefix(l, "!") && !strings.HasSuffix(l, "{") && l != "}"
}
