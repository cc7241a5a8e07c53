package testenv

import (
	"cmp"
	"os"
	"regexp"
	"testing"

	"github.com/lbgen/lbgen/internal/proc"
)

// NewKeepalived returns a Keepalived of 2.4 or newer: that of the variable KEEPALIVED, or of
// PATH. No stable distribution ships one, so that the test is skipped without, and says so,
// even where all daemons have to be there.
func NewKeepalived(t testing.TB) string {
	t.Helper()
	Programs(t, "keepalived")
	program := cmp.Or(os.Getenv("KEEPALIVED"), "keepalived")
	out, err := proc.Run(t.Context(), proc.Cmd{Path: program, Args: []string{"--version"}})
	if err != nil {
		t.Fatal(err)
	}
	said := string(out.Stdout) + string(out.Stderr)
	version := regexp.MustCompile(`v(\d+\.\d+)\S*`).FindStringSubmatch(said)
	if version == nil || !regexp.MustCompile(`^2\.[4-9]$|^2\.\d\d|^[3-9]\.`).MatchString(version[1]) {
		t.Skipf("signed adverts need Keepalived 2.4 and %s is another one: build it, and name it with KEEPALIVED=FILE\n%s", program, said)
	}
	return program
}
