package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/check"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/report"
)

// checkOptions are the flags of check.
type checkOptions struct {
	node    string
	require bool
	daemons daemonFlags
}

func (a *app) check() *cobra.Command {
	var o checkOptions
	c := &cobra.Command{
		Use:   "check SITE|PAIR...",
		Short: "Ask the real daemons what they think of the files",
		Long: `check renders to a scratch root and runs every checker that this machine has
over it: haproxy -c, keepalived -t, rsyslogd -N1, logrotate -d,
firewall-offline-cmd, nft, systemd-analyze, systemd-tmpfiles, sysctl, sh -n and
shellcheck. Warnings count as findings. What this machine lacks is replaced by a stub
or left out, and said. It needs no secrets and touches nothing outside its
scratch root. Of a pair that runs already both daemons read its own files.

` + aboutPairs,
		Example: "  lbgen check site.yaml\n  lbgen check pair/\n  lbgen check --require-all --format json site.yaml",
		Args:    sites,
		RunE: func(c *cobra.Command, args []string) error {
			return a.runCheck(a.watch(c.Context()), args, o)
		},
	}
	c.Flags().StringVar(&o.node, "node", "", "check this node only")
	c.Flags().BoolVar(&o.require, "require-all", false, "a checker that this machine lacks is an error")
	o.daemons.add(c)
	a.addFormat(c)
	return a.orSitesHere(c)
}

func (a *app) runCheck(ctx context.Context, args []string, o checkOptions) error {
	if runtime.GOOS != "linux" {
		return errors.New("check asks the real daemons, which need Linux: run it there; render, lint, prove and diff work here")
	}
	names, pairs := pairsOf(args)
	all, err := a.rendered(names, certificatesOnly)
	if err != nil {
		return err
	}
	asItIs, err := a.staged(pairs)
	if err != nil {
		return err
	}
	all = append(all, asItIs...)
	if _, err := setsOf(all, o.node); err != nil {
		return err
	}
	programs, err := o.daemons.programs()
	if err != nil {
		return err
	}
	opts := check.Options{Programs: programs}
	results, err := a.checkAll(ctx, all, o, opts)
	if err != nil {
		return err
	}
	return a.printChecked(asking{results, check.Daemons(ctx, opts)}, all)
}

// checkAll checks the nodes of all sites, several at a time. The results are in
// the order of the sites and their nodes.
func (a *app) checkAll(ctx context.Context, all []*loaded, o checkOptions, opts check.Options) ([]check.Result, error) {
	type job struct {
		site   *loaded
		set    artifact.Set
		result check.Result
	}
	var jobs []*job
	for _, l := range all {
		for _, set := range only(l.sets, o.node) {
			jobs = append(jobs, &job{site: l, set: set})
		}
	}
	a.progress(fmt.Sprintf("checking %s", count(len(jobs), "node")))
	err := sideBySide(len(jobs), func(i int) error {
		jobs[i].result = check.Run(ctx, jobs[i].set, jobs[i].site.checkers(opts))
		return context.Cause(ctx)
	})
	if err != nil {
		return nil, err
	}
	var results []check.Result
	for _, j := range jobs {
		j.site.addChecked(j.result, o.require)
		results = append(results, j.result)
	}
	return results, nil
}

// addChecked adds what the daemons found, at the lines of the site file. A
// finding that another node had already is not repeated.
func (l *loaded) addChecked(r check.Result, require bool) {
	found := r.Findings()
	for _, rep := range r.Unchecked() {
		if require || rep.Late {
			found = append(found, diag.Diagnostic{Code: "not-checked", Summary: fmt.Sprintf("%s: %s", rep.Checker, rep.Status), Detail: rep.Reason})
		}
	}
	for _, d := range found {
		if l.pair != nil {
			d = l.pairPlace(d)
		} else if d.Subject.File == "" {
			d.Subject = l.src.Range(d.Path)
		}
		if !slices.ContainsFunc(l.found, func(e diag.Diagnostic) bool {
			return e.Code == d.Code && e.Summary == d.Summary && e.Subject == d.Subject
		}) {
			l.found = append(l.found, d)
		}
	}
	l.found.Sort()
}

// asking is what became of all checkers, and which daemons they asked.
type asking struct {
	results []check.Result
	daemons []check.Daemon
}

func (a *app) printChecked(c asking, all []*loaded) error {
	found, sources := findings(all)
	if a.format == "json" {
		members := []report.Member{{Name: "checkers", Value: checkersJSON(c.results)}, {Name: "daemons", Value: daemonsJSON(c.daemons)}}
		if err := report.JSON(a.Out, found, members...); err != nil {
			return err
		}
		return outcome(found)
	}
	if err := printCheckers(a.Err, c); err != nil {
		return err
	}
	return a.report(found, sources)
}

// checkerJSON is what became of one checker on one node.
type checkerJSON struct {
	Node    string   `json:"node"`
	Checker string   `json:"checker"`
	Status  string   `json:"status"` // ran, absent, not applicable, could not run
	Reason  string   `json:"reason,omitempty"`
	Stubs   []string `json:"stubs,omitempty"`
}

func checkersJSON(results []check.Result) []checkerJSON {
	all := []checkerJSON{}
	for _, r := range results {
		for _, rep := range r.Reports {
			all = append(all, checkerJSON{r.Node, rep.Checker, string(rep.Status), rep.Reason, rep.Stubs})
		}
	}
	return all
}

// printCheckers says what ran and what did not, a line for each checker and
// state, and what was replaced by a stub.
func printCheckers(w io.Writer, c asking) error {
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	var notes []string
	for _, name := range check.Names() {
		nodes := map[string][]string{}
		var states []string
		for _, r := range c.results {
			for _, rep := range r.Reports {
				if rep.Checker != name {
					continue
				}
				state := string(rep.Status)
				if which := asked(c.daemons, name); which != "" && rep.Status == check.Ran {
					state += ": " + which
				}
				if rep.Reason != "" {
					state += ": " + rep.Reason
				}
				if nodes[state] == nil {
					states = append(states, state)
				}
				nodes[state] = append(nodes[state], r.Node)
				for _, s := range rep.Stubs {
					if note := name + ": " + s; !slices.Contains(notes, note) {
						notes = append(notes, note)
					}
				}
			}
		}
		for _, state := range states {
			fmt.Fprintf(tab, "%s\t%s\t%s\n", name, listed(nodes[state]), state)
		}
	}
	if err := tab.Flush(); err != nil {
		return err
	}
	for _, n := range notes {
		fmt.Fprintf(w, "%s\n", n)
	}
	return nil
}

// listed names a few nodes, and counts many.
func listed(nodes []string) string {
	if len(nodes) > 4 {
		return count(len(nodes), "node")
	}
	return strings.Join(nodes, ", ")
}
