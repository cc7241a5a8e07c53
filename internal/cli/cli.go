// Package cli is lbgen's command line: it reads flags, files, the environment
// and the terminal, which nothing else in lbgen does, and hands bytes to the
// line that makes files of them.
//
// Results go to standard output, talk to standard error.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/report"
)

// The exit codes of every command.
const (
	ExitOK       = 0 // clean
	ExitFindings = 1 // findings, or differences
	ExitUsage    = 2 // wrong usage
	ExitFailure  = 3 // something could not be done
	// ExitInconclusive is of rehearse alone: no drill has failed, and the machine
	// was too busy to judge all of them.
	ExitInconclusive = 4
)

// Streams are what a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	Getenv   func(string) (string, bool)
	// Now is the clock by which certificates run out; nil: this machine's.
	Now func() time.Time
	// Watch returns a context that ends when the user interrupts. Commands that
	// take long or have something to undo call it; it costs as much as a tenth
	// of a small render. nil: nobody interrupts.
	Watch func(context.Context) context.Context
}

// app is what the commands share.
type app struct {
	Streams
	format string // text or json
	color  string // auto, always or never
	quiet  bool   // nothing is said where all is well
	inRead atomic.Bool
	used   *used // nil unless a command is watching
}

// errFindings ends a command whose findings have been printed already.
var errFindings = errors.New("findings")

// errInconclusive ends a rehearsal that could not be judged; it has been printed.
var errInconclusive = errors.New("inconclusive")

// usageError is wrong usage: the command line itself is at fault.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

//go:generate go run ../gen/cli markdown ../../docs/cli

// Command returns the command line as a tree, for whoever documents it.
func Command(s Streams) *cobra.Command { return (&app{Streams: s}).root() }

// Run runs one command line and returns its exit code.
func Run(ctx context.Context, args []string, s Streams) int {
	a := &app{Streams: s}
	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var usage usageError
	if errors.As(err, new(said)) {
		s.Err = io.Discard
	}
	switch {
	case err == nil:
		return ExitOK
	case errors.Is(err, errFindings):
		return ExitFindings
	case errors.Is(err, errInconclusive):
		return ExitInconclusive
	case errors.As(err, &usage):
		fmt.Fprintf(s.Err, "lbgen: %v\n", err)
		return ExitUsage
	default:
		fmt.Fprintf(s.Err, "lbgen: %v\n", err)
		return ExitFailure
	}
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "lbgen",
		Short: "Make everything a HAProxy and Keepalived pair needs from one site file",
		Long: `lbgen turns one site file into the files of every node of a HAProxy and
Keepalived site, and checks them with the real daemons before they ship.

Exit codes: 0 clean, 1 findings or differences, 2 wrong usage, 3 failure.`,
		Example: `  lbgen render site.yaml -o out/     # make the files
  lbgen check site.yaml              # ask the real daemons
  scp -r out/prslb01 root@prslb01:   # ship them
  ssh root@prslb01 sh prslb01/install.sh`,
		SilenceErrors:              true,
		SilenceUsage:               true,
		SuggestionsMinimumDistance: 2,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no command %q%s: lbgen --help lists them", args[0], suggestion(c, args[0]))
			}
			return c.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	root.SetIn(a.In)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	root.Version = buildVersion()
	root.SetVersionTemplate(versionLine())
	root.PersistentFlags().StringVar(&a.color, "color", "auto", "colours: auto (on a terminal), always or never")
	root.PersistentFlags().BoolVarP(&a.quiet, "quiet", "q", false, "say nothing where all is well")
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		if a.color != "auto" && a.color != "always" && a.color != "never" {
			return usagef("--color is auto, always or never, not %q", a.color)
		}
		return nil
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(a.render(), a.diff(), a.validate(), a.check(), a.lint(), a.explain(), a.prove(), a.timing(), a.adopt(), a.rehearse(),
		a.agent(),
		a.upgradeCheck(), a.schema(), a.version(), a.initSite(), a.fmt(), a.collect(), a.plan(), a.deploy(),
		a.status(), a.test(), a.route(), a.graph(), a.export())
	builtins(root)
	return root
}

func suggestion(c *cobra.Command, word string) string {
	for _, s := range c.SuggestionsFor(word) {
		return fmt.Sprintf(" (did you mean %q?)", s)
	}
	return ""
}

// nothing wants no arguments.
func nothing(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no arguments", c.CommandPath())
	}
	return nil
}

// addFormat adds --format, for commands whose result a script may read.
func (a *app) addFormat(c *cobra.Command) {
	c.Flags().StringVar(&a.format, "format", "text", "how results are printed: text or json")
	before := c.Args
	c.Args = func(c *cobra.Command, args []string) error {
		if a.format != "text" && a.format != "json" {
			return usagef("--format is text or json, not %q", a.format)
		}
		return before(c, args)
	}
}

// report prints findings as the user asked for them, and returns errFindings
// if there is one that counts: everything but Info.
func (a *app) report(found diag.List, sources report.Sources) error {
	if err := a.print(found, sources); err != nil {
		return err
	}
	return outcome(found)
}

// outcome is errFindings if there is a finding that counts.
func outcome(found diag.List) error {
	if found.Count(diag.Error)+found.Count(diag.Warning) > 0 {
		return errFindings
	}
	return nil
}

// watch is the context that ends when the user interrupts.
func (a *app) watch(ctx context.Context) context.Context {
	if a.Watch == nil {
		return ctx
	}
	return a.Watch(ctx)
}

// progress says what is being done, on a terminal only; the next line that is
// printed takes its place.
func (a *app) progress(text string) {
	if a.onTerminal(a.Err) {
		fmt.Fprintf(a.Err, "%s …\x1b[K\r", text)
	}
}

func (a *app) print(found diag.List, sources report.Sources) error {
	if a.format == "json" {
		return report.JSON(a.Out, found)
	}
	if err := report.Text(a.Out, found, sources, a.colored(a.Out)); err != nil {
		return err
	}
	if len(found) > 0 {
		fmt.Fprintln(a.Err, tally(found))
	}
	return nil
}

// tally is the closing line under findings.
func tally(found diag.List) string {
	text := ""
	for _, s := range []diag.Severity{diag.Error, diag.Warning, diag.Info} {
		n := found.Count(s)
		if n == 0 {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += count(n, s.String())
	}
	return text
}

// count puts a number before a word: 1 error, 2 errors.
func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// colored says whether what goes to w is coloured: as the user says, or on a
// terminal (no-color.org, force-color.org).
func (a *app) colored(w io.Writer) bool {
	switch a.color {
	case "always":
		return true
	case "never":
		return false
	}
	if v, set := a.Getenv("NO_COLOR"); set && v != "" {
		return false
	}
	if v, set := a.Getenv("FORCE_COLOR"); set && v != "" {
		return true
	}
	return a.onTerminal(w)
}

// onTerminal says whether w is a terminal that understands control sequences.
func (a *app) onTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	v, _ := a.Getenv("TERM")
	return ok && v != "dumb" && term.IsTerminal(int(f.Fd()))
}
