package cli

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/compare"
)

// diffOptions are the flags of diff.
type diffOptions struct {
	dir, node string
	effect    bool
}

func (a *app) diff() *cobra.Command {
	var o diffOptions
	c := &cobra.Command{
		Use:   "diff SITE -o DIR | diff OLD NEW | diff PAIR SITE",
		Short: "Show what a render would change, and what that makes each node do",
		Long: `diff compares what a site file makes with what stands in DIR, or with what
another site file makes: a unified diff with secrets masked, then for each node
what the change causes: nothing, a reload, a restart, a move of the VIP, or that
both nodes must change together. It writes nothing and needs no secrets; those
that it finds are compared as well.

With --effect, or where one of the two is a pair that runs already, it compares
what the nodes do and not how their files say it: both are brought to one form,
and each difference in what clients, servers and failover see is a line.

Of two site files, the tests of the old one are asked of the new one, too: those that
passed and would not are named, with what becomes of their requests.

` + aboutPairs,
		Example: "  lbgen diff site.yaml -o out/\n  lbgen diff old.yaml new.yaml\n  lbgen diff pair/ site.yaml",
		Args:    sites,
		RunE: func(_ *cobra.Command, args []string) error {
			if o.dir == "" && (o.effect || slices.ContainsFunc(args, isPair)) {
				return a.diffByEffect(args)
			}
			r, err := a.compare(args, o)
			if err != nil {
				return err
			}
			return a.printDiff(r)
		},
	}
	c.Flags().StringVarP(&o.dir, "output", "o", "", "directory to compare with")
	c.Flags().StringVar(&o.node, "node", "", "compare this node only")
	c.Flags().BoolVar(&o.effect, "effect", false, "compare what the nodes do, not how their files say it")
	a.addFormat(c)
	return c
}

// compared is the result of a comparison, and the sites that were read for it.
type compared struct {
	compare.Result
	old, now []*loaded // old: where two site files were compared
}

func (a *app) compare(args []string, o diffOptions) (compared, error) {
	switch {
	case o.dir == "" && len(args) != 2:
		return compared{}, usagef("name a directory to compare with (-o DIR), or two site files")
	case o.dir != "":
		return a.compareDir(args, o)
	}
	old, err := a.make(args[:1], secretsOptional)
	if err != nil {
		return compared{}, err
	}
	now, err := a.make(args[1:], secretsOptional)
	if err != nil {
		return compared{}, err
	}
	// A node may be in one of the two only, but not in neither.
	if _, err := setsOf(slices.Concat(old, now), o.node); err != nil {
		return compared{}, err
	}
	return compared{compare.Sets(only(old[0].sets, o.node), only(now[0].sets, o.node)), old, now}, nil
}

func (a *app) compareDir(args []string, o diffOptions) (compared, error) {
	all, err := a.make(args, secretsOptional)
	if err != nil {
		return compared{}, err
	}
	if err := a.together(all, args); err != nil {
		return compared{}, err
	}
	sets, err := setsOf(all, o.node)
	if err != nil {
		return compared{}, err
	}
	r, err := compare.Dir(o.dir, sets, compare.Options{AllNodes: o.node == ""})
	return compared{Result: r, now: all}, err
}

// printDiff prints the differences and their consequences, and returns
// errFindings if there are any.
func (a *app) printDiff(r compared) error {
	if a.format == "json" {
		return a.compareJSON(r)
	}
	if _, err := fmt.Fprint(a.Out, r.Text()); err != nil {
		return err
	}
	for _, n := range r.Nodes {
		for _, line := range consequences(n) {
			fmt.Fprintf(a.Out, "%s: %s\n", n.Name, line)
		}
	}
	printRequests(a.Out, r.requests())
	a.sayNotCompared(r.Result)
	return differs(r.Result)
}

// consequences says in sentences what happens to a node.
func consequences(n compare.Node) []string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	switch n.State {
	case compare.Missing:
		return []string{"the node is new: copy its folder there and run install.sh"}
	case compare.Stale:
		add("the site no longer has this node: its files are removed from the directory, the machine itself is left alone")
	case compare.Unfinished:
		add("the tree is not whole: do not ship it, render again")
	case compare.Refused:
		add("refused: %s", n.Note)
	}
	for _, c := range n.Changes {
		if c.Diff == "" {
			add("%s", change(c))
		}
	}
	for _, c := range n.Consequences {
		add("%s%s (%s)", c.Text, vipStays(n, c), strings.Join(c.Files, ", "))
	}
	if len(n.Changes) > 0 && len(n.Consequences) == 0 && n.State == "" {
		add("nothing is reloaded")
	}
	for _, why := range n.MayMove {
		add("the VIP may move: %s", why)
	}
	for _, why := range n.Together {
		add("both nodes must change together: %s", why)
	}
	return lines
}

// vipStays says so where Keepalived reads a new configuration that changes
// nothing about who holds the VIP.
func vipStays(n compare.Node, c compare.Consequence) string {
	if c.Action == artifact.ReloadKeepalived && len(n.MayMove)+len(n.Together) == 0 && n.State == "" {
		return ", the VIP stays"
	}
	return ""
}

// change says what happens to one file.
func change(c compare.Change) string {
	text := c.Path + ": "
	switch c.Kind {
	case compare.Changed:
		text += "differs"
	case compare.Mode:
		text += strings.TrimSpace("mode or owner " + c.Mode + " " + c.Owner)
	default:
		text += string(c.Kind)
	}
	if len(c.Secrets) > 0 {
		text += fmt.Sprintf(" (the secret of %s differs)", strings.Join(c.Secrets, ", "))
	}
	if c.Note != "" {
		text += ": " + c.Note
	}
	return text
}

// sayNotCompared names the secrets that were not to be had.
func (a *app) sayNotCompared(r compare.Result) {
	var paths []string
	for _, n := range r.Nodes {
		for _, p := range n.NotCompared {
			if !slices.Contains(paths, p) {
				paths = append(paths, p)
			}
		}
	}
	if len(paths) > 0 {
		fmt.Fprintf(a.Err, "not compared, because the secret is not here: %s\n", strings.Join(paths, ", "))
	}
}

func (a *app) compareJSON(r compared) error {
	enc := json.NewEncoder(a.Out)
	enc.SetIndent("", "  ")
	if err := enc.Encode(diffJSON{r.Result, r.requests()}); err != nil {
		return err
	}
	return differs(r.Result)
}

func differs(r compare.Result) error {
	if r.Same() {
		return nil
	}
	return errFindings
}

// renderCheck says which files a render would change.
func (a *app) renderCheck(args []string, o renderOptions) error {
	r, err := a.compareDir(args, diffOptions{dir: o.dir, node: o.node})
	if err != nil {
		return err
	}
	if a.format == "json" {
		return a.compareJSON(r)
	}
	for _, n := range r.Nodes {
		if n.State != "" {
			fmt.Fprintf(a.Out, "%s: %s\n", path.Join(o.dir, n.Name), strings.TrimSuffix(string(n.State)+": "+n.Note, ": "))
		}
		for _, c := range n.Changes {
			fmt.Fprintf(a.Out, "%s\n", path.Join(o.dir, n.Name, change(c)))
		}
	}
	a.sayNotCompared(r.Result)
	return differs(r.Result)
}
