package schema

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Field is a field of the site file, as the schema has it.
type Field struct {
	Path        string // "backends[].health.http"
	Type        string // "text", "list of mappings" …
	Description string
	Default     string // "" where there is none, or where Description says it
	Values      []string
	Required    bool
	Below       []Field // those of a mapping, without theirs
}

// node is a part of a JSON Schema.
type node struct {
	Ref         string           `json:"$ref"`
	Defs        map[string]*node `json:"$defs"`
	Type        types            `json:"type"`
	Description string           `json:"description"`
	Default     any              `json:"default"`
	Enum        []any            `json:"enum"`
	Required    []string         `json:"required"`
	Properties  properties       `json:"properties"`
	Items       *node            `json:"items"`
	Others      json.RawMessage  `json:"additionalProperties"`
	AnyOf       []*node          `json:"anyOf"`
	OneOf       []*node          `json:"oneOf"`
	AllOf       []*node          `json:"allOf"`
}

// types is one type or a list of them.
type types []string

// UnmarshalJSON reads a text as a list of one.
func (t *types) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '[' {
		return json.Unmarshal(data, (*[]string)(t))
	}
	*t = make(types, 1)
	return json.Unmarshal(data, &(*t)[0])
}

// properties keeps the order in which the schema has them, which is the model's.
type properties []property

type property struct {
	key string
	*node
}

// UnmarshalJSON reads an object as a list.
func (p *properties) UnmarshalJSON(data []byte) error {
	all := map[string]*node{}
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	d := json.NewDecoder(strings.NewReader(string(data)))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil {
			return err
		}
		*p = append(*p, property{fmt.Sprint(key), all[fmt.Sprint(key)]})
	}
	return nil
}

// Fields is the site file's schema, for questions about its fields.
type Fields struct{ root *node }

// ReadFields reads the embedded schema.
func ReadFields() (*Fields, error) {
	f := &Fields{root: &node{}}
	if err := json.Unmarshal(JSON, f.root); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	return f, nil
}

// Find returns the field of a path: backends.health.http, with or without the
// brackets of lists, and with any name where the file has one of the user's.
func (f *Fields) Find(path string) (Field, bool) {
	at, name, required := f.root, "", false
	for key := range strings.SplitSeq(Plain(path), ".") {
		list := at.isList(f)
		at = f.inner(at)
		next, isKey := f.property(at, key)
		switch {
		case isKey:
			required = f.requires(at, key)
			name = join(name, list, key)
			at = next
		case f.others(at) != nil && f.has(f.others(at), key): // nics.device: the name is left out
			named := f.others(at)
			required = f.requires(named, key)
			name = join(join(name, list, "*"), named.isList(f), key)
			at, _ = f.property(f.inner(named), key)
		case f.others(at) != nil:
			at, name = f.others(at), join(name, list, "*")
		default:
			return Field{}, false
		}
	}
	found := f.field(name, at)
	found.Required = required
	named := f.others(f.inner(at))
	if named != nil {
		found.Type = "mapping of names to " + plural(f.typeOf(named))
		name, at = join(name, false, "*"), named
	}
	for _, p := range f.properties(f.inner(at)) {
		one := f.field(join(name, at.isList(f), p.key), p.node)
		one.Required = f.requires(f.inner(at), p.key)
		found.Below = append(found.Below, one)
	}
	return found, name != ""
}

var indexes = regexp.MustCompile(`\[[^\]]*\]|\{\}|\.\*`)

// Plain takes indexes and names out of a path.
func Plain(path string) string { return indexes.ReplaceAllString(path, "") }

// Paths returns the plain paths of all fields, sorted.
func (f *Fields) Paths() []string {
	var all []string
	var walk func(n *node, name string, deep int)
	walk = func(n *node, name string, deep int) {
		n = f.inner(n)
		if o := f.others(n); o != nil {
			walk(o, name, deep)
		}
		for _, p := range f.properties(n) {
			path := strings.TrimPrefix(name+"."+p.key, ".")
			all = append(all, path)
			if deep < 8 {
				walk(p.node, path, deep+1)
			}
		}
	}
	walk(f.root, "", 0)
	slices.Sort(all)
	return slices.Compact(all)
}

func join(name string, list bool, key string) string {
	if list {
		name += "[]"
	}
	return strings.TrimPrefix(name+"."+key, ".")
}

// resolved follows references.
func (f *Fields) resolved(n *node) *node {
	for n != nil && n.Ref != "" {
		n = f.root.Defs[strings.TrimPrefix(n.Ref, "#/$defs/")]
	}
	return n
}

// forms are the node and what it may be instead.
func (f *Fields) forms(n *node) []*node {
	n = f.resolved(n)
	if n == nil {
		return nil
	}
	all := []*node{n}
	for _, one := range slices.Concat(n.AnyOf, n.OneOf, n.AllOf) {
		all = append(all, f.forms(one)...)
	}
	return all
}

// inner is the item of a list, and anything else itself.
func (f *Fields) inner(n *node) *node {
	for _, form := range f.forms(n) {
		if form.Items != nil {
			return f.inner(form.Items)
		}
	}
	return n
}

func (n *node) isList(f *Fields) bool {
	return slices.ContainsFunc(f.forms(n), func(n *node) bool { return n.Items != nil })
}

func (f *Fields) properties(n *node) properties {
	for _, form := range f.forms(n) {
		if len(form.Properties) > 0 {
			return form.Properties
		}
	}
	return nil
}

func (f *Fields) property(n *node, key string) (*node, bool) {
	for _, p := range f.properties(n) {
		if p.key == key {
			return p.node, true
		}
	}
	return nil, false
}

func (f *Fields) has(n *node, key string) bool {
	_, ok := f.property(f.inner(n), key)
	return ok
}

func (f *Fields) requires(n *node, key string) bool {
	return slices.ContainsFunc(f.forms(n), func(n *node) bool { return slices.Contains(n.Required, key) })
}

// others is what stands under names of the user's own; nil where there are none.
func (f *Fields) others(n *node) *node {
	for _, form := range f.forms(n) {
		var o node
		if len(form.Others) > 0 && form.Others[0] == '{' && json.Unmarshal(form.Others, &o) == nil {
			return &o
		}
	}
	return nil
}

func (f *Fields) field(path string, n *node) Field {
	made := Field{Path: path, Description: n.Description, Type: f.typeOf(n)}
	for _, form := range f.forms(n) {
		made.Description = cmp.Or(made.Description, form.Description)
		for _, v := range form.Enum {
			made.Values = append(made.Values, fmt.Sprint(v))
		}
		if form.Default != nil && made.Default == "" {
			made.Default = fmt.Sprint(form.Default)
		}
	}
	return made
}

// typeOf names the type as a user of YAML would.
func (f *Fields) typeOf(n *node) string {
	var all []string
	for _, form := range f.forms(n) {
		for _, t := range form.Type {
			name := map[string]string{"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false",
				"object": "mapping", "array": "list"}[t]
			if name == "list" && form.Items != nil {
				name = "list of " + plural(f.typeOf(form.Items))
			}
			if name != "" && !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	return strings.Join(all, ", or ")
}

func plural(name string) string {
	first, rest, several := strings.Cut(name, ", or ")
	first += "s"
	if several {
		return first + " or " + plural(rest)
	}
	return first
}
