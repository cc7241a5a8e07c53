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

// keysOf are the keys of every struct type of the model: gathered once, however
// many sites are read.
var keysOf = sync.OnceValue(func() map[reflect.Type]*fields {
	keys := map[reflect.Type]*fields{}
	gatherKeys(keys, reflect.TypeFor[Site]())
	return keys
})

// gatherKeys adds the keys of t, if it is a struct with any, and of all that it holds.
func gatherKeys(keys map[reflect.Type]*fields, t reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		gatherKeys(keys, t.Elem())
		return
	case reflect.Struct:
	default:
		return
	}
	if keys[t] != nil {
		return
	}
	f := &fields{all: gather(t)}
	keys[t] = f
	for _, one := range f.all {
		if one.rule.required() {
			f.required = append(f.required, one)
		}
		gatherKeys(keys, t.FieldByIndex(one.index).Type)
	}
}

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
