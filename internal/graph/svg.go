package graph

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // for the files below
	"encoding/base64"
	"html/template"
	"io"

	"github.com/lbgen/lbgen/internal/drawing"
)

//go:embed picture.svg.tmpl
var drawn string

//go:embed page.html.tmpl
var body string

//go:embed picture.css
var styled string

// Style is the style sheet of a picture: its colours, for light and dark, and fonts.
func Style() string { return styled }

// view is what the templates print. Nearly every word is from a site file, so it
// is html/template that prints, and Go lays out numbers only.
type view struct {
	Site, Policy string
	Style        template.CSS
	Pictures     []*picture
}

func newView(g Graph, widths ...float64) view {
	v := view{Site: g.Site, Style: template.CSS(styled)}
	v.Policy = "default-src 'none'; style-src " + hash(styled) + "; base-uri 'none'; form-action 'none'"
	for _, w := range widths {
		v.Pictures = append(v.Pictures, draw(g, w))
	}
	return v
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// SVG writes the picture as one file that needs nothing else.
func SVG(w io.Writer, g Graph) error { return execute(w, "file", newView(g, wide)) }

// HTML writes a page with the picture that needs nothing else: on a narrow screen
// it is laid out in another way.
func HTML(w io.Writer, g Graph) error { return execute(w, "page", newView(g, wide, narrow)) }

// Inline returns the picture for a page that has Style in its style sheet.
func Inline(g Graph) (template.HTML, error) {
	var b bytes.Buffer
	err := execute(&b, "inline", newView(g, wide, narrow))
	return template.HTML(b.String()), err //nolint:gosec // it is html/template that has printed it
}

func execute(w io.Writer, name string, v view) error {
	t, err := template.New("").Parse(drawn + body)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, v); err != nil {
		return err
	}
	_, err = io.WriteString(w, drawing.Visible(b.String()))
	return err
}
