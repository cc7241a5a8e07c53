package mistakes_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/check"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/lint/rules"
	"github.com/lbgen/lbgen/internal/mistakes"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/testenv"
)

// TestAnswers holds every row true.
func TestAnswers(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range mistakes.All() {
		t.Run(r.ID, func(t *testing.T) {
			if seen[r.ID] || r.Mistake == "" {
				t.Error("it is defined twice, or says nothing")
			}
			seen[r.ID] = true
			switch r.Answer {
			case mistakes.Refused:
				refused(t, r)
			case mistakes.Impossible:
				impossible(t, r)
			case mistakes.Rule:
				found(t, r)
			case mistakes.Check:
				checked(t, r)
			case mistakes.Waits:
				if r.Why == "" || r.Fragment != "" {
					t.Error("it does not say why, or has a fragment that nothing looks at")
				}
			default:
				t.Errorf("no answer: %q", r.Answer)
			}
		})
	}
}

// TestNoNumberIsMissing: Keepalived's and the pair's mistakes are numbered
// without holes.
func TestNoNumberIsMissing(t *testing.T) {
	next := map[string]int{}
	for _, r := range mistakes.All() {
		part := r.ID[:2]
		next[part]++
		if want := fmt.Sprintf("%s%02d", part, next[part]); (part == "KA" || part == "XN") && r.ID != want {
			t.Fatalf("%s stands where %s ought to", r.ID, want)
		}
	}
	if next["KA"] != 66 || next["XN"] != 20 {
		t.Errorf("%d of Keepalived's, %d of the pair's", next["KA"], next["XN"])
	}
}

// refused wants an error at the mark that says what the row promises.
func refused(t *testing.T, r mistakes.Row) {
	t.Helper()
	e := rules.NewExample(r.Fragment)
	for _, f := range e.Faults {
		if f.Severity == diag.Error && f.Subject.Start == e.Marked && strings.Contains(f.Summary+"; "+f.Detail, r.Says) && r.Says != "" {
			return
		}
	}
	t.Errorf("no error at %d:%d says %q, but: %+v", e.Marked.Line, e.Marked.Column, r.Says, e.Faults)
}

// found wants the rule to be there, and to find the row's own fragment at its
// mark.
func found(t *testing.T, r mistakes.Row) {
	t.Helper()
	if !slices.ContainsFunc(rules.All(), func(known lint.Rule) bool { return known.ID == r.Rule }) {
		t.Errorf("there is no rule %s", r.Rule)
	}
	if r.Fragment == "" {
		return
	}
	e := rules.NewExample(r.Fragment)
	if e.Faults.HasErrors() {
		t.Fatalf("the fragment is refused: %+v", e.Faults)
	}
	all := slices.Concat(lint.Run(rules.All(), e.Sites, lint.InTurn)...)
	if !slices.ContainsFunc(all, func(f diag.Diagnostic) bool { return f.Code == r.Rule && f.Subject.Start == e.Marked }) {
		t.Errorf("%s finds nothing at %d:%d, but: %+v", r.Rule, e.Marked.Line, e.Marked.Column, all)
	}
}

// checked wants a daemon to speak of the line that the mark is on. Rows without
// a fragment say why.
func checked(t *testing.T, r mistakes.Row) {
	t.Helper()
	if r.Fragment == "" {
		if r.Why == "" {
			t.Error("it has no fragment, and does not say why")
		}
		return
	}
	testenv.Machine(t)
	e := rules.NewExample(r.Fragment)
	result := check.Run(t.Context(), trees(t, r)[0], check.Options{Only: []string{"haproxy", "keepalived"}})
	for _, rep := range result.Unchecked() {
		testenv.Lacks(t, "%s", rep.Reason)
	}
	for _, f := range result.Findings() {
		if f.Path != "" && e.Source.Range(f.Path).Start == e.Marked && strings.Contains(f.Summary+"; "+f.Detail, r.Says) && r.Says != "" {
			return
		}
	}
	t.Errorf("nothing at %d:%d says %q, but: %+v", e.Marked.Line, e.Marked.Column, r.Says, result.Findings())
}

// impossible wants the fragment to be accepted, and looks at what it becomes on
// each node that the row means.
func impossible(t *testing.T, r mistakes.Row) {
	t.Helper()
	if len(r.Has) == 0 && r.HasNot == "" && r.Mode == 0 && !r.Same {
		t.Error("nothing is looked at")
	}
	sets, looked := trees(t, r), 0
	for _, set := range sets {
		if r.On != "" && set.Node != r.On {
			continue
		}
		looked++
		f := file(t, set, r.File)
		lines := strings.Split(string(f.Data), "\n")
		for i := range lines {
			lines[i] = strings.TrimSpace(lines[i])
		}
		for _, want := range r.Has {
			if !slices.Contains(lines, want) {
				t.Errorf("%s of %s has no line %q:\n%s", r.File, set.Node, want, f.Data)
			}
		}
		if r.HasNot != "" && strings.Contains(string(f.Data), r.HasNot) {
			t.Errorf("%s of %s has %q:\n%s", r.File, set.Node, r.HasNot, f.Data)
		}
		if r.Mode != 0 && f.Mode != r.Mode {
			t.Errorf("%s of %s has the mode %o", r.File, set.Node, f.Mode)
		}
		if r.Same && string(f.Data) != string(file(t, sets[0], r.File).Data) {
			t.Errorf("%s differs on %s", r.File, set.Node)
		}
	}
	if looked == 0 {
		t.Errorf("there is no node %q", r.On)
	}
}

// trees returns the trees of the row's site. Passwords that stand in the
// fragment are known.
func trees(t *testing.T, r mistakes.Row) []artifact.Set {
	t.Helper()
	e := rules.NewExample(r.Fragment)
	if e.Faults.HasErrors() {
		t.Fatalf("the fragment is refused: %+v", e.Faults)
	}
	site := e.Sites[len(e.Sites)-1].Site
	in := model.Inputs{Secrets: map[diag.Path]string{}}
	for _, ref := range site.Written.SecretRefs() {
		in.Secrets[ref.Path] = ref.Secret.Literal
	}
	sets, err := render.New().Sets(site, in)
	if err != nil {
		t.Fatal(err)
	}
	return sets
}

// file returns a file of a tree. MANIFEST, which is made when a tree is written,
// has its lines here without the sums.
func file(t *testing.T, set artifact.Set, path string) artifact.File {
	t.Helper()
	if path == "MANIFEST" {
		return artifact.File{Data: manifest(set)}
	}
	i := slices.IndexFunc(set.Files, func(f artifact.File) bool { return f.Path == path })
	if i < 0 {
		t.Fatalf("%s has no %s", set.Node, path)
	}
	return set.Files[i]
}

func manifest(set artifact.Set) []byte {
	var b []byte
	for _, f := range set.Files {
		b = fmt.Appendf(b, "%04o %s:%s %s %s\n", f.Mode, f.Owner, f.Group, f.Action, f.Path)
	}
	return b
}

// TestKeepalivedUnderstands has a real Keepalived say what it holds in memory
// of the first node's file.
func TestKeepalivedUnderstands(t *testing.T) {
	needKeepalived(t)
	for _, r := range mistakes.All() {
		if len(r.Holds) == 0 {
			continue
		}
		t.Run(r.ID, func(t *testing.T) {
			conf := filepath.Join(t.TempDir(), "keepalived.conf")
			if err := os.WriteFile(conf, file(t, trees(t, r)[0], "etc/keepalived/keepalived.conf").Data, 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command("unshare", "-mn", "sh", "../render/testdata/keepalived.sh", conf).Output()
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range r.Holds {
				if !strings.Contains(string(out), "\n   "+want+"\n") {
					t.Errorf("it does not hold %q:\n%s", want, out)
				}
			}
		})
	}
}

// needKeepalived skips the test without root and Keepalived. Where
// REQUIRE_DAEMONS is set, as in CI, that is a failure.
func needKeepalived(t *testing.T) {
	t.Helper()
	testenv.Programs(t, "keepalived", "unshare", "ip")
	testenv.Root(t)
}
