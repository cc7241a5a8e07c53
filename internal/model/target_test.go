package model_test

import (
	"testing"

	"github.com/lbgen/lbgen/internal/model"
)

// TestNewerTarget: what lbgen does not know yet is written as the newest that it knows;
// a slip of the finger is an error still.
func TestNewerTarget(t *testing.T) {
	for version, newer := range map[string]bool{"3.5": true, "4.0": true, "3.4": false, "2.66": false, "3": false, "3.5.1": false, "x": false,
		"03.5": false, "3.05": false, "100.0": false, "": false} {
		if model.IsNewer(version, model.HAProxyVersions()) != newer {
			t.Errorf("%q is newer: %v", version, !newer)
		}
	}
	s := model.Site{Platform: "debian12", Target: model.Target{HAProxy: "9.9", Keepalived: "2.9"}}
	if m := s.Machine(); m.HAProxy != "3.4" || m.Keepalived != "2.4" {
		t.Errorf("HAProxy %s, Keepalived %s", m.HAProxy, m.Keepalived)
	}
}
