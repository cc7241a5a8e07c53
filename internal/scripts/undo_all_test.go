package scripts_test

import (
	"fmt"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
)

// TestUndoGoesAllTheWay undoes more runs than backups are kept: what a forgotten run has
// brought, or taken, is undone with the first one.
func TestUndoGoesAllTheWay(t *testing.T) {
	t.Parallel()
	b := lightBox(t)
	look := func() string {
		return b.Files("/etc") + b.Must(`cat /proc/sys/net/ipv4/ip_nonlocal_bind; ls /run/units; ls -d /var/log/haproxy 2>/dev/null || :`)
	}
	b.Must("mkdir -p /etc/haproxy/more; echo by hand >/etc/haproxy/more/hand.http")
	before := look()
	b.Must(install, prslb().ship(t))
	b.Must(install, upgraded().put("etc/haproxy/more/hand.http", "new\n", artifact.ReloadHAProxy).ship(t)) // its backup is forgotten
	for i := range 6 {
		b.Must(install, upgraded().put("etc/haproxy/haproxy.cfg", haproxyCfg+fmt.Sprintf("# %d\n", i), artifact.ReloadHAProxy).ship(t))
	}
	sh := upgraded().ship(t)
	for range 6 {
		b.Must(install+" --undo", sh)
	}
	if after := look(); after != before {
		t.Errorf("not as before:\n%s", diffLines(before, after))
	}
}
