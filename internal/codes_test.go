package internal_test

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/diag"
)

// codesIn returns the codes that a package's files give to findings: literals of
// Code in a Diagnostic, what is handed on as a parameter named code, and constants
// whose name begins with code.
func codesIn(files []*ast.File) []string {
	takes := takers(files)
	var codes []string
	add := func(e ast.Expr) {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, _ := strconv.Unquote(lit.Value); text != "" && text[0] >= 'a' { // report's codes are a terminal's colours
				codes = append(codes, text)
			}
		}
	}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if i, ok := takes[called(n)]; ok && i < len(n.Args) {
					add(n.Args[i])
				}
			case *ast.CompositeLit:
				codesOf(n, add)
			case *ast.AssignStmt:
				for i, e := range n.Lhs {
					if s, ok := e.(*ast.SelectorExpr); ok && s.Sel.Name == "code" && i < len(n.Rhs) {
						add(n.Rhs[i])
					}
				}
			case *ast.ValueSpec:
				for i, name := range n.Names {
					if strings.HasPrefix(name.Name, "code") && i < len(n.Values) {
						add(n.Values[i])
					}
				}
			}
			return true
		})
	}
	return codes
}

// takers are the functions with a parameter named code, and which it is.
func takers(files []*ast.File) map[string]int {
	takes := map[string]int{}
	note := func(name string, f *ast.FuncType) {
		if i := parameter(f, "code"); i >= 0 {
			takes[name] = i
		}
	}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				note(n.Name.Name, n.Type)
			case *ast.AssignStmt: // say := func(…)
				for i, e := range n.Rhs {
					lit, isFunc := e.(*ast.FuncLit)
					name, isName := n.Lhs[min(i, len(n.Lhs)-1)].(*ast.Ident)
					if isFunc && isName {
						note(name.Name, lit.Type)
					}
				}
			}
			return true
		})
	}
	return takes
}

func codesOf(lit *ast.CompositeLit, add func(ast.Expr)) {
	isFinding := lit.Type == nil // an item of a diag.List
	if s, ok := lit.Type.(*ast.SelectorExpr); ok {
		isFinding = s.Sel.Name == "Diagnostic"
	}
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok && isFinding {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "Code" {
				add(kv.Value)
			}
		}
		if kv, ok := e.(*ast.KeyValueExpr); ok && lit.Type == nil {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "code" { // an item of a table
				add(kv.Value)
			}
		}
	}
}

func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// parameter returns the place of a function's parameter, -1 if it has none of the name.
func parameter(f *ast.FuncType, name string) int {
	i := 0
	for _, field := range f.Params.List {
		for _, n := range field.Names {
			if n.Name == name {
				return i
			}
			i++
		}
	}
	return -1
}

// TestEveryCodeIsExplained holds the table of codes against those that findings have.
func TestEveryCodeIsExplained(t *testing.T) {
	used := map[string]string{}
	for pkg, files := range parseModule(t) {
		for _, code := range codesIn(files) {
			used[code] = pkg
		}
	}
	if len(used) < 30 {
		t.Fatalf("only %d codes are seen in the code", len(used))
	}
	known := diag.Codes()
	for code, pkg := range used {
		if !slices.ContainsFunc(known, func(c diag.Code) bool { return c.Name == code }) {
			t.Errorf("%s has findings of %q, which internal/diag/codes.go does not explain", pkg, code)
		}
	}
	for _, c := range known {
		if _, ok := used[c.Name]; !ok && !c.Family {
			t.Errorf("internal/diag/codes.go explains %q, which no finding has", c.Name)
		}
	}
}
