package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/check"
	"github.com/lbgen/lbgen/internal/graph"
	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/recording"
	"github.com/lbgen/lbgen/internal/rehearse"
	"github.com/lbgen/lbgen/internal/rehearse/page"
	"github.com/lbgen/lbgen/internal/report"
)

// rehearseOptions are the flags of rehearse.
type rehearseOptions struct {
	drills      []string
	list, clean bool
	html        string
	record      string
	jobs        int
	daemons     daemonFlags
	bootFlags
}

// defaultJobs is how many drills run at the same time: each waits nearly all of
// the time, and six of them leave two processors half idle.
const defaultJobs = 6

func (a *app) rehearse() *cobra.Command {
	var o rehearseOptions
	c := &cobra.Command{
		Use:   "rehearse SITE|PAIR",
		Short: "Fail a site or a pair over on this machine, with the real daemons",
		Long: `rehearse stands the whole site up on this machine, in namespaces that have no way
out: every node with its NICs, the real HAProxy and Keepalived with the rendered
files, stubs for the servers behind them, a client in front. Then it breaks
one thing after another, measures how long the client is not served, and fails
where that is not within the window that lbgen timing computes.

Of a pair that runs already its own files are run, as they are: what is foreseen
comes from its keepalived.conf, and NICs, addresses and servers from what its files
say.

` + aboutPairs + `
With --boot the nodes have a systemd of their own: they boot by systemd-nspawn, the
site's trees are copied there by scp and installed by their own install.sh in the order
that lbgen plan says. The drills are others: the installation itself, a reboot, a power
cut, daemons that systemd starts again, a change under load, --undo, a full disk. A node
has the system of this machine, or what --root names. It needs root and systemd-nspawn.

It needs Linux, HAProxy and Keepalived, and root or a kernel that gives user
namespaces to others. Nothing of the machine is changed, and nothing is left
behind. docs/rehearsal.md says what is real, and what a green run does not prove.

Exit codes: 0 no drill has failed, 1 one has, 2 wrong usage, 3 failure, 4 no drill
has failed, and this machine was too busy to judge all of them.`,
		Example: "  lbgen rehearse site.yaml\n  lbgen rehearse --drill node-lost --html rehearsal.html site.yaml\n" +
			"  lbgen rehearse pair/\n  lbgen rehearse --list site.yaml\n" +
			"  lbgen rehearse --boot site.yaml\n  lbgen rehearse --boot --root lb1=rocky9.tar --root lb2=rocky9.tar site.yaml",
		Args: func(c *cobra.Command, args []string) error {
			switch {
			case o.clean && len(args) > 0:
				return usagef("--clean takes no site file: it ends what earlier rehearsals have left")
			case !o.clean && len(args) != 1 && !allPairs(args):
				return usagef("name one site file, - for standard input, or one pair")
			case o.jobs < 1:
				return usagef("--jobs is at least 1")
			case !slices.Contains([]string{"text", "json", "junit"}, a.format):
				return usagef("--format is text, json or junit, not %q", a.format)
			}
			return o.wrong(c, args, &o)
		},
		RunE: func(c *cobra.Command, args []string) error {
			if o.clean {
				return a.cleanLabs()
			}
			return a.runRehearse(a.watch(c.Context()), args, o)
		},
	}
	c.Flags().StringSliceVar(&o.drills, "drill", nil, "run this drill only (may be given several times)")
	c.Flags().BoolVar(&o.list, "list", false, "list the drills that fit the site, and run none")
	c.Flags().BoolVar(&o.clean, "clean", false, "end what a rehearsal has left that was killed")
	c.Flags().StringVar(&o.html, "html", "", "write a page with a picture of the site and a chart of each drill to this file")
	c.Flags().StringVar(&o.record, "record", "", "write everything that happens in each drill to a file DRILL.jsonl in this directory")
	c.Flags().IntVar(&o.jobs, "jobs", defaultJobs, "drills at the same time")
	c.Flags().StringVar(&a.format, "format", "text", "how results are printed: text, json or junit")
	o.daemons.add(c)
	o.addTo(c)
	return c
}

// agent is how lbgen starts itself for a rehearsal.
func (a *app) agent() *cobra.Command {
	return &cobra.Command{
		Use: agentCommand, Hidden: true, Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return lab.Agent(append([]string{"lbgen", agentCommand}, args...))
		},
	}
}

const agentCommand = "rehearsal-agent"

func (a *app) cleanLabs() error {
	n, err := lab.Clean(agentCommand)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.Out, "%s ended\n", count(n, "forgotten rehearsal"))
	return err
}

func (a *app) runRehearse(ctx context.Context, args []string, o rehearseOptions) error {
	l, subject, err := a.toRehearse(args)
	if err != nil {
		return err
	}
	b, err := o.booting(l)
	if err != nil {
		return err
	}
	drills, err := o.chosen(subject, l, b)
	if err != nil {
		return usageError{err}
	}
	about := "about " + roughly(rehearse.Lasts(subject, l.sets, drills, rehearse.Options{Boot: b, Jobs: o.jobs}))
	if o.list {
		err := printDrills(a.Out, subject, drills)
		fmt.Fprintf(a.Out, "%s: %s, with up to %d at the same time\n", count(len(drills), "drill"), about, o.jobs)
		return err
	}
	programs, err := o.daemons.programs()
	if err != nil {
		return err
	}
	if err := possible(ctx, l, b, programs); err != nil {
		return err
	}
	if o.record != "" {
		if err := os.MkdirAll(o.record, 0o700); err != nil {
			return err
		}
	}
	if !a.quiet && a.format == "text" {
		fmt.Fprintf(a.Err, "rehearsing %s: %s\n", count(len(drills), "drill"), about)
	}
	r, err := rehearse.Run(ctx, subject, l.sets, drills, rehearse.Options{
		Lab:  lab.Options{Self: []string{"lbgen", agentCommand}, Programs: programs},
		Boot: b, Jobs: o.jobs, Keep: keep(o.record), Progress: a.rehearsalProgress(len(drills)),
	})
	if err != nil {
		return err
	}
	if b == nil {
		for _, d := range check.Daemons(ctx, check.Options{Programs: programs}) {
			r.Daemons = append(r.Daemons, judge.Daemon(d))
		}
	}
	return a.tellRehearsal(r, l, o)
}

// chosen are the drills that are wanted of those that fit.
func (o *rehearseOptions) chosen(s *rehearse.Subject, l *loaded, b *rehearse.Booting) ([]rehearse.Drill, error) {
	drills := rehearse.Drills(s)
	if b != nil {
		drills = rehearse.BootDrills(s, l.sets, b)
	}
	if len(o.drills) == 0 {
		return drills, nil
	}
	return rehearse.Find(drills, o.drills)
}

// possible says what a rehearsal lacks on this machine.
func possible(ctx context.Context, l *loaded, b *rehearse.Booting, programs map[string]string) error {
	if b != nil {
		return bootable(ctx, l, b)
	}
	if missing := lab.Missing(l.sets, programs); len(missing) > 0 {
		return errors.New(strings.Join(missing, "\nlbgen: "))
	}
	return nil
}

// tellRehearsal prints what has come of it, and says so by its error.
func (a *app) tellRehearsal(r judge.Result, l *loaded, o rehearseOptions) error {
	if err := a.printRehearsal(r); err != nil {
		return err
	}
	if o.html != "" {
		if err := writePage(o.html, r, graph.Of(l.site)); err != nil {
			return err
		}
	}
	switch {
	case r.Failed():
		return errFindings
	case r.Inconclusive():
		return errInconclusive
	default:
		return nil
	}
}

// toRehearse reads a site and renders it, or a pair as it is.
func (a *app) toRehearse(args []string) (*loaded, *rehearse.Subject, error) {
	if isPair(args[0]) {
		return a.pairToRehearse(args)
	}
	all, err := a.rendered(args, secretsIgnored)
	if err != nil {
		return nil, nil, err
	}
	return all[0], rehearse.Of(all[0].site), nil
}

// roughly is a length of time as one says it beforehand: in steps of five seconds,
// or of minutes where it is many.
func roughly(d time.Duration) string {
	if d > 5*time.Minute {
		return fmt.Sprintf("%.0f minutes", d.Minutes())
	}
	return (d + 5*time.Second).Truncate(5 * time.Second).String()
}

// keep writes what was recorded of drills into a directory; nil where there is none.
func keep(dir string) func(string, []recording.Event) (string, error) {
	if dir == "" {
		return nil
	}
	return func(drill string, events []recording.Event) (string, error) {
		var b bytes.Buffer
		if err := recording.Write(&b, events); err != nil {
			return "", err
		}
		file := filepath.Join(dir, drill+".jsonl")
		return file, os.WriteFile(file, b.Bytes(), 0o600)
	}
}

// rehearsalProgress says how far it is.
func (a *app) rehearsalProgress(of int) func(int, int, judge.Outcome) {
	a.progress(fmt.Sprintf("rehearsing %s", count(of, "drill")))
	return func(done, of int, last judge.Outcome) {
		a.progress(fmt.Sprintf("rehearsing: %d of %d drills, %s has %s", done, of, last.Drill, last.Verdict))
	}
}

func writePage(name string, r judge.Result, g graph.Graph) error {
	var b bytes.Buffer
	if err := page.Write(&b, r, g); err != nil {
		return err
	}
	return writePublic(name, b.Bytes())
}

func printDrills(w io.Writer, s *rehearse.Subject, drills []rehearse.Drill) error {
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tab, "DRILL\tPREDICTED\tWHAT IT DOES")
	for _, d := range drills {
		within := strings.Join(d.Predicted(s), ", ")
		if within == "" {
			within = "-"
		}
		what := d.Title
		if d.Unable != "" {
			what += " (not here: " + d.Unable + ")"
		}
		fmt.Fprintf(tab, "%s\t%s\t%s\n", d.Name, within, what)
	}
	return tab.Flush()
}

func (a *app) printRehearsal(r judge.Result) error {
	switch a.format {
	case "json":
		return report.RehearsalJSON(a.Out, r)
	case "junit":
		return report.RehearsalJUnit(a.Out, r)
	default:
		return report.RehearsalText(a.Out, r)
	}
}
