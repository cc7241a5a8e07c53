// Command rules writes a page for each rule of lbgen lint, and an index of
// them, into a folder. What a page shows as lbgen's words is what lbgen says of
// the page's own example.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/lint/rules"
	filerules "github.com/lbgen/lbgen/internal/pair/rules"
	"github.com/lbgen/lbgen/internal/report"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: rules DIR")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "rules:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	if err := sweep(dir); err != nil {
		return err
	}
	for _, r := range rules.All() {
		text, err := page(r)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, r.ID+".md"), []byte(text), 0o644); err != nil {
			return err
		}
	}
	for _, r := range filerules.All() {
		if r.Title == "" { // the page of the rule for site files is its own
			continue
		}
		text, err := filePage(r)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, r.ID+".md"), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, "README.md"), []byte(index()), 0o644)
}

// filePage is the page of a rule for files that were written by hand.
func filePage(r filerules.Rule) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s %s\n\n%s.\n\nSeverity %s, in haproxy.cfg and keepalived.conf of a pair.\n\n%s\n\n", r.ID, r.Name, r.Title,
		r.Severity, r.Text)
	if r.Bad != "" {
		e := filerules.NewExample(r.Bad)
		sources := report.Sources{}
		for name, text := range e.Pair.Texts {
			sources[name] = text
		}
		var said strings.Builder
		if err := report.Text(&said, filerules.Run([]filerules.Rule{r}, e.Pair), sources, false); err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "## Bad\n\n```text\n%s```\n\n```text\n%s```\n\n", filerules.Shown(r.Bad), said.String())
	}
	fmt.Fprintf(&b, "Where it is right all the same, say why in a comment on the line, or above the block:\n\n```text\n# lbgen:ignore %s -- "+
		"the reason\n```\n", r.ID)
	return b.String(), nil
}

// sweep makes the folder and takes out the pages of rules that are gone.
func sweep(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(dir, "LB*.md"))
	if err != nil {
		return err
	}
	for _, name := range old {
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	return nil
}

func page(r lint.Rule) (string, error) {
	said, err := words(r)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s %s\n\n%s.\n\n", r.ID, r.Name, r.Title)
	fmt.Fprintf(&b, "Severity %s, since lbgen %s.\n\n%s\n\n", r.Severity, r.Since, r.Text)
	fmt.Fprintf(&b, "## Bad\n\n```yaml\n%s```\n\n```text\n%s```\n\n", rules.Shown(r.Bad), said)
	fmt.Fprintf(&b, "## Good\n\n```yaml\n%s```\n\n", rules.Shown(r.Good))
	fmt.Fprintf(&b, "Where it is right all the same, say why on the line, or above the block:\n\n```yaml\n# lbgen:ignore %s -- the "+
		"reason\n```\n", r.ID)
	return b.String(), nil
}

// words are what a reader sees of the rule's example.
func words(r lint.Rule) (string, error) {
	e := rules.NewExample(r.Bad)
	found := slices.Concat(lint.Run(rules.All(), e.Sites, lint.InTurn)...)
	sources := report.Sources{}
	for _, s := range e.Sites {
		for _, f := range s.Source.Files() {
			sources[f.Name] = f
		}
	}
	var b strings.Builder
	err := report.Text(&b, found, sources, false)
	return b.String(), err
}

func index() string {
	var b strings.Builder
	b.WriteString("# The rules of lbgen lint\n\n`lbgen explain LB1001` shows a page in the terminal. [failover.md](../failover.md) says " +
		"how LB1001 and\nLB1002 know what they know.\n\n| rule | severity | what is found |\n|---|---|---|\n")
	for _, r := range rules.All() {
		fmt.Fprintf(&b, "| [%s](%s.md) %s | %s | %s |\n", r.ID, r.ID, r.Name, r.Severity, r.Title)
	}
	b.WriteString("\n## In files that were written by hand\n\n`lbgen lint pair/` looks at haproxy.cfg and keepalived.conf of a pair that " +
		"runs " +
		"already. Of the rules\nabove it asks " + asked() + ";\nand these.\n\n| rule | severity | what is found |\n|---|---|---|\n")
	for _, r := range filerules.All() {
		if r.Title != "" {
			fmt.Fprintf(&b, "| [%s](%s.md) %s | %s | %s |\n", r.ID, r.ID, r.Name, r.Severity, r.Title)
		}
	}
	return b.String()
}

// asked names the rules that look at site files and at files written by hand.
func asked() string {
	var all []string
	for _, r := range filerules.All() {
		if r.Title == "" {
			all = append(all, r.ID)
		}
	}
	return strings.Join(all, ", ")
}
