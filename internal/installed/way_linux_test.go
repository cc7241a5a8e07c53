package installed_test

import (
	"strings"
	"testing"
)

func both(do func(node string)) {
	for _, node := range []string{"prslb01", "prslb02"} {
		do(node)
	}
}

// TestTheWholeWay goes from a site file to two nodes, and through what comes after.
func TestTheWholeWay(t *testing.T) {
	p := newPair(t)
	first := p.render(t, "first", prslb(t))
	step := func(name string, do func(t *testing.T)) {
		if t.Failed() {
			return // what follows begins with what this should have left
		}
		t.Run(name, do)
	}
	system := func(t *testing.T) string {
		t.Helper()
		var all strings.Builder
		both(func(node string) {
			all.WriteString(p.must(t, node, `find /etc /var/lib/lbgen ! -path '*/lbgen/lock' -printf '%y %m %u:%g %p %l\n' \
					-type f -exec sha256sum {} + 2>/dev/null | sort
				sysctl -n net.ipv4.ip_nonlocal_bind
				systemctl show -p MainPID -p ActiveEnterTimestampMonotonic -p ActiveState haproxy keepalived rsyslog`))
		})
		return all.String()
	}
	unchanged := func(t *testing.T, do func()) {
		t.Helper()
		before := system(t)
		do()
		if after := system(t); after != before {
			t.Errorf("the nodes have changed:\n%s", lines(before, after))
		}
	}

	step("dry run", func(t *testing.T) {
		unchanged(t, func() {
			both(func(node string) { has(t, p.install(t, 0, first, node, "--dry-run"), "etc/haproxy/haproxy.cfg") })
		})
	})
	step("first installation", func(t *testing.T) {
		both(func(node string) { p.install(t, 0, first, node) })
		p.becomes(t, "prslb01")
		both(func(node string) { p.well(t, first, node) })
		p.stays(t, "prslb01")
		p.client.isServed(t)
	})
	step("the same once more", func(t *testing.T) {
		p.client.loses(t, 0, func() {
			unchanged(t, func() {
				both(func(node string) { has(t, p.install(t, 0, first, node), "nothing to do") })
			})
		})
	})
	second := p.render(t, "second", prslb(t, "      - {name: prswb02, address: 192.168.50.62:80}",
		"      - {name: prswb02, address: 192.168.50.62:80}\n      - {name: prswb03, address: 192.168.50.63:80}"))
	step("an upgrade under load", func(t *testing.T) {
		keepalived := func() string { return p.must(t, "prslb01", "systemctl show -p MainPID haproxy keepalived") }
		before := keepalived()
		p.client.loses(t, 0, func() {
			p.install(t, 0, second, "prslb02")
			p.install(t, 0, second, "prslb01")
		})
		if after := keepalived(); after != before {
			t.Errorf("daemons were restarted: %s, were %s", after, before)
		}
		both(func(node string) { p.well(t, second, node) })
		p.stays(t, "prslb01")
	})
}

func has(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("it does not say %q:\n%s", w, text)
		}
	}
}

// lines are those that only one of the texts has.
func lines(before, after string) string {
	var out strings.Builder
	for l := range strings.Lines(before) {
		if !strings.Contains(after, l) {
			out.WriteString("- " + l)
		}
	}
	for l := range strings.Lines(after) {
		if !strings.Contains(before, l) {
			out.WriteString("+ " + l)
		}
	}
	return out.String()
}
