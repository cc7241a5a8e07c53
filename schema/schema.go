// Package schema holds the JSON Schema of the site file, made from the model
// by internal/gen/schema. Editors read it for completion and hover.
package schema

import _ "embed"

// JSON is the schema (draft 2020-12).
//
//go:generate go run ../internal/gen/schema lbgen.schema.json
//go:embed lbgen.schema.json
var JSON []byte
