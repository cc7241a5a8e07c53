package model

import (
	"reflect"

	"github.com/lbgen/lbgen/internal/source"
)

// KeyOrder is the order in which the keys of a site file stand: that of the fields
// of its structs.
func KeyOrder() source.Order { return keyOrder{reflect.TypeFor[Site]()} }

// keyOrder is the order of the keys of a type: of a struct those of its fields; a map's
// keys are the user's own.
type keyOrder struct{ of reflect.Type }

// Place returns where the key's field stands in its struct.
func (o keyOrder) Place(key string) (int, bool) {
	if o.of.Kind() != reflect.Struct {
		return 0, false
	}
	for i, f := range keysOf(o.of).all {
		if f.name == key {
			return i, true
		}
	}
	return 0, false
}

// Below returns the order of what a key holds.
func (o keyOrder) Below(key string) source.Order {
	switch o.of.Kind() {
	case reflect.Map:
		return orderOf(o.of.Elem())
	case reflect.Struct:
		if f := find(keysOf(o.of).all, key); f != nil {
			return orderOf(o.of.FieldByIndex(f.index).Type)
		}
	}
	return nil
}

func orderOf(t reflect.Type) source.Order {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct && t.Kind() != reflect.Map {
		return nil
	}
	return keyOrder{t}
}
