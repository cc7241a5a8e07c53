package testbox

import (
	"context"
	"testing"

	"github.com/lbgen/lbgen/internal/booted"
	"github.com/lbgen/lbgen/internal/testenv"
)

// Boot boots nodes with a systemd of their own; they end with the test. Where none
// can be had it skips the test, as testenv.Lacks does.
func Boot(t *testing.T, o booted.Options) *booted.Cluster {
	t.Helper()
	testenv.Machine(t)
	for _, missing := range booted.Missing() {
		testenv.Lacks(t, "nodes cannot boot here: %s", missing)
	}
	c, err := booted.Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c
}
