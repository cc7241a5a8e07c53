package keepalived

import (
	"bytes"
	"math"
	"strconv"
	"strings"
)

// sequence is ~SEQ or ~LST: a text that is read once for each of its values.
type sequence struct {
	names  []string // that get the values
	values []text   // of ~LST, one for each name, one set after the other
	next   int64    // of ~SEQ
	last   int64
	step   int64
	base   int // in which a number is written: 10 or 16
	list   bool
	at     int // where it stands
	text   text
}

// take gives the names their next values, and says whether there are more.
func (s *sequence) take(r *reader) (more bool) {
	if s.list {
		for i, name := range s.names {
			r.set(name, s.values[i])
		}
		s.values = s.values[len(s.names):]
		return len(s.values) > 0
	}
	r.set(s.names[0], made(strconv.FormatInt(s.next, s.base), s.at))
	if s.step > 0 && s.next > math.MaxInt64-s.step || s.step < 0 && s.next < math.MinInt64-s.step {
		return false
	}
	s.next += s.step
	return s.step > 0 && s.next <= s.last || s.step < 0 && s.next >= s.last
}

// repeat reads a line that begins with ~SEQ or ~LST.
func (r *reader) repeat(t text) {
	s, ok := r.list(t)
	if t.s[1] == 'S' {
		s, ok = r.numbers(t)
	}
	if !ok {
		r.warn(t.at, "Keepalived does not understand "+string(t.s[:4])+" here",
			"write ~SEQ(NAME, first, last) or ~LST(NAME, value, value); behind a wrong ~LST, 2.2.7 may pass over right ones, too")
		return
	}
	r.sequences = append(r.sequences, s)
}

// scanner goes through what stands in the brackets.
type scanner struct {
	text
	i int
}

// skip goes over blanks, and then over the character if it stands there.
func (c *scanner) skip(b byte) bool {
	c.blanks()
	if c.i < len(c.s) && c.s[c.i] == b {
		c.i++
		return true
	}
	return false
}

func (c *scanner) blanks() {
	for c.i < len(c.s) && strings.IndexByte(blanks, c.s[c.i]) >= 0 {
		c.i++
	}
}

// until reads what stands before the next of the characters.
func (c *scanner) until(ends string) text {
	c.blanks()
	start := c.i
	for c.i < len(c.s) && strings.IndexByte(ends, c.s[c.i]) < 0 {
		c.i++
	}
	return c.slice(start, c.i)
}

// rest is what is left of the line, without the blanks before it.
func (c *scanner) rest() text { return c.from(c.i).trimLeft() }

// numbers reads ~SEQ(NAME, [start, [step,]] end), with x behind its name for
// hexadecimal ones.
func (r *reader) numbers(t text) (*sequence, bool) {
	c := &scanner{t, 4}
	s := &sequence{base: 10, at: t.at[0]}
	if c.i < len(c.s) && c.s[c.i] == 'x' {
		c.i++
		s.base = 16
	}
	if !c.skip('(') {
		return nil, false
	}
	name := c.until(" \t,)")
	if !c.skip(',') || name.empty() {
		return nil, false
	}
	s.names = []string{string(name.s)}
	end := bytes.IndexByte(c.s[c.i:], ')')
	if end < 0 || end > 62 { // its buffer holds that much
		return nil, false
	}
	inner := c.slice(c.i, c.i+end)
	c.i += end + 1
	inner, _ = r.substitute(inner)
	s.text = c.rest()
	return s, s.limits(strings.Split(string(inner.s), ","))
}

// limits takes the numbers of ~SEQ, and says whether they make one.
func (s *sequence) limits(words []string) bool {
	var n []int64
	for _, w := range words {
		v, ok := number(w)
		if !ok {
			return false
		}
		n = append(n, v)
	}
	switch len(n) {
	case 1:
		s.next, s.step, s.last = 1, 1, n[0]
		if n[0] < 1 {
			s.step = -1
		}
		if n[0] < 0 {
			s.next = -1
		}
	case 2:
		s.next, s.step, s.last = n[0], 1, n[1]
		if n[0] > n[1] {
			s.step = -1
		}
	case 3:
		s.next, s.step, s.last = n[0], n[1], n[2]
		if s.step == 0 || s.next < s.last && s.step < 0 || s.next > s.last && s.step > 0 {
			return false
		}
	default:
		return false
	}
	return s.base == 10 || s.next >= 0 && s.last >= 0
}

// number is what C's strtol makes of a word: decimal, 0x or octal. One that is
// missing is 0.
func number(word string) (int64, bool) {
	word = strings.Trim(word, whiteSpace)
	if word == "" {
		return 0, true
	}
	digits := strings.TrimPrefix(strings.TrimPrefix(word, "-"), "+")
	base := 10
	switch {
	case len(digits) > 2 && (strings.HasPrefix(digits, "0x") || strings.HasPrefix(digits, "0X")):
		digits, base = digits[2:], 16
	case strings.HasPrefix(digits, "0"):
		base = 8
	}
	n, err := strconv.ParseInt(digits, base, 64)
	if word[0] == '-' {
		n = -n
	}
	return n, err == nil
}

// list reads ~LST(NAME, value, …) and ~LST({NAME, …}, {value, …}, …).
func (r *reader) list(t text) (*sequence, bool) {
	c := &scanner{t, 4}
	s := &sequence{list: true, at: t.at[0]}
	if !c.skip('(') {
		return nil, false
	}
	names, ok := c.set(" \t,}")
	if !ok || !c.skip(',') {
		return nil, false
	}
	for _, n := range names {
		s.names = append(s.names, string(n.s))
	}
	for {
		values, ok := c.set(" \t,})")
		if !ok || len(values) > len(names) {
			return nil, false
		}
		s.values = append(s.values, values...)
		for n := len(values); n < len(names); n++ {
			s.values = append(s.values, text{})
		}
		if c.skip(')') {
			break
		}
		if !c.skip(',') {
			return nil, false
		}
	}
	s.text = c.rest()
	return s, true
}

// set reads one word, or several in braces.
func (c *scanner) set(ends string) ([]text, bool) {
	if !c.skip('{') {
		return []text{c.until(ends)}, true
	}
	var all []text
	for {
		all = append(all, c.until(ends))
		if c.skip('}') {
			return all, true
		}
		if !c.skip(',') {
			return nil, false
		}
	}
}
