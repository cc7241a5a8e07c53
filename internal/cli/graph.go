package cli

import (
	"bytes"
	"cmp"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/graph"
	"github.com/lbgen/lbgen/internal/report"
)

// graphFormats are what graph writes, with the suffixes of files of that kind.
func graphFormats() []graphFormat {
	return []graphFormat{
		{"svg", []string{".svg"}, graph.SVG},
		{"mermaid", []string{".mmd", ".mermaid"}, graph.Mermaid},
		{"dot", []string{".dot", ".gv"}, graph.Dot},
		{"html", []string{".html", ".htm"}, graph.HTML},
	}
}

type graphFormat struct {
	name     string
	suffixes []string
	write    func(io.Writer, graph.Graph) error
}

func (a *app) graph() *cobra.Command {
	var format, file string
	c := &cobra.Command{
		Use:   "graph SITE",
		Short: "Draw the site: nodes, virtual IPs, frontends, routes, backends",
		Long: `graph draws a site: clients, networks, virtual IPs on the node that has them while
all is well, NICs, frontends with their ports, routes in the order in which they
are tried, backends with their servers, and what clients get when all of those
are down. Nothing is run, no secret is read, and the same site makes the same
bytes.

  svg      a picture in one file, for light and dark screens
  html     a page with that picture, laid out for phones, too
  mermaid  text that GitHub, GitLab and many wikis draw
  dot      text for Graphviz

The format is that of the file's suffix, or --format; without both it is mermaid.`,
		Example: "  lbgen graph site.yaml -o site.svg\n  lbgen graph site.yaml                       # mermaid, to a terminal or a pipe\n" +
			"  lbgen graph --format dot site.yaml | dot -Tpdf -o site.pdf",
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) != 1:
				return usagef("name one site file, or - for standard input")
			case isPair(args[0]):
				return usagef("%s is no site file: graph draws those. lbgen adopt makes one of a pair that runs already: "+
					"lbgen adopt %s -o DIR, then lbgen graph DIR/site.yaml", args[0], args[0])
			case file != "" && isSame(file, args[0]):
				return usagef("-o %s is the site file itself: name another file", file)
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := formatOf(format, file)
			if err != nil {
				return err
			}
			return a.runGraph(args[0], f, file)
		},
	}
	c.Flags().StringVar(&format, "format", "", "svg, html, mermaid or dot")
	c.Flags().StringVarP(&file, "output", "o", "", "file that the picture is written to; its suffix says the format")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"svg", "html", "mermaid", "dot"},
		cobra.ShellCompDirectiveNoFileComp)) // it fails where there is no such flag
	return a.orSitesHere(c)
}

// formatOf is the one that is named, else that of the file's suffix.
func formatOf(name, file string) (graphFormat, error) {
	all := graphFormats()
	suffix := strings.ToLower(filepath.Ext(file))
	i := slices.IndexFunc(all, func(f graphFormat) bool {
		if name == "" && file != "" {
			return slices.Contains(f.suffixes, suffix)
		}
		return f.name == cmp.Or(name, "mermaid")
	})
	switch {
	case i >= 0:
		return all[i], nil
	case name != "":
		return graphFormat{}, usagef("--format is svg, html, mermaid or dot, not %q", name)
	default:
		return graphFormat{}, usagef("-o %s does not say which format: use .svg, .html, .mmd or .dot, or --format", file)
	}
}

func (a *app) runGraph(name string, f graphFormat, file string) error {
	all, err := a.load([]string{name}, secretsIgnored)
	if err != nil {
		return err
	}
	if err := a.refuse(all); err != nil {
		return err
	}
	found, sources := findings(all)
	if err := report.Text(a.Err, found, sources, a.colored(a.Err)); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := f.write(&b, graph.Of(all[0].site)); err != nil {
		return err
	}
	if file != "" {
		return writePublic(file, b.Bytes())
	}
	_, err = a.Out.Write(b.Bytes())
	return err
}
