package cli

import (
	"testing"

	"github.com/lbgen/lbgen/internal/check"
	"github.com/lbgen/lbgen/internal/model"
)

// TestLateCheckersAreFindings: nothing is known of the files of a checker that did not
// end within its time. One that this machine lacks is said, and no fault of the site.
func TestLateCheckersAreFindings(t *testing.T) {
	for _, c := range []struct {
		report  check.Report
		require bool
		found   int
	}{
		{check.Report{Checker: "haproxy", Status: check.CouldNotRun, Reason: "did not end within 2m0s", Late: true}, false, 1},
		{check.Report{Checker: "haproxy", Status: check.CouldNotRun, Reason: "there are no namespaces"}, false, 0},
		{check.Report{Checker: "haproxy", Status: check.Absent, Reason: "install haproxy"}, false, 0},
		{check.Report{Checker: "haproxy", Status: check.Absent, Reason: "install haproxy"}, true, 1},
		{check.Report{Checker: "haproxy", Status: check.Ran}, true, 0},
	} {
		_, src, _ := model.Load("site.yaml", []byte("version: 1\n"))
		l := &loaded{src: src}
		l.addChecked(check.Result{Node: "lb1", Reports: []check.Report{c.report}}, c.require)
		if len(l.found) != c.found || c.found > 0 && (!l.found.HasErrors() || l.found[0].Code != "not-checked") {
			t.Errorf("%+v: %+v", c.report, l.found)
		}
	}
}
