package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/alike"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/routetest"
)

// addTests writes tests into the site file that say what the pair did: where nothing is
// changed the site does the same. A test that the site file does not take, or that does
// not pass, is left out.
func (a *app) addTests(r *adopted, name string) error {
	if r.notCompared() != "" || left(r.differences) > 0 {
		return nil
	}
	without, info := r.draft.Text, os.FileMode(0o644)
	if i, err := os.Stat(name); err == nil {
		info = i.Mode().Perm()
	}
	tests := routetest.Suggest(r.sites[0].site, alike.Example)
	for range 3 {
		r.draft.Text = without
		r.draft.AddTests(tests)
		if err := os.WriteFile(name, r.draft.Text, info); err != nil {
			return err
		}
		all, err := a.load([]string{name}, secretsOptional)
		if err != nil {
			return err
		}
		kept, report := passing(tests, all[0])
		if len(kept) == len(tests) {
			r.tests, r.reached, r.routes = len(tests), report.Reached(), len(report.Routes)
			return nil
		}
		tests = kept
	}
	r.draft.Text = without
	return os.WriteFile(name, without, info)
}

// passing are the tests that a site file takes, and that pass.
func passing(tests []model.Test, l *loaded) ([]model.Test, routetest.Report) {
	var bad []diag.Path
	var report routetest.Report
	for _, d := range l.found {
		bad = append(bad, d.Path)
	}
	if l.site != nil {
		report = routetest.Run(l.site)
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
