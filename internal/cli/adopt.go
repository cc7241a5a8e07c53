package cli

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/adopt"
	"github.com/lbgen/lbgen/internal/alike"
	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/pair"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/report"
)

// adoptOptions are the flags of adopt.
type adoptOptions struct {
	dir, site, platform string
	addresses           []string
	rehearse            bool
	daemons             daemonFlags
}

func (a *app) adopt() *cobra.Command {
	var o adoptOptions
	c := &cobra.Command{
		Use:   "adopt PAIR -o DIR",
		Short: "Make the site file of a pair that runs already, and compare what it makes",
		Long: `adopt reads the files of a pair that runs already and writes a site file into DIR,
which must be new or empty: site.yaml, the passwords beside it (mode 0600) and the
pages. Then it renders that site, brings what each node has and what it would get
to one form, and lists every difference in what they do: it fails as long as there
is one. What may differ (a name, state MASTER) is listed, and does not count.

It says of every line of the originals what became of it: a field, a raw line,
nothing because it has no effect, or nothing because no field can say it. What no
file says, such as a node's own address, is asked for: a value is put in its place.

Where nothing is changed, the site file gets tests: for each route a request, and the
backend, redirect or status that it came to with the pair. lbgen test asks them.

With --rehearse the real HAProxy runs on this machine with the pair's own files, and
beside it with those that the site makes, each in namespaces that have no way out.
Both are asked the same, at least ` + fmt.Sprint(alike.Least) + ` requests made from the conditions of both, with
all servers up and with all down. Every answer must be equal: status, server,
headers on both sides, body. It needs what lbgen rehearse needs.

` + aboutPairs,
		Example: "  lbgen adopt pair/ -o site/\n  lbgen adopt --platform rocky9 --address lb1=eth0:10.0.0.31/24 --address " +
			"lb2=eth0:10.0.0.32/24 pair/ -o rocky/",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || !slices.ContainsFunc(args, isPair) {
				return usagef("name a pair: a directory, or NAME=PATH for each node")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.runAdopt(a.watch(c.Context()), args, o) },
	}
	c.Flags().StringVarP(&o.dir, "output", "o", "", "directory that the site file is written to")
	c.Flags().StringVar(&o.site, "site", "", "name of the site")
	c.Flags().StringVar(&o.platform, "platform", "", "distribution of the nodes: "+strings.Join(model.PlatformNames(), ", "))
	c.Flags().StringArrayVar(&o.addresses, "address", nil, "a node's own address: NODE=DEVICE:ADDRESS/LENGTH")
	c.Flags().BoolVar(&o.rehearse, "rehearse", false, "ask the pair as it is and what the site makes the same, and compare the answers")
	o.daemons.add(c)
	a.addFormat(c)
	return c
}

func (a *app) runAdopt(ctx context.Context, args []string, o adoptOptions) error {
	names, pairs := pairsOf(args)
	opts, err := o.options()
	switch {
	case err != nil:
		return err
	case o.dir == "":
		return usagef("name a directory for the site file: -o DIR")
	case len(names) > 0 || len(pairs) != 1:
		return usagef("adopt takes one pair: name its nodes with NAME=PATH, or one directory")
	case o.platform != "" && !slices.Contains(model.PlatformNames(), o.platform):
		return usagef("--platform is one of %s", strings.Join(model.PlatformNames(), ", "))
	}
	p := pairs[0]
	sources := report.Sources{}
	for name, text := range p.Texts {
		sources[name] = text
	}
	if p.Found.HasErrors() {
		return a.report(p.Found, sources)
	}
	d := adopt.Import(p, opts)
	if err := writeDraft(o.dir, d); err != nil {
		return err
	}
	result, found, err := a.gate(p, filepath.Join(o.dir, "site.yaml"))
	if err != nil {
		return err
	}
	r := adopted{draft: d, differences: result, sites: found}
	if err := r.addTests(filepath.Join(o.dir, "site.yaml")); err != nil {
		return err
	}
	var unable error
	if o.rehearse && r.notCompared() == "" {
		r.rehearsed, unable = a.rehearseAdopted(ctx, p, opts, r, o.daemons)
	}
	if err := a.printAdopted(r, sources); unable == nil {
		return err
	}
	return fmt.Errorf("the site file is written, and nothing is rehearsed: %w", unable)
}

// options reads the flags.
func (o adoptOptions) options() (adopt.Options, error) {
	opts := adopt.Options{Site: o.site, Platform: o.platform, Addresses: map[string]map[string][]string{}}
	for _, text := range o.addresses {
		node, rest, ok := strings.Cut(text, "=")
		device, address, ok2 := strings.Cut(rest, ":")
		if !ok || !ok2 || node == "" || device == "" || address == "" {
			return opts, usagef("--address is NODE=DEVICE:ADDRESS/LENGTH, such as lb1=eth0:10.0.0.31/24, not %q", text)
		}
		if opts.Addresses[node] == nil {
			opts.Addresses[node] = map[string][]string{}
		}
		opts.Addresses[node][device] = append(opts.Addresses[node][device], address)
	}
	return opts, nil
}

// writeDraft writes a draft into a directory that is new or empty: all of it, or
// nothing.
func writeDraft(dir string, d *adopt.Draft) error {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty: adopt writes into a new directory, so that nothing of yours is lost", dir)
	}
	temp, err := os.MkdirTemp(filepath.Dir(filepath.Clean(dir)), ".lbgen-adopt-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temp) }() // it is gone where all went well
	mode := os.FileMode(0o644)
	if d.HoldsSecrets {
		mode = 0o600
	}
	if err := writeNew(filepath.Join(temp, "site.yaml"), d.Text, mode); err != nil {
		return err
	}
	for name, data := range d.Secrets {
		if err := writeNew(filepath.Join(temp, name), data, 0o600); err != nil {
			return err
		}
	}
	for name, data := range d.Pages {
		if err := writeNew(filepath.Join(temp, name), data, 0o644); err != nil {
			return err
		}
	}
	if err := os.Chmod(temp, 0o755); err != nil {
		return err
	}
	_ = os.Remove(dir) // empty, or not there
	return os.Rename(temp, dir)
}

func writeNew(name string, data []byte, mode os.FileMode) error {
	dir := os.FileMode(0o755)
	if mode == 0o600 && filepath.Base(name) != "site.yaml" {
		dir = 0o700
	}
	if err := os.MkdirAll(filepath.Dir(name), dir); err != nil {
		return err
	}
	return os.WriteFile(name, data, mode)
}

// gate renders a site file and compares it with a pair, by what the nodes do. Where the
// site has errors these are all that is returned.
func (a *app) gate(p *pair.Pair, name string) ([]adopt.Difference, []*loaded, error) {
	all, err := a.load([]string{name}, secretsOptional)
	if err != nil {
		return nil, nil, err
	}
	if found, _ := findings(all); found.HasErrors() {
		return nil, all, nil
	}
	if err := renderAll(all, render.New()); err != nil {
		return nil, nil, err
	}
	return adopt.Differences(p, renderedPair(all[0].site.Name, all[0].sets)), all, nil
}

// renderedPair is what is rendered as a pair of nodes.
func renderedPair(name string, sets []artifact.Set) *pair.Pair {
	var inputs []pair.Input
	files := map[string]string{}
	for _, set := range sets {
		inputs = append(inputs, pair.Input{Name: set.Node, Paths: []string{set.Node}})
		for _, f := range set.Files {
			files[set.Node+"/"+f.Path] = string(f.Data)
		}
	}
	return pair.ReadFiles(name, inputs, files)
}

// left are the differences that may not be.
func left(all []adopt.Difference) int {
	n := 0
	for _, d := range all {
		if d.Allowed == "" {
			n++
		}
	}
	return n
}

// adopted is what has come of a pair.
type adopted struct {
	draft       *adopt.Draft
	differences []adopt.Difference
	sites       []*loaded
	rehearsed   *rehearsedPair // nil where nothing was rehearsed
	tests       int            // in the site file
	reached     int            // routes that these reach
	routes      int
}

// notCompared says why nothing was compared, "" where it was.
func (r adopted) notCompared() string {
	if found, _ := findings(r.sites); found.HasErrors() {
		return "not compared, since the site file has errors"
	}
	return ""
}

func (a *app) printAdopted(r adopted, sources report.Sources) error {
	found, own := findings(r.sites)
	for name, src := range own {
		sources[name] = src
	}
	if a.format == "json" {
		if err := report.JSON(a.Out, found, report.Member{Name: "adopted", Value: r.json()}); err != nil {
			return err
		}
	} else {
		var b bytes.Buffer
		r.verdict(&b)
		if _, err := b.WriteTo(a.Out); err != nil {
			return err
		}
		if err := report.Text(a.Out, found, sources, a.colored(a.Out)); err != nil {
			return err
		}
	}
	if found.HasErrors() || left(r.differences) > 0 || r.draft.Count(adopt.Unsaid) > 0 || r.rehearsed.errors() > 0 {
		return errFindings
	}
	return nil
}

// verdict is one line of verdict, and what it comes from.
func (r adopted) verdict(w io.Writer) {
	d, differences := r.draft, r.differences
	changed := fmt.Sprintf("%d changed, %d more that may differ", left(differences), len(differences)-left(differences))
	fmt.Fprintf(w, "adopted: %d of %s as fields, %d raw, %d without effect, %d unsaid; %s\n",
		d.Count(adopt.Field), count(len(d.Lines), "line"), d.Count(adopt.Raw), d.Count(adopt.NoEffect), d.Count(adopt.Unsaid),
		cmp.Or(r.notCompared(), changed))
	if r.tests > 0 {
		fmt.Fprintf(w, "tests: %s in the site file, which reach %d of %s\n", count(r.tests, "request"), r.reached, count(r.routes, "route"))
	}
	section(w, "changed", len(differences), func(i int) string { return differences[i].String() })
	section(w, "asked", len(d.Asked), func(i int) string { return d.Asked[i] })
	for _, fate := range []adopt.Fate{adopt.Unsaid, adopt.Raw, adopt.NoEffect} {
		lines := d.Having(fate)
		section(w, string(fate), len(lines), func(i int) string {
			text := fmt.Sprintf("%s: %s", lines[i].At, lines[i].Text)
			if lines[i].Why != "" {
				text += " (" + lines[i].Why + ")"
			}
			return text
		})
	}
	r.rehearsed.text(w)
}

func section(w io.Writer, title string, n int, line func(i int) string) {
	if n == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", title)
	for i := range n {
		fmt.Fprintf(w, "  %s\n", line(i))
	}
}

// adoptedOut is the report of adopt in JSON.
type adoptedOut struct {
	Fields      int             `json:"fields"`
	Raw         int             `json:"raw"`
	NoEffect    int             `json:"noEffect"`
	Unsaid      int             `json:"unsaid"`
	Changed     *int            `json:"changed"`               // differences that may not be; null where nothing was compared
	NotCompared string          `json:"notCompared,omitempty"` // why
	Differences []differenceOut `json:"differences"`
	Asked       []string        `json:"asked"`
	Lines       []lineOut       `json:"lines"` // those that became no field
	Tests       int             `json:"tests"` // in the site file
	Rehearsal   *rehearsedOut   `json:"rehearsal,omitempty"`
}

type differenceOut struct {
	Node    string `json:"node"`
	Where   string `json:"where"`
	What    string `json:"what"`
	Before  string `json:"before,omitempty"`
	After   string `json:"after,omitempty"`
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Allowed string `json:"allowed,omitempty"` // why it may be
}

type lineOut struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Text string `json:"text"`
	Fate string `json:"fate"`
	Why  string `json:"why,omitempty"`
}

func (r adopted) json() adoptedOut {
	d := r.draft
	out := adoptedOut{Fields: d.Count(adopt.Field), Raw: d.Count(adopt.Raw), NoEffect: d.Count(adopt.NoEffect),
		Unsaid: d.Count(adopt.Unsaid), NotCompared: r.notCompared(), Differences: differencesJSON(r.differences),
		Asked: append([]string{}, d.Asked...), Lines: []lineOut{}, Tests: r.tests,
		Rehearsal: r.rehearsed.json()}
	if out.NotCompared == "" {
		n := left(r.differences)
		out.Changed = &n
	}
	for _, l := range d.Lines {
		if l.Fate != adopt.Field {
			out.Lines = append(out.Lines, lineOut{l.At.File, l.At.Start.Line, l.Text, string(l.Fate), l.Why})
		}
	}
	return out
}

func differencesJSON(differences []adopt.Difference) []differenceOut {
	all := []differenceOut{}
	for _, x := range differences {
		all = append(all, differenceOut{x.Node, x.Where, x.What, x.Before, x.After, x.At.File, x.At.Start.Line, x.Allowed})
	}
	return all
}
