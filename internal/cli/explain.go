package cli

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/lint/rules"
)

func (a *app) explain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain [RULE|KEYWORD...]",
		Short: "Say why a rule of lint is there, or which field becomes a keyword; without one, list the rules",
		Long: "explain prints what a rule finds, why that hurts and what to do, with a piece of a\nsite file in which it finds " +
			"something and one in which it does not. Rules are\nnamed by number or name. Of a keyword of haproxy.cfg or keepalived.conf it " +
			"prints\nwhere it may stand and which fields of a site file become it.",
		Example: "  lbgen explain\n  lbgen explain LB1001\n  lbgen explain 'timeout http-request' nopreempt",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.listRules()
			}
			for i, name := range args {
				text := keyword(name)
				if r, ok := ruleNamed(name); ok {
					text = explained(r)
				}
				if text == "" {
					return usagef("there is no rule %q, nor a keyword of that name: lbgen explain lists the rules", name)
				}
				if i > 0 {
					fmt.Fprintln(a.Out)
				}
				if _, err := fmt.Fprint(a.Out, text); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func (a *app) listRules() error {
	tab := tabwriter.NewWriter(a.Out, 0, 0, 2, ' ', 0)
	for _, r := range rules.All() {
		fmt.Fprintf(tab, "%s\t%s\t%s\t%s\n", r.ID, r.Severity, r.Name, r.Title)
	}
	return tab.Flush()
}

// keyword says what the facts of both daemons know of a keyword; "" where they know
// none.
func keyword(name string) string {
	var b strings.Builder
	say := func(file, in string, fields []string, why string) {
		fmt.Fprintf(&b, "%s: %s\n", file, in)
		switch {
		case len(fields) > 0:
			fmt.Fprintf(&b, "  %s\n", strings.Join(fields, "\n  "))
		case why == "":
			fmt.Fprint(&b, "  no field: write it as a raw line\n")
		}
		if why != "" {
			fmt.Fprintf(&b, "  %s\n", why)
		}
	}
	for _, f := range haproxy.Find(name) {
		in := f.In.String()
		if f.Of != "" {
			in = "lines of " + f.Of
		}
		say("haproxy.cfg", in, f.Fields, f.Why)
	}
	for _, f := range keepalived.Facts() {
		if f.Keyword == name {
			say("keepalived.conf", cmp.Or(f.In, "outside of blocks"), f.Fields, "")
		}
	}
	return b.String()
}

func ruleNamed(name string) (lint.Rule, bool) {
	for _, r := range rules.All() {
		if strings.EqualFold(r.ID, name) || r.Name == name {
			return r, true
		}
	}
	return lint.Rule{}, false
}

func explained(r lint.Rule) string {
	return fmt.Sprintf("%s %s (%s)\n\n%s.\n\n%s\n\nBad:\n\n%s\nGood:\n\n%s", r.ID, r.Name, r.Severity, r.Title, r.Text,
		indented(rules.Shown(r.Bad)), indented(rules.Shown(r.Good)))
}

func indented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("  " + line)
	}
	return b.String()
}
