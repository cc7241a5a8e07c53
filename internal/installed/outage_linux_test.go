package installed_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"testing"
	"time"
)

// slack is what a busy machine, and a request that hangs until its time is over, may
// add to what is foreseen.
const slack = 3 * time.Second

// foreseen is within which time the virtual IP is served again after an event, as
// lbgen prove says.
func (w *way) foreseen(t *testing.T, event string) time.Duration {
	t.Helper()
	text := command(t, filepath.Dir(w.first), 0, w.lbgen, "prove", "--format", "json", "prslb.yaml")
	var proof struct {
		Groups []struct {
			Steps []struct {
				Event string
				Worst float64
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &proof); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, s := range proof.Groups[0].Steps {
		if s.Event == event && s.Worst > 0 {
			return time.Duration(s.Worst * float64(time.Second))
		}
	}
	t.Fatalf("lbgen prove says nothing of %q:\n%s", event, text)
	return 0
}

// within runs do, and says whether the client was always served again in time.
func (w *way) within(t *testing.T, foreseen time.Duration, do func()) {
	t.Helper()
	asked, lost, gap, why := w.client.since(do)
	t.Logf("%d of %d requests lost, the longest time without an answer %s, foreseen %s", lost, asked, gap, foreseen)
	if gap > foreseen+slack || asked == 0 {
		t.Errorf("%s without an answer (%d of %d requests lost), foreseen are %s: %q", gap, lost, asked, foreseen, why)
	}
}

func (w *way) reboot(t *testing.T) {
	ctx := context.Background()
	w.client.loses(t, 0, func() { // the backup: nobody notices
		ok(t, w.Node("prslb02").Reboot(ctx))
	})
	w.booted(t, "prslb02")
	w.stays(t, "prslb01")
	w.within(t, w.foreseen(t, "Keepalived on prslb01 is stopped"), func() {
		ok(t, w.Node("prslb01").Reboot(ctx))
	})
	w.booted(t, "prslb01")
	w.stays(t, "prslb02") // nopreempt
}

// powerCut takes the virtual IP back to the preferred master.
func (w *way) powerCut(t *testing.T) {
	ctx := context.Background()
	w.within(t, w.foreseen(t, "prslb02 is lost"), func() {
		ok(t, w.Node("prslb02").Cut(ctx))
		w.becomes(t, "prslb01")
		w.client.isServed(t)
	})
	w.client.loses(t, 0, func() { ok(t, w.Node("prslb02").Boot(ctx)) })
	w.booted(t, "prslb02")
	w.stays(t, "prslb01")
}

// booted says whether the node has come up as it was installed.
func (w *way) booted(t *testing.T, node string) {
	t.Helper()
	w.well(t, w.first, node)
	has(t, w.install(t, 0, w.first, node, "--dry-run"), "nothing to do")
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
