// Command sitefile writes docs/site-file.md: every field of the site file with
// its type, its limits, its default and the line that it becomes. The first
// three come from the model's structs, tags and comments; the last from
// rendering the kitchen sink with and without the field.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/lbgen/lbgen/internal/gen/comment"
	"github.com/lbgen/lbgen/internal/render"
)

//go:generate go run . ../../../docs/site-file.md

func main() {
	if err := run("../../..", os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "sitefile:", err)
		os.Exit(1)
	}
}

// run writes the page; root is where lbgen's source lies.
func run(root, out string) error {
	comments, err := comment.Read(filepath.Join(root, "internal/model"))
	if err != nil {
		return err
	}
	sinks, err := openSinks(root)
	if err != nil {
		return err
	}
	becomes, err := effects(sinks)
	if err != nil {
		return err
	}
	p := page{comments: comments, effects: becomes, sections: sections()}
	return os.WriteFile(out, p.markdown(), 0o644)
}

// openSinks opens the site files in which every field stands: the one for
// readers first.
func openSinks(root string) ([]*sink, error) {
	renderer := render.New()
	var all []*sink
	for _, name := range sinkFiles() {
		s, found, err := openSink(filepath.Join(root, name), renderer)
		if err != nil {
			return nil, err
		}
		if found.HasErrors() {
			return nil, errors.New(name + ": " + found[0].Summary + ": " + found[0].Detail)
		}
		all = append(all, s)
	}
	return all, nil
}

// sinkFiles are the kitchen sink, and the places of fields that it already
// shows elsewhere: many parts of a site file have the same ones.
func sinkFiles() []string {
	return []string{"examples/kitchen-sink.yaml", "testdata/sites/everywhere.yaml", "testdata/sites/single.yaml", "testdata/sites/signed.yaml"}
}
