package model

import (
	"cmp"
	"fmt"

	"github.com/lbgen/lbgen/internal/certificate"
	"github.com/lbgen/lbgen/internal/diag"
)

// Inputs is what a site file refers to beside itself. Only the command line
// reads it; the rest of lbgen is given the contents.
type Inputs struct {
	Pages   map[string][]byte    // by the name of the file as the site file has it
	Secrets map[diag.Path]string // by model path; a secret that was not to be had is absent
	// Certificates are those beside the site file. One that was not to be had is absent, or has no PEM.
	Certificates map[Certificate]certificate.Bundle
}

// What a buffer of HAProxy holds beside a page: a part that is kept for
// rewriting headers (tune.maxrewrite, 1024), and the head in front of it.
const aroundPage = 2 << 10

// defaultBufsize is HAProxy's own tune.bufsize.
const defaultBufsize = 16 << 10

// MaxPage returns the size of a page in bytes that HAProxy can send: it holds
// the whole answer in one buffer.
func (s *Site) MaxPage() int { return cmp.Or(s.Global.Bufsize, defaultBufsize) - aroundPage }

// PageRef is one page that the site names.
type PageRef struct {
	Path diag.Path
	File string
}

// PageRefs returns the pages that the site names, in the order of the file.
func (s *Site) PageRefs() []PageRef {
	refs := errorPages(nil, "defaults", s.Defaults.ErrorPages)
	for i := range s.Frontends {
		f, path := &s.Frontends[i], diag.Path("frontends").Index(i)
		refs = errorPages(refs, path, f.ErrorPages)
		refs = returnPages(refs, path.Key("routes"), f.Routes)
	}
	for i := range s.Backends {
		b, path := &s.Backends[i], diag.Path("backends").Index(i)
		refs = errorPages(refs, path, b.ErrorPages)
		refs = returnPages(refs, path.Key("rules"), b.Rules)
		if b.Sorry != nil && b.Sorry.Page != "" {
			refs = append(refs, PageRef{path.Key("sorry").Key("page"), b.Sorry.Page})
		}
	}
	return refs
}

func errorPages(refs []PageRef, path diag.Path, pages map[string]string) []PageRef {
	for _, status := range sortedKeys(pages) {
		refs = append(refs, PageRef{path.Key("error_pages").Entry(status), pages[status]})
	}
	return refs
}

func returnPages(refs []PageRef, path diag.Path, routes []Route) []PageRef {
	for i := range routes {
		if r := routes[i].Return; r != nil && r.Page != "" {
			refs = append(refs, PageRef{path.Index(i).Key("return").Key("page"), r.Page})
		}
	}
	return refs
}

// CheckPage returns the findings for the contents of a page, which may have so
// many bytes.
func (r PageRef) CheckPage(data []byte, most int) diag.List {
	switch {
	case len(data) == 0:
		return diag.List{{Code: "bad-page", Path: r.Path, Summary: fmt.Sprintf("page %s is empty", r.File),
			Detail: "write what clients shall see"}}
	case len(data) > most:
		return diag.List{{Code: "bad-page", Path: r.Path, Summary: fmt.Sprintf("page %s has more than %d bytes", r.File, most),
			Detail: fmt.Sprintf("HAProxy sends at most %d: load pictures and styles from elsewhere, or raise global.tune_bufsize", most)}}
	default:
		return nil
	}
}
