package graph

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/drawing"
	"github.com/lbgen/lbgen/internal/testenv"
)

func TestSameSiteSameBytes(t *testing.T) {
	for _, write := range []func(io.Writer, Graph) error{SVG, HTML, Mermaid, Dot} {
		first := written(t, write, example(t, "../../examples/kitchen-sink.yaml"))
		for range 3 {
			if !bytes.Equal(first, written(t, write, example(t, "../../examples/kitchen-sink.yaml"))) {
				t.Fatal("the same site was written in two ways")
			}
		}
	}
}

func TestSVGIsXML(t *testing.T) {
	for name, g := range everySite(t) {
		d := xml.NewDecoder(bytes.NewReader(written(t, SVG, g)))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
}

// dotGraph is what Graphviz reads, as it prints it in JSON.
type dotGraph struct {
	Objects []dotThing
	Edges   []dotThing
}

type dotThing struct{ Name, Label string }

// TestDot has the real Graphviz read what is printed: it finds the nodes and edges
// that are meant, and the words of each, whatever they are.
func TestDot(t *testing.T) {
	testenv.Programs(t, "dot")
	for name, g := range everySite(t) {
		t.Run(name, func(t *testing.T) {
			var got dotGraph
			cmd := exec.CommandContext(t.Context(), "dot", "-Tdot_json")
			cmd.Stdin = bytes.NewReader(written(t, Dot, g))
			var said bytes.Buffer
			cmd.Stderr = &said
			out, err := cmd.Output()
			if err != nil || said.Len() > 0 {
				t.Fatalf("%v: %s", err, said.String())
			}
			if err := json.Unmarshal(out, &got); err != nil {
				t.Fatal(err)
			}
			ends := 0
			for _, e := range g.edges() {
				if e.end != "" {
					ends++
				}
			}
			if want := 1 + len(g.Nodes) + len(g.Frontends) + len(g.Backends) + ends; len(got.Objects) != want || len(got.Edges) != len(g.edges()) {
				t.Errorf("%d nodes and %d edges, want %d and %d", len(got.Objects), len(got.Edges), want, len(g.edges()))
			}
			for i, b := range g.Backends {
				want := quoted(b.words(), `\l`)
				if !slices.ContainsFunc(got.Objects, func(o dotThing) bool { return strings.ReplaceAll(`"`+o.Label+`"`, `"`, "") == unquote(want) }) {
					t.Errorf("backend %d has no node with the words %s", i, want)
				}
			}
		})
	}
}

// unquote leaves of a string of Graphviz what dot_json prints, without quotes.
func unquote(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, `\"`, ""), `"`, "")
}

// A label may hold only what cannot mean anything to mermaid.
func TestMermaidLabelsAreHarmless(t *testing.T) {
	got := label([]string{"a" + evil, `"end"`})
	inner := strings.TrimSuffix(strings.TrimPrefix(got, `"`), `"`)
	for _, never := range []string{`"`, "[", "]", "{", "}", "|", "%", "$", "`", `\`, ">x", "<img", "#quot;"} {
		if strings.Contains(strings.ReplaceAll(inner, "<br>", ""), never) {
			t.Errorf("%q is left in %s", never, got)
		}
	}
	if want := drawing.Visible("\u202e"); strings.Contains(inner, "\u202e") || !strings.Contains(inner, strings.TrimPrefix(want, `\`)) {
		t.Errorf("what turns the direction of writing is left in %s", got)
	}
}
