package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/report"
)

func (a *app) timing() *cobra.Command {
	c := &cobra.Command{
		Use:   "timing SITE|PAIR...",
		Short: "Compute how long failures are felt",
		Long: `timing prints, for every failure that moves a virtual IP and for every way in
which a server fails, how long that takes at best and at worst, with the sum
written out. It is arithmetic; it needs no daemons.

` + aboutPairs,
		Example: "  lbgen timing site.yaml\n  lbgen timing pair/",
		Args:    sites,
		RunE: func(_ *cobra.Command, args []string) error {
			return a.runTiming(args)
		},
	}
	a.addFormat(c)
	return a.orSitesHere(c)
}

// timed is one line of the table.
type timed struct {
	what   string
	window failover.Window
}

// timetable is what one group of nodes or one backend takes.
type timetable struct {
	site, title string
	lines       []timed
}

func (a *app) runTiming(args []string) error {
	all, err := a.provable(args)
	if err != nil {
		return err
	}
	found, sources := findings(all)
	if unread(all) {
		return a.report(found, sources)
	}
	var tables []timetable
	for _, l := range all {
		tables = append(tables, timetables(l)...)
	}
	if a.format == "json" {
		return report.JSON(a.Out, found, report.Member{Name: "timing", Value: timingJSON(tables)})
	}
	if err := report.Text(a.Err, found, sources, a.colored(a.Err)); err != nil {
		return err
	}
	return printTiming(a.Out, tables)
}

func timetables(l *loaded) []timetable {
	var tables []timetable
	for _, g := range l.groups() {
		t := timetable{l.name(), fmt.Sprintf("%s (%s)", g.Name, strings.Join(g.VIPs, ", ")), nil}
		for _, s := range g.Single() {
			if w := g.Window(s); len(w.Terms) > 0 {
				t.lines = append(t.lines, timed{g.Event(s), w})
			}
		}
		tables = append(tables, t)
	}
	for _, c := range l.checks() {
		tables = append(tables, timetable{l.name(), c.title, []timed{
			{"a server refuses, or answers with a wrong status", c.Detection(failover.Refuses)},
			{"a server accepts and does not answer", c.Detection(failover.Slow)},
			{"a server vanishes", c.Detection(failover.Vanishes)},
			{"a server is well again", c.Return()},
		}})
	}
	return tables
}

func printTiming(w io.Writer, tables []timetable) error {
	for i, t := range tables {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s: %s\n", t.site, t.title)
		tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(tab, "EVENT\tBEST\tWORST\tSUM")
		for _, l := range t.lines {
			fmt.Fprintf(tab, "%s\t%s\t%s\t%s\n", l.what, inSeconds(l.window.Best), inSeconds(l.window.Worst), sum(l.window))
		}
		if err := tab.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// sum writes the terms out.
func sum(w failover.Window) string {
	var terms []string
	for _, t := range w.Terms {
		terms = append(terms, fmt.Sprintf("%s: %s", t.What, t.Formula))
	}
	return strings.Join(terms, " + ")
}

// timedJSON is one event of a group or a backend. Times are seconds.
type timedJSON struct {
	Site  string     `json:"site"`
	Of    string     `json:"of"`
	Event string     `json:"event"`
	Best  float64    `json:"best"`
	Worst float64    `json:"worst"`
	Terms []termJSON `json:"terms"`
}

func timingJSON(tables []timetable) []timedJSON {
	all := []timedJSON{}
	for _, t := range tables {
		for _, l := range t.lines {
			all = append(all, timedJSON{t.site, t.title, l.what, l.window.Best.Seconds(), l.window.Worst.Seconds(), termsJSON(l.window)})
		}
	}
	return all
}
