package fleet_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/fleet"
	"github.com/lbgen/lbgen/internal/testbox"
	"github.com/lbgen/lbgen/internal/testenv"
)

// TestGroupsAreApart: ansible knows fewer letters than a site's name may have.
func TestGroupsAreApart(t *testing.T) {
	files, err := fleet.Files([]fleet.Site{{Name: "a-b"}, {Name: "a.b"}, {Name: "a_b_2"}, {Name: "a_b"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(files[0].Data)) {
		if name, ok := strings.CutPrefix(line, "    lbgen_site_"); ok {
			if seen[name] || strings.ContainsAny(name, "-.") {
				t.Errorf("%s", name)
			}
			seen[name] = true
		}
	}
	if len(seen) != 4 {
		t.Errorf("%d groups of 4 sites", len(seen))
	}
}

// TestPlaybookIsClean has ansible-lint read the playbook, and one with a fault that it
// must find.
func TestPlaybookIsClean(t *testing.T) {
	testenv.Programs(t, "ansible-lint")
	dir := t.TempDir()
	files, err := fleet.Files([]fleet.Site{{Name: "a", Nodes: []fleet.Node{{Name: "n", First: 1, Next: 1}}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		testbox.Write(t, filepath.Join(dir, f.Path), string(f.Data), 0o644)
	}
	lint := func() (string, error) {
		cmd := exec.CommandContext(t.Context(), "ansible-lint", "--offline", "--nocolor", "-q", "site.yml")
		cmd.Dir, cmd.Env = dir, append(cmd.Environ(), "LC_ALL=C.UTF-8")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := lint(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	text := strings.Replace(string(files[2].Data), "ansible.builtin.import_tasks: tasks/look.yml", "shell: echo", 1)
	testbox.Write(t, filepath.Join(dir, files[2].Path), text, 0o644)
	if out, err := lint(); err == nil || !strings.Contains(out, "no-changed-when") {
		t.Errorf("a faulty playbook: %v\n%s", err, out)
	}
}
