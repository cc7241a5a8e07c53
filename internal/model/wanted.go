package model

import (
	"fmt"
	"strings"

	"github.com/lbgen/lbgen/internal/source"
)

// What the reader wants of a value, in words.
const (
	aList    = `a list ([a, b] or lines that begin with "- ")`
	aMapping = "a mapping (name: value)"
	aStruct  = "a mapping (key: value)"
	aBool    = "true or false"
)

// wrongKind says what was expected and what is there, and how that is written where it
// can be seen from it.
func (d *decoder) wrongKind(n source.Node, expected string) {
	found := n.Kind().String()
	if isScalar(n) {
		found = n.Quote()
		if n.Quoted() {
			found += ", in quotes"
		}
	}
	if form := wantedForm(n, expected); form != "" {
		found += ": write " + form
	}
	d.fail(n, "wrong-type", "expected "+expected, "found "+found)
}

// wantedForm is what is there in the form that is wanted; "" where that cannot be seen.
func wantedForm(n source.Node, expected string) string {
	if n.Hidden() || isScalar(n) && !strings.HasPrefix(n.Quote(), `"`) {
		return ""
	}
	switch {
	case expected == aBool && n.Kind() == source.String:
		return yesOrNo(n.Text())
	case expected == aList && n.Kind() == source.Map && n.Len() > 0:
		return fmt.Sprintf("- {name: %s, …} in place of %s: {…}", source.Shorten(n.Entry(0).Key), source.Shorten(n.Entry(0).Key))
	case expected == aList && isScalar(n):
		if !strings.ContainsAny(n.Text(), ":#{}[]&*!|>'\"%@`") {
			return "[" + source.Shorten(n.Text()) + "]"
		}
		return "a line \"- …\" for each"
	case expected == aMapping && n.Kind() == source.List && n.Len() > 0:
		if name := n.Item(0).Get("name"); name.Kind() == source.String && !name.Hidden() {
			return fmt.Sprintf("%s: {…} in place of - {name: %s, …}", source.Shorten(name.Text()), source.Shorten(name.Text()))
		}
		return "NAME: {…} for each item, without a dash"
	case expected == aMapping && isScalar(n):
		return "{NAME: " + source.Shorten(n.Text()) + "}"
	case expected == aStruct && n.Kind() == source.List:
		return "its keys without a dash"
	case expected == aStruct && isScalar(n):
		return "{key: value}; `lbgen explain` names the keys of each field"
	}
	return ""
}

// yesOrNo is what other programs, and YAML 1.1, write for true and false.
func yesOrNo(text string) string {
	switch strings.ToLower(text) {
	case "yes", "on", "y", "enabled", "1":
		return "true"
	case "no", "off", "n", "disabled", "0":
		return "false"
	}
	return ""
}
