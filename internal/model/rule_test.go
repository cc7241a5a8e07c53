package model

import (
	"reflect"
	"testing"

	"github.com/lbgen/lbgen/internal/diag"
)

func TestRuleOf(t *testing.T) {
	r := ruleOf("required,min=1,max=500,dive,keys,name,endkeys,max=3,dive,text")
	if !r.required() || r.self != "required,min=1,max=500" || r.keys != "name" {
		t.Errorf("the mapping's own: %+v", r)
	}
	if r.in.self != "max=3" || r.in.required() || r.in.in.self != "text" || r.in.in.in != nil {
		t.Errorf("inside: %+v, inside of that: %+v", r.in, r.in.in)
	}
	if r := ruleOf("dive,keys,zone,endkeys"); r.self != "" || r.keys != "zone" || r.in != nil {
		t.Errorf("keys alone: %+v", r)
	}
	if r := ruleOf("dive,keys,error_status,endkeys,beside"); r.beside() || !r.in.beside() {
		t.Errorf("names of files inside: %+v", r)
	}
	if r := ruleOf(""); r != nil || r.required() || r.beside() || r.inside() != nil {
		t.Errorf("no tag: %+v", r)
	}
}

// What is not written is looked at for the fields of structs that are: no
// struct that may be left out, or written as true or false, may want a field.
func TestNothingRequiredInWhatIsLeftOut(t *testing.T) {
	n := 0
	eachStruct(reflect.TypeFor[Site](), map[reflect.Type]bool{}, func(s reflect.Type) {
		for _, f := range keysOf(s).all {
			inner := s.FieldByIndex(f.index).Type
			if inner.Kind() == reflect.Struct && !isParser(inner) {
				n++
				wantNoneRequired(t, inner)
			}
		}
		if _, ok := reflect.New(s).Interface().(switched); ok {
			n++
			wantNoneRequired(t, s)
		}
	})
	if n < 20 {
		t.Errorf("only %d structs were looked at", n)
	}
}

func wantNoneRequired(t *testing.T, s reflect.Type) {
	t.Helper()
	for _, f := range keysOf(s).required {
		t.Errorf("%s: %s has to be written, and nobody asks for it where the struct is left out", s, f.name)
	}
}

func isParser(t reflect.Type) bool {
	_, ok := reflect.New(t).Interface().(parser)
	return ok
}

// eachStruct visits each struct type that a site file has a mapping for.
func eachStruct(t reflect.Type, seen map[reflect.Type]bool, visit func(reflect.Type)) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		eachStruct(t.Elem(), seen, visit)
		return
	case reflect.Struct:
	default:
		return
	}
	if seen[t] || isParser(t) {
		return
	}
	seen[t] = true
	visit(t)
	for _, f := range keysOf(t).all {
		eachStruct(t.FieldByIndex(f.index).Type, seen, visit)
	}
}

// A list or mapping that is too long is one finding, whatever is in it; the
// keys, the values and the items of others are looked at each.
func TestFaultsInside(t *testing.T) {
	d := &decoder{failed: map[diag.Path]bool{}, at: []step{{"ports", inStruct}}}
	r := ruleOf("omitempty,max=2,dive,min=1,max=9")
	list := reflect.ValueOf([]int{10, 1, 11})
	d.checkItems(list, r)
	if len(d.faults) != 2 || d.faults[1].mark != "ports[2]" {
		t.Fatalf("of the items: %+v", d.faults)
	}
	d.check(list, r, 0)
	if len(d.faults) != 1 || d.faults[0].mark != "ports" || !d.faults[0].tooMany {
		t.Errorf("of the list: %+v", d.faults)
	}
}
