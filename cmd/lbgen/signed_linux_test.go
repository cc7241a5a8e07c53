package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/cli"
	"github.com/lbgen/lbgen/internal/testenv"
)

// TestSignedAdverts rehearses the rollout of auth_hmac with a real Keepalived 2.4: while one
// node is a step further than the other, one of them is master, whoever is lost. Where a step
// is left out, both are, or one that was lost takes the address away when it is back.
func TestSignedAdverts(t *testing.T) {
	requireNamespaces(t)
	keepalived := testenv.NewKeepalived(t)
	r := newRehearsal(t)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../testdata/sites")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "signed.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	stages := map[string]string{"without": regexp.MustCompile(`(?m)^    auth_hmac:\n(      .*\n)+`).ReplaceAllString(string(text), "")}
	for _, mode := range []string{"receive-only", "permissive", "enforce"} {
		stages[mode] = strings.Replace(string(text), "mode: permissive", "mode: "+mode, 1)
	}
	for stage, text := range stages {
		site := filepath.Join(dir, stage+".yaml")
		if err := os.WriteFile(site, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		renderTo(t, site, filepath.Join(dir, stage))
		says(t, "haproxy ", "check", "--keepalived", keepalived, site)
	}
	for steps, good := range map[string]bool{
		"without, receive-only": true, "receive-only, permissive": true, "permissive, enforce": true, "enforce, enforce": true,
		"without, permissive": false, "without, enforce": false, "receive-only, enforce": false,
	} {
		t.Run(steps, func(t *testing.T) {
			t.Parallel()
			pair := t.TempDir()
			first, second, _ := strings.Cut(steps, ", ")
			for node, stage := range map[string]string{"lb1": first, "lb2": second} {
				if err := os.CopyFS(filepath.Join(pair, node), os.DirFS(filepath.Join(dir, stage, node))); err != nil {
					t.Fatal(err)
				}
			}
			code, out := ran(t, exec.CommandContext(t.Context(), r.program, "rehearse", "--keepalived", keepalived, "--drill", "steady",
				"--drill", "node-lost", pair))
			if (code == cli.ExitOK) != good || !strings.Contains(out, "ran: keepalived ") {
				t.Errorf("exit code %d\n%s", code, out)
			}
		})
	}
}
