package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/cli"
	"github.com/lbgen/lbgen/internal/testenv"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"lbgen": main})
}

// ran runs a command and returns its exit code and what it printed.
func ran(t *testing.T, c *exec.Cmd) (int, string) {
	t.Helper()
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), out.String()
}

// says runs a command that has to succeed, and to begin what it tells the user with want.
func says(t *testing.T, want string, args ...string) {
	t.Helper()
	if code, out, talk := lbgen(t, args...); code != cli.ExitOK || !strings.HasPrefix(talk, want) {
		t.Fatalf("%s: exit code %d\n%s%s", strings.Join(args, " "), code, out, talk)
	}
}

// TestScript runs the scripts of testdata/script: what a user types, and what
// comes of it. -update writes what cmp expects anew.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			for _, dir := range []string{"../../examples", "../../testdata/sites"} {
				if err := os.CopyFS(filepath.Join(env.WorkDir, filepath.Base(dir)), os.DirFS(dir)); err != nil {
					return err
				}
			}
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name != "daemons" {
				return false, fmt.Errorf("no condition %q", name)
			}
			return hasDaemons(t), nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits, "fill": fill, "sub": sub, "stamp": stamp,
		},
	})
}

// hasDaemons says whether every checker runs here: none with -short. With
// REQUIRE_DAEMONS=1 it is taken for granted, so that a missing one fails the script.
func hasDaemons(t *testing.T) bool {
	if testing.Short() {
		return false
	}
	if testenv.Required() {
		return true
	}
	code, _, _ := lbgen(t, "check", "--require-all", "../../examples/prslb.yaml")
	return code == cli.ExitOK
}

// exits runs a command that must end with exactly this code: exits CODE COMMAND.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	switch err := ts.Exec(args[1], args[2:]...); {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// fill writes a text many times: fill FILE COUNT TEXT, with Go's escapes.
func fill(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	text, err := strconv.Unquote(`"` + args[2] + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Repeat(text, n)), 0o644))
}

// sub replaces a text that stands in a file once: sub FILE OLD NEW, with Go's escapes.
func sub(ts *testscript.TestScript, _ bool, args []string) {
	file := ts.MkAbs(args[0])
	data, err := os.ReadFile(file)
	ts.Check(err)
	var text [2]string
	for i := range text {
		text[i], err = strconv.Unquote(`"` + args[i+1] + `"`)
		ts.Check(err)
	}
	if n := strings.Count(string(data), text[0]); n != 1 {
		ts.Fatalf("%q stands %d times in %s", text[0], n, args[0])
	}
	ts.Check(os.WriteFile(file, []byte(strings.Replace(string(data), text[0], text[1], 1)), 0o644))
}

// stamp writes what a tree looks like, times and modes included: stamp DIR FILE.
func stamp(ts *testscript.TestScript, _ bool, args []string) {
	root := ts.MkAbs(args[0])
	var b strings.Builder
	ts.Check(filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintln(&b, strings.TrimPrefix(path, root), info.Mode(), info.Size(), info.ModTime().UnixNano())
		return nil
	}))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b.String()), 0o644))
}
