package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/compare"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/pair"
	"github.com/lbgen/lbgen/internal/plan"
)

func (a *app) plan() *cobra.Command {
	var o diffOptions
	c := &cobra.Command{
		Use:   "plan SITE -o DIR | plan OLD NEW",
		Short: "Say in which order the nodes take a change, and what clients notice of it",
		Long: `plan compares as diff does, and says what to do: which node goes first, what each
does, for how long nobody has a virtual IP, and what the change means for failures
to come. DIR is the tree of the last render, as it is on the nodes.

Where old and new Keepalived would not take each other's adverts, both would be master:
then the backups are stopped first. A first installation begins with the preferred
master, all others end with it.

Exit code 1 says that there is something to do.`,
		Example: "  lbgen plan site.yaml -o out/\n  lbgen plan old.yaml new.yaml",
		Args:    sites,
		RunE:    func(_ *cobra.Command, args []string) error { return a.runPlan(args, o) },
	}
	c.Flags().StringVarP(&o.dir, "output", "o", "", "directory with what the nodes have")
	a.addFormat(c)
	return c
}

func (a *app) runPlan(args []string, o diffOptions) error {
	if o.dir != "" && len(args) != 1 {
		return usagef("one site is planned at a time: name one site file")
	}
	r, err := a.compare(args, o)
	if err != nil {
		return err
	}
	now := r.now[0]
	p := plan.Make(plan.Input{Old: r.oldGroups(o), New: failover.Groups(now.site), Nodes: r.Nodes})
	if a.format == "json" {
		enc := json.NewEncoder(a.Out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(planJSON{p, r.requests()}); err != nil {
			return err
		}
		return differs(r.Result)
	}
	a.printPlan(now.written.Site, p)
	printRequests(a.Out, r.requests())
	return differs(r.Result)
}

// oldGroups are those of the old site file, or of the tree that the nodes have.
func (r compared) oldGroups(o diffOptions) []*failover.Group {
	if o.dir == "" {
		return failover.Groups(r.old[0].site)
	}
	var inputs []pair.Input
	for _, n := range r.Nodes {
		if n.State != compare.Missing {
			inputs = append(inputs, pair.Input{Name: n.Name, Paths: []string{o.dir + "/" + n.Name}})
		}
	}
	if len(inputs) == 0 {
		return nil
	}
	return pair.Read("", inputs).Failover().Groups
}

func (a *app) printPlan(site string, p plan.Plan) {
	if len(p.Steps)+len(p.Gone) == 0 {
		fmt.Fprintf(a.Out, "%s: nothing to do\n", site)
	}
	for _, name := range p.Gone { // above the steps: whoever goes down the list must not meet it last
		fmt.Fprintf(a.Out, "%s is no longer of the site. Before all else, there: systemctl disable --now keepalived\n", name)
	}
	if len(p.Gone) > 0 {
		fmt.Fprintln(a.Out)
	}
	if len(p.Together) > 0 {
		fmt.Fprintf(a.Out, "Old and new Keepalived would not take each other's adverts, and both would be master:\n")
		for _, why := range p.Together {
			fmt.Fprintf(a.Out, "  %s\n", why)
		}
		fmt.Fprintln(a.Out)
	}
	for i, s := range p.Steps {
		fmt.Fprintf(a.Out, "%d. %s (%s): %s\n", i+1, s.Node, s.Role, whatToDo(s))
		for _, line := range s.Does {
			fmt.Fprintf(a.Out, "   %s\n", line)
		}
		for _, m := range s.Moves {
			fmt.Fprintf(a.Out, "   %s\n", m.Sentence())
		}
	}
	if len(p.Changes) > 0 {
		fmt.Fprint(a.Out, "\nFailures to come:\n")
	}
	for _, c := range p.Changes {
		sign := ""
		if c.Worse {
			sign = "  WORSE"
		}
		fmt.Fprintf(a.Out, "  %s: %s: %s, was %s%s\n", c.Group, c.Event, c.Is, c.Was, sign)
	}
}

func whatToDo(s plan.Step) string {
	if s.Do == plan.Stop {
		return "systemctl stop keepalived"
	}
	return "sh install.sh"
}
