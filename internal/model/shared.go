package model

import (
	"fmt"
	"path"
	"reflect"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/source"
)

// ReadShared reads the file that defaults_from names. It returns the name by
// which findings call it, or what is wrong with it; Load knows the place.
type ReadShared func(file string) (name string, data []byte, bad *diag.Diagnostic)

// takeOver joins the file that defaults_from names to the site file. It says
// whether the site is whole: if not, what is missing is not worth a word.
func (d *decoder) takeOver(read ReadShared) bool {
	at := d.src.Root.Get("defaults_from")
	file := ""
	if isScalar(at) && unprintable(at.Text()) == "" {
		file = at.Text()
	}
	if file == "" {
		return true
	}
	before := len(d.found)
	name, data, bad := read(file)
	switch {
	case bad != nil:
		bad.Path, bad.Subject = "defaults_from", at.Range()
		d.add(*bad)
	case path.Clean(name) == path.Clean(d.src.Name):
		d.add(diag.Diagnostic{Code: "loop", Path: "defaults_from", Subject: at.Range(), Summary: "the site file names itself",
			Detail: "name another file, one that several sites share"})
	default:
		d.join(name, data)
	}
	d.sharedDir = path.Dir(file)
	if d.found[before:].HasErrors() {
		d.failed[""] = true
	}
	return !d.failed[""]
}

// join reads the shared file and joins it to the site file.
func (d *decoder) join(name string, data []byte) {
	base, found := source.Parse(name, data)
	for _, f := range found {
		if f.Code == "empty" {
			f.Detail = "write what the sites share, or take defaults_from out"
		}
		d.add(f)
	}
	if root := base.Root; !found.HasErrors() && root.Kind() != source.Map {
		d.add(diag.Diagnostic{Code: "wrong-type", Subject: root.Range(), Summary: "expected a mapping (key: value)",
			Detail: "a shared file has the keys of a site file"})
	}
	d.src.Join(base)
	d.refusePerSite(base)
}

func (d *decoder) refusePerSite(base *source.File) {
	for _, key := range []string{"version", "site", "defaults_from"} {
		if base.Root.Get(key).Kind() == source.Absent {
			continue
		}
		detail := "take it out: each site has its own"
		if key == "defaults_from" {
			detail = "take it out: a file that is shared takes nothing over itself"
		}
		d.add(diag.Diagnostic{Code: "not-shared", Path: diag.Path(key), Subject: base.KeyRange(diag.Path(key)),
			Summary: fmt.Sprintf("a shared file has no %s", key), Detail: detail})
	}
}

// fromSite makes the name of a file that stands in the shared file relative to
// the site file, like all others.
func (d *decoder) fromSite(n source.Node, v reflect.Value) {
	if v.String() != "" && n.FileName() != d.src.Name && !path.IsAbs(v.String()) {
		v.SetString(path.Join(d.sharedDir, v.String()))
	}
}
