package keepalived

import (
	"fmt"
	"strings"
)

// Format returns the text of what was read, in lines of its own: read again it is the
// same. It returns an error for a word that no line of Keepalived's can hold, such as
// one with a double quote in it where nothing has an escape.
func Format(lines []*Node) ([]byte, error) {
	var b strings.Builder
	if err := format(&b, lines, "", 0); err != nil {
		return nil, err
	}
	return []byte(b.String()), nil
}

func format(b *strings.Builder, lines []*Node, in string, depth int) error {
	indent := strings.Repeat("    ", depth)
	for _, n := range lines {
		fact, _ := Find(in, n.Keyword())
		line, err := n.line(fact.Runs)
		if err != nil {
			return err
		}
		b.WriteString(indent + line)
		if !n.Block {
			b.WriteString("\n")
			continue
		}
		b.WriteString(" {\n")
		inner := n.Keyword()
		if fact.Shape != Block || n.Skipped {
			inner = ""
		}
		if err := format(b, n.Lines, inner, depth+1); err != nil {
			return err
		}
		b.WriteString(indent + "}\n")
	}
	return nil
}

// line writes the words of a line, and reads them again to be sure.
func (n *Node) line(runs bool) (string, error) {
	var words []string
	for i, w := range n.Words {
		word := quotePlain(w.Text, i == 0)
		if runs && i > 0 {
			word = quoteEscaped(w.Text)
		}
		words = append(words, word)
	}
	line := strings.Join(words, " ")
	r := newReader([]Source{{Data: []byte(line + "\n")}}, Options{})
	t, _ := r.line()
	if r.residue == nil && len(r.found) == 0 && len(r.files) > 0 && len(t.s) > 0 {
		pieces, ok := split(t)
		if runs {
			pieces, ok = splitEscaped(t)
		}
		if ok && n.same(pieces) {
			return line, nil
		}
	}
	return "", fmt.Errorf("%s: no line of Keepalived's holds the words %q", n.Range, append([]string{n.Keyword()}, n.Values()...))
}

func (n *Node) same(pieces []piece) bool {
	if len(pieces) != len(n.Words) {
		return false
	}
	for i, p := range pieces {
		if p.text != n.Words[i].Text {
			return false
		}
	}
	return true
}

// plainCharacters mean nothing to Keepalived anywhere.
const plainCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,@%+="

// quotePlain puts a word between double quotes where it needs them.
func quotePlain(word string, first bool) string {
	if word == "" || strings.ContainsAny(word, whiteSpace+"{}#!") || first &&
		(strings.ContainsAny(word[:1], "@$~") || strings.HasPrefix(word, "include")) {
		return `"` + word + `"`
	}
	return word
}

// quoteEscaped writes a word of a line that is run: what means something there, or to
// what reads the line before, has an escape.
func quoteEscaped(word string) string {
	if word != "" && strings.Trim(word, plainCharacters) == "" {
		return word
	}
	var b strings.Builder
	b.WriteString(`"`)
	for i := range len(word) {
		switch c := word[i]; {
		case c == '\\':
			b.WriteString(`\\`)
		case c < ' ' || c == '"' || c == '$':
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteString(`"`)
	return b.String()
}
