package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// sitesHere returns the site files of the folder that lbgen is run in: lbgen.yaml,
// else site.yaml, else those in sites/.
func sitesHere() []string {
	for _, name := range []string{"lbgen.yaml", "site.yaml"} {
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			return []string{name}
		}
	}
	all, err := filepath.Glob("sites/*.yaml") // sorted
	if err != nil {
		return nil
	}
	return all
}

// sites wants at least one site file.
func sites(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usagef("name a site file, or - for standard input")
	}
	return nil
}

// orSitesHere has a command take the sites of the folder where none is named, and
// say which.
func (a *app) orSitesHere(c *cobra.Command) *cobra.Command {
	check, run := c.Args, c.RunE
	named := func(args []string) []string {
		if len(args) > 0 {
			return args
		}
		return sitesHere()
	}
	c.Args = func(c *cobra.Command, args []string) error {
		if len(named(args)) == 0 {
			return usagef("name a site file, or - for standard input: there is no lbgen.yaml, site.yaml or sites/*.yaml here")
		}
		return check(c, named(args))
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 0 && !a.quiet {
			fmt.Fprintf(a.Err, "%s of %s\n", c.Name(), strings.Join(named(args), ", "))
		}
		return run(c, named(args))
	}
	return c
}

// allWell says that there is nothing to say, which a script can tell from the exit
// code and a person cannot.
func (a *app) allWell(all []*loaded, findings int) {
	if findings > 0 || a.quiet || a.format != "text" {
		return
	}
	what := count(len(all), "site")
	if len(all) == 1 && all[0].written != nil {
		what = all[0].written.Site
	}
	fmt.Fprintf(a.Err, "%s: no findings\n", what)
}
