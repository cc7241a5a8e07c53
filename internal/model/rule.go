package model

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/go-playground/validator/v10"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/source"
)

// rule is what a field's validate tag asks of its value, and of what is in it.
type rule struct {
	self string // a tag of validator without dive; of a struct that is written nothing is asked
	keys string // of a mapping's keys
	in   *rule  // of a mapping's values and a list's items; nil: nothing
}

// ruleOf takes a tag apart: what stands behind "dive" is for what is inside.
func ruleOf(tag string) *rule {
	if tag == "" {
		return nil
	}
	self, inside, _ := strings.Cut(","+tag, ",dive")
	r := &rule{self: strings.TrimPrefix(self, ",")}
	inside = strings.TrimPrefix(inside, ",")
	if rest, ok := strings.CutPrefix(inside, "keys,"); ok {
		r.keys, inside, _ = strings.Cut(rest, ",endkeys")
		inside = strings.TrimPrefix(inside, ",")
	}
	r.in = ruleOf(inside)
	return r
}

// required says whether it is a fault if nothing is written.
func (r *rule) required() bool { return r != nil && strings.HasPrefix(r.self, "required") }

// beside says whether the value is the name of a file beside the one that it
// is written in.
func (r *rule) beside() bool { return r != nil && strings.HasSuffix(r.self, "beside") }

func (r *rule) inside() *rule {
	if r == nil {
		return nil
	}
	return r.in
}

// fault is a value that breaks its rule. It becomes a finding unless the value,
// a part of it or one that it is a part of could not be read: that is known once
// all is read.
type fault struct {
	finding diag.Diagnostic
	mark    diag.Path // in failed
	tooMany bool      // the list or mapping is longer than any site needs
}

// sharedValidator knows the tags of all fields. Making it costs more than using it
// on a small site, so that all sites share one; nothing changes it later.
var sharedValidator = sync.OnceValue(func() *validator.Validate {
	v := validator.New()
	for _, c := range constraints() {
		// A constraint of ours is never malformed, so there is no error to lose.
		_ = v.RegisterValidation(c.tag, func(fl validator.FieldLevel) bool { return c.holds(fl.Field().String()) })
	}
	return v
})

// check holds the value that was just read against its rule. Where a list or
// mapping breaks it, the faults of what is inside, those from number inside on,
// are not worth a word.
func (d *decoder) check(v reflect.Value, r *rule, inside int) {
	if r == nil || r.self == "" || v.Kind() == reflect.Struct {
		return
	}
	fe := broken(v.Interface(), r.self)
	if fe == nil {
		return
	}
	if isList(fe) {
		d.faults = d.faults[:inside]
	}
	path := d.path()
	d.keep(fault{explain(fe, path, d.field()), path, isList(fe) && fe.Tag() == "max"})
}

// checkKey holds the key of the mapping that the decoder is at against its rule.
func (d *decoder) checkKey(key string, r *rule) {
	if r == nil || r.keys == "" {
		return
	}
	if fe := broken(key, r.keys); fe != nil {
		path := d.path().Entry(key)
		f := explain(fe, path, d.field())
		f.Subject = d.src.KeyRange(path)
		d.keep(fault{f, keyOf(path), false})
	}
}

// checkItems holds the items of a list that has been read at once against their rule.
func (d *decoder) checkItems(v reflect.Value, r *rule) {
	if r.inside() == nil || v.Kind() != reflect.Slice {
		return
	}
	for i := range v.Len() {
		d.at = append(d.at, step{index: i})
		d.check(v.Index(i), r.in, len(d.faults))
		d.at = d.at[:len(d.at)-1]
	}
}

// checkMissing reports the fields of a struct that have to be written and are
// not. No struct that may be left out has any.
func (d *decoder) checkMissing(fields []field, v reflect.Value) {
	var faults []fault
	for _, f := range fields {
		if !f.rule.required() || !v.FieldByIndex(f.index).IsZero() {
			continue
		}
		path := d.path().Key(f.name)
		faults = append(faults, fault{missing(path, f.name), path, false})
	}
	for _, f := range faults {
		if len(d.at) == 0 && len(faults) > nearlyEmpty {
			f.finding.Detail = "this is no whole site yet: `lbgen init` writes one, to begin with"
		}
		d.keep(f)
	}
}

// nearlyEmpty is how many fields a site file may lack and still be one that only lacks
// some.
const nearlyEmpty = 2

// keep notes a fault, up to as many as anybody reads.
func (d *decoder) keep(f fault) {
	if len(d.faults) < source.MaxFindings {
		d.faults = append(d.faults, f)
	}
}

// broken asks validator about one value; nil says that it is as the tag wants it.
func broken(value any, tag string) validator.FieldError {
	var faults validator.ValidationErrors
	if !errors.As(sharedValidator().Var(value, tag), &faults) {
		return nil
	}
	return faults[0]
}

// report makes findings of the faults. Values that could not be read have
// theirs already and are passed over.
func (d *decoder) report() {
	for _, f := range d.faults {
		if d.full() || d.isUnreadable(f.mark) {
			continue
		}
		d.add(f.finding)
		d.failed[f.mark] = true
		d.tooMany = d.tooMany || f.tooMany
	}
}

// hasFailedBelow says whether the value at path or a part of it could not be read.
func (d *decoder) hasFailedBelow(path diag.Path) bool {
	for p := range d.failed {
		if rest, ok := strings.CutPrefix(string(p), string(path)); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return true
		}
	}
	return false
}

// isUnreadable says whether the value at path, a part of it or one that it is a
// part of could not be read.
func (d *decoder) isUnreadable(path diag.Path) bool {
	if d.failed[""] { // the whole file
		return true
	}
	for i := len(path) - 1; i > 0; i-- {
		if (path[i] == '.' || path[i] == '[') && d.failed[path[:i]] {
			return true
		}
	}
	return d.hasFailedBelow(path)
}

func isList(fe validator.FieldError) bool {
	return fe.Kind() == reflect.Slice || fe.Kind() == reflect.Map
}

func missing(path diag.Path, field string) diag.Diagnostic {
	return diag.Diagnostic{Code: "missing-field", Path: path, Summary: fmt.Sprintf("field %q is missing", field),
		Detail: "add it; `lbgen schema` describes every field"}
}

// expected says what one of our own tags wants.
func expected(tag string) string {
	all := constraints()
	if i := slices.IndexFunc(all, func(c constraint) bool { return c.tag == tag }); i >= 0 {
		return all[i].expects
	}
	return ""
}

// explain turns a validator's fault into a finding in the user's words.
func explain(fe validator.FieldError, path diag.Path, field string) diag.Diagnostic {
	f := diag.Diagnostic{Code: "bad-value", Path: path, Summary: fmt.Sprintf("bad value %q for %s", source.Shorten(fmt.Sprint(fe.Value())),
		field)}
	switch tag := fe.Tag(); {
	case tag == "required":
		return missing(path, field)
	case tag == "min" && isList(fe):
		f.Code, f.Summary, f.Detail = "missing-field", fmt.Sprintf("%q is empty", field), "at least one is needed"
	case tag == "max" && isList(fe):
		f.Summary, f.Detail = fmt.Sprintf("%q is too long", field), "at most "+fe.Param()+" are possible"
	case tag == "eq":
		f.Detail = "expected " + fe.Param() + ": there is no other version of the site file yet"
	case tag == "min":
		f.Detail = "expected at least " + fe.Param()
	case tag == "max":
		f.Detail = "expected at most " + fe.Param()
	case tag == "oneof":
		f.Detail = oneOf(fe.Value(), strings.Fields(fe.Param()))
	case tag == "envname": // whoever took env for the value itself has a password here
		f.Summary, f.Detail = "bad value for env", "expected "+expected(tag)
	default:
		f.Detail = "expected " + expected(tag)
		if below, ok := strings.CutPrefix(fmt.Sprint(fe.Value()), "*."); ok && tag == "host_name" {
			f.Detail += "; all names below one are host_end or sni_end: ." + source.Shorten(below)
		}
		if tag == "platform" {
			f.Detail = oneOf(fe.Value(), PlatformNames())
		}
	}
	return f
}

func oneOf(value any, names []string) string {
	expected := "expected one of: " + strings.Join(names, ", ")
	if near := Nearest(fmt.Sprint(value), names); near != "" {
		return fmt.Sprintf("did you mean %q? %s", near, expected)
	}
	return expected
}
