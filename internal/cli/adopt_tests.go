package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/alike"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/routetest"
	"github.com/lbgen/lbgen/internal/site"
)

// addTests writes tests into the site file that say what the pair did: where nothing is
// changed the site does the same. A test that the site file does not take, or that does
// not pass, is left out.
func (r *adopted) addTests(name string) error {
	if r.notCompared() != "" || left(r.differences) > 0 {
		return nil
	}
	without := r.draft.Text
	tests := routetest.Suggest(r.sites[0].site, alike.Example)
	for range 3 {
		r.draft.Text = without
		r.draft.AddTests(tests)
		kept, report := passing(tests, name, r.draft.Text)
		if len(kept) == len(tests) {
			r.tests, r.reached, r.routes = len(tests), report.Reached(), len(report.Routes)
			return overwrite(name, string(r.draft.Text))
		}
		tests = kept
	}
	r.draft.Text = without
	return nil
}

// passing are the tests that a site file takes, and that pass.
func passing(tests []model.Test, name string, text []byte) ([]model.Test, routetest.Report) {
	var bad []diag.Path
	var report routetest.Report
	written, _, found := model.Load(name, text)
	for _, d := range found {
		bad = append(bad, d.Path)
	}
	if !found.HasErrors() {
		report = routetest.Run(site.Resolve(written))
		for _, one := range report.Results {
			if one.Outcome != routetest.Passed {
				bad = append(bad, one.Path)
			}
		}
	}
	var kept []model.Test
	for i := range tests {
		at := fmt.Sprintf("tests[%d]", i)
		if !slices.ContainsFunc(bad, func(p diag.Path) bool { return p == diag.Path(at) || strings.HasPrefix(string(p), at+".") }) {
			kept = append(kept, tests[i])
		}
	}
	return kept, report
}
