package scratch

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestScriptsStubFolders wants what leads to a script to be no link: from
// 2.4 on Keepalived calls a script below one insecure.
func TestScriptsStubFolders(t *testing.T) {
	t.Parallel()
	r := &Root{Dir: t.TempDir()}
	if err := r.Scripts([]byte("vrrp_script a {\n    script \"/usr/bin/env -0 haproxy\"\n}\nvrrp_instance v {\n    notify " +
		"\"/usr/libexec/own/script\"\n}\n")); err != nil {
		t.Fatal(err)
	}
	if err := r.link("usr"); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"usr", "usr/bin", "usr/libexec", "usr/libexec/own"} {
		if info, err := os.Lstat(filepath.Join(r.Dir, dir)); err != nil || !info.IsDir() {
			t.Errorf("%s: %v, %v", dir, info, err)
		}
	}
	if !slices.Contains(r.brought, "/usr/bin") {
		t.Errorf("the machine's programs are not there, but %q", r.brought)
	}
}

// TestStubsBesideProgramsOfTheMachine: a stub in the folder of a program that the machine has
// is not hidden by that folder, whichever Keepalived runs first.
func TestStubsBesideProgramsOfTheMachine(t *testing.T) {
	t.Parallel()
	env, stub := "vrrp_script a {\n    script \"/usr/bin/env true\"\n}\n", "vrrp_script b {\n    script \"/usr/bin/lbnosuch 1\"\n}\n"
	for _, conf := range []string{env + stub, stub + env} {
		r := &Root{Dir: t.TempDir()}
		if err := r.Scripts([]byte(conf)); err != nil {
			t.Fatal(err)
		}
		if slices.Contains(r.brought, "/usr/bin") || !r.Has("/usr/bin/lbnosuch") {
			t.Errorf("the stub is hidden by one of %q in\n%s", r.brought, conf)
		}
		if !slices.Contains(r.brought, "/usr/bin/env") {
			t.Errorf("env is a link, brought is %q in\n%s", r.brought, conf)
		}
	}
}
