package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/report"
)

func (a *app) prove() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use:   "prove SITE|PAIR...",
		Short: "Compute who has each virtual IP after every failure",
		Long: `prove goes through every failure of every node, from each state in which all is
well, and through repairs and second failures after that: HAProxy dies,
Keepalived stops, a machine is lost, a link is lost, a check fails. It prints
who has the virtual IPs then and within which time, and fails unless that is
always one node that serves. That VRRP is blocked between the nodes is shown,
but no group survives it by design, and it is not counted.

A pair that runs already is proved as it is, by its own keepalived.conf.
` + aboutPairs + `
It is arithmetic with the rules of VRRP and Keepalived; it needs no daemons.`,
		Example: "  lbgen prove site.yaml\n  lbgen prove --all --format json site.yaml\n  lbgen prove pair/",
		Args:    sites,
		RunE: func(_ *cobra.Command, args []string) error {
			return a.runProve(args, all)
		},
	}
	c.Flags().BoolVar(&all, "all", false, "show every step, repairs and second failures too")
	a.addFormat(c)
	return a.orSitesHere(c)
}

// proof is one group of a site and what was found out about it.
type proof struct {
	site   string
	group  *failover.Group
	steps  []failover.Step
	faults []failover.Fault
}

func (a *app) runProve(args []string, every bool) error {
	all, err := a.provable(args)
	if err != nil {
		return err
	}
	found, sources := findings(all)
	if unread(all) {
		return a.report(found, sources)
	}
	var proofs []proof
	for _, l := range all {
		for _, g := range l.groups() {
			p := proof{l.name(), g, g.Steps(), append(g.Prove(), g.CommonFaults()...)}
			found = append(found, p.findings(l)...)
			proofs = append(proofs, p)
		}
	}
	if a.format == "json" {
		if err := report.JSON(a.Out, found, report.Member{Name: "groups", Value: proofsJSON(proofs)}); err != nil {
			return err
		}
		return outcome(found)
	}
	if err := printProofs(a.Out, proofs, every); err != nil {
		return err
	}
	return a.report(found, sources)
}

// findings are the faults at their places in the file.
func (p proof) findings(l *loaded) diag.List {
	var found diag.List
	for _, f := range p.faults {
		found = append(found, diag.Diagnostic{Code: "failover", Path: f.Path, Summary: f.Text, Detail: p.group.Detail(f),
			Subject: l.place(f.Path)})
	}
	return found
}

func printProofs(w io.Writer, proofs []proof, every bool) error {
	if len(proofs) == 0 {
		_, err := fmt.Fprintln(w, "no virtual IPs: nothing fails over")
		return err
	}
	for i, p := range proofs {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s: %s (%s)\n", p.site, p.group.Name, strings.Join(p.group.VIPs, ", "))
		tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(tab, "MASTER\tEVENT\tMASTER THEN\tWITHIN")
		for _, s := range p.shown(every) {
			fmt.Fprintf(tab, "%s\t%s\t%s\t%s%s\n", p.group.Masters(s.From), p.event(s), p.group.Masters(s.To), within(p.group.Window(s)),
				p.verdict(s))
		}
		for _, s := range p.group.Common() {
			fmt.Fprintf(tab, "%s\t%s\t%s\t-%s\n", p.group.Masters(s.From), p.event(s), p.group.Masters(s.To), p.commonVerdict(s))
		}
		for _, s := range p.group.Rare() {
			fmt.Fprintf(tab, "%s\t%s\t%s\t%s\t%s\n", p.group.Masters(s.From), p.event(s), p.group.Masters(s.To), within(p.group.Window(s)),
				p.group.Aftermath(s))
		}
		if err := tab.Flush(); err != nil {
			return err
		}
		for _, note := range p.group.Notes() {
			fmt.Fprintf(w, "note: %s\n", note)
		}
		if len(p.faults) == 0 {
			fmt.Fprintf(w, "%d steps with up to two things broken at a time: where a node can serve, one that serves has the virtual IPs\n",
				len(p.steps))
		}
	}
	return nil
}

// shown are the steps that are printed: single failures, or every one.
func (p proof) shown(every bool) []failover.Step {
	if every {
		return p.steps
	}
	return p.group.Single()
}

func (p proof) event(s failover.Step) string {
	if len(s.From.Broken) == 0 {
		return p.group.Event(s)
	}
	return p.group.Event(s) + " (" + p.group.Condition(s.From) + ")"
}

// verdict is a further cell for what is not as it should be.
func (p proof) verdict(s failover.Step) string {
	switch {
	case s.To.Split():
		return "\tnot counted: no group survives this"
	case !p.group.Good(s.To):
		return "\tFAILS"
	default:
		return ""
	}
}

// commonVerdict is verdict for what all nodes see at once.
func (p proof) commonVerdict(s failover.Step) string {
	switch {
	case len(s.To.Masters) > 0:
		return ""
	case p.group.Counts(s):
		return "\tFAILS"
	default:
		return "\tnot counted: it may well be that no node could serve"
	}
}

// within prints a window; - where nothing moves.
func within(w failover.Window) string {
	switch {
	case len(w.Terms) == 0:
		return "-"
	case w.Best == w.Worst:
		return inSeconds(w.Best)
	default:
		return inSeconds(w.Best) + " to " + inSeconds(w.Worst)
	}
}

func inSeconds(d time.Duration) string { return fmt.Sprintf("%.2fs", d.Seconds()) }

// groupJSON is one group with its steps.
type groupJSON struct {
	Site  string     `json:"site"`
	Group string     `json:"group"`
	VIPs  []string   `json:"vips"`
	Steps []stepJSON `json:"steps"`
	Notes []string   `json:"notes,omitempty"` // what the design does not promise
}

// stepJSON is one event in one state. Times are seconds.
type stepJSON struct {
	Broken  []string   `json:"broken"`  // before
	Masters []string   `json:"masters"` // before
	Event   string     `json:"event"`
	Then    []string   `json:"then"` // masters afterwards
	Best    float64    `json:"best"`
	Worst   float64    `json:"worst"`
	Terms   []termJSON `json:"terms,omitempty"`
	OK      bool       `json:"ok"`
	Split   bool       `json:"split,omitempty"`  // not counted
	Common  bool       `json:"common,omitempty"` // all nodes see it at once
}

// termJSON is one part of a sum. Times are seconds.
type termJSON struct {
	What    string  `json:"what"`
	Formula string  `json:"formula"`
	Best    float64 `json:"best"`
	Worst   float64 `json:"worst"`
}

func proofsJSON(proofs []proof) []groupJSON {
	all := []groupJSON{}
	for _, p := range proofs {
		g := groupJSON{Site: p.site, Group: p.group.Name, VIPs: p.group.VIPs, Steps: []stepJSON{}, Notes: p.group.Notes()}
		for _, s := range p.steps {
			w := p.group.Window(s)
			g.Steps = append(g.Steps, stepJSON{
				Broken: p.group.Broken(s.From), Masters: p.group.Names(s.From), Event: p.group.Event(s), Then: p.group.Names(s.To),
				Best: w.Best.Seconds(), Worst: w.Worst.Seconds(), Terms: termsJSON(w),
				OK: p.group.Good(s.To), Split: s.To.Split(),
			})
		}
		for _, s := range p.group.Common() {
			g.Steps = append(g.Steps, stepJSON{
				Broken: p.group.Broken(s.From), Masters: p.group.Names(s.From), Event: p.group.Event(s), Then: p.group.Names(s.To),
				OK: len(s.To.Masters) == 1 || !p.group.Counts(s), Common: true,
			})
		}
		for _, s := range p.group.Rare() {
			w := p.group.Window(s)
			g.Steps = append(g.Steps, stepJSON{
				Broken: p.group.Broken(s.From), Masters: p.group.Names(s.From), Event: p.group.Event(s), Then: p.group.Names(s.To),
				Best: w.Best.Seconds(), Worst: w.Worst.Seconds(), Terms: termsJSON(w), OK: len(s.To.Masters) == 1, Split: true,
			})
		}
		all = append(all, g)
	}
	return all
}

func termsJSON(w failover.Window) []termJSON {
	all := []termJSON{}
	for _, t := range w.Terms {
		all = append(all, termJSON{t.What, t.Formula, t.Best.Seconds(), t.Worst.Seconds()})
	}
	return all
}
