package adopt_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/lbgen/lbgen/internal/adopt"
	"github.com/lbgen/lbgen/internal/pair"
	"github.com/lbgen/lbgen/internal/testenv"
)

// TestDaemonsSeeTheSame: of each pair that passes the gate both daemons have understood
// the same of the original files and of the rendered ones, but for what may differ.
func TestDaemonsSeeTheSame(t *testing.T) {
	testenv.Programs(t, "haproxy", "keepalived", "unshare", "ip", "timeout")
	testenv.Root(t)
	names, err := filepath.Glob("testdata/pairs/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal(err)
	}
	looked := 0
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		before, after, own, ok := passed(t, archive)
		if !ok {
			continue
		}
		looked++
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			sameView(t, "haproxy.cfg", proxiesOf, before, after)
			sameView(t, "keepalived.conf", func(t *testing.T, conf string) (string, bool) { return routersOf(t, conf, own) }, before, after)
		})
	}
	if looked < 20 {
		t.Errorf("%d pairs pass the gate", looked)
	}
}

// passed are the files of a pair's first node and those that were rendered for it, and the
// node's own address where it is among its peers; false where something would be otherwise.
func passed(t *testing.T, archive *txtar.Archive) (before, after map[string]string, own string, ok bool) {
	t.Helper()
	files, inputs := filesOf(archive)
	p := pair.ReadFiles("site", inputs, files)
	got, bad := rendered(t, adopt.Import(p, adopt.Options{Platform: "debian12"}))
	if bad.HasErrors() {
		return nil, nil, "", false
	}
	for _, d := range adopt.Differences(p, made(p, got)) {
		if d.Allowed == "" {
			return nil, nil, "", false
		}
		if d.What == "unicast_peer, itself" && d.Node == p.Nodes[0].Name {
			own = d.Before
		}
	}
	return ofNode(files, p.Nodes[0].Name), ofNode(got, p.Nodes[0].Name), own, true
}

// ofNode are the daemons' files of a node, by their last name.
func ofNode(files map[string]string, node string) map[string]string {
	all := map[string]string{}
	for name, text := range files {
		if base := filepath.Base(name); strings.HasPrefix(name, node+"/") && (base == "haproxy.cfg" || base == "keepalived.conf") {
			all[base] = text
		}
	}
	return all
}

func sameView(t *testing.T, file string, view func(*testing.T, string) (string, bool), before, after map[string]string) {
	t.Helper()
	if before[file] == "" {
		return
	}
	was, ok := view(t, before[file])
	is, okToo := view(t, after[file])
	if !ok || !okToo {
		t.Errorf("%s: the daemon does not take it:\n%s\n%s", file, was, is)
		return
	}
	for _, m := range regexp.MustCompile(`addr (\S+):0,`).FindAllStringSubmatch(was, -1) { // that of the bind, which is written now
		is = regexp.MustCompile(`addr `+regexp.QuoteMeta(m[1])+`:\d+,`).ReplaceAllString(is, m[0])
	}
	if was != is {
		t.Errorf("%s:\n%s", file, lineDiff(was, is))
	}
}

// proxiesOf is what HAProxy says of its proxies, whichever comes first.
func proxiesOf(t *testing.T, cfg string) (string, bool) {
	t.Helper()
	if global, rest, _ := strings.Cut(cfg, "\ndefaults"); !strings.Contains(global, "maxconn") { // as many as there may be open files
		cfg = global + "\n    maxconn 7000\ndefaults" + rest
	}
	text, ok := haproxyView(t, cfg)
	if !ok {
		return text, ok
	}
	lines := slices.DeleteFunc(strings.SplitAfter(text, "\n"), func(l string) bool {
		return strings.Contains(l, "act 0, bck 0,") && strings.Contains(l, "type 1,") // the servers of a page alone
	})
	slices.Sort(lines)
	return strings.Join(lines, ""), true
}

// routersOf is what Keepalived says of its instances and scripts, without what lbgen may
// add or change.
func routersOf(t *testing.T, conf, own string) (string, bool) {
	t.Helper()
	text, ok := keepalivedView(t, conf)
	may := regexp.MustCompile(`^ *(Router ID|Email|SMTP|Script security|Default script|Script uid|.*uid:gid|Check unicast src|` +
		`Smtp|mcast src|Using src_ip|Unicast source|VRRP startup|.*= keepalived)`)
	var kept []string
	for line := range strings.Lines(text) {
		mail := strings.Contains(line, "@") && len(strings.Fields(line)) == 1 // nobody gets one: adopt has said so
		if !may.MatchString(line) && !mail && (own == "" || !strings.HasPrefix(strings.TrimSpace(line), own+" ")) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, ""), ok
}
