package cli

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/compare"
	"github.com/lbgen/lbgen/internal/deploy"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/pair"
	"github.com/lbgen/lbgen/internal/plan"
)

// deployOptions are the flags of deploy.
type deployOptions struct {
	remote
	node    string
	dryRun  bool
	confirm time.Duration
}

func (a *app) deploy() *cobra.Command {
	var o deployOptions
	c := &cobra.Command{
		Use:   "deploy SITE",
		Short: "Install a site on its nodes over ssh, in the order of the plan",
		Long: `deploy reads what the nodes have, plans the order, and runs install.sh on one node
after the other; each has to be well before the next one begins. Where a node fails,
install.sh puts back what it had changed there, deploy undoes the nodes before it, and
says what state every node is in.

Nodes are reached by the system's ssh under their names, with its configuration, agent,
known hosts and jump hosts; --ssh names others. deploy reads no password. An
installation that has begun goes on where the connection is lost.

With --confirm the nodes go back to what they had by themselves, unless you say yes in
time: for a change that may cut you off. Write --confirm=5m for another time than 10m.`,
		Example: "  lbgen deploy --dry-run site.yaml\n  lbgen deploy site.yaml\n" +
			"  lbgen deploy --ssh prslb01=admin@10.0.0.11 --ssh prslb02=admin@10.0.0.12 --sudo site.yaml",
		Args: func(_ *cobra.Command, args []string) error { return deployArguments(args, o.confirm) },
		RunE: func(c *cobra.Command, args []string) error { return a.runDeploy(a.watch(c.Context()), args[0], o) },
	}
	f := c.Flags()
	f.StringVar(&o.node, "node", "", "install on this node only")
	f.BoolVar(&o.dryRun, "dry-run", false, "have the nodes say what they would do, and change nothing")
	f.DurationVar(&o.confirm, "confirm", 0, "the nodes go back by themselves after `DURATION` unless you say yes")
	f.Lookup("confirm").NoOptDefVal = "10m"
	o.addRemote(c)
	f.DurationVar(&o.timeout, "timeout", 10*time.Minute, "how long one step on one node may take")
	a.addFormat(c)
	return c
}

// leastConfirm is the least time in which somebody can look, and say yes.
const leastConfirm = 20 * time.Second

func deployArguments(args []string, confirm time.Duration) error {
	for _, arg := range args {
		if _, err := time.ParseDuration(arg); err == nil && len(args) > 1 {
			return usagef("write it in one word: --confirm=%s", arg)
		}
	}
	switch {
	case len(args) != 1:
		return usagef("deploy takes one site file")
	case confirm != 0 && args[0] == "-":
		return usagef("--confirm asks on standard input, where the site file would come from: name the file")
	case confirm != 0 && confirm < leastConfirm:
		return usagef("--confirm=%s is too short to look and to answer: %s at least", confirm, leastConfirm)
	}
	return nil
}

func (a *app) runDeploy(ctx context.Context, name string, o deployOptions) error {
	s, err := o.shell()
	if err != nil {
		return err
	}
	all, err := a.rendered([]string{name}, secretsRequired)
	if err != nil {
		return err
	}
	sets, err := setsOf(all, o.node)
	if err != nil {
		return err
	}
	nodes, groups, err := a.live(ctx, s, sets)
	if err != nil {
		return errors.Join(fmt.Errorf("%w: nothing was changed", err), a.printDeployed(untouched(sets)))
	}
	p := plan.Make(plan.Input{Old: groups, New: failover.Groups(all[0].site), Nodes: nodes})
	if o.node != "" && len(p.Together) > 0 {
		return fmt.Errorf("%s alone cannot take this change: old and new Keepalived would both be master: %s", o.node, p.Together[0])
	}
	if len(p.Steps) == 0 {
		fmt.Fprintf(a.Err, "%s: the nodes have it already\n", all[0].written.Site)
	}
	w := &deploy.Way{Site: all[0].written.Site, Plan: p, Shell: s, Trees: map[string]deploy.Tree{},
		Now: time.Now, Confirm: o.confirm, Keep: a.keep}
	w.Begin = func(title string) io.Writer {
		fmt.Fprintln(a.Err, title)
		return &margin{to: a.Err}
	}
	for _, set := range sets {
		tar, err := tarOf(set)
		if err != nil {
			return err
		}
		w.Trees[set.Node] = deploy.Tree{Tar: tar, Sum: fmt.Sprintf("%x", sha256.Sum256(set.Manifest()))}
	}
	if o.dryRun {
		return w.Try(ctx)
	}
	done, err := w.Go(ctx)
	return errors.Join(err, a.printDeployed(done))
}

// keep asks whether to keep what the nodes have now. Only yes is a yes.
func (a *app) keep(ctx context.Context, until time.Time) bool {
	fmt.Fprintf(a.Err, "All nodes have it. Type yes within %s (until %s) to keep it; anything else takes it back: ",
		time.Until(until).Round(time.Second), until.Format(time.TimeOnly))
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(a.In).ReadString('\n') // an end is an answer, too
		answer <- strings.TrimSpace(line)
	}()
	select {
	case text := <-answer:
		return text == "yes"
	case <-ctx.Done():
		fmt.Fprintln(a.Err)
		return false
	}
}

func untouched(sets []artifact.Set) []deploy.Node {
	var all []deploy.Node
	for _, set := range sets {
		all = append(all, deploy.Node{Name: set.Node, State: deploy.Untouched})
	}
	return all
}

// live compares the sets with what the nodes have, and returns the groups that their
// Keepalived makes.
func (a *app) live(ctx context.Context, s *shell, sets []artifact.Set) (nodes []compare.Node, groups []*failover.Group, err error) {
	dir, err := os.MkdirTemp("", "lbgen-")
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	var inputs []pair.Input
	var failed []error
	for _, set := range sets {
		a.progress("reading " + set.Node)
		name := filepath.Join(dir, set.Node+".tar")
		f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
		if err != nil {
			return nil, nil, err
		}
		if err := errors.Join(s.Run(ctx, set.Node, pair.CollectCommand(), strings.NewReader(""), f), f.Close()); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", set.Node, err))
		}
		inputs = append(inputs, pair.Input{Name: set.Node, Paths: []string{name}})
	}
	if len(failed) > 0 {
		return nil, nil, errors.Join(failed...)
	}
	p := pair.Read("", inputs)
	for _, set := range sets {
		var files map[string][]byte
		if i := slices.IndexFunc(p.Nodes, func(n *pair.Node) bool { return n.Name == set.Node }); i >= 0 {
			files = filesOf(p.Nodes[i], set)
		}
		if err := a.tellEdited(ctx, s, set, files); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", set.Node, err)
		}
		nodes = append(nodes, compare.Live(set, files))
	}
	return nodes, p.Failover().Groups, nil
}

// tellEdited says which files somebody has changed since they were installed: they are
// replaced, and install.sh's backup has them then.
func (a *app) tellEdited(ctx context.Context, s *shell, set artifact.Set, files map[string][]byte) error {
	var noted bytes.Buffer
	note := "/var/lib/lbgen/" + set.Site + ".manifest"
	if err := s.Run(ctx, set.Node, "[ ! -e "+note+" ] || cat "+note, strings.NewReader(""), &noted); err != nil {
		return err
	}
	_, _, entries, err := artifact.ParseManifest(noted.Bytes())
	if err != nil { // there is none, or none that says anything
		return nil //nolint:nilerr // see above
	}
	for _, e := range entries {
		data, there := files[e.Path]
		if want, ok := set.File(e.Path); there && ok && !e.Matches(data) && !bytes.Equal(want.Data, data) {
			fmt.Fprintf(a.Err, "%s: /%s was changed there since it was installed: it is replaced, and kept in install.sh's backup\n",
				set.Node, e.Path)
		}
	}
	return nil
}

// filesOf are the node's own files in the places of the set's. Some that are made are
// not read of a node, such as the table of its firewall rules, so that every node has
// its install.sh run: that one knows.
func filesOf(n *pair.Node, set artifact.Set) map[string][]byte {
	files := map[string][]byte{}
	for _, f := range set.Files {
		if data, err := n.File(f.Path); err == nil {
			files[f.Path] = data
		}
	}
	return files
}

// tarOf is the tree of a node as render writes it.
func tarOf(set artifact.Set) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	put := func(name string, data []byte) error {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(data)), Typeflag: tar.TypeReg}); err != nil {
			return err
		}
		_, err := w.Write(data)
		return err
	}
	for _, f := range set.Files {
		if err := put(f.Path, f.Data); err != nil {
			return nil, err
		}
	}
	if err := put(artifact.ManifestName, set.Manifest()); err != nil {
		return nil, err
	}
	err := w.Close() // writes the end
	return b.Bytes(), err
}

func (a *app) printDeployed(nodes []deploy.Node) error {
	if a.format == "json" {
		enc := json.NewEncoder(a.Out)
		enc.SetIndent("", "  ")
		return enc.Encode(struct {
			Nodes []deploy.Node `json:"nodes"`
		}{nodes})
	}
	tab := tabwriter.NewWriter(a.Out, 0, 0, 2, ' ', 0)
	for _, n := range nodes {
		line := fmt.Sprintf("%s\t%s", n.Name, n.State)
		if n.Note != "" {
			line += "\t" + n.Note
		}
		fmt.Fprintln(tab, line)
	}
	return tab.Flush()
}

// margin sets what a node says apart.
type margin struct {
	to     io.Writer
	inLine bool
}

func (w *margin) Write(p []byte) (int, error) {
	var b bytes.Buffer
	for _, c := range p {
		if !w.inLine {
			b.WriteString("   ")
			w.inLine = true
		}
		b.WriteByte(c)
		if c == '\n' {
			w.inLine = false
		}
	}
	_, err := w.to.Write(b.Bytes())
	return len(p), err
}
