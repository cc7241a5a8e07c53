package view

import (
	"cmp"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// errorPages are the pages that HAProxy sends instead of its own short ones,
// by status.
func errorPages(site *model.Site, pages map[string]string, origin string) []Rule {
	var all []Rule
	for status, page := range pages {
		all = append(all, Rule{Origin: Mark(origin + ".error_pages[" + status + "]"),
			Verb: "http-error status " + status + " content-type text/html file", Words: []string{pagePath(site, page)}})
	}
	slices.SortFunc(all, func(a, b Rule) int { return strings.Compare(a.Verb, b.Verb) })
	return all
}

// compression is what is made smaller on its way, and how.
func compression(c *model.Compression, origin string) []Rule {
	if c == nil {
		return nil
	}
	algorithms, types := c.Algorithms, c.Types
	if len(algorithms) == 0 {
		algorithms = []string{CompressionAlgorithm}
	}
	if len(types) == 0 {
		types = site.CompressionTypes()
	}
	origin = Mark(origin + ".compression")
	return []Rule{{Origin: origin, Verb: "compression algo", Words: algorithms}, {Origin: origin, Verb: "compression type", Words: types}}
}

// connection says what becomes of a connection after the answer.
func connection(written, origin string) []Rule {
	options := map[string]string{"keep-alive": "option http-keep-alive", "server-close": "option http-server-close", "close": "option httpclose"}
	if written == "" {
		return nil
	}
	return []Rule{{Origin: Mark(origin + ".http_connection"), Verb: options[written]}}
}

// logLines say how the lines of the log look, where that is not what the
// defaults section says for its own mode.
func logLines(site *model.Site, written, format, origin string) []Rule {
	mode := cmp.Or(written, site.DefaultMode())
	switch {
	case format != "":
		return []Rule{{Origin: Mark(origin + ".log_format"), Verb: "log-format", Words: []string{format}}}
	case mode != site.DefaultMode():
		return []Rule{{Origin: Mark(origin + ".mode"), Verb: "option " + mode + "log"}}
	default:
		return nil
	}
}
