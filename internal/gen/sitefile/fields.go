package main

import (
	"reflect"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
)

// section is one struct of the model: a part of the site file.
type section struct {
	Type   reflect.Type
	Paths  []string // where it may stand, in the order of the structs
	Fields []*field
	Same   []string // the structs that are embedded in it
}

// field is one key that a part may have.
type field struct {
	reflect.StructField
	Key   string
	Owner reflect.Type // the struct that declares it
	Below reflect.Type // the struct that it holds, nil if it is a value
	Paths []string     // where it may stand: backends[].servers[].weight
}

// sections returns the parts of the site file in the order of its structs,
// each once, however often it is used.
func sections() []*section {
	w := walk{known: map[reflect.Type]*section{}}
	w.structure(reflect.TypeFor[model.Site](), "")
	return w.all
}

type walk struct {
	all   []*section
	known map[reflect.Type]*section
}

func (w *walk) structure(t reflect.Type, path string) {
	s, ok := w.known[t]
	if !ok {
		s = &section{Type: t, Fields: fieldsOf(t)}
		w.known[t] = s
		w.all = append(w.all, s)
	}
	s.Paths = append(s.Paths, path)
	for _, f := range s.Fields {
		at := join(path, f.Key)
		f.Paths = append(f.Paths, at)
		if f.Below != nil {
			w.structure(f.Below, at+brackets(f.Type))
		}
	}
}

// fieldsOf returns the keys of a struct, those of an embedded one with them.
func fieldsOf(t reflect.Type) []*field {
	var all []*field
	for f := range t.Fields() {
		if f.Anonymous {
			all = append(all, fieldsOf(f.Type)...)
		} else if key := f.Tag.Get("yaml"); key != "-" {
			all = append(all, &field{StructField: f, Key: key, Owner: t, Below: structIn(f.Type)})
		}
	}
	return all
}

// structIn returns the struct with keys of its own that a field holds: itself,
// or as the items of its list or mapping.
func structIn(t reflect.Type) reflect.Type {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return structIn(t.Elem())
	case reflect.Struct:
		if !isValue(t) {
			return t
		}
	}
	return nil
}

// isValue says whether a struct is written as one value. A secret is told in
// one place for all.
func isValue(t reflect.Type) bool {
	if t == reflect.TypeFor[model.Secret]() {
		return true
	}
	for f := range t.Fields() {
		if f.Tag.Get("yaml") != "" || f.Anonymous && structIn(f.Type) != nil {
			return false
		}
	}
	return true
}

// brackets says in a path that there are several: [] in a list, .* for the
// names of a mapping.
func brackets(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return brackets(t.Elem())
	case reflect.Slice:
		return "[]"
	case reflect.Map:
		return ".*"
	default:
		return ""
	}
}

func join(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }
