package keepalived

import (
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

// Node is a line as the daemon takes it, and what stands between the braces behind
// it.
type Node struct {
	Words []Token // at least one
	Range diag.Range
	Known bool // the keyword may stand here; of values and of what is in LVS's blocks: true
	Block bool // it has braces
	// Skipped is true of a block that Keepalived passes over: one without a name, or
	// with one that has been there.
	Skipped bool
	Lines   []*Node
}

// Keyword returns the first word.
func (n *Node) Keyword() string { return n.Words[0].Text }

// Values returns the texts of the words behind the first.
func (n *Node) Values() []string {
	var all []string
	for _, w := range n.Words[1:] {
		all = append(all, w.Text)
	}
	return all
}

// Value returns the text of the word behind the keyword; "" where there is none.
func (n *Node) Value() string {
	if len(n.Words) < 2 {
		return ""
	}
	return n.Words[1].Text
}

// Config is all that has been read.
type Config struct {
	Lines    []*Node
	Comments []Token // with their signs, in the order in which they were read
	Found    diag.List
}

// Read reads files one after the other, as Keepalived does with those that its -f
// names, and those that they include. It never fails: what Keepalived would not
// understand is a finding, and what it would make of it is what is returned.
func Read(files []Source, opts Options) *Config {
	r := newReader(files, opts)
	c := &Config{}
	c.Lines = r.block(nil)
	c.Comments, c.Found = r.comments, r.found
	return c
}

// Walk calls f for each line, those of blocks behind the line that opens them, with
// the lines that it stands in, the outermost first. It leaves out what stands in
// blocks that Keepalived passes over.
func (c *Config) Walk(f func(n *Node, in []*Node)) { walk(c.Lines, nil, f) }

func walk(lines, in []*Node, f func(*Node, []*Node)) {
	for _, n := range lines {
		f(n, in)
		if n.Skipped {
			continue
		}
		walk(n.Lines, append(in[:len(in):len(in)], n), f)
	}
}

// node is the line of a text; nil where it has no words. A line that is run is taken
// apart by other rules than all others.
func (r *reader) node(t text, in string) *Node {
	pieces, closed := split(t)
	if !closed {
		r.warn(t.at, "a double quote is not closed", "Keepalived leaves out what stands behind it")
	}
	if len(pieces) == 0 {
		return nil
	}
	fact, known := Find(in, pieces[0].text)
	if fact.Runs {
		if again, ok := splitEscaped(t); ok && len(again) > 0 {
			pieces = again
		} else {
			r.warn(t.at, "Keepalived cannot take this line apart", "a quote is not closed, or a backslash stands at its end")
			pieces = pieces[:1]
		}
	}
	n := &Node{Known: known, Range: r.all.span(t.at)}
	for _, p := range pieces {
		n.Words = append(n.Words, Token{p.text, r.all.span(p.at)})
	}
	return n
}

// block reads the lines of a block, with the brace that opens it and up to the one that
// closes it; nil is the whole file.
func (r *reader) block(of *Node) []*Node {
	var lines []*Node
	in, wanted := "", of != nil
	if of != nil {
		in = of.Keyword()
	}
	for {
		t, ok := r.line()
		if !ok {
			r.unclosed(of)
			return lines
		}
		n := r.node(t, in)
		if n == nil {
			continue
		}
		first := n.Keyword()
		switch {
		case wanted && first == "{" && in != "":
			wanted = false
			continue
		case wanted:
			wanted = false
			r.find(diag.Error, "keepalived-braces", t.at, "the brace that opens "+in+" is missing", "write { behind "+in)
		case first == "{":
			r.find(diag.Error, "keepalived-braces", t.at, "this brace opens nothing",
				"Keepalived passes over it, and the next } closes the block around it")
			continue
		}
		if first == "}" && in != "" {
			return lines
		}
		r.skipped(n, lines, in, t)
		lines = append(lines, n)
		r.fill(n, in, t)
		if n.endsOuter(in) {
			r.find(diag.Error, "keepalived-braces", t.at, "the } of this second "+first+" closes "+in+" as well",
				"Keepalived reads what follows as if it stood behind the whole block")
			return lines
		}
	}
}

// endsOuter says whether Keepalived takes the block around this one to be over with
// it: so with a second list where one may stand.
func (n *Node) endsOuter(in string) bool {
	fact, _ := Find(in, n.Keyword())
	return n.Skipped && n.Block && fact.Shape == List && in != ""
}

// skipped marks a block that Keepalived passes over.
func (r *reader) skipped(n *Node, before []*Node, in string, t text) {
	fact, _ := Find(in, n.Keyword())
	same := func(m *Node) bool {
		return m.Keyword() == n.Keyword() && (fact.First || m.Value() == n.Value()) && !m.Skipped
	}
	switch {
	case fact.Named && len(n.Words) != 2:
		r.find(diag.Error, "keepalived-syntax", t.at, n.Keyword()+" needs one name", "Keepalived passes over this block")
	case (fact.Named || fact.First) && slices.ContainsFunc(before, same):
		r.find(diag.Error, "keepalived-syntax", t.at, n.Keyword()+" is there twice", "Keepalived passes over the second one")
	default:
		return
	}
	n.Skipped = true
}

// opensOuter says whether a line opens a block that stands in no other.
func opensOuter(n *Node) bool {
	fact, known := Find("", n.Keyword())
	return known && fact.Shape == Block
}

// unclosed says that a block has no end, where it begins.
func (r *reader) unclosed(of *Node) {
	if of != nil {
		r.findIn(of, diag.Error, "keepalived-braces", "the brace that closes this "+of.Keyword()+" is missing",
			"write } behind the last line of "+of.Keyword())
	}
}

// fill reads what belongs to a line.
func (r *reader) fill(n *Node, in string, t text) {
	fact, known := Find(in, n.Keyword())
	switch {
	case n.Skipped && (r.other(n) || fact.Shape == List):
	case !known && n.Keyword() == "}":
		r.find(diag.Error, "keepalived-braces", t.at, "this brace closes nothing", "take it out")
	case !known && strings.HasPrefix(n.Keyword(), "\ufeff"):
		r.find(diag.Error, "keepalived-syntax", t.at, "the file begins with a byte order mark (U+FEFF): Keepalived "+
			"takes it for a word and passes over this line", "save it as UTF-8 without one")
	case !known && in != "" && opensOuter(n):
		r.find(diag.Error, "keepalived-braces", t.at, n.Keyword()+" stands in "+in+": the brace that closes that is missing above",
			"write } above this line; all that follows is misread")
	case !known:
		r.find(diag.Warning, "keepalived-unknown", t.at, "Keepalived does not know "+n.Keyword()+" here", "it passes over this line")
	case fact.Shape == Block:
		n.Block = true
		r.parent = n.Keyword() == "global_defs"
		n.Lines = r.block(n)
		r.parent = in == "global_defs"
	case fact.Shape == List:
		n.Block = true
		n.Lines = r.values(n)
	case fact.Shape == Other:
		r.other(n)
	}
}

// values reads the lines of a list, as alloc_value_block does.
func (r *reader) values(of *Node) []*Node {
	var lines []*Node
	wanted := true
	if len(of.Words) > 1 {
		r.findIn(of, diag.Warning, "keepalived-syntax", "nothing may stand behind "+of.Keyword()+" but a brace",
			"write its values between braces")
	}
	for {
		t, ok := r.line()
		if !ok {
			r.unclosed(of)
			return lines
		}
		n := r.node(t, "")
		if n == nil {
			continue
		}
		n.Known = true
		if wanted {
			wanted = false
			if n.Keyword() == "{" {
				if n.Words = n.Words[1:]; len(n.Words) == 0 {
					continue
				}
			} else {
				r.find(diag.Error, "keepalived-braces", t.at, "the brace that opens "+of.Keyword()+" is missing", "write { behind "+of.Keyword())
			}
		}
		last := len(n.Words) - 1
		over := n.Words[last].Text == "}"
		if over {
			n.Words = n.Words[:last]
		}
		if len(n.Words) > 0 {
			lines = append(lines, n)
		}
		if over {
			return lines
		}
	}
}

// other reads a block by its braces alone, as Keepalived does with those of its other
// processes and those that it passes over, and says whether there is one.
func (r *reader) other(n *Node) bool {
	t, ok := r.line()
	if !ok {
		return false
	}
	if string(t.s) != "{" {
		r.back = &t
		return false
	}
	n.Block = true
	for open := []*Node{n}; len(open) > 0; {
		t, ok := r.line()
		if !ok {
			r.unclosed(n)
			return true
		}
		if one := r.node(t, ""); one != nil {
			one.Known = true
			open = nest(open, one)
		}
	}
	return true
}

// nest puts a line into the innermost of the open blocks, and returns those that are
// open behind it. A brace counts wherever it stands.
func nest(open []*Node, n *Node) []*Node {
	inner := open[len(open)-1]
	if first := n.Keyword(); first != "{" && first != "}" {
		inner.Lines = append(inner.Lines, n)
	}
	for _, w := range n.Words {
		switch last := len(inner.Lines) - 1; {
		case w.Text == "}":
			if open = open[:len(open)-1]; len(open) == 0 {
				return nil
			}
		case w.Text == "{" && last >= 0:
			inner.Lines[last].Block = true
			open = append(open, inner.Lines[last])
		case w.Text == "{":
			open = append(open, inner)
		}
		inner = open[len(open)-1]
	}
	return open
}
