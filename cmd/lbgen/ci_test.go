package main

import (
	"net/http"
	"net/http/httptest"
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

// actionStep is a step of action.yml that is lbgen's own.
type actionStep struct{ Name, Run, If string }

func actionSteps(t *testing.T) map[string]actionStep {
	t.Helper()
	text, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var action struct{ Runs struct{ Steps []actionStep } }
	if err := yaml.Unmarshal(text, &action); err != nil {
		t.Fatal(err)
	}
	all := map[string]actionStep{}
	for _, s := range action.Runs.Steps {
		if s.Run != "" {
			all[s.Name] = s
		}
	}
	if len(all) != 5 {
		t.Fatalf("%d steps", len(all))
	}
	return all
}

// runAction runs a step as GitHub's runner does: with bash, and the inputs in the environment.
func runAction(t *testing.T, s actionStep, dir string, env ...string) (code int, out string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", s.Run)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	return ran(t, cmd)
}

// TestAction builds lbgen and runs it on good sites and on bad ones.
func TestAction(t *testing.T) {
	testenv.Programs(t, "bash")
	temp, steps := t.TempDir(), actionSteps(t)
	for _, name := range []string{"build", "lint", "prove"} {
		for sites, want := range map[string]int{"examples/prslb.yaml examples/dual*.yaml": 0, "internal/lint/rules/other.yaml nothing.yaml": 3} {
			got, out := runAction(t, steps[name], "../..", "RUNNER_TEMP="+temp, "SITES="+sites, "FAIL_ON=warning")
			if name != "build" && got != want || name == "build" && got != 0 {
				t.Errorf("%s of %s: exit code %d\n%s", name, sites, got, out)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(temp, "lbgen")); err != nil {
		t.Error(err)
	}
}

// TestActionFetchesARelease: the version is that of the input, or the action's own tag; a
// file that is not what SHA256SUMS says is not unpacked.
func TestActionFetchesARelease(t *testing.T) {
	testenv.Programs(t, "bash", "curl", "tar")
	steps := actionSteps(t)
	for given, want := range map[[2]string]string{
		{"", "v1.2.3"}: "v1.2.3", {"v1.2.4", "v1.2.3"}: "v1.2.4", {"source", "v1.2.3"}: "",
		{"", "main"}: "", {"", "v1"}: "", {"", "0123456789abcdef"}: "",
	} {
		outputs := filepath.Join(t.TempDir(), "outputs")
		code, out := runAction(t, steps["which"], ".", "VERSION="+given[0], "REF="+given[1], "GITHUB_OUTPUT="+outputs)
		if got, _ := os.ReadFile(outputs); code != 0 || string(got) != "version="+want+"\n" {
			t.Errorf("%q: %d %q\n%s", given, code, got, out)
		}
	}
	if code, _ := runAction(t, steps["which"], ".", "VERSION=1.2.3", "REF=main", "GITHUB_OUTPUT=/dev/null"); code != 2 {
		t.Errorf("a version that is none: exit code %d", code)
	}
	releases := t.TempDir()
	made := "name=lbgen_1.2.3_linux_amd64 && mkdir -p v1.2.3/tmp/$name && echo program >v1.2.3/tmp/$name/lbgen && cd v1.2.3 &&" +
		"tar -C tmp -czf $name.tar.gz . && sha256sum *.gz >SHA256SUMS"
	if code, out := ran(t, shell(t, releases, made)); code != 0 {
		t.Fatal(out)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(releases)))
	defer server.Close()
	fetch := func() (code int, program string) {
		temp := t.TempDir()
		code, out := runAction(t, steps["fetch"], ".", "RUNNER_TEMP="+temp, "RUNNER_OS=Linux", "RUNNER_ARCH=X64", "VERSION=v1.2.3",
			"RELEASES="+server.URL)
		got, err := os.ReadFile(filepath.Join(temp, "lbgen"))
		if code == 0 && err != nil {
			t.Fatal(err, out)
		}
		return code, string(got)
	}
	if code, program := fetch(); code != 0 || program != "program\n" {
		t.Errorf("exit code %d, %q", code, program)
	}
	if code, out := ran(t, shell(t, releases, "echo more >>v1.2.3/lbgen_1.2.3_linux_amd64.tar.gz")); code != 0 {
		t.Fatal(out)
	}
	if code, program := fetch(); code == 0 || program != "" {
		t.Errorf("a file that was changed is taken: %q", program)
	}
}

func shell(t *testing.T, dir, text string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-ec", text)
	cmd.Dir = dir
	return cmd
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
