package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/testenv"
)

// TestInitAsks answers the questions on a terminal: script(1) is one.
func TestInitAsks(t *testing.T) {
	testenv.Programs(t, "script")
	dir := t.TempDir()
	cmd := exec.Command("script", "-qec", "lbgen init", "/dev/null")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "TERM=xterm", "NO_COLOR=1") // about colours, not about questions
	cmd.Stdin = strings.NewReader(strings.Join([]string{
		"suse", "debian12", // asked again after a wrong answer
		"lb1", "lb1=10.0.0.11", "lb2=10.0.0.12", "",
		"10.0.0.x", "10.0.0.10",
		"app=10.0.1.21:8080,10.0.1.22:8080", "",
		"", // web
	}, "\r") + "\r")
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	for _, want := range []string{`"suse" is none of them`, `--node is NAME=ADDRESS, not "lb1"`, `"10.0.0.x" is no IP address`,
		"site.yaml written"} {
		if !strings.Contains(string(said), want) {
			t.Errorf("%q is missing in\n%s", want, said)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "site.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"site: app\nplatform: debian12\n", "{name: lb2, priority: 253, addresses: {front: 10.0.0.12}}",
		"vips: [10.0.0.10]"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}
