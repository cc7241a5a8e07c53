package source

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/lbgen/lbgen/internal/diag"
)

// Kind says what a node is.
type Kind int

// The kinds of node. Absent is the zero Kind: there is no node.
const (
	Absent Kind = iota
	Null        // written, and empty: "key:"
	String
	Int
	Float
	Bool
	Map
	List
)

// String returns the kind in the words that a user would use.
func (k Kind) String() string {
	return [...]string{"nothing", "nothing", "a text", "a whole number", "a number", "true or false", "a mapping (key: value)", "a list"}[k]
}

// Node is one value of the tree. It is small: pass it by value.
type Node struct {
	file   *File
	y      *yaml.Node
	joined *joined // its entries, where two files have some; y is the mapping of one
}

// Entry is one key of a mapping with its value.
type Entry struct {
	Key     string
	KeyNode Node
	Value   Node
}

// Kind returns what the node is; an alias is what it stands for.
func (n Node) Kind() Kind {
	if n.y == nil {
		return Absent
	}
	y := follow(n.y)
	switch y.Kind {
	case yaml.MappingNode:
		return Map
	case yaml.SequenceNode:
		return List
	}
	switch y.ShortTag() {
	case "!!null":
		return Null
	case "!!int":
		return Int
	case "!!float":
		return Float
	case "!!bool":
		return Bool
	default:
		return String
	}
}

// Text returns a scalar as it was written, without its quotes.
func (n Node) Text() string { return follow(n.y).Value }

// Quote returns a scalar as a message may repeat it: quoted, not too long, and
// nothing of it where it may be a password.
func (n Node) Quote() string {
	if n.Hidden() || (Node{file: n.file, y: follow(n.y)}).Hidden() {
		return "(not shown)"
	}
	return fmt.Sprintf("%q", Shorten(n.Text()))
}

// Hidden says whether the node may be a password, or stands in one.
func (n Node) Hidden() bool { return n.file.Hides(n.Range()) }

// FileName returns the name of the file that the node stands in.
func (n Node) FileName() string { return n.file.Name }

// Shorten keeps a message readable whatever stands in the file.
func Shorten(text string) string {
	const most = 60
	n := 0
	for i := range text {
		if n++; n > most {
			return text[:i] + "…"
		}
	}
	return text
}

// Quoted says whether a scalar was written in quotes or as a block.
func (n Node) Quoted() bool {
	return follow(n.y).Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
}

// Len returns how many entries a mapping or items a list has.
func (n Node) Len() int {
	if n.joined != nil {
		return len(n.joined.entries)
	}
	y := follow(n.y)
	if y.Kind == yaml.MappingNode {
		return len(y.Content) / 2
	}
	return len(y.Content)
}

// Item returns the item i of a list.
func (n Node) Item(i int) Node { return Node{file: n.file, y: follow(n.y).Content[i]} }

// Entry returns the entry i of a mapping, in the order of the text; what was
// joined comes last.
func (n Node) Entry(i int) Entry {
	if n.joined != nil {
		return n.joined.entries[i]
	}
	y := follow(n.y)
	k := y.Content[2*i]
	return Entry{Key: k.Value, KeyNode: Node{file: n.file, y: k}, Value: Node{file: n.file, y: y.Content[2*i+1]}}
}

// Get returns the value of a key, or an Absent node.
func (n Node) Get(key string) Node {
	if n.Kind() != Map {
		return Node{}
	}
	for i := range n.Len() {
		if e := n.Entry(i); e.Key == key {
			return e.Value
		}
	}
	return Node{}
}

// Range returns where the node stands. A mapping or list in block style is
// represented by its first line, which is what a reader looks for.
func (n Node) Range() diag.Range {
	if n.y == nil {
		return diag.Range{}
	}
	start := diag.Pos{Line: n.y.Line, Column: n.y.Column}
	end := start
	end.Column += n.width()
	return diag.Range{File: n.file.Name, Start: start, End: end}
}

// widest is how many bytes of a node are looked at for its width: no report
// shows more of a line.
const widest = 400

// width counts the characters of the node on its first line.
func (n Node) width() int {
	rest := n.file.tail(n.file.Line(n.y.Line), n.y.Column)
	rest = rest[:min(len(rest), widest)]
	switch {
	case n.y.Kind == yaml.ScalarNode || n.y.Kind == yaml.AliasNode:
		rest = scalarToken(rest, n.y)
	case n.y.Style&yaml.FlowStyle != 0:
		rest = flowToken(rest)
	default:
		rest = withoutComment(rest)
	}
	return max(1, utf8.RuneCountInString(rest))
}

func withoutComment(rest string) string {
	if i := strings.Index(rest, " #"); i >= 0 {
		rest = rest[:i]
	}
	return strings.TrimRight(rest, " \t")
}

// scalarToken returns the part of rest that is the scalar as written.
func scalarToken(rest string, y *yaml.Node) string {
	switch {
	case y.Kind == yaml.AliasNode:
		return "*" + y.Value
	case strings.HasPrefix(rest, y.Value) && y.Value != "":
		return y.Value
	case strings.HasPrefix(rest, `"`), strings.HasPrefix(rest, "'"):
		return quotedToken(rest)
	}
	return strings.TrimRight(withoutComment(rest), " ,]}")
}

// quotedToken returns the quoted text at the start of rest, or all of rest
// where the quote ends on a later line.
func quotedToken(rest string) string {
	quote := rest[0]
	for i := 1; i < len(rest); i++ {
		switch {
		case quote == '"' && rest[i] == '\\':
			i++
		case rest[i] == quote && quote == '\'' && i+1 < len(rest) && rest[i+1] == '\'':
			i++
		case rest[i] == quote:
			return rest[:i+1]
		}
	}
	return rest
}

// flowToken returns the {…} or […] at the start of rest, or all of rest where
// it ends on a later line.
func flowToken(rest string) string {
	depth := 0
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case '"', '\'':
			i += len(quotedToken(rest[i:])) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return rest[:i+1]
			}
		}
	}
	return strings.TrimRight(rest, " ")
}

func follow(y *yaml.Node) *yaml.Node {
	for y.Kind == yaml.AliasNode {
		y = y.Alias
	}
	return y
}
