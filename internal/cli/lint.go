package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/lint/rules"
	filerules "github.com/lbgen/lbgen/internal/pair/rules"
	"github.com/lbgen/lbgen/internal/report"
	"github.com/lbgen/lbgen/internal/source"
)

// lintOptions are the flags of lint.
type lintOptions struct {
	failOn string
	fix    bool
}

func (a *app) lint() *cobra.Command {
	var o lintOptions
	c := &cobra.Command{
		Use:   "lint SITE|PAIR...",
		Short: "Find what no daemon can see, in one site or across several",
		Long: `lint looks at whole sites with lbgen's own rules: what happens between the nodes,
what the daemons accept and users suffer from, and, where several site files are
named, what two sites do to each other. lbgen explain LB1001 says more of a rule.

A comment accepts what a rule finds on its line, or in the block below it:

  virtual_router_id: 51   # lbgen:ignore LB1003 -- the only pair in this network

Of a pair that runs already it looks at the files themselves, of all nodes at
once, and the comment is one of haproxy.cfg or keepalived.conf.

` + aboutPairs + `
It needs no daemons and no secrets.`,
		Example: `  lbgen lint sites/*.yaml
  lbgen lint pair/
  lbgen lint --fix site.yaml
  lbgen lint --watch site.yaml
  lbgen lint --format sarif site.yaml > lbgen.sarif`,
		Args: func(c *cobra.Command, args []string) error {
			if o.failOn != "warning" && o.failOn != "error" {
				return usagef("--fail-on is warning or error, not %q", o.failOn)
			}
			if !slices.Contains(lintFormats(), a.format) {
				return usagef("--format is one of %s, not %q", strings.Join(lintFormats(), ", "), a.format)
			}
			if o.fix && slices.Contains(args, "-") {
				return usagef("standard input cannot be fixed: name the file")
			}
			return sites(c, args)
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.runLint(args, o) },
	}
	c.Flags().StringVar(&o.failOn, "fail-on", "warning", "the least severity that ends with exit code 1: warning or error")
	c.Flags().BoolVar(&o.fix, "fix", false, "write the safe fixes into the site files first")
	c.Flags().StringVar(&a.format, "format", "text", "how findings are printed: "+strings.Join(lintFormats(), ", "))
	a.addWatch(c)
	return a.orSitesHere(c)
}

func lintFormats() []string { return []string{"text", "json", "sarif", "github", "junit"} }

func (a *app) runLint(args []string, o lintOptions) error {
	all, err := a.linted(args)
	if err != nil {
		return err
	}
	if o.fix {
		mended, err := mend(all)
		if err != nil {
			return err
		}
		if mended > 0 {
			fmt.Fprintf(a.Err, "%s mended\n", count(mended, "finding"))
			if all, err = a.linted(args); err != nil {
				return err
			}
		}
	}
	found, sources := findings(all)
	if err := a.printLint(all, found, sources); err != nil {
		return err
	}
	a.allWell(all, len(found))
	failing := found.Count(diag.Error)
	if o.failOn == "warning" {
		failing += found.Count(diag.Warning)
	}
	if failing > 0 {
		return errFindings
	}
	return nil
}

// linted reads the sites and adds what the rules find. Sites with errors are
// shown to no rule, and not compared with the others.
func (a *app) linted(args []string) ([]*loaded, error) {
	all, err := a.loadAny(args)
	if err != nil {
		return nil, err
	}
	var subjects []lint.Subject
	now := a.now()
	var whole []*loaded
	for _, l := range all {
		if l.pair != nil {
			if len(l.pair.Nodes) > 0 {
				l.found = append(l.found, filerules.Run(filerules.All(), l.pair)...)
				l.found.Sort()
			}
		} else if !l.found.HasErrors() {
			subjects = append(subjects, lint.Subject{Site: l.site, Source: l.src, Certificates: l.in.Certificates, Now: now})
			whole = append(whole, l)
		}
	}
	jobs := func(n int, job func(i int)) {
		_ = sideBySide(n, func(i int) error { job(i); return nil }) // they have no errors
	}
	for i, found := range lint.Run(rules.All(), subjects, jobs) {
		whole[i].found = append(whole[i].found, found...)
		whole[i].found.Sort()
	}
	return all, nil
}

func (a *app) printLint(all []*loaded, found diag.List, sources report.Sources) error {
	switch a.format {
	case "sarif":
		return report.SARIF(a.Out, found, ruleInfos())
	case "github":
		return report.GitHub(a.Out, found)
	case "junit":
		var files []string
		for _, l := range all {
			if l.pair != nil {
				files = append(files, slices.Sorted(maps.Keys(l.pair.Texts))...)
				continue
			}
			for _, f := range l.src.Files() {
				if !slices.Contains(files, f.Name) {
					files = append(files, f.Name)
				}
			}
		}
		return report.JUnit(a.Out, files, found)
	default:
		return a.print(found, sources)
	}
}

func ruleInfos() []report.Rule {
	var infos []report.Rule
	for _, r := range rules.All() {
		infos = append(infos, report.Rule{ID: r.ID, Name: r.Name, Title: r.Title, Text: r.Text, Severity: r.Severity})
	}
	for _, r := range filerules.All() {
		if r.Title != "" {
			infos = append(infos, report.Rule{ID: r.ID, Name: r.Name, Title: r.Title, Text: r.Text, Severity: r.Severity})
		}
	}
	return infos
}

// mend writes the fixes of all findings into the files, and returns how many.
func mend(all []*loaded) (int, error) {
	edits := map[string][]diag.Edit{}
	files := map[string]*source.File{}
	n := 0
	for _, l := range all {
		if l.pair != nil {
			continue // it is not ours to change
		}
		for _, f := range l.src.Files() {
			files[f.Name] = f
		}
		for _, d := range l.found {
			if d.Fix == nil {
				continue
			}
			n++
			for _, e := range d.Fix.Edits {
				if !slices.Contains(edits[e.Range.File], e) { // a shared file is fixed once
					edits[e.Range.File] = append(edits[e.Range.File], e)
				}
			}
		}
	}
	for name, list := range edits {
		if err := overwrite(name, files[name].Apply(list)); err != nil {
			return 0, err
		}
	}
	return n, nil
}
