package cli

import (
	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/schema"
)

func (a *app) schema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the site file, for editors",
		Long: `schema prints the JSON Schema of the site file. An editor with a YAML language
server uses it where a site file begins with

    # yaml-language-server: $schema=lbgen.schema.json`,
		Example: "  lbgen schema > lbgen.schema.json",
		Args:    nothing,
		RunE: func(*cobra.Command, []string) error {
			_, err := a.Out.Write(schema.JSON)
			return err
		},
	}
}
