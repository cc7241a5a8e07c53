// Command schema writes the JSON Schema of the site file. Shapes come from the
// model's structs, limits from their validate tags, and descriptions from
// their comments.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/lbgen/lbgen/internal/gen/comment"
	"github.com/lbgen/lbgen/internal/model"
)

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

func run(out string) error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	text, err := generate(root)
	if err != nil {
		return err
	}
	return os.WriteFile(out, text, 0o644)
}

// moduleRoot is the nearest folder above that has a go.mod: comments are read
// from the source.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		dir = filepath.Dir(dir)
	}
	return "", fmt.Errorf("there is no go.mod above the working directory")
}

func generate(root string) ([]byte, error) {
	here, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	if err := os.Chdir(root); err != nil {
		return nil, err
	}
	defer func() { _ = os.Chdir(here) }()
	r := &jsonschema.Reflector{FieldNameTag: "yaml", RequiredFromJSONSchemaTags: true, ExpandedStruct: true, Mapper: scalar}
	if err := r.AddGoComments("github.com/lbgen/lbgen", "./internal/model"); err != nil {
		return nil, err
	}
	s := r.Reflect(model.Site{})
	s.ID = "" // nor a title, which editors would put above every explanation
	comments, err := comment.Read("internal/model")
	if err != nil {
		return nil, err
	}
	constrain(s, reflect.TypeFor[model.Site]())
	describe(s, reflect.TypeFor[model.Site](), comments)
	for name, def := range s.Definitions {
		def.Description = ofValue(name, oneLine(def.Description))
		constrain(def, structs()[name])
		describe(def, structs()[name], comments)
	}
	shareable(s)
	s.Definitions["VIP"] = either(s.Definitions["VIP"], vipAddress())
	s.Definitions["Log"] = either(s.Definitions["Log"], logTarget())
	s.Definitions["TrackNIC"] = either(s.Definitions["TrackNIC"], &jsonschema.Schema{Type: "string"})
	s.Definitions["Balance"] = either(s.Definitions["Balance"], &jsonschema.Schema{Type: "string",
		Enum: words("string", model.BalanceAlgorithms())})
	for _, name := range []string{"TrackHAProxy", "ForwardFor", "HealthTLS", "ServerTLS"} {
		s.Definitions[name] = either(s.Definitions[name], &jsonschema.Schema{Type: "boolean"})
	}
	s.Definitions["Certificate"] = either(s.Definitions["Certificate"], absolutePath())
	s.Definitions["Secret"] = either(s.Definitions["Secret"], &jsonschema.Schema{Type: "string"})
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	err = enc.Encode(s)
	return b.Bytes(), err
}

// structs are the model's struct types by name, found from Site down.
func structs() map[string]reflect.Type {
	found := map[string]reflect.Type{}
	var visit func(t reflect.Type)
	visit = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			visit(t.Elem())
		case reflect.Struct:
			if found[t.Name()] != nil || scalar(t) != nil {
				return
			}
			found[t.Name()] = t
			for i := range t.NumField() {
				visit(t.Field(i).Type)
			}
		}
	}
	visit(reflect.TypeFor[model.Site]())
	return found
}

func ptr(n uint64) *uint64 { return &n }

// constrain carries the validate tags of a struct over to its schema.
func constrain(s *jsonschema.Schema, t reflect.Type) {
	if t == nil || s.Properties == nil {
		return
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			constrain(s, f.Type)
			continue
		}
		name := f.Tag.Get("yaml")
		prop, ok := s.Properties.Get(name)
		if !ok {
			continue
		}
		own, below, _ := strings.Cut(f.Tag.Get("validate"), "dive")
		apply(s, prop, name, f.Type, own)
		if items := prop.Items; items != nil && items.Ref == "" {
			apply(s, items, "", f.Type.Elem(), below)
		}
		if f.Type == reflect.TypeFor[model.Words]() {
			constrainWords(prop, own, below)
		}
		if f.Type.Kind() == reflect.Map {
			constrainMap(prop, f.Type.Elem(), below)
		}
	}
}

// constrainWords does so where one text may stand for a list of one.
func constrainWords(prop *jsonschema.Schema, own, below string) {
	t := reflect.TypeFor[model.Words]()
	list := prop.AllOf[0]
	apply(nil, list, "", t, own)
	apply(nil, prop, "", t.Elem(), below)
	apply(nil, list.Items, "", t.Elem(), below)
}

// constrainMap does so for the keys and the values of a mapping.
func constrainMap(prop *jsonschema.Schema, elem reflect.Type, below string) {
	keys, values, ok := strings.Cut(below, "endkeys")
	if !ok {
		keys, values = "", below
	}
	if keys = strings.TrimPrefix(strings.Trim(keys, ","), "keys,"); keys != "" {
		prop.PropertyNames = &jsonschema.Schema{}
		apply(nil, prop.PropertyNames, "", reflect.TypeFor[string](), keys)
	}
	if item := prop.AdditionalProperties; item != nil && item.Ref == "" {
		apply(nil, item, "", elem, values)
	}
}

// apply turns each tag into its keyword.
func apply(s, prop *jsonschema.Schema, name string, t reflect.Type, tags string) {
	for _, tag := range strings.Split(strings.Trim(tags, ","), ",") {
		key, value, _ := strings.Cut(tag, "=")
		isList := t.Kind() == reflect.Slice
		switch {
		case key == "required" && name != "":
			s.Required = append(s.Required, name)
		case key == "min" && isList && prop.Items != nil:
			prop.MinItems = number(value)
		case key == "max" && isList && prop.Items != nil:
			prop.MaxItems = number(value)
		case key == "min" && prop.Type == "integer":
			prop.Minimum = json.Number(value)
		case key == "max" && prop.Type == "integer":
			prop.Maximum = json.Number(value)
		case key == "eq":
			prop.Const = json.Number(value)
		case key == "oneof":
			prop.Enum = words(prop.Type, strings.Fields(value))
		case key == "platform":
			prop.Enum = words("string", model.PlatformNames())
		default:
			if shape := model.Shape(key); shape != "" {
				explain(prop, shape, model.Expects(key))
			}
		}
	}
}

func number(value string) *uint64 {
	var n uint64
	_, _ = fmt.Sscan(value, &n)
	return &n
}

func words(kind string, values []string) []any {
	var all []any
	for _, v := range values {
		if kind == "integer" {
			all = append(all, json.Number(v))
		} else {
			all = append(all, v)
		}
	}
	return all
}
