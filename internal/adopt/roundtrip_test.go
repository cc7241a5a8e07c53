package adopt_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/adopt"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/pair"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/site"
)

// rendered is what a draft makes of each node.
func rendered(t *testing.T, d *adopt.Draft) (map[string]string, diag.List) {
	t.Helper()
	written, src, bad := model.LoadShared("site.yaml", d.Text, nil)
	if src != nil {
		src.Locate(bad)
	}
	if bad.HasErrors() {
		return nil, bad
	}
	in := model.Inputs{Secrets: map[diag.Path]string{}, Pages: map[string][]byte{}}
	for _, ref := range written.SecretRefs() {
		in.Secrets[ref.Path] = strings.TrimSuffix(string(d.Secrets[ref.Secret.File]), "\n")
	}
	for _, ref := range written.PageRefs() {
		in.Pages[ref.File] = d.Pages[ref.File]
	}
	sets, err := render.New().Sets(site.Resolve(written), in)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, set := range sets {
		for _, f := range set.Files {
			files[set.Node+"/"+f.Path] = string(f.Data)
		}
	}
	return files, bad
}

// bare is a file without its comments.
func bare(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if l := strings.TrimSpace(line); l != "" && !strings.HasPrefix(l, "#") && !strings.HasPrefix(l, "!") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// otherwise are the golden trees that do not come back byte by byte, and how they
// differ, or why they are refused or in part unsaid.
func otherwise() map[string]string {
	const counted = "refused: the tables that requests are counted in have no place of their own in a site file"
	return map[string]string{
		"databases":       "a password is quoted in two pieces",
		"k8s-api":         "check-ssl is a raw word",
		"tls-passthrough": "check-ssl is a raw word",
		"sorry-server":    "the sorry server becomes a backend like others",
		"virtual-hosts":   "option abortonclose stands in defaults, too",
		"backends":        "refused: the site file that it comes from has raw lines for cookies",
		"everywhere":      counted,
		"kitchen-sink":    counted,
		"nftables":        "unsaid: sections peers have no place in what adopt writes yet",
		"rolling":         "unsaid: sections peers have no place in what adopt writes yet",
		"rate-limit":      counted,
		"routes":          counted,
		"prefix":          "refused: no file says which version of HAProxy the nodes have",
	}
}

// TestRoundTrip: the site that a golden tree gives renders the same bytes but for
// comments, or does the same where it cannot.
func TestRoundTrip(t *testing.T) {
	dirs, err := filepath.Glob("../../testdata/golden/*")
	if err != nil || len(dirs) == 0 {
		t.Fatal(dirs, err)
	}
	for _, dir := range dirs {
		name := filepath.Base(dir)
		t.Run(name, func(t *testing.T) {
			why := otherwise()[name]
			p := pair.Read(name, []pair.Input{{Paths: []string{dir}}})
			d := adopt.Import(p, adopt.Options{})
			got, bad := rendered(t, d)
			if refused := strings.HasPrefix(why, "refused"); bad.HasErrors() != refused {
				t.Fatalf("refused: %t, want %t (%s): %+v\n%s", bad.HasErrors(), refused, why, bad, d.Text)
			} else if refused {
				return
			}
			unsaid := strings.HasPrefix(why, "unsaid")
			if n := d.Count(adopt.Unsaid); n > 0 != unsaid {
				t.Errorf("%d lines are unsaid: %+v", n, d.Having(adopt.Unsaid))
			}
			if unsaid {
				return
			}
			for _, diff := range adopt.Differences(p, made(p, got)) {
				t.Error(diff)
			}
			if same := sameBytes(t, dir, p, got); same != (why == "") {
				t.Errorf("the same bytes: %t; %s", same, why)
			}
		})
	}
}

// sameBytes compares both daemons' files of all nodes, comments left out.
func sameBytes(t *testing.T, dir string, p *pair.Pair, got map[string]string) bool {
	t.Helper()
	same := true
	for _, n := range p.Nodes {
		for _, name := range n.Files() {
			rel, err := filepath.Rel(dir, name)
			if err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if a, b := bare(got[rel]), bare(string(data)); a != b {
				same = false
				t.Logf("%s:\n%s", rel, lineDiff(b, a))
			}
		}
	}
	return same
}

// made is what was rendered for the nodes of a pair, read again.
func made(p *pair.Pair, files map[string]string) *pair.Pair {
	var inputs []pair.Input
	for _, n := range p.Nodes {
		inputs = append(inputs, pair.Input{Name: n.Name, Paths: []string{n.Name}})
	}
	return pair.ReadFiles("made", inputs, files)
}

// lineDiff is the lines that only one of two texts has.
func lineDiff(a, b string) string {
	var out strings.Builder
	left := map[string]int{}
	for l := range strings.Lines(b) {
		left[l]++
	}
	for l := range strings.Lines(a) {
		if left[l]--; left[l] < 0 {
			out.WriteString("-" + l)
		}
	}
	left = map[string]int{}
	for l := range strings.Lines(a) {
		left[l]++
	}
	for l := range strings.Lines(b) {
		if left[l]--; left[l] < 0 {
			out.WriteString("+" + l)
		}
	}
	if out.Len() == 0 {
		return "the order differs"
	}
	return out.String()
}
