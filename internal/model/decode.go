package model

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/source"
)

// decoder fills structs from the tree and keeps going after a fault, so that
// one run shows them all. yaml.v3's own Decode ignores unknown keys, knows no
// columns, and takes 010 for 8.
type decoder struct {
	src    *source.File
	found  diag.List
	failed map[string]bool // paths whose value could not be read
	fields map[reflect.Type][]field
}

// field is one key that a struct may have.
type field struct {
	name  string
	index int
}

// parser is a value that is written as one scalar. Its error says what was
// expected; what was found is the reader's to add.
type parser interface{ parse(text string) error }

func (d *decoder) value(n source.Node, path string, v reflect.Value) {
	if n.Kind() == source.Null {
		d.fail(n, path, "missing-value", "the key has no value", "write a value, or take the key out")
		return
	}
	if done := d.special(n, path, v); done {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		if v.Elem().Kind() == reflect.Int {
			d.integer(n, path, v.Elem(), 0)
			return
		}
		d.value(n, path, v.Elem())
	case reflect.Struct:
		d.structure(n, path, v)
	case reflect.Map:
		d.mapping(n, path, v)
	case reflect.Slice:
		d.list(n, path, v)
	case reflect.String:
		d.text(n, path, v)
	case reflect.Int:
		d.integer(n, path, v, 1)
	case reflect.Bool:
		d.boolean(n, path, v)
	default:
		panic(fmt.Sprintf("model: no way to read a %s", v.Type()))
	}
}

// special reads the types that have a way of their own.
func (d *decoder) special(n source.Node, path string, v reflect.Value) bool {
	switch p := v.Addr().Interface().(type) {
	case parser:
		d.scalar(n, path, p.parse)
	case *Addresses:
		d.oneOrMore(n, path, func(text string) error {
			a, err := parseAddr(text)
			*p = append(*p, a)
			return err
		})
	case *Subnets:
		d.oneOrMore(n, path, func(text string) error {
			s, err := parsePrefix(text)
			*p = append(*p, s)
			return err
		})
	case *VIP:
		if n.Kind() == source.Map {
			return false
		}
		d.scalar(n, path, p.Address.parse)
	case *Secret:
		if n.Kind() == source.Map {
			d.structure(n, path, v)
			d.secret(n, path, *p)
			return true
		}
		d.text(n, path, v.FieldByName("Literal"))
	default:
		return false
	}
	return true
}

// secret wants exactly one source.
func (d *decoder) secret(n source.Node, path string, s Secret) {
	if (s.File == "") == (s.Env == "") && !d.hasFailedBelow(path) {
		d.fail(n, path, "bad-value", "a secret comes from exactly one place", "write {file: PATH} or {env: NAME}")
	}
}

// oneOrMore reads a scalar, or a list of them.
func (d *decoder) oneOrMore(n source.Node, path string, parse func(string) error) {
	if n.Kind() != source.List {
		d.scalar(n, path, parse)
		return
	}
	for i := range n.Len() {
		d.scalar(n.Item(i), path+"["+strconv.Itoa(i)+"]", parse)
	}
}

func (d *decoder) scalar(n source.Node, path string, parse func(string) error) {
	if !isScalar(n) {
		d.wrongKind(n, path, "a single value")
		return
	}
	if err := parse(n.Text()); err != nil {
		d.fail(n, path, "bad-value", fmt.Sprintf("bad value %q", n.Text()), err.Error())
	}
}

func (d *decoder) structure(n source.Node, path string, v reflect.Value) {
	if n.Kind() != source.Map {
		d.wrongKind(n, path, "a mapping (key: value)")
		return
	}
	fields := d.fieldsOf(v.Type())
	for i := range n.Len() {
		e := n.Entry(i)
		at := join(path, e.Key)
		f, ok := find(fields, e.Key)
		if !ok {
			d.unknown(e, at, fields)
			continue
		}
		d.value(e.Value, at, v.Field(f.index))
	}
}

func (d *decoder) mapping(n source.Node, path string, v reflect.Value) {
	if n.Kind() != source.Map {
		d.wrongKind(n, path, "a mapping (name: value)")
		return
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), n.Len()))
	for i := range n.Len() {
		e := n.Entry(i)
		elem := reflect.New(v.Type().Elem()).Elem()
		d.value(e.Value, path+"["+e.Key+"]", elem)
		v.SetMapIndex(reflect.ValueOf(e.Key), elem)
	}
}

func (d *decoder) list(n source.Node, path string, v reflect.Value) {
	if n.Kind() != source.List {
		d.wrongKind(n, path, "a list ([a, b] or lines that begin with \"- \")")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), n.Len(), n.Len()))
	for i := range n.Len() {
		d.value(n.Item(i), path+"["+strconv.Itoa(i)+"]", v.Index(i))
	}
}

func (d *decoder) text(n source.Node, path string, v reflect.Value) {
	if !isScalar(n) {
		d.wrongKind(n, path, "a text")
		return
	}
	v.SetString(n.Text())
	if n.Text() == "" {
		d.fail(n, path, "missing-value", "the value is empty", "write a value, or take the key out")
	}
	if bad := unprintable(n.Text()); bad != "" {
		d.fail(n, path, "bad-character", "the value holds "+bad, "no configuration file can carry it: take it out")
	}
}

// integer reads a whole number. Where a field is no pointer, 0 stands for "not
// written" and is refused when it is written.
func (d *decoder) integer(n source.Node, path string, v reflect.Value, least int64) {
	i, err := strconv.ParseInt(scalarText(n), 10, 32)
	switch {
	case !isScalar(n) || n.Quoted() || err != nil:
		d.wrongKind(n, path, "a whole number")
	case strconv.FormatInt(i, 10) != n.Text():
		d.fail(n, path, "bad-value", fmt.Sprintf("bad value %q", n.Text()), fmt.Sprintf("expected a plain number: %d?", i))
	case i < least:
		d.fail(n, path, "bad-value", fmt.Sprintf("bad value %d", i), fmt.Sprintf("expected at least %d", least))
	default:
		v.SetInt(i)
	}
}

func (d *decoder) boolean(n source.Node, path string, v reflect.Value) {
	if n.Kind() != source.Bool {
		d.wrongKind(n, path, "true or false")
		return
	}
	v.SetBool(strings.EqualFold(n.Text(), "true"))
}

func (d *decoder) wrongKind(n source.Node, path, expected string) {
	found := n.Kind().String()
	if isScalar(n) {
		found = fmt.Sprintf("%q", shorten(n.Text()))
	}
	d.fail(n, path, "wrong-type", "expected "+expected, "found "+found)
}

// unknown reports a key that the struct does not have.
func (d *decoder) unknown(e source.Entry, path string, fields []field) {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	detail := "expected one of: " + strings.Join(names, ", ")
	if near := nearest(e.Key, names); near != "" {
		detail = fmt.Sprintf("did you mean %q?", near)
	}
	d.failed[path] = true
	d.found = append(d.found, diag.Diagnostic{
		Code: "unknown-field", Summary: fmt.Sprintf("unknown field %q", shorten(e.Key)), Detail: detail,
		Path: path, Subject: e.KeyNode.Range(),
	})
}

func (d *decoder) fail(n source.Node, path, code, summary, detail string) {
	d.failed[path] = true
	d.found = append(d.found, diag.Diagnostic{Code: code, Summary: summary, Detail: detail, Path: path, Subject: n.Range()})
}

// hasFailedBelow says whether the value at path or a part of it could not be read.
func (d *decoder) hasFailedBelow(path string) bool {
	for p := range d.failed {
		if rest, ok := strings.CutPrefix(p, path); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return true
		}
	}
	return false
}

// fieldsOf returns the keys of a struct type in the order of its fields.
func (d *decoder) fieldsOf(t reflect.Type) []field {
	if fields, ok := d.fields[t]; ok {
		return fields
	}
	var fields []field
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("yaml"); name != "-" {
			fields = append(fields, field{name, i})
		}
	}
	d.fields[t] = fields
	return fields
}

func find(fields []field, name string) (field, bool) {
	for _, f := range fields {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}

func isScalar(n source.Node) bool {
	switch n.Kind() {
	case source.String, source.Int, source.Float, source.Bool:
		return true
	default:
		return false
	}
}

func scalarText(n source.Node) string {
	if !isScalar(n) {
		return ""
	}
	return n.Text()
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// shorten keeps a message readable whatever stands in the file.
func shorten(text string) string {
	const most = 60
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + "…"
}

// unprintable names the first character that no configuration file can carry.
func unprintable(text string) string {
	for _, r := range text {
		switch {
		case r == '\n':
			return "a line break"
		case r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) || r == 0x2028 || r == 0x2029:
			return fmt.Sprintf("the control character U+%04X", r)
		}
	}
	return ""
}
