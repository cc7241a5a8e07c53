// Package page shows what a rehearsal came to as one HTML file that needs
// nothing else: no network, no fonts, no script to be read. The same result
// makes the same bytes.
package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // for the three files below
	"encoding/base64"
	"html/template"
	"io"

	"github.com/lbgen/lbgen/internal/drawing"
	"github.com/lbgen/lbgen/internal/graph"
	"github.com/lbgen/lbgen/internal/judge"
)

//go:embed page.html.tmpl
var body string

//go:embed page.css
var own string

//go:embed page.js
var script string

// Write writes the page of a rehearsal of the site that the graph shows.
//
// Nearly every word on it is from a site file or from a daemon's log, so it is
// html/template that prints, and Go lays out numbers only.
func Write(w io.Writer, r judge.Result, g graph.Graph) error {
	t, err := template.New("page").Parse(body)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	v := newView(r)
	if len(g.Nodes) > 0 {
		if v.Picture, err = graph.Inline(with(g, r.Topology.Client)); err != nil {
			return err
		}
	}
	if err := t.Execute(&out, v); err != nil {
		return err
	}
	_, err = io.WriteString(w, drawing.Visible(out.String()))
	return err
}

// with has the client of the rehearsal in the place of all others.
func with(g graph.Graph, client []judge.Link) graph.Graph {
	g.Clients = graph.Clients{Addresses: map[string][]string{}}
	for _, l := range client {
		g.Clients.Networks = append(g.Clients.Networks, l.Network)
		g.Clients.Addresses[l.Network] = l.Addresses
	}
	return g
}

// style is the style sheet of the page: that of the picture, and its own.
func style() string { return graph.Style() + own }

// policy lets nothing onto the page but the style and the script that are in
// it, so that a word which should get past the escaping does nothing.
func policy() string {
	return "default-src 'none'; style-src " + hash(style()) + "; script-src " + hash(script) +
		"; base-uri 'none'; form-action 'none'"
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
