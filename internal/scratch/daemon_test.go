package scratch

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
)

// TestDaemonKeepsItsName: whatever file a daemon comes from, killall and pidof
// find it in the root; a script stays, as it may start the one of the machine.
func TestDaemonKeepsItsName(t *testing.T) {
	r, _ := made(t, Options{}, artifact.File{Path: "etc/motd"})
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(dir, "script")
	if err := os.WriteFile(script, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, program, want string }{
		{"haproxy", self, "/usr/sbin/haproxy"}, {"haproxy", self, "/usr/sbin/haproxy"}, {"keepalived", script, script},
		{"keepalived", "/opt/other/keepalived", "/opt/other/keepalived"}, {"keepalived", "/opt/keepalived-2.4", "/usr/sbin/keepalived"},
	} {
		if got, err := r.Daemon(c.name, c.program); err != nil || got != c.want {
			t.Errorf("%s from %s: %q, %v, want %q", c.name, c.program, got, err, c.want)
		}
	}
	if got := r.text(t, keepalivedOptions); got == "" {
		t.Error("Debian's Keepalived would end at once")
	}
	r.placed = r.placed[:1] // /opt/keepalived-2.4 is on no machine
	places := mounted(t, r)
	for _, want := range []string{"/usr/sbin/haproxy", dir} {
		if n := len(slices.DeleteFunc(slices.Clone(places), func(p string) bool { return p != want })); n != 1 {
			t.Errorf("%s is bound %d times: %v", want, n, places)
		}
	}
}
