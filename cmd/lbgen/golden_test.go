package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/cli"
	"github.com/lbgen/lbgen/internal/scripts"
	"github.com/lbgen/lbgen/internal/testenv"
)

var update = flag.Bool("update", false, "write the golden trees anew")

const goldenDir = "../../testdata/golden"

// goldenSites are the sites whose trees are kept: every example, and the sites
// that show what no example does.
func goldenSites(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"../../examples/*.yaml", "../../examples/*/*.yaml", "../../testdata/sites/*.yaml"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, names...)
	}
	if len(all) < 4 {
		t.Fatalf("only %d sites found", len(all))
	}
	return all
}

func siteName(file string) string { return strings.TrimSuffix(filepath.Base(file), ".yaml") }

// lbgen runs a command line and returns its exit code and what it printed.
func lbgen(t *testing.T, args ...string) (code int, out, talk string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = cli.Run(t.Context(), args, cli.Streams{
		In: strings.NewReader(""), Out: &stdout, Err: &stderr,
		Getenv: func(string) (string, bool) { return "", false },
	})
	return code, stdout.String(), stderr.String()
}

// TestGolden renders every site and compares the tree with the one kept. Modes
// are compared by MANIFEST, because git keeps none but the executable bit. The
// programs are the same in every tree, so no tree kept has them: MANIFEST does
// not have their sums either, or a word in a program would be a diff in all of them.
func TestGolden(t *testing.T) {
	for _, site := range goldenSites(t) {
		t.Run(siteName(site), func(t *testing.T) {
			dir := filepath.Join(goldenDir, siteName(site))
			if *update {
				if err := os.RemoveAll(dir); err != nil {
					t.Fatal(err)
				}
				renderTo(t, site, dir)
				keepNoPrograms(t, dir)
				return
			}
			got := filepath.Join(t.TempDir(), "out")
			renderTo(t, site, got)
			keepNoPrograms(t, got)
			compareTrees(t, tree(t, dir), tree(t, got))
		})
	}
}

// keepNoPrograms takes the programs out of the trees in a directory, each of
// which has to be the program's very bytes, and their sums out of MANIFEST.
func keepNoPrograms(t *testing.T, dir string) {
	t.Helper()
	nodes, err := os.ReadDir(dir)
	if err != nil || len(nodes) == 0 {
		t.Fatal(nodes, err)
	}
	for name, program := range map[string][]byte{"install.sh": scripts.Install(), "firewalld.sh": scripts.Firewalld()} {
		sum := fmt.Sprintf("0755 root:root tool %x %s\n", sha256.Sum256(program), name)
		for _, node := range nodes {
			text, err := os.ReadFile(filepath.Join(dir, node.Name(), name))
			if err != nil || !bytes.Equal(text, program) {
				t.Errorf("%s of %s is not the program: %v", name, node.Name(), err)
			}
			manifest := filepath.Join(dir, node.Name(), "MANIFEST")
			text, err = os.ReadFile(manifest)
			if err != nil || !bytes.Contains(text, []byte(sum)) {
				t.Errorf("%s of %s has no line %s%v", manifest, node.Name(), sum, err)
			}
			text = bytes.Replace(text, []byte(sum), []byte("0755 root:root tool (the program's) "+name+"\n"), 1)
			if err := errors.Join(os.WriteFile(manifest, text, 0o644), os.Remove(filepath.Join(dir, node.Name(), name))); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func renderTo(t *testing.T, site, dir string) {
	t.Helper()
	if code, out, talk := lbgen(t, "render", site, "-o", dir); code != cli.ExitOK {
		t.Fatalf("exit code %d\n%s%s", code, out, talk)
	}
}

func compareTrees(t *testing.T, want, got map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		text, ok := got[name]
		switch {
		case !ok:
			t.Errorf("%s is no longer made", name)
		case text != want[name]:
			t.Errorf("%s differs (make golden writes it anew):\n%s", name, firstDifference(want[name], text))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is new (make golden writes it)", name)
		}
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return "- " + w[i] + "\n+ " + g[i]
		}
	}
	return "one is longer than the other"
}

func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		files[filepath.ToSlash(rel)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestGoldenAccepted has the real daemons read what the golden trees hold: the
// files that lbgen check stages are the ones that TestGolden compares. Where a
// checker is absent the test says so and is skipped; with REQUIRE_DAEMONS=1, as
// in CI, that is a failure.
func TestGoldenAccepted(t *testing.T) {
	testenv.Machine(t)
	for _, site := range goldenSites(t) {
		t.Run(siteName(site), func(t *testing.T) {
			t.Parallel()
			args := []string{"check", "--require-all", site}
			if siteName(site) == "signed" {
				args = append(args, "--keepalived", testenv.NewKeepalived(t))
			}
			code, out, talk := lbgen(t, args...)
			if code == cli.ExitOK {
				return
			}
			if !testenv.Required() && onlyUnchecked(out) {
				t.Skipf("not every checker is on this machine:\n%s", talk)
			}
			t.Fatalf("exit code %d\n%s%s", code, out, talk)
		})
	}
}

// onlyUnchecked says whether all findings are about checkers that did not run.
func onlyUnchecked(out string) bool {
	n := strings.Count(out, "error: ") + strings.Count(out, "warning: ")
	return n > 0 && n == strings.Count(out, "[not-checked]")
}

// TestNodesDifferWhereTheyMust compares the two nodes of the pair: what is not
// listed here is the same on both.
func TestNodesDifferWhereTheyMust(t *testing.T) {
	files := tree(t, filepath.Join(goldenDir, "prslb"))
	want := map[string][]string{
		"etc/keepalived/keepalived.conf": {
			"-    router_id prslb01", "+    router_id prslb02",
			"-    priority 100", "-    nopreempt", "+    priority 50",
		},
	}
	for name, text := range files {
		rest, ok := strings.CutPrefix(name, "prslb01/etc/")
		if !ok {
			continue
		}
		got := lineDiff(text, files["prslb02/etc/"+rest])
		if !slices.Equal(got, want["etc/"+rest]) {
			t.Errorf("etc/%s: the nodes differ in\n%s", rest, strings.Join(got, "\n"))
		}
	}
}

// mayDiffer are the lines in which the nodes of any site may differ, by file:
// what says who a node is, where it is and how much it is preferred. A file that
// is not here is the same on every node.
func mayDiffer(file string) *regexp.Regexp {
	const address = `[0-9a-f.:]+`
	for pattern, lines := range map[string]string{
		"etc/keepalived/keepalived.conf": `    (router_id \S+|priority \d+|nopreempt|(unicast|mcast)_src_ip ` + address + `)|        ` + address,
		"usr/libexec/keepalived/*":       `node='\S+'`,
		"etc/*/haproxy":                  `.*-L \S+.*`, // the node's name among the peers
		"firewalld.table":                `rule \S+ rule .*(source|destination) address="` + address + `" .*`,
		"node.table":                     `node \S+|platform \S+|address \S+ ` + address + `|peer \S+`,
		"MANIFEST": `# Made by .*|` +
			`0\d{3} \S+ \S+ [0-9a-f]{64}(@\S+)? (etc/\S+/(keepalived.conf|haproxy)|usr/\S+|\S+\.table)`,
	} {
		if ok, _ := path.Match(pattern, file); ok {
			return regexp.MustCompile(`(?m)^(` + lines + `)\n`)
		}
	}
	return regexp.MustCompile(`^$`)
}

// TestExamplesDifferWhereTheyMust compares the nodes of every example.
func TestExamplesDifferWhereTheyMust(t *testing.T) {
	examples, err := filepath.Glob("../../examples/*.yaml")
	if err != nil || len(examples) < 6 {
		t.Fatal(examples, err)
	}
	for _, example := range examples {
		t.Run(siteName(example), func(t *testing.T) {
			dir := filepath.Join(goldenDir, siteName(example))
			nodes, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			first := tree(t, filepath.Join(dir, nodes[0].Name()))
			for _, other := range nodes[1:] {
				compareNodes(t, first, tree(t, filepath.Join(dir, other.Name())))
			}
		})
	}
}

func compareNodes(t *testing.T, first, other map[string]string) {
	t.Helper()
	if a, b := slices.Sorted(maps.Keys(first)), slices.Sorted(maps.Keys(other)); !slices.Equal(a, b) {
		t.Errorf("the nodes have different files: %v and %v", a, b)
	}
	for name, text := range first {
		may := mayDiffer(name)
		// The kitchen sink has a node with another name for a NIC.
		same := strings.ReplaceAll(other[name], "wan0", "eth1")
		if a, b := may.ReplaceAllString(text, ""), may.ReplaceAllString(same, ""); a != b {
			t.Errorf("%s: the nodes differ in\n%s", name, firstDifference(a, b))
		}
	}
}

// lineDiff lists the lines that only one of two texts has, in order.
func lineDiff(a, b string) []string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	var diff []string
	for len(x) > 0 || len(y) > 0 {
		switch {
		case len(x) > 0 && len(y) > 0 && x[0] == y[0]:
			x, y = x[1:], y[1:]
		case len(x) > 0 && !slices.Contains(y, x[0]):
			diff, x = append(diff, "-"+x[0]), x[1:]
		case len(y) > 0:
			diff, y = append(diff, "+"+y[0]), y[1:]
		default:
			diff, x = append(diff, "-"+x[0]), x[1:]
		}
	}
	return diff
}
