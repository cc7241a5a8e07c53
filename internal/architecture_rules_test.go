// Package internal_test keeps docs/architecture.md true: who may import whom,
// and what only the command line may read.
package internal_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// parseModule returns the Go files of each package but its tests, by the
// package's folder.
func parseModule(t *testing.T) map[string][]*ast.File {
	t.Helper()
	packages := map[string][]*ast.File{}
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "bin" || strings.HasPrefix(d.Name(), ".") && name != "."):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		pkg := filepath.Dir(name)
		packages[pkg] = append(packages[pkg], parse(t, name, string(text)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return packages
}

func parse(t *testing.T, name, text string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// imports returns what each package imports, sorted.
func imports(packages map[string][]*ast.File) map[string][]string {
	graph := map[string][]string{}
	for pkg, files := range packages {
		graph[pkg] = nil
		for _, f := range files {
			for _, spec := range f.Imports {
				path, _ := strconv.Unquote(spec.Path.Value)
				graph[pkg] = append(graph[pkg], path)
			}
		}
		slices.Sort(graph[pkg])
		graph[pkg] = slices.Compact(graph[pkg])
	}
	return graph
}

// wrongImports returns what is wrong with the graph, in words.
func wrongImports(graph map[string][]string) []string {
	var faults []string
	for _, pkg := range slices.Sorted(maps.Keys(graph)) {
		row, known := mayImport()[pkg]
		if !known {
			faults = append(faults, fmt.Sprintf("package %s has no place yet: give it a row in mayImport and in docs/architecture.md", pkg))
			continue
		}
		for _, path := range graph[pkg] {
			if fault := wrongImport(pkg, path, strings.Fields(row)); fault != "" {
				faults = append(faults, fault)
			}
		}
	}
	return faults
}

// unusedRows returns what stands in mayImport and is true no longer, in words.
func unusedRows(graph map[string][]string) []string {
	var faults []string
	rows := mayImport()
	for _, pkg := range slices.Sorted(maps.Keys(rows)) {
		if _, there := graph[pkg]; !there {
			faults = append(faults, fmt.Sprintf("there is no package %s: take its row out of mayImport", pkg))
			continue
		}
		for _, own := range strings.Fields(rows[pkg]) {
			if !slices.ContainsFunc(graph[pkg], func(path string) bool { return placed(path) == own }) {
				faults = append(faults, fmt.Sprintf("%s does not import %s: take it out of its row in mayImport", pkg, own))
			}
		}
	}
	return faults
}

// placed is how a row of mayImport names a package of this module, "" for others.
func placed(path string) string {
	own, ok := strings.CutPrefix(path, module+"/")
	if !ok {
		return ""
	}
	return strings.TrimPrefix(own, "internal/")
}

func wrongImport(pkg, path string, row []string) string {
	if own := placed(path); own != "" {
		if !slices.Contains(row, own) {
			return fmt.Sprintf("%s imports %s: that is against the direction", pkg, strings.TrimPrefix(path, module+"/"))
		}
		return ""
	}
	for library, places := range onlyIn() {
		if path != library && !strings.HasPrefix(path, library+"/") {
			continue
		}
		if !slices.Contains(strings.Fields(places), pkg) {
			return fmt.Sprintf("%s imports %s, which belongs in %s only", pkg, path, places)
		}
		return ""
	}
	if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
		return fmt.Sprintf("%s imports %s, a library without a row in onlyIn", pkg, path)
	}
	return ""
}

// wrongReads finds uses of reads by the standard library's own package names.
func wrongReads(pkg string, files []*ast.File) []string {
	var faults []string
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if use := name(sel); slices.Contains(reads(), use) && mayRead()[pkg+" "+use] == "" {
				faults = append(faults, fmt.Sprintf("%s uses %s: let internal/cli read it and hand it on", pkg, use))
			}
			return true
		})
	}
	return faults
}

// madeKeywords finds conversions to the type of keywords of anything but a
// constant that is written out there.
func madeKeywords(pkg string, files []*ast.File) []string {
	var faults []string
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 || !strings.HasSuffix(name(ast.Unparen(call.Fun)), ".Keyword") {
				return true
			}
			if _, written := call.Args[0].(*ast.BasicLit); !written {
				faults = append(faults, fmt.Sprintf("%s converts a value to %s: only a text that is written out there can be a keyword", pkg,
					name(ast.Unparen(call.Fun))))
			}
			return true
		})
	}
	return faults
}

// hiddenState finds init functions and package-level variables that something
// could change while lbgen runs.
func hiddenState(pkg string, files []*ast.File) []string {
	var faults []string
	for _, f := range files {
		for _, decl := range f.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == "init" {
					faults = append(faults, pkg+" has an init function: nobody sees when it runs")
				}
			case *ast.GenDecl:
				faults = append(faults, variables(pkg, d)...)
			}
		}
	}
	return faults
}

func variables(pkg string, d *ast.GenDecl) []string {
	var faults []string
	for _, spec := range d.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if !ok || d.Tok != token.VAR || embedded(d.Doc) || embedded(v.Doc) {
			continue
		}
		for i, id := range v.Names {
			if id.Name != "_" && (i >= len(v.Values) || !constant(v.Values[i])) && mayHold()[pkg+" "+id.Name] == "" {
				faults = append(faults, fmt.Sprintf(
					"%s has the variable %s at package level: make it a constant, a field, or what a function returns", pkg, id.Name))
			}
		}
	}
	return faults
}

// embedded says whether go:embed fills the variable.
func embedded(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") })
}

// constant says whether the value is one that the language has no constants
// for and that nobody changes: an error, a regular expression, or what is made
// once, when it is first asked for. (lazy is internal/check's word for the two.)
func constant(value ast.Expr) bool {
	call, ok := value.(*ast.CallExpr)
	if !ok {
		return false
	}
	return slices.Contains([]string{"errors.New", "regexp.MustCompile", "sync.OnceValue", "lazy"}, name(call.Fun))
}

// name returns an identifier as it is written, with its package if it has one.
func name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return name(e.X) + "." + e.Sel.Name
	default:
		return ""
	}
}

// The tests above are silent on a good tree; these show that they speak.
