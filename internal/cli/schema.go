package cli

import (
	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/schema"
)

func (a *app) schema() *cobra.Command {
	var findings, status bool
	c := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the site file, for editors",
		Long: `schema prints the JSON Schema of the site file. An editor with a YAML language
server uses it where a site file begins with

    # yaml-language-server: $schema=lbgen.schema.json

With --findings it prints the schema of what the other commands print with
--format json, with --status that of lbgen status.`,
		Example: "  lbgen schema > lbgen.schema.json\n  lbgen schema --findings > findings.schema.json",
		Args:    nothing,
		RunE: func(*cobra.Command, []string) error {
			text := schema.JSON
			switch {
			case findings && status:
				return usagef("--findings or --status, not both")
			case findings:
				text = schema.Findings
			case status:
				text = schema.Status
			}
			_, err := a.Out.Write(text)
			return err
		},
	}
	c.Flags().BoolVar(&findings, "findings", false, "print the schema of the output with --format json")
	c.Flags().BoolVar(&status, "status", false, "print the schema of lbgen status --format json")
	return c
}
