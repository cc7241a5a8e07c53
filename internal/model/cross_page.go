package model

import (
	"fmt"
	"strings"
)

// pages wants the names of the pages to be fit for the node, and different.
func (c *cross) pages() {
	first := map[string]PageRef{} // by the name on the node
	for _, ref := range c.site.PageRefs() {
		name := PageName(ref.File)
		if !fitsPage(name) {
			c.add(ref.Path, "bad-value", fmt.Sprintf("bad file name %q", name), "expected letters, digits, _ . and - in a page's file name")
			continue
		}
		other, taken := first[name]
		if taken && other.File != ref.File {
			c.add(ref.Path, "duplicate", fmt.Sprintf("two different pages are named %s", name),
				"both would be "+c.site.Machine().Pages()+"/"+name+": rename one", c.elsewhere("the other is here", other.Path))
		}
		if !taken {
			first[name] = ref
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
