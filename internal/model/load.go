package model

import (
	"reflect"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/source"
)

// Load reads a site from the text of a site file. It returns every fault of
// the file at once, each with its place, and the source for further places. A
// Site that comes with an Error must not be used.
func Load(name string, data []byte) (*Site, *source.File, diag.List) {
	src, found := source.Parse(name, data)
	if found.HasErrors() {
		found.Sort()
		return nil, src, found
	}
	d := &decoder{src: src, found: found, failed: map[string]bool{}, fields: map[reflect.Type][]field{}}
	site := &Site{}
	d.value(src.Root, reflect.ValueOf(site).Elem())
	d.validate(site)
	d.crossCheck(site)
	src.Locate(d.found)
	d.found.Sort()
	return site, src, d.found
}
