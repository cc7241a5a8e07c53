package model

import (
	"fmt"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

// pages wants the names of the pages to be fit for the node, and different.
func (c *cross) pages() {
	var all []carried
	for _, ref := range c.site.PageRefs() {
		all = append(all, carried{ref.Path, PageName(ref.File), ref.File})
	}
	c.carried("page", c.site.Machine().Pages(), all)
}

// carried is a file beside the site file that goes to a folder of the node.
type carried struct {
	path diag.Path
	name string // on the node
	from any    // equal where it is the same file
}

// carried wants the names to be fit for the node, and those of different files to be
// different.
func (c *cross) carried(what, folder string, all []carried) {
	first := map[string]carried{} // by the name on the node
	for _, one := range all {
		if !fitsPage(one.name) {
			c.add(one.path, "bad-value", fmt.Sprintf("bad file name %q", one.name),
				fmt.Sprintf("expected letters, digits, _ . and - in a %s's file name", what))
			continue
		}
		other, taken := first[one.name]
		if taken && other.from != one.from {
			c.add(one.path, "duplicate", fmt.Sprintf("two different %ss are named %s", what, one.name),
				"both would be "+folder+"/"+one.name+": rename one", c.elsewhere("the other is here", other.path))
		}
		if !taken {
			first[one.name] = one
		}
	}
}

// PageName returns the name that a page has on the node, in HAProxy's folder
// of pages.
func PageName(page string) string { return page[strings.LastIndexByte(page, '/')+1:] }

func fitsPage(name string) bool {
	return name != "" && name[0] != '.' && name[0] != '-' && strings.Trim(name,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == ""
}
