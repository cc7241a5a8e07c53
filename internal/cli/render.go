package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/emit"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/report"
)

// renderOptions are the flags of render.
type renderOptions struct {
	dir, node string
	check     bool
}

func (a *app) render() *cobra.Command {
	var o renderOptions
	c := &cobra.Command{
		Use:   "render SITE... -o DIR",
		Short: "Make the files of every node",
		Long: `render writes the files of each node to DIR/NODE, as a tree like the node's own
root, with install.sh beside it. Files that are right already are not touched,
files that lbgen wrote once and no longer makes are removed, and foreign files
are left alone. On any error nothing is written at all.

With --check nothing is written: it says what is not up to date, and exits
with 1 if there is anything. It needs no secrets.`,
		Example: `  lbgen render site.yaml -o out/
  lbgen render site.yaml -o out/ --node prslb01
  lbgen render site.yaml -o out/ --check      # in CI`,
		Args: sites,
		RunE: func(c *cobra.Command, args []string) error {
			if o.dir == "" {
				return usagef("name the directory to write to: -o DIR")
			}
			if o.check {
				return a.renderCheck(args, o)
			}
			return a.renderTo(c.Context(), args, o)
		},
	}
	c.Flags().StringVarP(&o.dir, "output", "o", "", "directory that gets a folder for each node")
	c.Flags().StringVar(&o.node, "node", "", "render this node only")
	c.Flags().BoolVar(&o.check, "check", false, "write nothing; exit with 1 and say what differs if DIR is not up to date")
	a.addFormat(c)
	a.addWatch(c)
	return c
}

func (a *app) renderTo(ctx context.Context, args []string, o renderOptions) error {
	w := emit.NewWriter(o.dir, emit.Options{AllNodes: o.node == ""})
	defer w.Close()
	if len(args) > 1 {
		ctx = a.watch(ctx)
	}
	all, ctx, err := a.stage(ctx, args, o.node, w)
	if err != nil {
		return err
	}
	found, sources := findings(all)
	if err := report.Text(a.Err, found, sources, a.colored(a.Err)); err != nil {
		return err
	}
	if err := a.together(all, args); err != nil {
		return err
	}
	if o.node != "" && !slices.Contains(nodeNames(all), o.node) {
		return noSuchNode(all, o.node)
	}
	done, err := w.Commit(ctx)
	if err != nil {
		return err
	}
	a.tell(o.dir, done)
	if len(done.Written) > 0 {
		a.tellRest(all, args)
	}
	return nil
}

// stage reads, renders and stages one site after the other, several at a time,
// and lets go of each: a fleet needs no more memory than its largest sites. The
// context that it returns is watched if a single site takes long.
func (a *app) stage(ctx context.Context, names []string, node string, w *emit.Writer) ([]*loaded, context.Context, error) {
	renderer := render.New()
	go renderer.Parse() // while the first sites are read
	failed := make([]error, len(names))
	var hopeless atomic.Bool // nothing will be written: only findings are looked for
	all, err := a.loadEach(names, secretsRequired, func(i int, l *loaded) error {
		if hopeless.Load() || l.found.HasErrors() {
			hopeless.Store(true)
			return nil
		}
		sets, err := renderer.Sets(l.site, l.in)
		if err != nil {
			failed[i] = err
			return nil
		}
		if len(names) == 1 && takesLong(sets) {
			ctx = a.watch(ctx)
		}
		if mine := only(sets, node); len(mine) > 0 {
			w.Stage(ctx, i, mine)
		}
		l.letGo(sets)
		return nil
	})
	if err == nil {
		err = a.refuse(all)
	}
	if err == nil {
		err = errors.Join(failed...)
	}
	return all, ctx, err
}

// letGo keeps of a site that was staged what is still to be told of it.
func (l *loaded) letGo(sets []artifact.Set) {
	l.claim()
	l.raw, l.needs = l.written.CountRaw(), l.site.NodesOwn()
	for _, s := range sets {
		l.nodes = append(l.nodes, s.Node)
	}
	l.written, l.site, l.in = nil, nil, model.Inputs{}
	if len(l.found) == 0 && l.src.Name != stdin { // that cannot be read once more
		l.src = nil
	}
}

// tellRest says what is left to do, and how much of a site lbgen has not looked into.
func (a *app) tellRest(all []*loaded, names []string) {
	for i, l := range all {
		if l.raw > 0 {
			fmt.Fprintf(a.Err, "%s: %s handed on as written\n", names[i], count(l.raw, "raw line"))
		}
		for _, file := range l.needs {
			fmt.Fprintf(a.Err, "%s: to do: %s has to be on each node before install.sh runs there\n", names[i], file)
		}
	}
}

// takesLong says whether writing the sets gives anybody the time to interrupt.
// A smaller one is over in a moment, and one that is killed is mended by the
// next write.
func takesLong(sets []artifact.Set) bool {
	const moment = 1 << 20 // bytes
	size := 0
	for _, s := range sets {
		for _, f := range s.Files {
			size += len(f.Data)
		}
	}
	return size > moment
}

// tell says what was written, a line for each node that changed; nothing where
// nothing did.
func (a *app) tell(dir string, done emit.Report) {
	type changes struct{ written, mended, removed int }
	byNode := map[string]*changes{}
	add := func(paths []string, field func(*changes) *int) {
		for _, p := range paths {
			node, _, _ := strings.Cut(p, "/")
			if byNode[node] == nil {
				byNode[node] = &changes{}
			}
			*field(byNode[node])++
		}
	}
	add(done.Written, func(c *changes) *int { return &c.written })
	add(done.Mended, func(c *changes) *int { return &c.mended })
	add(done.Removed, func(c *changes) *int { return &c.removed })
	var nodes []string
	for node := range byNode {
		nodes = append(nodes, node)
	}
	slices.Sort(nodes)
	for _, node := range nodes {
		c := byNode[node]
		var parts []string
		for _, p := range []struct {
			n    int
			what string
		}{{c.written, "written"}, {c.mended, "mended"}, {c.removed, "removed"}} {
			if p.n > 0 {
				parts = append(parts, fmt.Sprintf("%s %s", count(p.n, "file"), p.what))
			}
		}
		fmt.Fprintf(a.Err, "%s: %s\n", filepath.Join(dir, node), strings.Join(parts, ", "))
	}
}
