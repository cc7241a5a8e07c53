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

// way is the way of a site: what it renders to, and how the nodes were without it.
type way struct {
	*pair
	first, second string // folders with trees
	bare          string // the nodes as their packages have left them
}

// TestTheWholeWay goes from a site file to two nodes, and through what comes after.
func TestTheWholeWay(t *testing.T) {
	w := &way{pair: newPair(t)}
	w.first = w.render(t, "first", prslb(t))
	w.second = w.render(t, "second", prslb(t, "      - {name: prswb02, address: 192.168.50.62:80}",
		"      - {name: prswb02, address: 192.168.50.62:80}\n      - {name: prswb03, address: 192.168.50.63:80}"))
	for _, step := range []struct {
		name string
		do   func(*testing.T)
	}{
		{"dry run", w.dryRun},
		{"first installation", w.install1},
		{"the same once more", w.again},
		{"an upgrade under load", w.upgrade},
		{"undo", w.undo},
		{"deploy is killed before anybody confirms", w.deployKilled},
		{"a reboot of each node", w.reboot},
		{"power cut", w.powerCut},
		{"installations that are interrupted", w.interrupted},
		{"removal of the site", w.removal},
		{"take-over of a pair written by hand", w.takeOver},
	} {
		if t.Failed() {
			return // what follows begins with what this should have left
		}
		t.Run(step.name, step.do)
	}
}

// system is all that an installation may change on the nodes, and the daemons that run.
func (p *pair) system(t *testing.T) string {
	t.Helper()
	return p.configured(t, "/etc /var/lib/lbgen") + p.daemons(t, "MainPID", "ActiveEnterTimestampMonotonic", "ActiveState")
}

// configured are the files in these folders of both nodes, byte by byte.
func (p *pair) configured(t *testing.T, folders string) string {
	t.Helper()
	var all strings.Builder
	both(func(node string) {
		all.WriteString(p.must(t, node, `find `+folders+` ! -path '*/lbgen/lock' \( -type d -printf '%y %m %u:%g %p\n' \
				-o -printf '%y %m %u:%g %p %l\n' -type f -exec sha256sum {} + \) 2>/dev/null | sort
			sysctl -n net.ipv4.ip_nonlocal_bind`))
	})
	return all.String()
}

func (p *pair) daemons(t *testing.T, properties ...string) string {
	t.Helper()
	var all strings.Builder
	both(func(node string) {
		all.WriteString(p.must(t, node, "systemctl show haproxy keepalived rsyslog -p "+strings.Join(properties, " -p ")))
	})
	return all.String()
}

func (p *pair) unchanged(t *testing.T, do func()) {
	t.Helper()
	before := p.system(t)
	do()
	if after := p.system(t); after != before {
		t.Errorf("the nodes have changed:\n%s", lines(before, after))
	}
}

func (w *way) dryRun(t *testing.T) {
	w.bare = w.configured(t, "/etc") + w.daemons(t, "ActiveState", "UnitFileState")
	w.unchanged(t, func() {
		both(func(node string) { has(t, w.install(t, 0, w.first, node, "--dry-run"), "etc/haproxy/haproxy.cfg") })
	})
}

func (w *way) install1(t *testing.T) {
	both(func(node string) { w.install(t, 0, w.first, node) })
	w.becomes(t, "prslb01")
	both(func(node string) { w.well(t, w.first, node) })
	w.stays(t, "prslb01")
	w.client.isServed(t)
}

func (w *way) again(t *testing.T) {
	w.client.loses(t, 0, func() {
		w.unchanged(t, func() {
			both(func(node string) { has(t, w.install(t, 0, w.first, node), "nothing to do") })
		})
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
