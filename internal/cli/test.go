package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/report"
	"github.com/lbgen/lbgen/internal/routetest"
)

// testOptions are the flags of test.
type testOptions struct {
	coverage    bool
	minCoverage int
	real        realFlags
}

func (a *app) test() *cobra.Command {
	var o testOptions
	c := &cobra.Command{
		Use:   "test SITE...",
		Short: "Ask the tests of site files where each request goes",
		Long: `test works out what becomes of each request under tests: in the site file, and
fails where that is not what the test expects: at its line, with what happens
instead and the route that decides it. No daemon has part in it, and no secret is
read.

  tests:
    - {request: GET https://www.example.com/static/a.png, backend: static}
    - {request: GET http://www.example.com/x, redirect: https://www.example.com/x, code: 301}
    - {request: GET https://www.example.com/admin, from: 203.0.113.9, status: 403}
    - {request: GET https://www.example.com/, down: [app], status: 503, page: sorry.html}
    - {request: tcp 192.0.2.10:6443, sni: api.example.com, backend: api}

What a site file does not decide, such as a raw line, makes a test undecided, which
counts as failed. --coverage lists the routes that no test reaches.

With --real the same tests are asked of the real HAProxy of this machine, with the
rendered haproxy.cfg, in a sandbox with stubs for the servers. A test fails as well
where HAProxy does something else than is computed. It needs Linux, and root or a
kernel that gives user namespaces to others.`,
		Example: "  lbgen test site.yaml\n  lbgen test --min-coverage 80 sites/*.yaml\n  lbgen test --watch site.yaml\n" +
			"  lbgen test --format junit site.yaml > tests.xml\n  lbgen test --real site.yaml",
		Args: func(c *cobra.Command, args []string) error {
			if !slices.Contains(testFormats(), a.format) {
				return usagef("--format is one of %s, not %q", strings.Join(testFormats(), ", "), a.format)
			}
			if o.minCoverage < 0 || o.minCoverage > 100 {
				return usagef("--min-coverage is a number of per cent, 0 to 100, not %d", o.minCoverage)
			}
			if err := o.real.check(); err != nil {
				return err
			}
			return sites(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error { return a.runTest(c.Context(), args, o) },
	}
	c.Flags().BoolVar(&o.coverage, "coverage", false, "list the routes that no test reaches")
	c.Flags().IntVar(&o.minCoverage, "min-coverage", 0, "fail where the tests reach fewer routes than so many per cent")
	c.Flags().StringVar(&a.format, "format", "text", "how results are printed: "+strings.Join(testFormats(), ", "))
	o.real.add(c)
	a.addWatch(c)
	return a.orSitesHere(c)
}

func testFormats() []string { return []string{"text", "json", "github", "junit"} }

// tested is a site and what became of its tests.
type tested struct {
	*loaded
	routetest.Report
}

func (a *app) runTest(ctx context.Context, args []string, o testOptions) error {
	by := ""
	if o.real.real {
		var err error
		if by, err = o.real.version(ctx); err != nil {
			return err
		}
	}
	all, err := a.load(args, secretsIgnored)
	if err != nil {
		return err
	}
	if err := a.refuse(all); err != nil {
		return err
	}
	results := make([]tested, len(all))
	renderer := render.New()
	err = sideBySide(len(all), func(i int) (err error) {
		results[i].loaded = all[i]
		if o.real.real && len(all[i].written.Tests) > 0 {
			results[i].Report, err = o.real.realTests(ctx, all[i], renderer)
		} else {
			results[i].Report = routetest.Run(all[i].site)
		}
		return err
	})
	if err != nil {
		return err
	}
	return a.printTested(results, o, by)
}

// printTested prints what became of the tests, and by whom where that is the real HAProxy.
func (a *app) printTested(results []tested, o testOptions, by string) error {
	var found diag.List
	var all []*loaded
	for i := range results {
		found = append(found, results[i].findings(o)...)
		all = append(all, results[i].loaded)
	}
	_, sources := findings(all)
	if err := a.printTests(results, found, sources); err != nil {
		return err
	}
	if !a.quiet || len(found) > 0 {
		text := tallyTests(results)
		if by != "" {
			text += "; " + by + " was asked"
		}
		fmt.Fprintln(a.Err, text)
	}
	return outcome(found)
}

// findings are the tests of a site that have not passed, and the routes that none
// reaches where that is asked.
func (t *tested) findings(o testOptions) diag.List {
	found := t.Findings(t.src.Range)
	percent := routetest.Percent(t.Reached(), len(t.Routes))
	low := percent < o.minCoverage
	for _, r := range t.Routes {
		if r.Reached == 0 && (low || o.coverage) {
			found = append(found, diag.Diagnostic{Severity: diag.Info, Code: "route-untested", Path: r.Path, Subject: t.src.Range(r.Path),
				Summary: "no test reaches this " + strings.ReplaceAll(r.Action, "_", " ")})
		}
	}
	if low {
		found = append(found, diag.Diagnostic{Code: "coverage-low", Path: "tests",
			Summary: fmt.Sprintf("the tests reach %d of %d routes (%d %%), and %d %% are asked for", t.Reached(), len(t.Routes), percent,
				o.minCoverage),
			Detail: "add tests for the routes that are listed"})
	}
	for i := range found {
		if found[i].Subject.File == "" {
			found[i].Subject = t.src.Range(found[i].Path)
		}
	}
	found.Sort()
	return found
}

func (a *app) printTests(results []tested, found diag.List, sources report.Sources) error {
	switch a.format {
	case "json":
		return report.JSON(a.Out, found, testMembers(results)...)
	case "github":
		return report.GitHub(a.Out, found)
	case "junit":
		return report.TestsJUnit(a.Out, testSuites(results))
	default:
		return report.Text(a.Out, found, sources, a.colored(a.Out))
	}
}

func testSuites(results []tested) []report.TestSuite {
	var suites []report.TestSuite
	for i := range results {
		t := &results[i]
		suite := report.TestSuite{File: t.src.Name, Reached: t.Reached(), Routes: len(t.Routes)}
		failures := map[diag.Path]diag.Diagnostic{}
		for _, d := range t.Findings(t.src.Range) {
			failures[d.Path] = d
		}
		for j := range t.Results {
			one := report.TestCase{Name: t.Results[j].Request.Text, At: t.src.Range(t.Results[j].Path)}
			if d, ok := failures[t.Results[j].Path]; ok {
				one.Failure = &d
			}
			suite.Cases = append(suite.Cases, one)
		}
		suites = append(suites, suite)
	}
	return suites
}

// tallyTests is the closing line: of one site, or of all.
func tallyTests(results []tested) string {
	var outcomes [3]int
	reached, routes, none := 0, 0, 0
	for i := range results {
		t := &results[i]
		for j, o := range []routetest.Outcome{routetest.Passed, routetest.Failed, routetest.Undecided} {
			outcomes[j] += t.Count(o)
		}
		reached, routes = reached+t.Reached(), routes+len(t.Routes)
		if len(t.Results) == 0 {
			none++
		}
	}
	name := count(len(results), "site")
	if len(results) == 1 {
		name = results[0].written.Site
	}
	text := name + ": " + count(outcomes[0], "test") + " passed"
	if outcomes[1] > 0 {
		text += fmt.Sprintf(", %d failed", outcomes[1])
	}
	if outcomes[2] > 0 {
		text += fmt.Sprintf(", %d undecided", outcomes[2])
	}
	text += fmt.Sprintf(", %d of %s reached (%d %%)", reached, count(routes, "route"), routetest.Percent(reached, routes))
	switch {
	case none == len(results):
		text = name + ": no tests: write some under tests:"
	case none > 0:
		text += fmt.Sprintf("; %s without tests", count(none, "site"))
	}
	return text
}
