package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/report"
	"github.com/lbgen/lbgen/internal/source"
)

func (a *app) fmt() *cobra.Command {
	var check bool
	c := &cobra.Command{
		Use:   "fmt SITE...",
		Short: "Give site files the one form: order of keys, indentation, comments in columns",
		Long: `fmt puts the keys of site files, and of files that they share, into the order of
docs/site-file.md, indents by two spaces, and aligns the comments of adjoining lines.
Comments stay with what they are about. What a site means never changes: a file in
which that cannot be had stays as it is. A file is replaced in one step, and keeps its
mode. - is standard input; the result goes to standard output then.

With --check nothing is written: it names the files that are not in this form, and
exits with 1 if there are any.`,
		Example: "  lbgen fmt site.yaml\n  lbgen fmt --check sites/*.yaml\n  lbgen fmt - <site.yaml",
		Args:    sites,
		RunE:    func(_ *cobra.Command, args []string) error { return a.runFmt(args, check) },
	}
	c.Flags().BoolVar(&check, "check", false, "write nothing; exit with 1 and name the files that are not in this form")
	return a.orSitesHere(c)
}

// formatted is one file in the form that it has and the one that it should have.
type formatted struct{ name, before, after string }

func (a *app) runFmt(args []string, check bool) error {
	var all []formatted
	var found diag.List
	sources := report.Sources{}
	for _, name := range args {
		data, err := a.read(name)
		if err != nil {
			return err
		}
		shown := name
		if name == "-" {
			shown = stdin
		}
		src, bad := source.Parse(shown, data)
		if bad.HasErrors() {
			found, sources[shown] = append(found, bad...), src
			continue
		}
		all = append(all, formatted{name, string(data), src.Format(model.KeyOrder())})
	}
	if found.HasErrors() { // nothing is written
		return a.report(found, sources)
	}
	return a.writeFormatted(all, check)
}

func (a *app) writeFormatted(all []formatted, check bool) error {
	var failed []error
	differs := false
	for _, f := range all {
		differs = differs || f.before != f.after
		switch {
		case check && f.before != f.after:
			fmt.Fprintln(a.Out, f.name)
		case check:
		case f.name == "-":
			fmt.Fprint(a.Out, f.after)
		case f.before != f.after:
			if err := overwrite(f.name, f.after); err != nil {
				failed = append(failed, err)
			} else if !a.quiet {
				fmt.Fprintf(a.Err, "%s: formatted\n", f.name)
			}
		}
	}
	if err := errors.Join(failed...); err != nil || !check || !differs {
		return err
	}
	return errFindings
}
