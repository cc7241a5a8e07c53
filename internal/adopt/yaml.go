package adopt

import (
	"fmt"
	"strconv"
	"strings"
)

// node is a value of the site file that is being made: a text, a list, or a mapping
// whose keys keep their order.
type node struct {
	text  string
	quote bool // a text that would be read as something else
	block bool // a text of several lines
	list  []*node
	keys  []string
	under map[string]*node
}

func mapping() *node { return &node{under: map[string]*node{}} }

// of makes a value of a text, number, truth, list of texts or node.
func of(v any) *node {
	switch v := v.(type) {
	case *node:
		return v
	case string:
		return &node{text: v, quote: !plain(v)}
	case word:
		return &node{text: string(v)}
	case []string:
		l := &node{list: []*node{}}
		for _, s := range v {
			l.list = append(l.list, of(s))
		}
		return l
	case []*node:
		return &node{list: v}
	default:
		return &node{text: fmt.Sprint(v)}
	}
}

// word is a text that is written as it is.
type word string

// set puts a value under a key; an empty text, list or mapping, 0 and false leave the
// mapping as it is.
func (n *node) set(key string, v any) {
	switch v := v.(type) {
	case string:
		if v == "" {
			return
		}
	case int:
		if v == 0 {
			return
		}
	case bool:
		if !v {
			return
		}
	case []string:
		if len(v) == 0 {
			return
		}
	case []*node:
		if len(v) == 0 {
			return
		}
	case *node:
		if v == nil || v.empty() {
			return
		}
	}
	n.put(key, of(v))
}

func (n *node) put(key string, v *node) {
	if _, known := n.under[key]; !known {
		n.keys = append(n.keys, key)
	}
	n.under[key] = v
}

func (n *node) empty() bool { return n.text == "" && !n.quote && len(n.list) == 0 && len(n.keys) == 0 }

// at returns the mapping under a key, made if need be: of two lines that say a text
// and a mapping there, the last one counts.
func (n *node) at(key string) *node {
	if v := n.under[key]; v == nil || v.under == nil {
		n.put(key, mapping())
	}
	return n.under[key]
}

func (n *node) get(key string) string {
	if v := n.under[key]; v != nil {
		return v.text
	}
	return ""
}

// add appends to the list under a key.
func (n *node) add(key string, v *node) {
	if n.under[key] == nil {
		n.put(key, &node{})
	}
	n.under[key].list = append(n.under[key].list, v)
}

// raw appends a line to those that are kept as they are.
func (n *node) raw(line string) {
	if n.under["raw"] == nil {
		n.put("raw", &node{block: true})
	}
	n.under["raw"].text += line + "\n"
}

// take moves the entries of another mapping here.
func (n *node) take(o *node) {
	for _, k := range o.keys {
		if v := o.under[k]; !v.empty() {
			n.put(k, v)
		}
	}
}

// drop takes a key out.
func (n *node) drop(key string) {
	delete(n.under, key)
	for i, k := range n.keys {
		if k == key {
			n.keys = append(n.keys[:i:i], n.keys[i+1:]...)
			return
		}
	}
}

// plain says whether a text needs no quotes in YAML, wherever it stands, and is no
// number and no truth.
func plain(s string) bool {
	if !plainText(s) {
		return false
	}
	if len(s) < 6 {
		switch strings.ToLower(s) {
		case "true", "false", "yes", "no", "on", "off", "null":
			return false
		}
	}
	if c := s[0]; c != '.' && (c < '0' || c > '9') && !strings.ContainsAny(s[:1], "iInN") { // the first of Inf and NaN
		return true
	}
	_, err := strconv.ParseFloat(s, 64)
	return err != nil
}

// plainText says whether YAML reads a text as it is, in a flow, too: parts between colons,
// of letters, digits and a few signs.
func plainText(s string) bool {
	first, colons := true, 0
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '/' || c == '.'
		switch {
		case letter:
			first = false
		case c == '-' && (colons > 0 || !first):
			first = false
		case (c == '+' || c == '@' || c == '=') && colons == 0 && !first:
		case c == ':' && !first:
			first, colons = true, colons+1
		default:
			return false
		}
	}
	return s != "" && !first
}

const width = 120

// flow is the value in one line; "" where it has a text of several lines.
func (n *node) flow() string {
	switch {
	case n.block:
		return ""
	case n.under != nil:
		var parts []string
		for _, k := range n.keys {
			v := n.under[k]
			if v.under != nil && v.empty() {
				continue
			}
			text := v.flow()
			if text == "" {
				return ""
			}
			parts = append(parts, key(k)+": "+text)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case n.list != nil:
		var parts []string
		for _, v := range n.list {
			text := v.flow()
			if text == "" {
				return ""
			}
			parts = append(parts, text)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case n.quote:
		if strings.ContainsAny(n.text, "\n\t\r") || strings.Contains(n.text, "\x00") {
			return strconv.Quote(n.text)
		}
		return "'" + strings.ReplaceAll(n.text, "'", "''") + "'"
	default:
		return n.text
	}
}

func key(k string) string {
	if plain(k) {
		return k
	}
	return "'" + k + "'"
}

// document is the whole site file: a blank line between its parts.
func (n *node) document() []byte {
	var b strings.Builder
	for i, k := range n.keys {
		v := n.under[k]
		if v.under != nil && v.empty() {
			continue
		}
		if i > 2 { // version, site and platform stand together
			b.WriteString("\n")
		}
		writeEntry(&b, 0, k, v, i > 2)
	}
	return []byte(b.String())
}

// writeEntry writes one entry of a mapping. A list of mappings is opened at the top,
// so that each of its items has a line.
func writeEntry(b *strings.Builder, depth int, k string, v *node, open bool) {
	pad := strings.Repeat("  ", depth)
	flow := v.flow()
	lists := open && len(v.list) > 0 && v.list[0].under != nil
	if flow != "" && !lists && len(pad)+len(k)+len(flow) < width {
		fmt.Fprintf(b, "%s%s: %s\n", pad, key(k), flow)
		return
	}
	switch {
	case v.block:
		fmt.Fprintf(b, "%s%s: |\n", pad, key(k))
		for line := range strings.Lines(v.text) {
			b.WriteString(pad + "  " + strings.TrimRight(line, "\n") + "\n")
		}
	case v.under != nil:
		fmt.Fprintf(b, "%s%s:\n", pad, key(k))
		v.entries(b, depth+1, open)
	case v.list != nil:
		fmt.Fprintf(b, "%s%s:\n", pad, key(k))
		for _, item := range v.list {
			writeItem(b, depth+1, item)
		}
	default:
		fmt.Fprintf(b, "%s%s: %s\n", pad, key(k), flow)
	}
}

func (n *node) entries(b *strings.Builder, depth int, open bool) {
	for _, k := range n.keys {
		if v := n.under[k]; v.under == nil || !v.empty() {
			writeEntry(b, depth, k, v, open && (k == "servers" || k == "routes"))
		}
	}
}

func writeItem(b *strings.Builder, depth int, v *node) {
	pad := strings.Repeat("  ", depth)
	if flow := v.flow(); flow != "" && (len(pad)+len(flow)+2 < width || v.under == nil) && (v.under["servers"] == nil ||
		len(v.under["servers"].list) < 2) {
		fmt.Fprintf(b, "%s- %s\n", pad, flow)
		return
	}
	var inner strings.Builder
	v.entries(&inner, depth+1, true)
	text := inner.String()
	b.WriteString(pad + "- " + strings.TrimPrefix(text, pad+"  "))
}

func (n *node) orEmpty() *node {
	if n == nil {
		return mapping()
	}
	return n
}
