package graph

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/lbgen/lbgen/internal/testbrowser"
	"github.com/lbgen/lbgen/internal/testenv"
)

// TestMermaidDraws has the real mermaid draw what is printed of every site, in a real
// browser: it finds no fault, and draws each box and each line.
func TestMermaidDraws(t *testing.T) {
	b := testbrowser.Start(t)
	program, err := filepath.Abs("testdata/mermaid/node_modules/mermaid/dist/mermaid.min.js")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(program); err != nil {
		testenv.Lacks(t, "mermaid is not installed: scripts/install-test-tools.sh does it")
	}
	const page = `<!doctype html><meta charset="utf-8"><title>mermaid</title><script src="file://%s"></script>`
	b.Open("mermaid.html", fmt.Appendf(nil, page, program))
	for name, g := range everySite(t) {
		t.Run(name, func(t *testing.T) {
			text, err := json.Marshal(string(written(t, Mermaid, g)))
			if err != nil {
				t.Fatal(err)
			}
			b := b.On(t)
			b.Faults(draws(string(text)))
			b.Alone()
		})
	}
	t.Run("faults", func(t *testing.T) {
		var found []string
		b.On(t).Eval(draws(`"flowchart LR\n  a[one --> b\n"`), &found)
		if len(found) == 0 {
			t.Error("mermaid draws what is none of its texts")
		}
	})
}

// draws has mermaid draw a text, given as JavaScript has it, and finds what it says and what
// is not there.
func draws(text string) string {
	return `const text = ` + text + `;
	mermaid.initialize({startOnLoad: false, securityLevel: "strict", maxTextSize: 1e6, maxEdges: 5000});
	try {
		const {svg} = await mermaid.render("drawn", text);
		const page = new DOMParser().parseFromString(svg, "text/html");
		const lines = text.split("\n").filter((l) => / -->| -\.->/.test(l)).length;
		const boxes = new Set([...text.matchAll(/^ +([a-z][a-z0-9]*)[\[({]/gm)].map((m) => m[1])).size;
		const drawn = [page.querySelectorAll("g.node").length, page.querySelectorAll("path.flowchart-link").length];
		return [
			...(drawn[0] === boxes && boxes > 0 ? [] : [drawn[0] + " of " + boxes + " boxes are drawn"]),
			...(drawn[1] === lines && lines > 0 ? [] : [drawn[1] + " of " + lines + " lines are drawn"]),
		];
	} catch (e) {
		return ["mermaid says: " + e.message];
	}`
}
