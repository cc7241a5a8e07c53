package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/lbgen/lbgen/internal/cli"
	"github.com/lbgen/lbgen/internal/testenv"
)

// calls are the calls of lbgen in the fenced pieces of a page, without what leads
// to the program and without where the shell sends their output.
func calls(page string) [][]string {
	var all [][]string
	for _, piece := range regexp.MustCompile("(?s)```\\w+\n(.*?)```").FindAllStringSubmatch(page, -1) {
		for _, m := range regexp.MustCompile(`(?m)lbgen(?:@latest)? ((?:lint|prove|check|diff|validate) [^'>\n]*)`).FindAllStringSubmatch(
			piece[1], -1) {
			all = append(all, strings.Fields(m[1]))
		}
	}
	return all
}

// TestCommandsOfTheCIPage runs what docs/ci.md tells CI to run, on the example.
func TestCommandsOfTheCIPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/ci.md")
	if err != nil {
		t.Fatal(err)
	}
	all := calls(string(page))
	if len(all) < 6 {
		t.Fatalf("only %d calls found", len(all))
	}
	for _, args := range all {
		if args[0] == "check" {
			continue // TestGoldenAccepted runs it, with the daemons
		}
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			for i, a := range args {
				if strings.HasSuffix(a, ".yaml") {
					args[i] = "../../examples/prslb.yaml"
				}
			}
			if code, out, talk := lbgen(t, args...); code != cli.ExitOK {
				t.Errorf("exit code %d\n%s%s", code, out, talk)
			}
		})
	}
	for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		var v any
		if err := yaml.Unmarshal([]byte(block[1]), &v); err != nil {
			t.Errorf("%v in\n%s", err, block[1])
		}
	}
}

// TestAction runs the steps of action.yml that are lbgen's own, as GitHub's
// runner does: with bash, and the inputs in the environment.
func TestAction(t *testing.T) {
	testenv.Programs(t, "bash")
	text, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Runs struct {
			Steps []struct{ Name, Run, Uses string }
		}
	}
	if err := yaml.Unmarshal(text, &action); err != nil {
		t.Fatal(err)
	}
	temp := t.TempDir()
	steps := 0
	for _, s := range action.Runs.Steps {
		if s.Run == "" {
			continue
		}
		steps++
		for sites, want := range map[string]int{"examples/prslb.yaml examples/dual*.yaml": 0, "internal/lint/rules/other.yaml nothing.yaml": 3} {
			cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", s.Run)
			cmd.Dir = "../.."
			cmd.Env = append(os.Environ(), "RUNNER_TEMP="+temp, "SITES="+sites, "FAIL_ON=warning")
			out, _ := cmd.CombinedOutput()
			if got := cmd.ProcessState.ExitCode(); s.Name != "build" && got != want || s.Name == "build" && got != 0 {
				t.Errorf("%s of %s: exit code %d\n%s", s.Name, sites, got, out)
			}
		}
	}
	if steps != 3 {
		t.Errorf("%d steps were run", steps)
	}
	if _, err := os.Stat(filepath.Join(temp, "lbgen")); err != nil {
		t.Error(err)
	}
}

// TestPreCommitHooks: what the hooks call is there.
func TestPreCommitHooks(t *testing.T) {
	text, err := os.ReadFile("../../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var hooks []struct{ ID, Entry, Files string }
	if err := yaml.Unmarshal(text, &hooks); err != nil || len(hooks) != 3 {
		t.Fatal(hooks, err)
	}
	plain, err := os.ReadFile("../../examples/dual-master.yaml") // with no file beside it
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range hooks {
		site := filepath.Join(t.TempDir(), "site.yaml") // a hook may change it
		if err := os.WriteFile(site, plain, 0o600); err != nil {
			t.Fatal(err)
		}
		args := append(strings.Fields(h.Entry)[1:], site)
		if code, out, talk := lbgen(t, args...); code != cli.ExitOK {
			t.Errorf("%s: exit code %d\n%s%s", h.ID, code, out, talk)
		}
		if files := regexp.MustCompile(h.Files); !files.MatchString("company/sites/prslb.yaml") || files.MatchString("docs/x.yaml") {
			t.Errorf("%s looks at other files: %s", h.ID, h.Files)
		}
	}
}
