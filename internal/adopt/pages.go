package adopt

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
)

// sorry takes out the lines of a page for when no server is left.
func (h *sections) sorry(b *node, lines []*haproxy.Directive) []*haproxy.Directive {
	page, status, waits := "", "503", false
	var said []*haproxy.Directive
	for _, d := range lines {
		words := d.Words()
		text := strings.Join(words, " ")
		const head, tail = "http-request return status ", " if { nbsrv eq 0 } !{ stopping }"
		switch {
		case text == "http-request wait-for-body time 1s"+tail: // lbgen's own
			waits, said = true, append(said, d)
		case strings.HasPrefix(text, "http-error status 503 content-type text/html file ") && len(words) == 7:
			page, said = words[6], append(said, d)
		case strings.HasPrefix(text, head) && strings.HasSuffix(text, tail) && len(words) > 7 && words[7] == page && page != "":
			status, said = words[3], append(said, d)
		}
	}
	file := ""
	if page != "" && (waits || !h.speaksHTTP2()) { // else it is an error page, and nothing more
		file = h.page(page)
	}
	if file == "" {
		return lines
	}
	s := mapping()
	s.set("page", file)
	if status != "503" {
		s.set("status", number(status))
	}
	b.set("sorry", s)
	for _, d := range said {
		h.field(d)
	}
	return slices.DeleteFunc(slices.Clone(lines), func(d *haproxy.Directive) bool { return slices.Contains(said, d) })
}

// speaksHTTP2 says whether clients may come by HTTP/2: then a page for when no server is
// left is lbgen's with a line that waits for the request's body alone.
func (h *sections) speaksHTTP2() bool {
	return slices.ContainsFunc(h.node.HAProxy.Sections, func(s *haproxy.Section) bool {
		return slices.ContainsFunc(s.Lines, func(d *haproxy.Directive) bool {
			words := d.Words()
			return words[0] == "bind" && slices.ContainsFunc(words, func(w string) bool { return slices.Contains(strings.Split(w, ","), "h2") })
		})
	})
}

// page copies a file of the node beside the site file, and returns its name there; ""
// where the tree has none.
func (h *sections) page(name string) string {
	data, err := h.node.File(name)
	if err != nil {
		return ""
	}
	file := "pages/" + path.Base(name)
	for i := 2; h.draft.Pages[file] != nil && string(h.draft.Pages[file]) != string(data); i++ {
		file = fmt.Sprintf("pages/%d-%s", i, path.Base(name))
	}
	h.draft.Pages[file] = data
	return file
}

// errorPage is http-error status N content-type text/html file PATH.
func (h *sections) errorPage(n *node, d *haproxy.Directive) bool {
	words := d.Words()
	if len(words) != 7 || words[0] != "http-error" || words[1] != "status" || words[3] != "content-type" || words[4] != "text/html" ||
		words[5] != "file" {
		return false
	}
	page := h.page(words[6])
	if page == "" {
		return false
	}
	pages := n.at("error_pages")
	pages.put(words[2], of(page))
	return true
}
