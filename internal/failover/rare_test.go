package failover_test

import (
	"os"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/failover"
)

// TestRareFailures: a Keepalived that is killed leaves its addresses where they
// are, and one that hears nobody becomes a second master (both seen with
// Keepalived 2.2.7: taken over after 2.65 s; on its start the killed one takes the
// addresses away, and with preempt has them again 3.5 s later).
func TestRareFailures(t *testing.T) {
	for _, c := range []struct{ fields, killed, after, note, deaf string }{
		{"track: {haproxy: {}}", "a and b", "b", "", "a and b"},
		{"preempt: true, track: {haproxy: {}}", "a and b", "a", "; then a has them", "a and b"},
		{"version: 3, advert_int: 200ms, track: {haproxy: {}}", "a and b", "b", "both have them for up to 1.47s", "a and b"},
	} {
		g := trackingPair(t, c.fields)
		steps := g.Rare()
		killed, deaf := steps[0], steps[1]
		if got := g.Masters(killed.To); got != c.killed || !killed.To.Split() {
			t.Errorf("%s: killed: %s", c.fields, got)
		}
		if got := g.Masters(g.Next(killed.To, killed.Part).To); got != c.after {
			t.Errorf("%s: started again: %s", c.fields, got)
		}
		if said := g.Aftermath(killed); !strings.Contains(said, c.note) {
			t.Errorf("%s: %s", c.fields, said)
		}
		if got := g.Masters(deaf.To); got != c.deaf || deaf.Part.Kind != failover.Deaf {
			t.Errorf("%s: deaf: %s", c.fields, got)
		}
		if got := g.Masters(g.Next(deaf.To, deaf.Part).To); got != "a" {
			t.Errorf("%s: hears again: %s", c.fields, got)
		}
		for _, f := range g.Prove() {
			t.Errorf("%s: %s", c.fields, f.Text)
		}
	}
}

// TestRestartAfter holds the time against the drop-in that is rendered.
func TestRestartAfter(t *testing.T) {
	unit, err := os.ReadFile("../../templates/systemd/keepalived.override.conf.tmpl")
	if err != nil || !strings.Contains(string(unit), "\nRestart=always\nRestartSec=2\n") || failover.RestartAfter.Seconds() != 2 {
		t.Errorf("%v\n%s", err, unit)
	}
}
