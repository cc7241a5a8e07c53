package model

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
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
	failed map[diag.Path]bool // paths whose value could not be read
	faults []fault            // values that could, and break their rule
	at     []step             // where the decoder is; made a path only when there is a fault
	// tooMany says that a list is longer than any site needs: checks whose time
	// is a product of lengths are left out.
	tooMany bool
	// sharedDir is the folder of the file that defaults_from names, relative to
	// the site file's.
	sharedDir string
}

// step is one part of a path: a struct's key, a map's key or a list's index.
type step struct {
	key   string
	index int // of a list's item; of a key it is inStruct or inMap
}

const (
	inStruct = -1
	inMap    = -2
)

// parser is a value that is written as one scalar. Its error says what was
// expected; what was found is the reader's to add.
type parser interface{ parse(text string) error }

// brief is a struct that may also be written as one scalar, such as a VIP that
// is nothing but its address.
type brief interface{ brief(text string) error }

// switched is a struct that may also be written as true or false.
type switched interface{ switched(on bool) }

func (d *decoder) path() diag.Path {
	path := diag.Path("")
	for _, s := range d.at {
		switch {
		case s.index >= 0:
			path = path.Index(s.index)
		case s.index == inMap:
			path = path.Entry(s.key)
		default:
			path = path.Key(s.key)
		}
	}
	return path
}

// field is the name of the struct's field that the decoder is at, or in.
func (d *decoder) field() string {
	for _, s := range slices.Backward(d.at) {
		if s.index == inStruct {
			return s.key
		}
	}
	return ""
}

// below reads a value that is a part of the one that the decoder is at, and
// holds it against its rule.
func (d *decoder) below(s step, n source.Node, v reflect.Value, r *rule) {
	d.at = append(d.at, s)
	before := len(d.faults)
	d.value(n, v, r)
	if r.beside() {
		d.fromSite(n, v)
	}
	d.check(v, r, before)
	d.at = d.at[:len(d.at)-1]
}

func (d *decoder) value(n source.Node, v reflect.Value, r *rule) {
	if d.full() {
		return
	}
	if n.Kind() == source.Null {
		d.fail(n, "missing-value", "the key has no value", "write a value, or take the key out")
		return
	}
	if done := d.special(n, v); done {
		d.checkItems(v, r)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		if v.Elem().Kind() == reflect.Int {
			d.integer(n, v.Elem(), least(v.Elem().Type(), 0))
			return
		}
		d.value(n, v.Elem(), r)
	case reflect.Struct:
		d.structure(n, v)
	case reflect.Map:
		d.mapping(n, v, r)
	case reflect.Slice:
		d.list(n, v, r.inside())
	case reflect.String:
		d.text(n, v)
	case reflect.Int:
		d.integer(n, v, least(v.Type(), 1))
	case reflect.Bool:
		d.boolean(n, v)
	default:
		panic(fmt.Sprintf("model: no way to read a %s", v.Type()))
	}
}

// least is the smallest number of a type; that of a weight is said by its tag.
func least(t reflect.Type, usual int64) int64 {
	if t == reflect.TypeFor[Weight]() {
		return math.MinInt32
	}
	return usual
}

// special reads the types that have a way of their own.
func (d *decoder) special(n source.Node, v reflect.Value) bool {
	switch p := v.Addr().Interface().(type) {
	case parser:
		d.scalar(n, p.parse)
	case *Raw:
		d.raw(n, p)
	case *Addresses:
		d.oneOrMore(n, func(n source.Node) { d.scalar(n, func(text string) error { return appendParsed(p, parseAddr, text) }) })
	case *Subnets:
		d.oneOrMore(n, func(n source.Node) {
			d.scalar(n, func(text string) error { return appendParsed(p, parsePrefix, text) })
		})
	case *Networks:
		d.oneOrMore(n, func(n source.Node) {
			d.scalar(n, func(text string) error { return appendParsed(p, parseNetwork, text) })
		})
	case *StatusList:
		d.oneOrMore(n, func(n source.Node) {
			d.scalar(n, func(text string) error { return appendParsed(p, parseStatus, text) })
		})
	case *Words:
		d.oneOrMore(n, func(n source.Node) {
			*p = append(*p, "")
			d.text(n, reflect.ValueOf(p).Elem().Index(len(*p)-1))
		})
	case *Ports:
		d.oneOrMore(n, func(n source.Node) {
			*p = append(*p, 0)
			d.integer(n, reflect.ValueOf(p).Elem().Index(len(*p)-1), 1)
		})
	case *BindPorts:
		d.oneOrMore(n, func(n source.Node) {
			d.scalar(n, func(text string) (err error) {
				*p, err = appendPorts(*p, text)
				return err
			})
		})
	case brief:
		if n.Kind() == source.Map {
			return false
		}
		d.brief(n, p)
	case switched:
		if n.Kind() == source.Map {
			return false
		}
		d.switched(n, p)
	case *Secret:
		if n.Kind() == source.Map {
			d.structure(n, v)
			d.secret(n, *p)
			return true
		}
		d.text(n, v.FieldByName("Literal"))
	default:
		return false
	}
	return true
}

// brief reads the short form of a struct.
func (d *decoder) brief(n source.Node, p brief) {
	if n.Text() == "" && isScalar(n) {
		d.fail(n, "missing-value", "the value is empty", "write a value, or take the key out")
		return
	}
	d.scalar(n, p.brief)
}

func (d *decoder) switched(n source.Node, p switched) {
	if n.Kind() != source.Bool {
		d.wrongKind(n, "true, false or a mapping (key: value)")
		return
	}
	p.switched(strings.EqualFold(n.Text(), "true"))
}

// raw reads lines that are handed on as they are. What section they stand in
// is for the checks across fields to look at.
func (d *decoder) raw(n source.Node, p *Raw) {
	if !isScalar(n) {
		d.wrongKind(n, "lines of text (raw: |)")
		return
	}
	for _, line := range strings.Split(n.Text(), "\n") {
		if bad := unprintable(strings.ReplaceAll(line, "\t", " ")); bad != "" {
			d.fail(n, "bad-character", "the value holds "+bad, "no configuration file can carry it: take it out")
			return
		}
	}
	*p = Raw(n.Text())
}

func appendParsed[L ~[]E, E any](list *L, parse func(string) (E, error), text string) error {
	e, err := parse(text)
	*list = append(*list, e)
	return err
}

// secret wants exactly one source.
func (d *decoder) secret(n source.Node, s Secret) {
	if (s.File == "") == (s.Env == "") && !d.hasFailedBelow(d.path()) {
		d.fail(n, "bad-value", "a secret comes from exactly one place", "write {file: PATH} or {env: NAME}")
	}
}

// oneOrMore reads a scalar, or a list of them.
func (d *decoder) oneOrMore(n source.Node, read func(source.Node)) {
	if n.Kind() != source.List {
		read(n)
		return
	}
	if n.Len() == 0 {
		d.fail(n, "missing-field", "the list is empty", "at least one is needed")
	}
	for i := range n.Len() {
		d.at = append(d.at, step{index: i})
		read(n.Item(i))
		d.at = d.at[:len(d.at)-1]
	}
}

func (d *decoder) scalar(n source.Node, parse func(string) error) {
	if !isScalar(n) {
		d.wrongKind(n, "a single value")
		return
	}
	if err := parse(n.Text()); err != nil {
		d.fail(n, "bad-value", d.badValue(n), err.Error())
	}
}

func (d *decoder) structure(n source.Node, v reflect.Value) {
	if n.Kind() != source.Map {
		d.wrongKind(n, aStruct)
		return
	}
	fields := keysOf(v.Type())
	for i := range n.Len() {
		e := n.Entry(i)
		if f := find(fields.all, e.Key); f != nil {
			d.below(step{f.name, inStruct}, e.Value, v.FieldByIndex(f.index), f.rule)
		} else {
			d.unknown(n, e, fields.all)
		}
	}
	d.checkMissing(fields.required, v)
}

func (d *decoder) mapping(n source.Node, v reflect.Value, r *rule) {
	if n.Kind() != source.Map {
		d.wrongKind(n, aMapping)
		return
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), n.Len()))
	for i := range n.Len() {
		e := n.Entry(i)
		d.key(e)
		d.checkKey(e.Key, r)
		elem := reflect.New(v.Type().Elem()).Elem()
		d.below(step{e.Key, inMap}, e.Value, elem, r.inside())
		v.SetMapIndex(reflect.ValueOf(e.Key), elem)
	}
}

// key refuses what the key of a mapping can be in YAML and no name can.
func (d *decoder) key(e source.Entry) {
	bad := unprintable(e.Key)
	if e.Key == "" {
		bad = "nothing"
	}
	if bad == "" {
		return
	}
	d.add(diag.Diagnostic{Code: "bad-character", Summary: "the key holds " + bad, Detail: "write a name",
		Path: d.path(), Subject: e.KeyNode.Range()})
	d.failed[keyOf(d.path().Entry(e.Key))] = true
}

// keyOf is the mark of a mapping's key in failed, where the path alone is that
// of its value.
func keyOf(path diag.Path) diag.Path { return "key " + path }

func (d *decoder) list(n source.Node, v reflect.Value, r *rule) {
	if n.Kind() != source.List {
		d.wrongKind(n, aList)
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), n.Len(), n.Len()))
	for i := range n.Len() {
		d.below(step{index: i}, n.Item(i), v.Index(i), r)
	}
}

func (d *decoder) text(n source.Node, v reflect.Value) {
	if !isScalar(n) {
		d.wrongKind(n, "a text")
		return
	}
	v.SetString(n.Text())
	if n.Text() == "" {
		d.fail(n, "missing-value", "the value is empty", "write a value, or take the key out")
	}
	if bad := unprintable(n.Text()); bad != "" {
		d.fail(n, "bad-character", "the value holds "+bad, "no configuration file can carry it: take it out")
	}
}

// integer reads a whole number. Where a field is no pointer, 0 stands for "not
// written" and is refused when it is written.
func (d *decoder) integer(n source.Node, v reflect.Value, least int64) {
	if !isScalar(n) || n.Quoted() {
		d.wrongKind(n, "a whole number")
		return
	}
	i, err := strconv.ParseInt(n.Text(), 10, 32)
	switch {
	case errors.Is(err, strconv.ErrRange):
		d.fail(n, "bad-value", d.badValue(n), "no number here is that large or small")
	case err != nil:
		d.wrongKind(n, "a whole number")
	case strconv.FormatInt(i, 10) != n.Text():
		d.fail(n, "bad-value", d.badValue(n), fmt.Sprintf("expected a plain number: %d?", i))
	case i < least:
		d.fail(n, "bad-value", d.badValue(n), fmt.Sprintf("expected at least %d", least))
	default:
		v.SetInt(i)
	}
}

func (d *decoder) boolean(n source.Node, v reflect.Value) {
	if n.Kind() != source.Bool {
		d.wrongKind(n, aBool)
		return
	}
	v.SetBool(strings.EqualFold(n.Text(), "true"))
}

// badValue is the summary of a value that has the right type and no more.
func (d *decoder) badValue(n source.Node) string {
	if field := d.field(); field != "" {
		return fmt.Sprintf("bad value %s for %s", n.Quote(), field)
	}
	return "bad value " + n.Quote()
}

// unknown reports a key that the struct n does not have. The field that was
// meant is not reported as missing too.
func (d *decoder) unknown(n source.Node, e source.Entry, fields []field) {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	detail := "expected one of: " + strings.Join(names, ", ")
	near := Nearest(e.Key, names)
	text, key := translation(e.Key, d.path())
	if text != "" && (near == "" || distance(e.Key, near) > 1) {
		detail, near = text, ""
		if key != "" && n.Get(key).Kind() == source.Absent {
			d.failed[d.path().Key(key)] = true
		}
	}
	if near != "" {
		detail = fmt.Sprintf("did you mean %q?", near)
		if n.Get(near).Kind() == source.Absent {
			d.failed[d.path().Key(near)] = true
		}
	}
	if !e.KeyNode.Hidden() {
		d.at = append(d.at, step{e.Key, inStruct})
		defer func() { d.at = d.at[:len(d.at)-1] }()
	}
	d.fail(e.KeyNode, "unknown-field", "unknown field "+e.KeyNode.Quote(), detail)
}

// fail reports a fault of the value that the decoder is at.
func (d *decoder) fail(n source.Node, code, summary, detail string) {
	path := d.path()
	d.failed[path] = true
	d.add(diag.Diagnostic{Code: code, Summary: summary, Detail: detail, Path: path, Subject: n.Range()})
}

// add keeps a finding, up to as many as anybody reads.
func (d *decoder) add(f diag.Diagnostic) {
	if !d.full() {
		d.found = append(d.found, f)
	}
}

func (d *decoder) full() bool { return len(d.found) >= source.MaxFindings }

func isScalar(n source.Node) bool {
	switch n.Kind() {
	case source.String, source.Int, source.Float, source.Bool:
		return true
	default:
		return false
	}
}
