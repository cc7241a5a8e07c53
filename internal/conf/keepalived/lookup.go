package keepalived

// Block returns the block with this keyword and name, nil if there is none. The last
// of those without a name counts.
func (c *Config) Block(keyword, name string) *Node {
	var found *Node
	for _, n := range c.Lines {
		if n.Keyword() == keyword && n.Value() == name && !n.Skipped {
			found = n
		}
	}
	return found
}

// Line returns the last line of the block that begins with the keyword; nil if there
// is none, or no block.
func (n *Node) Line(keyword string) *Node {
	if n == nil {
		return nil
	}
	for i := len(n.Lines) - 1; i >= 0; i-- {
		if n.Lines[i].Keyword() == keyword {
			return n.Lines[i]
		}
	}
	return nil
}

// Of returns the first value of the block's last line with the keyword; "" if there is
// none.
func (n *Node) Of(keyword string) string {
	if line := n.Line(keyword); line != nil {
		return line.Value()
	}
	return ""
}

// Listed returns the lines of all lists with the keyword in the block.
func (n *Node) Listed(keyword string) []*Node {
	if n == nil {
		return nil
	}
	var all []*Node
	for _, line := range n.Lines {
		if line.Keyword() == keyword && !line.Skipped {
			all = append(all, line.Lines...)
		}
	}
	return all
}

// Programs returns the programs that the configuration has Keepalived run, each once,
// in the order of their first line.
func Programs(c *Config) []string {
	var all []string
	seen := map[string]bool{}
	c.Walk(func(n *Node, in []*Node) {
		if f, _ := Find(keywordOf(in), n.Keyword()); !f.Runs {
			return
		}
		if run := Command(n.Value()); len(run) > 0 && !seen[run[0]] {
			seen[run[0]] = true
			all = append(all, run[0])
		}
	})
	return all
}
