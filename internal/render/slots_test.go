package render

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
)

// slot is a value of a site file that another one may stand in for.
type slot struct {
	node *yaml.Node
	was  yaml.Node
	path string // of the model
	name string // of the field: the struct's name and the key
	tag  string // its field's validate tag
	// fixed is a value that is no text, such as a number or an address, and lines
	// that were asked for as they are.
	fixed bool
	form  form
}

// form is how a hostile value stands in a slot. Each slot has the first that
// the model lets through.
type form int

const (
	alone  form = iota // the hostile value
	behind             // the slot's own value, and the hostile one behind it
	before
	asItWas
)

// hostileSite is a site file with a value in all of its slots that take it.
type hostileSite struct {
	name  string
	doc   *yaml.Node
	slots []*slot
	value string
	text  []byte
	site  *model.Site
}

// readSlots finds the slots of a site file: every scalar that is a value.
func readSlots(t testing.TB, name string, text []byte) *hostileSite {
	t.Helper()
	h := &hostileSite{name: name, doc: &yaml.Node{}}
	if err := yaml.Unmarshal(text, h.doc); err != nil {
		t.Fatal(err)
	}
	h.walk(h.doc.Content[0], reflect.TypeFor[model.Site](), slot{})
	for _, s := range h.slots {
		s.path = strings.TrimPrefix(s.path, ".")
	}
	return h
}

// loadBeside loads a site and what it takes defaults from.
func loadBeside(name string, text []byte) (*model.Site, diag.List) {
	site, _, found := model.LoadShared(name, text, func(file string) (string, []byte, *diag.Diagnostic) {
		file = filepath.Join(filepath.Dir(name), file)
		data, err := os.ReadFile(file)
		if err != nil {
			return file, nil, &diag.Diagnostic{Summary: err.Error()}
		}
		return file, data, nil
	})
	return site, found
}

// walk finds the slots in a value of type t; at says where that stands.
func (h *hostileSite) walk(n *yaml.Node, t reflect.Type, at slot) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch n.Kind {
	case yaml.ScalarNode:
		at.node, at.was, at.fixed = n, *n, !isText(t)
		h.slots = append(h.slots, &at)
	case yaml.SequenceNode:
		_, below, _ := strings.Cut(at.tag, "dive,")
		for i, c := range n.Content {
			h.walk(c, elem(t), slot{path: fmt.Sprintf("%s[%d]", at.path, i), name: at.name, tag: below})
		}
	case yaml.MappingNode:
		for i := 0; i < len(n.Content); i += 2 {
			key, value := n.Content[i].Value, n.Content[i+1]
			if t.Kind() == reflect.Map {
				h.walk(value, t.Elem(), slot{path: at.path + "[" + key + "]", name: at.name, tag: at.tag[strings.LastIndex(at.tag, ",")+1:]})
			} else if f, owner, ok := fieldOf(t, key); ok {
				h.walk(value, f.Type, slot{path: at.path + "." + key, name: owner + "." + key, tag: f.Tag.Get("validate")})
			}
		}
	}
}

// isText says whether a value of the type is read as text: a string, or one of
// a list that may be written as one.
func isText(t reflect.Type) bool {
	if t == reflect.TypeFor[model.Words]() {
		return true
	}
	return t.Kind() == reflect.String && t != reflect.TypeFor[model.Raw]() && t != reflect.TypeFor[model.SysctlValue]()
}

// elem is the type of a list's items; of a list that has a type of its own, it
// is that.
func elem(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Slice {
		return t.Elem()
	}
	return t
}

// fieldOf finds the field of a struct that a key of the site file names, and
// the name of the struct that has it.
func fieldOf(t reflect.Type, key string) (f reflect.StructField, owner string, ok bool) {
	if t.Kind() != reflect.Struct {
		return f, "", false
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Tag.Get("yaml") == key {
			return f, t.Name(), true
		}
		if f.Anonymous {
			if f, owner, ok = fieldOf(f.Type, key); ok {
				return f, owner, ok
			}
		}
	}
	return f, "", false
}

// fill puts a value into every slot that takes free text, where the model lets
// it stand. What has a strict shape takes none but letters, digits and a few
// signs, which the model's own tests show.
func (h *hostileSite) fill(t testing.TB, value string) {
	t.Helper()
	h.value = value
	for _, s := range h.slots {
		if s.form = alone; !isFree(s) {
			s.form = asItWas
		}
	}
	h.settle(t)
}

// settle takes the value out of the slots that the model complains of, until
// there is no more complaint.
func (h *hostileSite) settle(t testing.TB) {
	t.Helper()
	for {
		h.write(t)
		site, found := loadBeside(h.name, h.text)
		if !found.HasErrors() {
			h.site = site
			return
		}
		if !h.yield(t, found) {
			t.Fatalf("%q: nothing to take back for %v\n%s", h.value, found[0], h.text)
		}
	}
}

// write makes the text of the site file.
func (h *hostileSite) write(t testing.TB) {
	t.Helper()
	for _, s := range h.slots {
		*s.node = s.was
		if s.form != asItWas {
			text := map[form]string{alone: h.value, behind: s.was.Value + h.value, before: h.value + s.was.Value}[s.form]
			s.node.SetString(text)
			s.node.Style = yaml.DoubleQuotedStyle
		}
	}
	text, err := yaml.Marshal(h.doc)
	if err != nil {
		t.Fatal(err)
	}
	h.text = text
}

// yield moves the slots that findings are about to their next form.
func (h *hostileSite) yield(t testing.TB, found diag.List) bool {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal(h.text, &doc); err != nil {
		t.Fatal(err)
	}
	at := map[diag.Pos][]*slot{} // the slots in the value that stands at a place
	next := 0
	collect(doc.Content[0], h.slots, &next, at)
	moved := map[*slot]bool{}
	for _, f := range found {
		places := []diag.Range{f.Subject}
		for _, r := range f.Related {
			places = append(places, r.Range)
		}
		for _, p := range places {
			if h.move(at[p.Start], moved) {
				break
			}
		}
	}
	return len(moved) > 0
}

// yieldLanguage moves the slots at a path or below it that have a language of
// their own, in which not every text is right.
func (h *hostileSite) yieldLanguage(path string) bool {
	moved := false
	for _, s := range h.slots {
		if strings.HasPrefix(s.path, path) && s.form != asItWas && hasLanguage(s) {
			s.form++
			moved = true
		}
	}
	return moved
}

func hasLanguage(s *slot) bool {
	for _, tag := range strings.Split(s.tag, ",") {
		switch tag {
		case "log_format", "sample", "ciphers":
			return true
		}
	}
	return strings.Contains(s.path, "regex")
}

// isFree says whether a slot takes characters or words that a grammar gives a
// meaning to.
func isFree(s *slot) bool { return !s.fixed && isFreeTag(s.tag) }

func isFreeTag(tags string) bool {
	for _, tag := range strings.Split(tags, ",") {
		switch tag {
		case "text", "token", "realm", "log_format", "argument", "ciphers", "path_part", "path_end", "uri_path", "url", "url_or_path", "sample",
			"media_type", "cookie_value":
			return true
		}
	}
	return false
}

func (h *hostileSite) move(slots []*slot, moved map[*slot]bool) bool {
	some := false
	for _, s := range slots {
		if s.form != asItWas || moved[s] {
			some = true
		}
		if s.form != asItWas && !moved[s] {
			s.form++
			moved[s] = true
		}
	}
	return some
}

// collect finds the slots in each value of a tree that has the shape of theirs.
func collect(n *yaml.Node, slots []*slot, next *int, at map[diag.Pos][]*slot) {
	first := *next
	switch n.Kind {
	case yaml.ScalarNode:
		*next++
	case yaml.SequenceNode:
		for _, c := range n.Content {
			collect(c, slots, next, at)
		}
	case yaml.MappingNode:
		for i := 0; i < len(n.Content); i += 2 {
			key := *next
			collect(n.Content[i+1], slots, next, at)
			pos := diag.Pos{Line: n.Content[i].Line, Column: n.Content[i].Column}
			at[pos] = slots[key:*next]
		}
	}
	at[diag.Pos{Line: n.Line, Column: n.Column}] = slots[first:*next]
}

// freeFields are the fields of the model that take free text.
func freeFields() map[string]bool {
	fields := map[string]bool{}
	seen := map[reflect.Type]bool{}
	var visit func(t reflect.Type)
	visit = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			visit(t.Elem())
		case reflect.Struct:
			if seen[t] {
				return
			}
			seen[t] = true
			for i := range t.NumField() {
				f := t.Field(i)
				if isFreeTag(f.Tag.Get("validate")) {
					fields[t.Name()+"."+f.Tag.Get("yaml")] = true
				}
				visit(f.Type)
			}
		}
	}
	visit(reflect.TypeFor[model.Site]())
	return fields
}
