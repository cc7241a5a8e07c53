package model

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/source"
)

// Load reads a site from the text of a site file. It returns every fault of
// the file at once, each with its place, and the source for further places. A
// Site that comes with an Error must not be used.
func Load(name string, data []byte) (*Site, *source.File, diag.List) {
	return LoadShared(name, data, func(string) (string, []byte, *diag.Diagnostic) {
		return "", nil, &diag.Diagnostic{Code: "unreadable", Summary: "defaults_from is not read here", Detail: "no other file is at hand"}
	})
}

// LoadShared is Load where the file that defaults_from names can be read.
func LoadShared(name string, data []byte, read ReadShared) (*Site, *source.File, diag.List) {
	src, found := source.Parse(name, data)
	if found.HasErrors() {
		return nil, src, finish(found)
	}
	d := &decoder{src: src, found: found, failed: map[diag.Path]bool{}}
	whole := d.takeOver(read)
	site := &Site{}
	d.value(src.Root, reflect.ValueOf(site).Elem(), nil)
	d.report()
	if whole {
		d.crossCheck(site)
	}
	src.Locate(d.found)
	return site, src, finish(d.found)
}

// finish sorts the findings, drops those that one place has by several paths
// (an alias is read wherever it is used), and says so if there are too many.
func finish(found diag.List) diag.List {
	full := len(found) >= source.MaxFindings
	found.Sort()
	found = slices.CompactFunc(found, func(a, b diag.Diagnostic) bool {
		return a.Subject == b.Subject && a.Code == b.Code && a.Summary == b.Summary
	})
	if full {
		found = append(found, diag.Diagnostic{Code: "too-many", Subject: found[len(found)-1].Subject,
			Summary: fmt.Sprintf("there are more findings than these %d", len(found)), Detail: "mend these first"})
	}
	return found
}
