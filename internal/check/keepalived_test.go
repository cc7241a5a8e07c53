package check

import (
	"os"
	"path/filepath"
	"testing"
)

// TestScriptsStandInFolders wants what leads to a script to be no link: from
// 2.4 on Keepalived calls a script below one insecure.
func TestScriptsStandInFolders(t *testing.T) {
	t.Parallel()
	r := &room{root: t.TempDir(), job: &job{}}
	if err := r.scripts([]byte("    script \"/usr/bin/killall -0 haproxy\"\n    notify \"/usr/libexec/own/script\"\n")); err != nil {
		t.Fatal(err)
	}
	if err := r.link("usr"); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"usr", "usr/bin", "usr/libexec", "usr/libexec/own"} {
		if info, err := os.Lstat(filepath.Join(r.root, dir)); err != nil || !info.IsDir() {
			t.Errorf("%s: %v, %v", dir, info, err)
		}
	}
	if _, err := os.Lstat(filepath.Join(r.root, "usr/bin/env")); err != nil {
		t.Error("the machine's other programs are gone", err)
	}
}
