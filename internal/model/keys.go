package model

import (
	"reflect"
	"sync"
)

// field is one key that a struct may have, and where it is: further down in a
// struct that is embedded.
type field struct {
	name  string
	index []int
	rule  *rule
}

// fields are the keys of a struct, in the order of its fields.
type fields struct {
	all      []field
	required []field // those that have to be written
}

// keysOf returns the keys of a struct type of the model. A type's are gathered when
// a file first has one, and once, however many sites are read: most files have few of
// the types.
func keysOf(t reflect.Type) *fields {
	if known, ok := knownFields.Load(t); ok {
		return known.(*fields)
	}
	f := &fields{all: gather(t)}
	for _, one := range f.all {
		if one.rule.required() {
			f.required = append(f.required, one)
		}
	}
	known, _ := knownFields.LoadOrStore(t, f)
	return known.(*fields)
}

// knownFields are the *fields by reflect.Type.
var knownFields sync.Map

func gather(t reflect.Type) []field {
	var all []field
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("yaml")
		switch {
		case name == "-" || !f.IsExported():
		case f.Anonymous:
			for _, below := range gather(f.Type) {
				all = append(all, field{below.name, append([]int{i}, below.index...), below.rule})
			}
		default:
			all = append(all, field{name, []int{i}, ruleOf(f.Tag.Get("validate"))})
		}
	}
	return all
}

func find(all []field, name string) *field {
	for i := range all {
		if all[i].name == name {
			return &all[i]
		}
	}
	return nil
}
