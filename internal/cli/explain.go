package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/lint/rules"
)

func (a *app) explain() *cobra.Command {
	return &cobra.Command{
		Use:     "explain [RULE...]",
		Short:   "Say why a rule of lint is there, with an example; without one, list them",
		Long:    "explain prints what a rule finds, why that hurts and what to do, with a piece of a\nsite file in which it finds something and one in which it does not. Rules are\nnamed by number or name.",
		Example: "  lbgen explain\n  lbgen explain LB1001",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.listRules()
			}
			for i, name := range args {
				r, ok := ruleNamed(name)
				if !ok {
					return usagef("there is no rule %q: lbgen explain lists them", name)
				}
				if i > 0 {
					fmt.Fprintln(a.Out)
				}
				if _, err := fmt.Fprint(a.Out, explained(r)); err != nil {
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

func ruleNamed(name string) (lint.Rule, bool) {
	for _, r := range rules.All() {
		if strings.EqualFold(r.ID, name) || r.Name == name {
			return r, true
		}
	}
	return lint.Rule{}, false
}

func explained(r lint.Rule) string {
	return fmt.Sprintf("%s %s (%s)\n\n%s.\n\n%s\n\nNot so:\n\n%s\nBut so:\n\n%s", r.ID, r.Name, r.Severity, r.Title, r.Text,
		indented(rules.Shown(r.Bad)), indented(rules.Shown(r.Good)))
}

func indented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("  " + line)
	}
	return b.String()
}
