package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/site"
	"github.com/lbgen/lbgen/internal/status"
)

// statusOptions are the flags of status.
type statusOptions struct {
	remote
	all bool
}

func (a *app) status() *cobra.Command {
	var o statusOptions
	c := &cobra.Command{
		Use:   "status SITE",
		Short: "Say whether the nodes of a site are as they should be, over ssh",
		Long: `status asks all nodes at the same time, which takes about five seconds, and changes
nothing on them: whether the site is installed and who has changed files since, the
daemons and their versions, who has each virtual IP and who should, servers,
certificates, the kernel's settings, and whether another machine answers for a virtual
IP or sends adverts with its virtual_router_id.

Where all is well it says so in one line. Exit code 1 says that something is not.
Nodes are reached as by lbgen deploy; docs/status.md has the list of what is found.`,
		Example: "  lbgen status site.yaml\n  lbgen status --all site.yaml\n  lbgen status --format json site.yaml",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("status takes one site file")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.runStatus(a.watch(c.Context()), args[0], o) },
	}
	o.addRemote(c)
	c.Flags().BoolVar(&o.all, "all", false, "print the tables where all is well, too")
	c.Flags().DurationVar(&o.timeout, "timeout", time.Minute, "how long one node may take")
	a.addFormat(c)
	return c
}

func (a *app) runStatus(ctx context.Context, name string, o statusOptions) error {
	s, err := o.shell()
	if err != nil {
		return err
	}
	all, err := a.rendered([]string{name}, secretsOptional)
	if err != nil {
		return err
	}
	a.progress("asking " + count(len(all[0].sets), "node"))
	answers := ask(ctx, s, all[0].site, all[0].sets)
	if err := context.Cause(ctx); err != nil {
		return err
	}
	r := status.Judge(all[0].site, answers)
	if err := a.printStatus(r, o.all); err != nil {
		return err
	}
	if len(r.Troubles) > 0 {
		return errFindings
	}
	return nil
}

// ask asks all nodes side by side: most of the time is spent listening.
func ask(ctx context.Context, s *shell, site *site.Site, sets []artifact.Set) []status.Answer {
	answers := make([]status.Answer, len(sets))
	var wait sync.WaitGroup
	for i, set := range sets {
		wait.Go(func() {
			answers[i] = status.Answer{Set: set}
			var out bytes.Buffer
			if err := s.Run(ctx, set.Node, status.Command, bytes.NewReader(status.Program(site, set)), &out); err != nil && out.Len() == 0 {
				answers[i].Err = err
				return
			}
			answers[i].Facts, answers[i].Err = status.Parse(out.Bytes())
		})
	}
	wait.Wait()
	return answers
}

func (a *app) printStatus(r status.Result, all bool) error {
	if a.format == "json" {
		enc := json.NewEncoder(a.Out)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	if len(r.Troubles) == 0 && !all {
		if !a.quiet {
			fmt.Fprintln(a.Out, healthy(r))
		}
		return nil
	}
	var b bytes.Buffer
	statusTables(&b, r)
	for _, t := range r.Troubles {
		fmt.Fprintf(&b, "%s: %s\n", strings.Join(t.Nodes, ", "), t.Summary)
		if t.Remedy != "" {
			fmt.Fprintf(&b, "    %s\n", t.Remedy)
		}
		for line := range strings.Lines(t.Diff) {
			b.WriteString("    | " + line)
		}
	}
	for _, u := range r.Unseen {
		fmt.Fprintf(&b, "%s: not looked at: %s: %s\n", strings.Join(u.Nodes, ", "), u.What, u.Why)
	}
	if len(r.Troubles) == 0 {
		fmt.Fprintln(&b, healthy(r))
	} else {
		fmt.Fprintf(&b, "\n%s: %s\n", r.Site, count(len(r.Troubles), "trouble"))
	}
	_, err := a.Out.Write(b.Bytes())
	return err
}

// healthy is what there is to say where all is well.
func healthy(r status.Result) string {
	text := fmt.Sprintf("%s: all is well: %s, %s, %s", r.Site, count(len(r.Nodes), "node"), count(len(r.VIPs), "virtual IP"),
		count(len(r.Servers), "server"))
	var unseen []string
	for _, u := range r.Unseen {
		if !slices.Contains(unseen, u.What) {
			unseen = append(unseen, u.What)
		}
	}
	if len(unseen) > 0 {
		text += "; not looked at: " + strings.Join(unseen, ", ")
	}
	return text
}

// statusTables prints nodes, virtual IPs and servers.
func statusTables(w io.Writer, r status.Result) {
	table := func(head string, rows func(row func(cells ...string))) {
		tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(tab, head)
		rows(func(cells ...string) { fmt.Fprintln(tab, strings.Join(cells, "\t")) })
		_ = tab.Flush() // what it writes to is a buffer
		fmt.Fprintln(w)
	}
	table("NODE\tHAPROXY\tKEEPALIVED\tFILES", func(row func(...string)) {
		for _, n := range r.Nodes {
			if !n.Reached {
				row(n.Name, "?", "?", "?")
				continue
			}
			row(n.Name, word(n.HAProxy+" "+n.HAProxyVersion), word(n.Keepalived+" "+n.KeepalivedVersion), n.Files)
		}
	})
	if len(r.VIPs) > 0 {
		table("VIRTUAL IP\tHELD BY\tSHOULD BE", func(row func(...string)) {
			for _, v := range r.VIPs {
				row(v.Address, word(strings.Join(v.Held, ", ")), word(strings.Join(v.Should, ", ")))
			}
		})
	}
	if len(r.Servers) > 0 {
		var names []string
		for _, n := range r.Nodes {
			names = append(names, n.Name)
		}
		table("SERVER\t"+strings.Join(names, "\t"), func(row func(...string)) {
			for _, s := range r.Servers {
				cells := []string{s.Backend + "/" + s.Name}
				for _, n := range names {
					cells = append(cells, word(s.States[n]))
				}
				row(cells...)
			}
		})
	}
}

// word is a cell of a table.
func word(text string) string {
	if text = strings.TrimSpace(text); text == "" {
		return "-"
	}
	return text
}
