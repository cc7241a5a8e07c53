package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/lint/rules"
	"github.com/lbgen/lbgen/internal/model"
	filerules "github.com/lbgen/lbgen/internal/pair/rules"
	"github.com/lbgen/lbgen/schema"
)

func (a *app) explain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain [RULE|CODE|FIELD|KEYWORD...]",
		Short: "Say what a rule, an error, a field or a daemon's keyword is; without one, list the rules",
		Long: `explain says what lbgen prints or reads:

  a rule      LB1001, by number or name: what it finds, why that hurts and what to
              do, with a piece of a site file in which it finds something and one in
              which it does not
  a code      unknown-field: what stands in brackets behind an error
  a field     backends.health.http: what it means, its type and default, what stands
              in it, and which keywords it becomes
  a keyword   nopreempt, 'timeout http-request': where the daemon takes it, and which
              fields of a site file become it`,
		Example: "  lbgen explain\n  lbgen explain LB1001\n  lbgen explain vrrp.preempt\n  lbgen explain 'timeout http-request' nopreempt",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.listRules()
			}
			return a.explainEach(args)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return explainable(), cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// explainEach says all that is known of each name: a keyword may also be a field.
func (a *app) explainEach(names []string) error {
	fields, err := schema.ReadFields()
	if err != nil {
		return err
	}
	for i, name := range names {
		var texts []string
		if r, ok := ruleNamed(name); ok {
			texts = append(texts, explained(r))
		}
		if r, ok := fileRuleNamed(name); ok {
			texts = append(texts, explainedOfFiles(r))
		}
		if c, ok := codeNamed(name); ok {
			texts = append(texts, fmt.Sprintf("%s: %s\n\n%s", name, c.Title, filled(c.Text)))
		}
		if f, ok := fields.Find(name); ok {
			texts = append(texts, fieldText(f))
		}
		if text := keyword(name); text != "" {
			texts = append(texts, text)
		}
		if len(texts) == 0 {
			return usagef("there is no rule, code, field or keyword %q%s: lbgen explain lists the rules", name, nearest(name, fields))
		}
		if i > 0 {
			fmt.Fprintln(a.Out)
		}
		if _, err := fmt.Fprint(a.Out, strings.Join(texts, "\n")); err != nil {
			return err
		}
	}
	return nil
}

func codeNamed(name string) (diag.Code, bool) {
	for _, c := range diag.Codes() {
		if c.Name == name || c.Family && strings.HasPrefix(name, c.Name) {
			return c, true
		}
	}
	return diag.Code{}, false
}

// nearest offers the fields that end with the name, or the one that is a typing mistake
// away, as a question.
func nearest(name string, fields *schema.Fields) string {
	var all []string
	for _, p := range fields.Paths() {
		if p == name || strings.HasSuffix(p, "."+schema.Plain(name)) {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		var known []string
		for _, e := range explainable() {
			word, _, _ := strings.Cut(e, "\t")
			known = append(known, word)
		}
		if near := model.Nearest(schema.Plain(name), known); near != "" {
			all = []string{near}
		}
	}
	if len(all) == 0 {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", strings.Join(all[:min(len(all), 4)], ", "))
}

// explainable are all names that explain knows, for completion in a shell.
func explainable() []string {
	var all []string
	for _, r := range ruleInfos() {
		all = append(all, r.ID+"\t"+r.Title)
	}
	for _, c := range diag.Codes() {
		all = append(all, c.Name+"\t"+c.Title)
	}
	if fields, err := schema.ReadFields(); err == nil {
		all = append(all, fields.Paths()...)
	}
	for _, f := range keepalived.Facts() {
		all = append(all, f.Keyword)
	}
	for _, f := range haproxy.Facts() {
		all = append(all, f.Name())
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// fieldText is a field with what it becomes.
func fieldText(f schema.Field) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", f.Path, f.Type)
	if f.Required {
		b.WriteString(", required")
	}
	fmt.Fprintf(&b, "\n\n%s", filled(f.Description))
	if len(f.Values) > 0 {
		fmt.Fprintf(&b, "\nOne of: %s\n", strings.Join(f.Values, ", "))
	}
	if f.Default != "" && !strings.Contains(f.Description, "Default") {
		fmt.Fprintf(&b, "\nDefault: %s\n", f.Default)
	}
	if lines := keywordsOf(f.Path); len(lines) > 0 {
		fmt.Fprintf(&b, "\nBecomes:\n  %s\n", strings.Join(lines, "\n  "))
	}
	if len(f.Below) > 0 {
		b.WriteString("\nFields:\n")
		tab := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		for _, below := range f.Below {
			name := below.Path[strings.LastIndexByte(below.Path, '.')+1:]
			fmt.Fprintf(tab, "  %s\t%s\t%s\n", name, below.Type, firstSentence(below.Description))
		}
		_ = tab.Flush() // a strings.Builder takes everything
	}
	return b.String()
}

// filled breaks a text into lines of 80 columns at most, as far as its words allow.
func filled(text string) string {
	var b strings.Builder
	width := 0
	for word := range strings.FieldsSeq(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case width == 0:
		case width+1+n > 80:
			b.WriteByte('\n')
			width = 0
		default:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(word)
		width += n
	}
	b.WriteByte('\n')
	return b.String()
}

func firstSentence(text string) string {
	first, _, more := strings.Cut(text, ". ")
	if more {
		first += "."
	}
	return first
}

// keywordsOf are the keywords that a field makes, by the facts of both daemons.
func keywordsOf(path string) []string {
	path = schema.Plain(path)
	is := func(field string) bool { return schema.Plain(field) == path }
	var all []string
	for _, f := range haproxy.Facts() {
		if slices.ContainsFunc(f.Fields, is) {
			all = append(all, "haproxy.cfg: "+f.Name())
		}
	}
	for _, f := range keepalived.Facts() {
		if slices.ContainsFunc(f.Fields, is) {
			all = append(all, "keepalived.conf: "+strings.TrimPrefix(f.In+" "+f.Keyword, " "))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (a *app) listRules() error {
	tab := tabwriter.NewWriter(a.Out, 0, 0, 2, ' ', 0)
	for _, r := range ruleInfos() {
		fmt.Fprintf(tab, "%s\t%s\t%s\t%s\n", r.ID, r.Severity, r.Name, r.Title)
	}
	return tab.Flush()
}

// keyword says what the facts of both daemons know of a keyword; "" where they know
// none.
func keyword(name string) string {
	var b strings.Builder
	say := func(file, in string, fields []string, why string) {
		fmt.Fprintf(&b, "%s: %s\n", file, in)
		switch {
		case len(fields) > 0:
			fmt.Fprintf(&b, "  %s\n", strings.Join(fields, "\n  "))
		case why == "":
			fmt.Fprint(&b, "  no field: write it as a raw line\n")
		}
		if why != "" {
			fmt.Fprintf(&b, "  %s\n", why)
		}
	}
	for _, f := range haproxy.Find(name) {
		in := f.In.String()
		if f.Of != "" {
			in = "lines of " + f.Of
		}
		say("haproxy.cfg", in, f.Fields, f.Why)
	}
	for _, f := range keepalived.Facts() {
		if f.Keyword == name {
			say("keepalived.conf", cmp.Or(f.In, "outside of blocks"), f.Fields, "")
		}
	}
	return b.String()
}

func ruleNamed(name string) (lint.Rule, bool) {
	for _, r := range rules.All() {
		if strings.EqualFold(r.ID, name) || r.Name == name {
			return r, true
		}
	}
	return lint.Rule{}, false
}

func explained(r lint.Rule) string {
	return fmt.Sprintf("%s %s (%s)\n\n%s.\n\n%s\n\nBad:\n\n%s\nGood:\n\n%s", r.ID, r.Name, r.Severity, r.Title, r.Text,
		indented(rules.Shown(r.Bad)), indented(rules.Shown(r.Good)))
}

// fileRuleNamed returns a rule that is for files written by hand alone.
func fileRuleNamed(name string) (filerules.Rule, bool) {
	for _, r := range filerules.All() {
		if r.Title != "" && (strings.EqualFold(r.ID, name) || r.Name == name) {
			return r, true
		}
	}
	return filerules.Rule{}, false
}

func explainedOfFiles(r filerules.Rule) string {
	text := fmt.Sprintf("%s %s (%s), in files written by hand\n\n%s.\n\n%s\n", r.ID, r.Name, r.Severity, r.Title,
		strings.TrimSpace(filled(r.Text)))
	if r.Bad != "" {
		text += "\nBad:\n\n" + indented(filerules.Shown(r.Bad))
	}
	return text
}

func indented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("  " + line)
	}
	return b.String()
}
