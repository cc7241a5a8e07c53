package main

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/lbgen/lbgen/internal/gen/comment"
	"github.com/lbgen/lbgen/internal/model"
)

// oneLine is a comment of several lines as an editor shows it best: as one.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// describe writes what a struct's comments say of defaults and examples where
// programs look for it, too.
func describe(s *jsonschema.Schema, t reflect.Type, comments comment.Set) {
	if t == nil || s.Properties == nil {
		return
	}
	for f := range t.Fields() {
		if f.Anonymous {
			describe(s, f.Type, comments)
			continue
		}
		prop, ok := s.Properties.Get(f.Tag.Get("yaml"))
		if !ok {
			continue
		}
		prop.Description = oneLine(prop.Description)
		text := comments[t.Name()+"."+f.Name]
		prop.Default = value(f.Type, comment.Value(text))
		if f.Type.Kind() == reflect.String && prop.Enum == nil && prop.Ref == "" {
			prop.Examples = examples(f.Tag.Get("validate"), text)
		}
		if prop.Default != nil {
			prop.Examples = nil // an editor offers the default
		}
		prop.Description += unit(f.Type, prop)
		if item := prop.AdditionalProperties; item != nil && item.Ref == "" {
			item.Description = prop.Description
		}
		if since := f.Tag.Get("since"); since != "" {
			prop.Description += " Since " + strings.NewReplacer("haproxy", "HAProxy", "keepalived", "Keepalived").Replace(since) + "."
		}
	}
}

// unit says in what a value is counted, and how far, where that is the type's
// or the validate tag's to say and the comment leaves it out.
func unit(t reflect.Type, s *jsonschema.Schema) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[model.Duration]():
		return " With its unit: us, ms, s, m, h or d."
	case t == reflect.TypeFor[model.Span]():
		return " With its unit: s, m, h or d."
	case t.Kind() == reflect.Int && s.Maximum != "" && !rangeIn.MatchString(s.Description):
		return " From " + string(s.Minimum) + " to " + string(s.Maximum) + "."
	default:
		return ""
	}
}

// rangeIn finds a range in a comment, such as (1-255).
var rangeIn = regexp.MustCompile(`\(-?[0-9]+(-| to )[0-9]+`)

// value is a default as a value of the field's type; nil where it is none.
func value(t reflect.Type, text string) any {
	if text == "" {
		return nil
	}
	switch {
	case t.Kind() == reflect.Pointer:
		return value(t.Elem(), text)
	case t.Kind() == reflect.Bool:
		return text == "true"
	case t.Kind() == reflect.Int, t == reflect.TypeFor[model.StatusList]():
		if _, err := strconv.Atoi(text); err != nil {
			return nil
		}
		return json.Number(text)
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String:
		return []string{text}
	case t.Kind() == reflect.Slice, t.Kind() == reflect.Map:
		return nil
	default:
		return text
	}
}

// suchAs is how comments and the words for shapes begin an example.
var suchAs = regexp.MustCompile(`such as "?([^\s"]+)`)

// examples are those of a text's shape, and of its comment.
func examples(tags, text string) []any {
	var all []any
	for tag := range strings.SplitSeq(tags, ",") {
		if m := suchAs.FindStringSubmatch(model.Expects(tag)); m != nil {
			all = append(all, m[1])
		}
	}
	if m := suchAs.FindStringSubmatch(text); m != nil {
		if word := strings.TrimRight(m[1], ".,:;"); len(all) == 0 || all[0] != word {
			all = append(all, word)
		}
	}
	return all
}
