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
