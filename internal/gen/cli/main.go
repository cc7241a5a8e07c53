// Command cli writes a page for each command of lbgen: Markdown for docs/cli,
// or man pages. Both say what --help says.
package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/lbgen/lbgen/internal/cli"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: cli markdown|man DIR")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "cli:", err)
		os.Exit(1)
	}
}

func run(format, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root := cli.Command(cli.Streams{In: strings.NewReader(""), Out: os.Stdout, Err: os.Stderr, Getenv: os.LookupEnv})
	root.InitDefaultCompletionCmd()
	quiet(root)
	switch format {
	case "markdown":
		return doc.GenMarkdownTree(root, dir)
	case "man":
		// No day and no version: the same source gives the same pages.
		epoch := time.Unix(0, 0).UTC()
		return doc.GenManTree(root, &doc.GenManHeader{Title: "LBGEN", Section: "1", Source: "lbgen", Manual: "lbgen", Date: &epoch}, dir)
	default:
		return fmt.Errorf("%q is no format", format)
	}
}

// quiet takes the line with the day of generation out of each page.
func quiet(c *cobra.Command) {
	c.DisableAutoGenTag = true
	for _, sub := range c.Commands() {
		quiet(sub)
	}
}
