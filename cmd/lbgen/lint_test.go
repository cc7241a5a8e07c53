package main

import (
	"path/filepath"
	"testing"

	"github.com/lbgen/lbgen/internal/cli"
)

// TestExamplesAreClean: what the rules find in the examples is accepted in the
// files, with reasons, and so is what they do to each other.
func TestExamplesAreClean(t *testing.T) {
	names, err := filepath.Glob("../../examples/*.yaml")
	if err != nil || len(names) < 10 {
		t.Fatal(names, err)
	}
	fleet, err := filepath.Glob("../../examples/fleet/*.yaml")
	if err != nil || len(fleet) < 2 {
		t.Fatal(fleet, err)
	}
	if code, out, talk := lbgen(t, append([]string{"lint"}, append(names, fleet...)...)...); code != cli.ExitOK || out != "" {
		t.Errorf("exit code %d\n%s%s", code, out, talk)
	}
}
