package report_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif" // brings the schema of the standard
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/report"
)

// everything is findings with every kind of field, and with characters that a
// format must write in a way of its own.
func everything() diag.List {
	return append(findings("site.yaml"),
		diag.Diagnostic{Code: "LB1003", Name: "common-virtual-router-id", Severity: diag.Warning, Summary: "with a rule",
			Subject: at("site.yaml", 2, 1, 5)},
		diag.Diagnostic{Code: "odd-file", Summary: "50% of \"a\" <b> & 'c'", Detail: "größer\nals\r\n日本語 \x01",
			Subject: at("./sites/größe 50%, #1?: [a].yaml", 1, 1, 2)},
		diag.Diagnostic{Code: "far-file", Summary: "outside of the folder", Subject: at("/etc/lbgen/site.yaml", 1, 1, 2)},
		diag.Diagnostic{Code: "lines", Summary: "over several lines",
			Subject: diag.Range{File: "site.yaml", Start: diag.Pos{Line: 1, Column: 3}, End: diag.Pos{Line: 4, Column: 2}}},
		diag.Diagnostic{Code: "line-only", Summary: "a line without a column", Subject: diag.Range{File: "site.yaml", Start: diag.Pos{Line: 3}}},
		diag.Diagnostic{Code: "LB1004", Severity: diag.Info, Summary: "with a fix", Subject: at("site.yaml", 3, 1, 5),
			Fix: &diag.Fix{Title: "fall: 2", Edits: []diag.Edit{
				{Range: at("site.yaml", 3, 5, 5), New: "fall: 2\n"},
				{Range: at("site.yaml", 4, 1, 5), New: ""},
			}}},
	)
}

// at is a stretch of one line of a file.
func at(file string, line, from, to int) diag.Range {
	return diag.Range{File: file, Start: diag.Pos{Line: line, Column: from}, End: diag.Pos{Line: line, Column: to}}
}

func sarifLog(t *testing.T, l diag.List) []byte {
	t.Helper()
	var b bytes.Buffer
	rules := []report.Rule{
		{ID: "LB1003", Name: "common-virtual-router-id", Title: "a title", Text: "a text\nof two lines", Severity: diag.Warning},
		{ID: "LB1004", Name: "other", Title: "another", Text: "text", Severity: diag.Info},
	}
	if err := report.SARIF(&b, l, rules); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// standard compiles the schema of SARIF 2.1.0 as OASIS published it. The module
// keeps it as a constant in one of its files; its own check would see only what
// fits its types.
func standard(t *testing.T) *jsonschema.Schema {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3").Output()
	if err != nil {
		t.Fatal(err)
	}
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "pkg/report/v210/sarif/schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var text string
	ast.Inspect(f, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			text, err = strconv.Unquote(lit.Value)
		}
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif-schema-2.1.0.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Properties) < 3 || s.Properties["runs"] == nil {
		t.Fatal("that is not the schema of SARIF")
	}
	return s
}

func valid(t *testing.T, s *jsonschema.Schema, text []byte) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

func TestSARIFIsWhatTheStandardSays(t *testing.T) {
	s := standard(t)
	for name, l := range map[string]diag.List{"everything": everything(), "nothing": nil} {
		if err := valid(t, s, sarifLog(t, l)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBrokenSARIFIsRefused breaks a good log in one place after the other.
func TestBrokenSARIFIsRefused(t *testing.T) {
	s := standard(t)
	good := string(sarifLog(t, everything()))
	for _, c := range [][2]string{
		{`"version": "2.1.0"`, `"version": "2.2.0"`},
		{`"startLine": 1`, `"startLine": 0`},
		{`"startColumn": 10`, `"startColumn": -1`},
		{`"startColumn": 10`, `"startColumn": "10"`},
		{`"level": "note"`, `"level": "info"`},
		{`"columnKind": "unicodeCodePoints"`, `"columnKind": "bytes"`},
		{`"uri": "site.yaml"`, `"uri": "a%"`},
		{`"ruleId": "plain"`, `"rule": "plain"`},
		{`"name": "lbgen"`, `"names": "lbgen"`},
	} {
		bad := strings.Replace(good, c[0], c[1], 1)
		if bad == good {
			t.Errorf("%s is not in the log", c[0])
		}
		if valid(t, s, []byte(bad)) == nil {
			t.Errorf("accepted: %s", c[1])
		}
	}
}
