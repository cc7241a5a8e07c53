// Package comment reads what the comments in the model's source say of its
// fields: the programs for go generate put it into the schema and the docs.
package comment

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
)

// Set holds comments on one line each: of a struct by its name, of a field by
// "Struct.Field".
type Set map[string]string

// Read returns the comments on the structs in the Go files of a folder.
func Read(dir string) (Set, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	set := Set{}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, decl := range file.Decls {
			set.add(decl)
		}
	}
	return set, nil
}

func (s Set) add(decl ast.Decl) {
	group, ok := decl.(*ast.GenDecl)
	if !ok {
		return
	}
	for _, spec := range group.Specs {
		if t, ok := spec.(*ast.TypeSpec); ok {
			s[t.Name.Name] = oneLine(cmp.Or(t.Doc, group.Doc))
			s.addFields(t)
		}
	}
}

func (s Set) addFields(t *ast.TypeSpec) {
	structure, ok := t.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, f := range structure.Fields.List {
		for _, name := range f.Names {
			s[t.Name.Name+"."+name.Name] = oneLine(f.Doc)
		}
	}
}

func oneLine(doc *ast.CommentGroup) string {
	return strings.Join(strings.Fields(doc.Text()), " ")
}

// Default splits a field's comment into what it says of the default ("" if it
// says nothing) and the rest.
func Default(comment string) (says, rest string) {
	var others []string
	for _, s := range sentences(comment) {
		if says == "" && strings.HasPrefix(s, "Default") {
			says = strings.TrimSuffix(strings.TrimLeft(strings.TrimPrefix(s, "Default"), ": "), ".")
		} else {
			others = append(others, s)
		}
	}
	return says, strings.Join(others, " ")
}

func sentences(text string) []string {
	var all []string
	for text != "" {
		first, rest, more := strings.Cut(text, ". ")
		if more {
			first += "."
		}
		all, text = append(all, first), rest
	}
	return all
}

// plain is a default that is a value and no rule: what may follow explains it.
var plain = regexp.MustCompile(`^"?([^\s,;:"]+)"?([;:].*|, so that .*)?$`)

// Value returns the default of a comment where it is one value, "" otherwise.
func Value(comment string) string {
	if !strings.Contains(comment, "Default ") { // "Default: the platform's" is a rule
		return ""
	}
	says, _ := Default(comment)
	m := plain.FindStringSubmatch(says)
	if m == nil {
		return ""
	}
	return m[1]
}
