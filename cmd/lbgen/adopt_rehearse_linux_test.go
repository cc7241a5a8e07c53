package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/lbgen/lbgen/internal/alike"
	"github.com/lbgen/lbgen/internal/cli"
)

// TestAdoptRehearse: a pair with routes, cookies, headers, TLS and a sorry page, and the
// site that is made of it, answer at least 200 requests alike; and the site's tests pass.
func TestAdoptRehearse(t *testing.T) {
	requireNamespaces(t)
	t.Parallel()
	r := newRehearsal(t)
	dir := t.TempDir()
	archive, err := txtar.ParseFile("testdata/pairs/whole.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		name := filepath.Join(dir, "pair", f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.CommandContext(t.Context(), r.program, "adopt", "--rehearse", "--platform", "debian12", "--format", "json", "pair", "-o", "site")
	c.Dir = dir
	code, out := ran(t, c)
	var got struct {
		Adopted struct {
			Changed   int
			Rehearsal struct {
				Requests, Alike, Changed int
				Differences, Simulated   []any
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	a := got.Adopted.Rehearsal
	if code != cli.ExitOK || a.Requests < alike.Least || a.Alike != a.Requests || a.Changed+len(a.Differences) > 0 || len(a.Simulated) == 0 {
		t.Errorf("exit code %d: %d requests, %d alike\n%s", code, a.Requests, a.Alike, out)
	}
	if strings.Contains(out, "1111") {
		t.Error("the password is shown")
	}
}
