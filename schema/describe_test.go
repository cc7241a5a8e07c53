package schema_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/lbgen/lbgen/schema"
)

// property is one field's schema, and where it stands in the whole.
type property struct {
	pointer string
	schema  map[string]any
}

// properties returns every field of the schema but those that only ask for
// what must be there.
func properties(t *testing.T) []property {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema.JSON))
	if err != nil {
		t.Fatal(err)
	}
	var all []property
	var visit func(pointer string, v any)
	visit = func(pointer string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, below := range v {
				at := pointer + "/" + strings.ReplaceAll(key, "/", "~1")
				switch key {
				case "if", "then", "else":
				case "properties":
					for name, s := range below.(map[string]any) {
						all = append(all, property{at + "/" + name, s.(map[string]any)})
					}
					visit(at, below)
				default:
					visit(at, below)
				}
			}
		case []any:
			for i, below := range v {
				visit(pointer+"/"+string(rune('0'+i)), below)
			}
		}
	}
	visit("#", doc)
	if len(all) < 300 {
		t.Fatalf("only %d fields found", len(all))
	}
	return all
}

func TestEveryFieldIsDescribed(t *testing.T) {
	for _, p := range properties(t) {
		if p.schema["description"] == nil {
			t.Errorf("%s has no description", p.pointer)
		}
	}
}

// TestDefaultsAndExamples wants what an editor offers to be accepted.
func TestDefaultsAndExamples(t *testing.T) {
	c := jsonschema.NewCompiler()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema.JSON))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.AddResource("lbgen.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	defaults := map[string]any{}
	for _, p := range properties(t) {
		offered, _ := p.schema["examples"].([]any)
		if value, ok := p.schema["default"]; ok {
			offered = append(offered, value)
			defaults[p.pointer[strings.LastIndex(p.pointer, "/")+1:]] = value
		}
		s, err := c.Compile("lbgen.schema.json" + p.pointer)
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range offered {
			if err := s.Validate(value); err != nil {
				t.Errorf("%s offers %v, which it refuses: %v", p.pointer, value, err)
			}
		}
	}
	for field, want := range map[string]any{
		"balance": "roundrobin", "http_request": "10s", "redispatch": true, "refresh": nil,
		"verify": "required", "max_age": nil, "log_days": json.Number("30"), "expect": json.Number("200"),
	} {
		if defaults[field] != want {
			t.Errorf("the default of %s is %v, not %v", field, defaults[field], want)
		}
	}
}
