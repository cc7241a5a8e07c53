// Package testenv says what a test needs of the machine, and leaves the test
// out where that is not there. It is for tests alone: lbgen does not link it.
package testenv

import (
	"os"
	"strconv"
	"testing"

	"github.com/lbgen/lbgen/internal/proc"
)

// Machine is called first by a test that starts daemons or tools, needs root or
// waits for the clock: with -short, as in make test-fast, it is skipped.
func Machine(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("it runs real programs, or waits: make test runs it, -short does not")
	}
}

// Programs is Machine for a test that starts these programs.
func Programs(t testing.TB, names ...string) {
	t.Helper()
	Machine(t)
	for _, name := range names {
		if _, err := proc.Look(name); err != nil {
			Lacks(t, "%s is not installed", name)
		}
	}
}

// Root is Machine for a test that only root can run.
func Root(t testing.TB) {
	t.Helper()
	Machine(t)
	if os.Geteuid() != 0 {
		Lacks(t, "this needs root")
	}
}

// Lacks skips the test and says what this machine lacks. With REQUIRE_DAEMONS=1,
// as in CI, where everything has to be there, the test fails instead.
func Lacks(t testing.TB, format string, args ...any) {
	t.Helper()
	if Required() {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// Number is what an environment variable says, such as how many sites a target of the
// Makefile looks at; otherwise where it is not set.
func Number(t testing.TB, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s=%q is no number", name, text)
	}
	return n
}

// Required says whether all daemons and tools have to be there.
func Required() bool { return os.Getenv("REQUIRE_DAEMONS") == "1" }
