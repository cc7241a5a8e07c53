package graph

import (
	"fmt"
	"io"
	"strings"

	"github.com/lbgen/lbgen/internal/drawing"
)

// Mermaid writes the graph as the text of a mermaid flowchart, which wikis and
// code hosts draw.
func Mermaid(w io.Writer, g Graph) error {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	put := func(format string, args ...any) { fmt.Fprintf(&b, "  "+format+"\n", args...) }
	put(`clients([clients])`)
	for i, n := range g.Nodes {
		put(`n%d[%s]`, i, label(n.words()))
	}
	for i := range g.Frontends {
		put(`f%d[%s]`, i, label(g.Frontends[i].words()))
	}
	for i := range g.Backends {
		put(`b%d[(%s)]`, i, label(g.Backends[i].words()))
	}
	for _, e := range g.edges() {
		arrow := "-->"
		if e.standby {
			arrow = "-.->"
		}
		if e.end != "" {
			put(`%s{{%s}}`, e.to, label([]string{e.end}))
		}
		if e.words != "" {
			put(`%s %s|%s| %s`, e.from, arrow, label([]string{e.words}), e.to)
		} else {
			put(`%s %s %s`, e.from, arrow, e.to)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// label is lines as a text of mermaid in quotes. Letters, digits and what cannot
// mean anything there stand for themselves; everything else is its number: a
// quote ends the text, and #, %, &, <, ` and \ begin something. Two dollars begin a
// formula even as numbers: what joins words, and is not seen, stands between them.
func label(lines []string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, line := range lines {
		if i > 0 {
			b.WriteString("<br>")
		}
		before := ' '
		for _, r := range drawing.Visible(line) {
			if r == '$' && before == '$' {
				b.WriteString("#8288;")
			}
			before = r
			switch {
			case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r >= 0x80, strings.ContainsRune(" .,:/()+=?'-_", r):
				b.WriteRune(r)
			default:
				fmt.Fprintf(&b, "#%d;", r)
			}
		}
	}
	b.WriteByte('"')
	return b.String()
}
