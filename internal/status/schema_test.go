package status_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/lbgen/lbgen/internal/status"
	"github.com/lbgen/lbgen/schema"
)

// TestJSONFitsTheSchema: each member that is printed is described.
func TestJSONFitsTheSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(schema.Status)))
	if err != nil {
		t.Fatal(err)
	}
	strict(doc)
	c := jsonschema.NewCompiler()
	if err := c.AddResource("status.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("status.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	fits := func(r any) error {
		t.Helper()
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		return compiled.Validate(v)
	}
	s, sets := shop(t)
	well := judged(t, s, sets, recorded(t, sets[0]), recorded(t, sets[1]))
	ill := judged(t, s, sets, "", planted(t, sets[1], recorded(t, sets[1]), "PLACE/etc/haproxy/haproxy.cfg", ""))
	for name, r := range map[string]status.Result{"all is well": well, "troubles": ill} {
		if err := fits(r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if fits(struct {
		status.Result
		More int `json:"more"`
	}{Result: well}) == nil {
		t.Error("a member that the schema does not have passes")
	}
}

// strict allows no member that is not described.
func strict(doc any) {
	switch doc := doc.(type) {
	case map[string]any:
		if _, closed := doc["additionalProperties"]; doc["properties"] != nil && !closed {
			doc["additionalProperties"] = false
		}
		for _, one := range doc {
			strict(one)
		}
	case []any:
		for _, one := range doc {
			strict(one)
		}
	}
}
