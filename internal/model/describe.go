package model

import "reflect"

// What the programs ask that describe the site file: the schema, the docs.

// Shape returns the regular expression of a validate tag of ours, "" if it has
// none.
func Shape(tag string) string { return constraintOf(tag).pattern }

// Expects says in words what a validate tag of ours expects, "" if it is not
// one of ours.
func Expects(tag string) string { return constraintOf(tag).expects }

func constraintOf(tag string) constraint {
	for _, c := range constraints() {
		if c.tag == tag {
			return c
		}
	}
	return constraint{}
}

// Short says whether a struct may also be written as one value, and whether
// that is true or false.
func Short(t reflect.Type) (may, isSwitch bool) {
	v := reflect.New(t).Interface()
	_, isSwitch = v.(switched)
	_, may = v.(brief)
	return may || isSwitch, isSwitch
}
