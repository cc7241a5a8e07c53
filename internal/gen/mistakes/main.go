// Command mistakes writes docs/mistakes.md: the mistakes that people make, and
// lbgen's answer to each.
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/mistakes"
	"github.com/lbgen/lbgen/internal/pair/rules"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: mistakes FILE")
		os.Exit(2)
	}
	if err := os.WriteFile(os.Args[1], []byte(page()), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "mistakes:", err)
		os.Exit(1)
	}
}

const head = `# Mistakes that people make, and what lbgen does about each

They were found in public configurations and in threads where somebody asked why it does not work. The daemons' own
checkers are silent on half of them. *refused*: lbgen does not take such a site file, and points at the place.
*impossible*: what lbgen renders cannot have it. *rule*: ` + "`lbgen lint`" + ` finds it.
*check*: ` + "`lbgen check`" + ` finds it, because the daemon says so. *waits*: a site file cannot make it, or a running
node alone shows it. The tests of internal/mistakes hold each row true. The last column has the rules by which
lbgen lint pair/ finds the mistake in haproxy.cfg and keepalived.conf of a pair that runs already, or what the daemon
says of them in lbgen check pair/.
`

func page() string {
	var b strings.Builder
	b.WriteString(head)
	counts := map[mistakes.Answer]int{}
	part, found, said := "", 0, 0
	for _, r := range mistakes.All() {
		if p := title(r.ID); p != part {
			part = p
			fmt.Fprintf(&b, "\n## %s\n\n| | mistake | answer | | in files |\n|---|---|---|---|---|\n", part)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.ID, cell(r.Mistake), r.Answer, cell(more(r)), inFiles(r.ID))
		switch cell := inFiles(r.ID); {
		case strings.HasPrefix(cell, "["):
			found++
		case cell != "":
			said++
		}
		counts[r.Answer]++
	}
	fmt.Fprintf(&b, "\n%d refused, %d impossible, %d found by a rule, %d by check, %d wait. In files written by hand a rule finds %d, "+
		"and of %d more a daemon says so in `lbgen check`.\n",
		counts[mistakes.Refused],
		counts[mistakes.Impossible], counts[mistakes.Rule], counts[mistakes.Check], counts[mistakes.Waits], found, said)
	return b.String()
}

// inFiles names the rules that find the mistake in haproxy.cfg and keepalived.conf, or what
// a daemon says of it.
func inFiles(id string) string {
	var all []string
	for _, r := range rules.All() {
		if slices.Contains(r.Mistakes, id) {
			all = append(all, fmt.Sprintf("[%s](rules/%s.md)", r.ID, r.ID))
		}
	}
	if len(all) > 0 {
		return strings.Join(all, ", ")
	}
	for _, m := range mistakes.SaidOfFiles() {
		if m.ID == id {
			return "check: “" + m.Says + "”"
		}
	}
	return ""
}

func title(id string) string {
	return map[string]string{"KA": "Keepalived, one node", "XN": "Between the nodes", "HA": "HAProxy", "TL": "TLS and passwords",
		"SY": "The host"}[id[:2]]
}

// more is what a row says beside its answer.
func more(r mistakes.Row) string {
	var parts []string
	switch {
	case r.Rule != "":
		parts = append(parts, fmt.Sprintf("[%s](rules/%s.md)", r.Rule, r.Rule))
	case r.Says != "":
		parts = append(parts, "“"+r.Says+"”")
	case r.Why != "":
	case len(r.Has) > 0:
		parts = append(parts, "always `"+strings.Join(r.Has, "`, `")+"`")
	case r.HasNot != "":
		parts = append(parts, "never `"+strings.TrimSpace(r.HasNot)+"`")
	case r.Mode != 0:
		parts = append(parts, fmt.Sprintf("mode %04o", r.Mode))
	}
	if r.Why != "" {
		parts = append(parts, r.Why)
	}
	return strings.Join(parts, "; ")
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
