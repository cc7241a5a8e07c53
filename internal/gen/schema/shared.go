package main

import (
	"reflect"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/lbgen/lbgen/internal/model"
)

// shareable lets a site and the file that its defaults_from names each hold a
// part: what must be there is asked of a site without defaults_from alone. A
// file with neither version nor site is a shared one.
func shareable(s *jsonschema.Schema) {
	site := reflect.TypeFor[model.Site]()
	whole := missing(site)
	s.Required = nil
	listed := map[string]bool{}
	inLists(site, false, listed)
	for name := range structs() {
		if def := s.Definitions[name]; def != nil && !listed[name] {
			def.Required = nil
		}
	}
	has := func(key string) *jsonschema.Schema { return &jsonschema.Schema{Required: []string{key}} }
	s.If = &jsonschema.Schema{AnyOf: []*jsonschema.Schema{has("version"), has("site")}}
	s.Then = &jsonschema.Schema{If: has("defaults_from"), Then: &jsonschema.Schema{Required: []string{"version", "site"}}, Else: whole}
	s.Else = &jsonschema.Schema{Properties: jsonschema.NewProperties()}
	s.Else.Properties.Set("defaults_from", jsonschema.FalseSchema)
}

// missing says what a value of type t must have, and what its parts must; nil
// where that is nothing. It goes no further than to a list: its items are
// never put together from two files.
func missing(t reflect.Type) *jsonschema.Schema {
	s := &jsonschema.Schema{Properties: jsonschema.NewProperties()}
	if t.Kind() == reflect.Struct && scalar(t) == nil {
		for i := range t.NumField() {
			require(s, t.Field(i))
		}
	}
	if s.Properties.Len() == 0 {
		s.Properties = nil
	}
	if s.Properties == nil && s.Required == nil {
		return nil
	}
	if short, _ := model.Short(t); !short {
		s.Type = "object" // or a language server offers a key without its colon
	}
	return s
}

func require(s *jsonschema.Schema, f reflect.StructField) {
	name, t := f.Tag.Get("yaml"), f.Type
	if tags := strings.Split(f.Tag.Get("validate"), ","); tags[0] == "required" {
		s.Required = append(s.Required, name)
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	below := missing(t)
	if t.Kind() == reflect.Map {
		if below = missing(t.Elem()); below != nil {
			below = &jsonschema.Schema{Type: "object", AdditionalProperties: below}
		}
	}
	if below != nil {
		s.Properties.Set(name, below)
	}
}

// inLists collects the structs that stand in a list, or in one that does.
func inLists(t reflect.Type, inList bool, found map[string]bool) {
	switch t.Kind() {
	case reflect.Slice:
		inLists(t.Elem(), true, found)
	case reflect.Pointer, reflect.Map:
		inLists(t.Elem(), inList, found)
	case reflect.Struct:
		if scalar(t) != nil || found[t.Name()] {
			return
		}
		if inList {
			found[t.Name()] = true
		}
		for i := range t.NumField() {
			inLists(t.Field(i).Type, inList, found)
		}
	}
}
