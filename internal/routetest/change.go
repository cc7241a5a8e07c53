package routetest

import (
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/site"
)

// Change is a test of the old site that passed there and does not pass with the new one.
type Change struct {
	Path    diag.Path // of the test, in the old site file
	Request string
	Was, Is Seen
}

// Changes asks the tests of the old site what becomes of their requests in the new one.
// What did not pass before is passed over.
func Changes(old, now *site.Site) []Change {
	before, after := Run(old), runTests(now, old.Written.Tests)
	var all []Change
	for i := range before.Results {
		was, is := &before.Results[i], &after.Results[i]
		if was.Outcome == Passed && is.Outcome != Passed {
			all = append(all, Change{was.Path, was.Request.Text, was.Got, is.Got})
		}
	}
	return all
}
