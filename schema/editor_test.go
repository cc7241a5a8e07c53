package schema_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sites are the site files of this repository, all of them right, and what
// several of them share.
func sites(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"../examples/*.yaml", "../examples/*/*.yaml", "../examples/*/*/*.yaml", "../testdata/sites/*.yaml"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, names...)
	}
	if len(all) < 30 {
		t.Errorf("only %d sites found", len(all))
	}
	return all
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestEditorIsSilent wants no red line in a file that is right.
func TestEditorIsSilent(t *testing.T) {
	s := startLanguageServer(t)
	names := sites(t)
	for _, name := range names {
		s.open(fileURI(t, name), read(t, name))
	}
	for _, name := range names {
		for _, p := range s.diagnostics(fileURI(t, name)) {
			t.Errorf("%s:%d: %s", name, p.Range.Start.Line+1, p.Message)
		}
	}
}

// TestEditorUnderlines reads from the comments of a broken file what an editor
// ought to show on each line.
func TestEditorUnderlines(t *testing.T) {
	s := startLanguageServer(t)
	const name = "testdata/broken.yaml"
	text := read(t, name)
	uri := fileURI(t, name)
	s.open(uri, text)
	lines := strings.Split(text, "\n")
	shown := make([]string, len(lines))
	problems := s.diagnostics(uri)
	slices.SortStableFunc(problems, func(a, b problem) int { return a.Range.Start.Character - b.Range.Start.Character })
	for _, p := range problems {
		at := p.Range.Start.Line
		if p.Range.End.Line != at {
			t.Errorf("%s:%d: %s underlines more than this line", name, at+1, p.Message)
			continue
		}
		if shown[at] != "" {
			shown[at] += " "
		}
		shown[at] += lines[at][p.Range.Start.Character:p.Range.End.Character] + ": " + p.Message
	}
	for i, line := range lines {
		if _, want, _ := strings.Cut(line, " # "); shown[i] != want {
			t.Errorf("%s:%d: an editor shows %q", name, i+1, shown[i])
		}
	}
}

// TestEditorExplains wants every key of the site file that has every key to be
// explained, and looks at a few.
func TestEditorExplains(t *testing.T) {
	s := startLanguageServer(t)
	const name = "../examples/kitchen-sink.yaml"
	text := read(t, name)
	uri := fileURI(t, name)
	s.open(uri, text)
	key := regexp.MustCompile(`([A-Za-z_]+):( |$)`)
	explained := map[string]string{}
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		for _, m := range key.FindAllStringIndex(line, -1) {
			word, _, _ := strings.Cut(line[m[0]:m[1]], ":")
			text := s.hover(uri, position{i, m[0] + 1})
			if first, _, _ := strings.Cut(text, "\n"); !strings.HasSuffix(first, ".") {
				t.Errorf("%s:%d: an editor says nothing of %s:\n%s", name, i+1, word, text)
			}
			explained[word] += text
		}
	}
	for word, want := range map[string]string{
		"virtual_router_id": "Number of the virtual router (1-255), unique on its network.",
		"balance":           "Default roundrobin.",
		"queue":             "Default 30s; with profile rhel 1m.",
		"retries":           "Default 3. From 0 to 100.",
		"platform":          "* `debian12`",
		"auth_pass":         "Password of the adverts",
		"forwardfor":        "Tell servers the client's address",
		"prometheus":        "Example:\n\n```yaml\n/metrics\n```",
		"close_spread_time": "Since HAProxy 2.6.",
	} {
		if !strings.Contains(explained[word], want) {
			t.Errorf("of %s an editor says:\n%s\nand not: %s", word, explained[word], want)
		}
	}
}

// TestEditorCompletes asks at § for what may stand there.
func TestEditorCompletes(t *testing.T) {
	s := startLanguageServer(t)
	for name, c := range map[string]struct {
		text   string
		offers map[string]string // some of them, and what is written then
		all    bool              // there are no others
	}{
		"site": {"version: 1\n§", map[string]string{"platform": "platform: ", "nics": "nics:\n  ", "service_user": "service_user:\n  "},
			false},
		"backend": {"backends:\n  - name: app\n    §", map[string]string{"balance": "balance: ${1:roundrobin}", "health": "", "servers": "",
			"sorry": "", "forwardfor": "forwardfor: "}, false},
		"begun":     {"backends:\n  - name: app\n    ba§", map[string]string{"balance": ""}, false},
		"nic":       {"nics:\n  lan:\n    §", map[string]string{"device": "", "subnet": "subnet: ", "zone": ""}, true},
		"password":  {"vrrp:\n  - auth_pass:\n      §", map[string]string{"file": "file: ", "env": "env: "}, true},
		"words":     {"frontends:\n  - name: www\n    mode: §", map[string]string{"http": "", "tcp": ""}, true},
		"algorithm": {"backends:\n  - name: app\n    balance: §", map[string]string{"leastconn": "", "roundrobin": "", "source": ""}, false},
		"platform":  {"platform: §", map[string]string{"rocky9": "", "debian13": ""}, false},
		"default":   {"defaults:\n  timeouts:\n    connect: §", map[string]string{"5s": ""}, true},
		"example":   {"nodes:\n  - name: lb1\nnics:\n  lan:\n    device: §", map[string]string{"ens192": ""}, true},
		"switch":    {"defaults:\n  redispatch: §", map[string]string{"true": "", "false": ""}, true},
		"severity":  {"lint:\n  LB1003: §", map[string]string{"error": "", "warning": "", "info": "", `"off"`: ""}, true},
	} {
		before, after, _ := strings.Cut(c.text, "§")
		uri := "file:///nowhere/" + name + ".yaml"
		s.open(uri, before+after+"\n")
		line := strings.Count(before, "\n")
		offered := s.completion(uri, position{line, len(before) - strings.LastIndex(before, "\n") - 1})
		for word, inserts := range c.offers {
			if got, ok := offered[word]; !ok || inserts != "" && got != inserts {
				t.Errorf("%s: %q inserts %q, of %q", name, word, got, slices.Sorted(maps.Keys(offered)))
			}
		}
		if c.all && len(offered) != len(c.offers) {
			t.Errorf("%s: an editor offers %q", name, slices.Sorted(maps.Keys(offered)))
		}
	}
}
