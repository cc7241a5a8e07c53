package model

import (
	"reflect"
	"strings"
	"sync"
)

// keysOf are the keys of every struct type of the model, in the order of their
// fields: gathered once, however many sites are read.
var keysOf = sync.OnceValue(func() map[reflect.Type][]field {
	keys := map[reflect.Type][]field{}
	gatherKeys(keys, reflect.TypeFor[Site]())
	return keys
})

// gatherKeys adds the keys of t, if it is a struct, and of all that it holds.
func gatherKeys(keys map[reflect.Type][]field, t reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		gatherKeys(keys, t.Elem())
		return
	case reflect.Struct:
	default:
		return
	}
	if _, done := keys[t]; done {
		return
	}
	keys[t] = nil
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("yaml")
		if name == "-" || !f.IsExported() {
			continue
		}
		gatherKeys(keys, f.Type)
		if f.Anonymous {
			for _, below := range keys[f.Type] {
				fields = append(fields, field{below.name, append([]int{i}, below.index...), below.beside})
			}
			continue
		}
		fields = append(fields, field{name, []int{i}, strings.Contains(f.Tag.Get("validate"), "beside")})
	}
	keys[t] = fields
}

func find(fields []field, name string) (field, bool) {
	for _, f := range fields {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}
