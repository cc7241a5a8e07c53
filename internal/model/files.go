package model

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
)

// Inputs is what a site file refers to beside itself. Only the command line
// reads it; the rest of lbgen is given the contents.
type Inputs struct {
	Pages   map[string][]byte // by the name of the file as the site file has it
	Secrets map[string]string // by model path; a secret that was not to be had is absent
}

// MaxPage is the size of a page in bytes that HAProxy can send: it holds the
// whole answer in one buffer (tune.bufsize, 16384) and keeps a part of it for
// rewriting headers (tune.maxrewrite, 1024), and the head goes in front.
const MaxPage = 14 << 10

// PageRef is one page that the site names.
type PageRef struct{ Path, File string }

// PageRefs returns the pages that the site names, in the order of the file.
func (s *Site) PageRefs() []PageRef {
	var refs []PageRef
	for i, b := range s.Backends {
		if b.Sorry != nil {
			refs = append(refs, PageRef{index("backends", i) + ".sorry.page", b.Sorry.Page})
		}
	}
	return refs
}

// CheckPage returns the findings for the contents of a page.
func (r PageRef) CheckPage(data []byte) diag.List {
	switch {
	case len(data) == 0:
		return diag.List{{Code: "bad-page", Path: r.Path, Summary: fmt.Sprintf("page %s is empty", r.File), Detail: "write what clients shall see"}}
	case len(data) > MaxPage:
		return diag.List{{Code: "bad-page", Path: r.Path, Summary: fmt.Sprintf("page %s has more than %d bytes", r.File, MaxPage),
			Detail: fmt.Sprintf("HAProxy sends at most %d: load pictures and styles from elsewhere", MaxPage)}}
	default:
		return nil
	}
}
