// Command pairs adopts every pair in a folder and prints what came of it, in numbers
// and not by name: the table of docs/adopt.md. Each folder in it is a pair, as lbgen
// takes one. With -v it says first what is behind the numbers, pair by pair.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/lbgen/lbgen/internal/adopt"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/pair"
	"github.com/lbgen/lbgen/internal/pair/rules"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/site"
)

func main() {
	verbose := flag.Bool("v", false, "say what is behind the numbers")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: pairs [-v] DIR")
		os.Exit(2)
	}
	entries, err := os.ReadDir(flag.Arg(0))
	if err != nil {
		fmt.Fprintln(os.Stderr, "pairs:", err)
		os.Exit(1)
	}
	t := table{details: io.Discard}
	if *verbose {
		t.details = os.Stdout
	}
	for _, e := range entries {
		if e.IsDir() {
			t.add(filepath.Join(flag.Arg(0), e.Name()))
		}
	}
	t.print(os.Stdout)
}

// table is what came of all pairs.
type table struct {
	pairs, unread, panics    int
	refused, changed, passed int // the site file is refused; something is left to change; nothing is
	found                    int // pairs in which lint finds an error or a warning
	field, raw, none, unsaid int // lines
	details                  io.Writer
}

// add adopts one pair. A panic is one that is counted.
func (t *table) add(dir string) {
	t.pairs++
	fmt.Fprintf(t.details, "== %s\n", dir)
	defer func() {
		if why := recover(); why != nil {
			t.panics++
			fmt.Fprintf(t.details, "panic: %v\n", why)
		}
	}()
	p := pair.Read(filepath.Base(dir), []pair.Input{{Paths: []string{dir}}})
	if p.Found.HasErrors() {
		t.unread++
		return
	}
	if l := rules.Run(rules.All(), p); l.Count(diag.Error)+l.Count(diag.Warning) > 0 {
		t.found++
	}
	d := adopt.Import(p, adopt.Options{})
	t.field += d.Count(adopt.Field)
	t.raw += d.Count(adopt.Raw)
	t.none += d.Count(adopt.NoEffect)
	t.unsaid += d.Count(adopt.Unsaid)
	for _, fate := range []adopt.Fate{adopt.Raw, adopt.Unsaid} {
		for _, l := range d.Having(fate) {
			fmt.Fprintf(t.details, "%s %s:%d: %s\n", fate, l.At.File, l.At.Start.Line, l.Text)
		}
	}
	after, bad := rendered(d)
	if bad.HasErrors() {
		t.refused++
		for _, e := range bad {
			fmt.Fprintf(t.details, "refused: %s: %s\n", e.Path, e.Summary)
		}
		return
	}
	changed := false
	for _, x := range adopt.Differences(p, after) {
		if x.Allowed == "" {
			changed = true
			fmt.Fprintf(t.details, "changed: %s\n", x)
		}
	}
	if changed {
		t.changed++
	} else {
		t.passed++
	}
}

// rendered is what a draft makes, or why the site file is refused.
func rendered(d *adopt.Draft) (*pair.Pair, diag.List) {
	written, _, bad := model.Load("site.yaml", d.Text)
	if bad.HasErrors() {
		return nil, bad
	}
	in := model.Inputs{Secrets: map[diag.Path]string{}, Pages: map[string][]byte{}}
	for _, ref := range written.SecretRefs() {
		in.Secrets[ref.Path] = strings.TrimSuffix(string(d.Secrets[ref.Secret.File]), "\n")
	}
	for _, ref := range written.PageRefs() {
		in.Pages[ref.File] = d.Pages[ref.File]
	}
	sets, err := render.New().Sets(site.Resolve(written), in)
	if err != nil {
		return nil, diag.List{{Severity: diag.Error, Summary: err.Error()}}
	}
	var inputs []pair.Input
	files := map[string]string{}
	for _, set := range sets {
		inputs = append(inputs, pair.Input{Name: set.Node, Paths: []string{set.Node}})
		for _, f := range set.Files {
			files[set.Node+"/"+f.Path] = string(f.Data)
		}
	}
	return pair.ReadFiles("site", inputs, files), nil
}

func (t *table) print(w io.Writer) {
	lines := max(t.field+t.raw+t.none+t.unsaid, 1)
	share := func(n int) string { return fmt.Sprintf("%d (%d %%)", n, (100*n+lines/2)/lines) }
	fmt.Fprintf(w, "| | |\n|---|---|\n")
	for _, row := range []struct {
		what  string
		value any
	}{
		{"pairs", t.pairs},
		{"that could not be read", t.unread},
		{"that ended in a panic", t.panics},
		{"in which lint finds an error or a warning", t.found},
		{"whose site file the model refuses, for a mistake or a placeholder of theirs", t.refused},
		{"with something left to change", t.changed},
		{"that pass the gate at once", t.passed},
		{"lines", lines},
		{"that became fields", share(t.field)},
		{"raw", share(t.raw)},
		{"without effect", share(t.none)},
		{"unsaid, most of them LVS", share(t.unsaid)},
	} {
		fmt.Fprintf(w, "| %s | %v |\n", row.what, row.value)
	}
}
