package installed_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/lbgen/lbgen/internal/testenv"
)

// TestTwoReleases is a pair in the middle of an upgrade of its system: the master runs
// this machine's Debian 12, the backup Debian 13, whose root OTHER_RELEASE names. Both have
// what they should, and each takes over from the other.
func TestTwoReleases(t *testing.T) {
	testenv.Machine(t)
	root := os.Getenv("OTHER_RELEASE")
	if root == "" {
		t.Skip("make releases-real fetches a Debian 13 and runs this")
	}
	w := &way{pair: bootPair(t, false, "", root)}
	w.must(t, "prslb01", "grep -q bookworm /etc/os-release")
	w.must(t, "prslb02", "grep -q trixie /etc/os-release")
	w.withoutFirewalld(t)
	both(func(node string) {
		t.Log(w.must(t, node, "haproxy -v | head -n 1; keepalived --version 2>&1 | head -n 1"))
	})

	oneOfThem := []string{"priority: 50, ", "priority: 50, platform: debian13, "}
	w.first = w.render(t, "twelve", prslb(t))
	has(t, w.install(t, 1, w.first, "prslb02"), "the tree is for debian12, and this machine is debian 13: write platform: debian13")
	w.second = w.render(t, "mixed", prslb(t, oneOfThem...))
	both(func(node string) { w.install(t, 0, w.second, node) })
	w.becomes(t, "prslb01")
	both(func(node string) { w.well(t, w.second, node) })
	sums := map[string]bool{}
	both(func(node string) { sums[w.must(t, node, "sha256sum </etc/haproxy/haproxy.cfg")] = true })
	if len(sums) != 1 {
		t.Error("haproxy.cfg is not one")
	}
	w.client.isServed(t)

	ctx := context.Background()
	w.within(t, w.foreseen(t, "Keepalived on prslb01 is stopped"), func() {
		ok(t, w.Node("prslb01").Reboot(ctx))
	})
	w.stays(t, "prslb02") // nopreempt
	w.within(t, w.foreseen(t, "prslb02 is lost"), func() {
		ok(t, w.Node("prslb02").Cut(ctx))
		w.becomes(t, "prslb01")
		w.client.isServed(t)
	})
	w.client.loses(t, 0, func() { ok(t, w.Node("prslb02").Boot(ctx)) })
	both(func(node string) {
		w.well(t, w.second, node)
		has(t, w.install(t, 0, w.second, node, "--dry-run"), "nothing to do")
	})
	w.stays(t, "prslb01")

	third := w.render(t, "changed", prslb(t, append(oneOfThem, "prswb02, address: 192.168.50.62:80", "prswb02, address: 192.168.50.63:80")...))
	w.client.loses(t, 0, func() {
		command(t, filepath.Dir(third), 0, w.lbgen, "deploy", "--ssh-config", w.SSHConfig(), "prslb.yaml")
	})
	both(func(node string) { w.well(t, third, node) })
	w.stays(t, "prslb01")
}
