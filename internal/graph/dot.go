package graph

import (
	"fmt"
	"io"
	"strings"

	"github.com/lbgen/lbgen/internal/drawing"
)

// Dot writes the graph in the language of Graphviz.
func Dot(w io.Writer, g Graph) error {
	var b strings.Builder
	put := func(format string, args ...any) { fmt.Fprintf(&b, "  "+format+";\n", args...) }
	fmt.Fprintf(&b, "digraph %s {\n", quoted([]string{g.Site}, ""))
	put(`graph [rankdir=LR, fontname="sans-serif", label=%s, labelloc=t]`, quoted([]string{"site " + g.Site}, ""))
	put(`node [shape=box, style=rounded, fontname="sans-serif", fontsize=11]`)
	put(`edge [fontname="sans-serif", fontsize=10]`)
	put(`clients [shape=oval]`)
	for i, n := range g.Nodes {
		put(`n%d [label=%s]`, i, quoted(n.words(), `\l`))
	}
	for i := range g.Frontends {
		put(`f%d [label=%s]`, i, quoted(g.Frontends[i].words(), `\l`))
	}
	for i := range g.Backends {
		put(`b%d [label=%s, style="rounded,filled", fillcolor="#f5f7f9"]`, i, quoted(g.Backends[i].words(), `\l`))
	}
	for _, e := range g.edges() {
		if e.end != "" {
			put(`%s [shape=plaintext, label=%s]`, e.to, quoted([]string{e.end}, ""))
		}
		var more []string
		if e.standby {
			more = append(more, "style=dashed")
		}
		if e.words != "" {
			more = append(more, "label="+quoted([]string{e.words}, ""))
		}
		if len(more) > 0 {
			put(`%s -> %s [%s]`, e.from, e.to, strings.Join(more, ", "))
		} else {
			put(`%s -> %s`, e.from, e.to)
		}
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// quoted is lines as a string of Graphviz, with an end behind each. A backslash
// begins an escape there and & an entity of HTML.
func quoted(lines []string, end string) string {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "&", "&amp;", "\n", " ", "\t", " ")
	var b strings.Builder
	b.WriteByte('"')
	for _, line := range lines {
		b.WriteString(escape.Replace(drawing.Visible(line)))
		b.WriteString(end)
	}
	b.WriteByte('"')
	return b.String()
}
