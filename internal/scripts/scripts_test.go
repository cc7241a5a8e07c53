package scripts_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"text/template"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/scripts"
	"github.com/lbgen/lbgen/internal/site"
	"github.com/lbgen/lbgen/internal/testbox"
	"github.com/lbgen/lbgen/templates"
)

// table renders one of the tables for the node.
func table(t *testing.T, name string, node render.Node) string {
	t.Helper()
	from := func(diag.Path) string { return "" } // where a line comes from is for render
	tmpl, err := template.New(filepath.Base(name)).Funcs(template.FuncMap{"from": from}).ParseFS(templates.FS, name)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := tmpl.Execute(&b, node); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// siteSets renders a site file with its pages and secrets replaced by a stub.
func siteSets(t *testing.T, name string) []artifact.Set {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	written, _, found := model.Load(name, data)
	if found.HasErrors() {
		t.Fatal(found)
	}
	sets, err := render.New().Sets(site.Resolve(written), model.Inputs{})
	if err != nil {
		t.Fatal(err)
	}
	return sets
}

// TestScriptsAreClean: they are read by every shell that is /bin/sh somewhere,
// and shellcheck has nothing to say of them. lbgen check does not ask again.
func TestScriptsAreClean(t *testing.T) {
	t.Parallel()
	for name, program := range map[string][]byte{"install.sh": scripts.Install(), "firewalld.sh": scripts.Firewalld(),
		"status.sh": statusProgram()} {
		path := filepath.Join(t.TempDir(), name)
		testbox.Write(t, path, string(program), 0o755)
		for _, check := range []string{"sh -n", "dash -n", "bash --posix -n", "shellcheck -s sh"} {
			argv := append(strings.Fields(check), path)
			if _, err := exec.LookPath(argv[0]); err != nil {
				t.Run(argv[0], func(t *testing.T) { testbox.NeedTools(t, argv[0]) })
				continue
			}
			if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
				t.Errorf("%s %s: %v\n%s", name, check, err, out)
			}
		}
	}
}

// statusProgram is the program as a node's sh gets it, with a table that is empty.
func statusProgram() []byte { return append(bytes.Clone(scripts.Status()), "main 'unit haproxy'\n"...) }

// TestEveryPartIsUsed: each file of a program's folder stands in it, once.
func TestEveryPartIsUsed(t *testing.T) {
	t.Parallel()
	for folder, program := range map[string][]byte{"install": scripts.Install(), "firewalld": scripts.Firewalld(),
		"status": scripts.Status()} {
		parts, err := filepath.Glob(folder + "/*")
		if err != nil || len(parts) < 3 {
			t.Fatal(parts, err)
		}
		size := 0
		for _, part := range parts {
			text, err := os.ReadFile(part)
			if err != nil || bytes.Count(program, text) != 1 {
				t.Errorf("%s stands %d times in the program: %v", part, bytes.Count(program, text), err)
			}
			size += len(text)
		}
		if size != len(program) {
			t.Errorf("%s.sh has %d bytes, its parts %d", folder, len(program), size)
		}
	}
}

// TestProgramsAreTheSameEverywhere: in every tree of sites that differ in all
// that they can.
func TestProgramsAreTheSameEverywhere(t *testing.T) {
	t.Parallel()
	for _, site := range []string{"../../examples/prslb.yaml", "../../testdata/sites/debian12.yaml", "../../testdata/sites/prefix.yaml",
		"../../testdata/sites/single.yaml"} {
		for _, set := range siteSets(t, site) {
			for name, program := range map[string][]byte{"install.sh": scripts.Install(), "firewalld.sh": scripts.Firewalld()} {
				if f, ok := set.File(name); !ok || !bytes.Equal(f.Data, program) || f.Mode != 0o755 || f.Action != artifact.Tool {
					t.Errorf("%s of %s, node %s, is not the program", name, site, set.Node)
				}
			}
		}
	}
}
