package cli

import "github.com/spf13/cobra"

func (a *app) validate() *cobra.Command {
	c := &cobra.Command{
		Use:   "validate SITE...",
		Short: "Find faults in site files, without making anything",
		Long: `validate reads site files and the pages that they name, and prints every fault
with its place. It needs no daemons and no secrets.`,
		Example: "  lbgen validate site.yaml\n  lbgen validate --format json sites/*.yaml",
		Args:    sites,
		RunE: func(_ *cobra.Command, args []string) error {
			all, err := a.load(args, certificatesOnly)
			if err != nil {
				return err
			}
			found, sources := findings(all)
			a.allWell(all, len(found))
			return a.report(found, sources)
		},
	}
	a.addFormat(c)
	return a.orSitesHere(c)
}
