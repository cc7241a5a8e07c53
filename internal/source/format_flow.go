package source

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// flowOnLine returns a {…} or […] that stands on one line, with what is before it.
func (p *formatter) flowOnLine(line, column int, v *yaml.Node) (before, token string, ok bool) {
	if v.Kind == yaml.ScalarNode || v.Kind == yaml.AliasNode || v.Anchor != "" || v.Line != line || !p.file.oneLine(v) {
		return "", "", false
	}
	text := p.file.Line(line)
	token = flowToken(p.file.tail(text, v.Column))
	from := len(text) - len(p.file.tail(text, column))
	to := len(text) - len(p.file.tail(text, v.Column))
	return text[from:to], token, to >= from && strings.HasSuffix(token, closing(v))
}

func closing(v *yaml.Node) string {
	if v.Kind == yaml.MappingNode {
		return "}"
	}
	return "]"
}

// flow returns a {…} or […] of one line with its keys in order. What is in order
// keeps its blanks: somebody has made columns with them.
func (p *formatter) flow(v *yaml.Node, order Order) string {
	text := p.file.Line(v.Line)
	start := len(text) - len(p.file.tail(text, v.Column))
	token := flowToken(text[start:])
	if v.Kind == yaml.ScalarNode || v.Kind == yaml.AliasNode || order == nil || len(v.Content) == 0 {
		return p.plain(v)
	}
	step := 1
	if v.Kind == yaml.MappingNode {
		step = 2
	}
	var parts []part
	at := func(y *yaml.Node) int { return len(text) - len(p.file.tail(text, y.Column)) }
	for i := 0; i < len(v.Content); i += step {
		end := start + len(token) - 1
		if i+step < len(v.Content) {
			end = at(v.Content[i+step])
		}
		from := at(v.Content[i])
		if from > end {
			p.odd = true
			return token
		}
		one, below := part{place: len(v.Content)}, order
		value := v.Content[i+step-1]
		if step == 2 {
			if place, known := order.Place(v.Content[i].Value); known {
				one.place = place
			}
			below = order.Below(v.Content[i].Value)
		}
		whole := text[from:end]
		if below != nil && len(value.Content) > 0 && value.Anchor == "" {
			in := flowToken(text[at(value):])
			whole = text[from:at(value)] + p.flow(value, below) + text[min(at(value)+len(in), end):end]
		}
		one.body = []string{whole}
		parts = append(parts, one)
	}
	return text[start:at(v.Content[0])] + inPlaces(parts) + closing(v)
}

// inPlaces joins the parts of a {…}, each with the comma behind it.
func inPlaces(parts []part) string {
	inOrder := slices.IsSortedFunc(parts, func(a, b part) int { return a.place - b.place })
	if !inOrder {
		slices.SortStableFunc(parts, func(a, b part) int { return a.place - b.place })
	}
	var b strings.Builder
	for i, one := range parts {
		switch {
		case inOrder:
			b.WriteString(one.body[0])
		case i > 0:
			b.WriteString(", ")
			fallthrough
		default:
			b.WriteString(strings.TrimRight(one.body[0], ", \t"))
		}
	}
	return b.String()
}

// plain returns a value of one line as it is written.
func (p *formatter) plain(v *yaml.Node) string {
	rest := p.file.tail(p.file.Line(v.Line), v.Column)
	if v.Kind == yaml.ScalarNode || v.Kind == yaml.AliasNode {
		return scalarToken(rest, v)
	}
	return flowToken(rest)
}
