package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/testenv"
)

// TestWatch saves a site as editors do, and reads what each run says.
func TestWatch(t *testing.T) {
	testenv.Machine(t)
	t.Parallel()
	dir := t.TempDir()
	text, err := os.ReadFile("../../examples/dual-master.yaml")
	if err != nil {
		t.Fatal(err)
	}
	good := strings.Replace(string(text), "version: 1\n", "version: 1\ndefaults_from: shared/all.yaml\n", 1)
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "shared"), 0o700); err != nil {
		t.Fatal(err)
	}
	write("shared/all.yaml", "global: {maxconn: 1000}\n")
	write("site.yaml", good)
	cmd := exec.Command("lbgen", "lint", "--watch", "site.yaml")
	cmd.Dir = dir
	out, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = to, to
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill() }()
	to.Close()
	lines := bufio.NewScanner(out)
	run := func(want string) {
		t.Helper()
		var said []string
		for lines.Scan() {
			said = append(said, lines.Text())
			if lines.Text() == "watching site.yaml" {
				if !strings.Contains(strings.Join(said, "\n"), want) {
					t.Fatalf("%q is missing in %q", want, said)
				}
				return
			}
		}
		t.Fatalf("it ended: %q", said)
	}
	run("no findings")
	write("site.yaml", strings.Replace(good, "virtual_router_id: 51", "virtual_router_id: 256", 1)) // in place
	run("site.yaml:")
	write("new", good) // by rename
	if err := os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "site.yaml")); err != nil {
		t.Fatal(err)
	}
	run("no findings")
	write("other", "x") // concerns nobody: the next run is that of the shared file
	write("shared/all.yaml", "globall: {}\n")
	run("globall")
	if err := os.Remove(filepath.Join(dir, "site.yaml")); err != nil {
		t.Fatal(err)
	}
	run("lbgen: open site.yaml: no such file or directory")
	write("site.yaml", good)
	run("globall")
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("%v, want the exit code of the last run", err)
	}
}
