// Package schema holds JSON Schemas (draft 2020-12): that of the site file,
// made from the model by internal/gen/schema, which editors read for completion
// and hover, and those of what lbgen prints with --format json.
package schema

import _ "embed"

// JSON is the schema of the site file.
//
//go:generate go run ../internal/gen/schema lbgen.schema.json
//go:embed lbgen.schema.json
var JSON []byte

// Findings is the schema of the output.
//
//go:embed findings.schema.json
var Findings []byte

// Status is the schema of what lbgen status prints with --format json.
//
//go:embed status.schema.json
var Status []byte
