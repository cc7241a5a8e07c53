package render

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
	"github.com/lbgen/lbgen/internal/testbox"
)

// TestLogsArriveOnce sends messages through a real rsyslogd that has the
// rendered rules and the distribution's own, and finds each exactly once, in
// the right file. The terminals of an emergency are replaced by a file.
func TestLogsArriveOnce(t *testing.T) {
	testbox.NeedRoot(t)
	testbox.NeedTools(t, "rsyslogd", "logger", "ip", "ss")
	bySocket := map[string]string{
		"through-chroot info":      "haproxy/haproxy.log",
		"through-chroot emergency": "haproxy/haproxy.log",
		"through-system info":      "haproxy/haproxy.log",
		"keepalived-state change":  "keepalived/keepalived.log",
	}
	byUDP := map[string]string{
		"by-udp info":             "haproxy/haproxy.log",
		"by-udp warning":          "haproxy/haproxy_warn.log",
		"by-udp emergency":        "haproxy/haproxy.log",
		"keepalived-state change": "keepalived/keepalived.log",
	}
	for _, family := range []struct {
		site, main string
		files      map[string]string // where each message belongs
	}{
		{"../../examples/prslb.yaml", "rsyslog-rhel.conf", bySocket},
		{"../../testdata/sites/debian12.yaml", "rsyslog-debian.conf", bySocket},
		{"../../testdata/sites/dualstack.yaml", "rsyslog-debian.conf", bySocket},
		{"../../testdata/sites/prefix.yaml", "rsyslog-rhel.conf", byUDP},
		{"../../testdata/sites/prefix.yaml", "rsyslog-imudp.conf", byUDP},
	} {
		t.Run(filepath.Base(family.site)+" "+family.main, func(t *testing.T) {
			t.Parallel()
			rules, out := t.TempDir(), t.TempDir()
			stageRules(t, siteSets(t, family.site)[0], rules)
			main, err := filepath.Abs("testdata/" + family.main)
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("unshare", "-mn", "sh", "testdata/rsyslog.sh", rules, main, out)
			if text, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(text), "error") {
				t.Fatalf("%v\n%s", err, text)
			}
			for message, file := range family.files {
				if got := filesWith(t, out, message); !slices.Equal(got, []string{file}) {
					t.Errorf("%q stands in %v, want once in %s", message, got, file)
				}
			}
			if got := filesWith(t, out, "other-program line"); len(got) == 0 {
				t.Error("another program's message is lost")
			}
			checkFormat(t, filepath.Join(out, "haproxy/haproxy.log"))
			checkMode(t, filepath.Join(out, "haproxy/haproxy.log"))
			checkMode(t, filepath.Join(out, "keepalived/keepalived.log"))
		})
	}
}

// siteSets renders a site file with its pages and secrets replaced by a stub.
func siteSets(t *testing.T, name string) []artifact.Set {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	written, _, found := model.Load(name, data)
	if found.HasErrors() {
		t.Fatal(found)
	}
	sets, err := New().Sets(site.Resolve(written), model.Inputs{})
	if err != nil {
		t.Fatal(err)
	}
	return sets
}

func stageRules(t *testing.T, set artifact.Set, dir string) {
	t.Helper()
	files := map[string][]byte{}
	for _, f := range set.Files {
		if name, ok := strings.CutPrefix(f.Path, "etc/rsyslog.d/"); ok {
			files[name] = f.Data
		}
	}
	if set.Host.Platform == "ubuntu2404" {
		text, err := os.ReadFile("testdata/ubuntu-50-default.conf")
		if err != nil {
			t.Fatal(err)
		}
		files["50-default.conf"] = text
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// filesWith returns the file of each line that holds the message.
func filesWith(t *testing.T, dir, message string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		for range strings.Count(string(text), message) {
			found = append(found, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// checkMode wants that not everybody may read who asked for what.
func checkMode(t *testing.T, name string) {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o640 {
		t.Errorf("%s has mode %o", name, mode)
	}
}

// checkFormat wants date, time with milliseconds, and the message after one
// space, as the prslb text has it.
func checkFormat(t *testing.T, name string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \S`)
	for l := range strings.Lines(string(text)) {
		if !line.MatchString(l) {
			t.Errorf("not \"date time.ms message\": %q", l)
		}
	}
}
