package keepalived

import (
	"bytes"
	"path"
	"strings"
)

// definition is $NAME=VALUE. A value of several lines has line breaks in it.
type definition struct {
	name      string
	value     text
	multiline bool
	made      func() string // of the ones that the daemon itself has; nil for all others
}

// standard are the definitions that the daemon itself has. ${_RANDOM} is left as it
// is: no two readings would be alike.
func (r *reader) standard() []*definition {
	return []*definition{
		{name: "_PWD", made: func() string { return path.Dir(r.fileName()) }},
		{name: "_INSTANCE", made: func() string { return r.opts.ID }},
		{name: "_HASH", made: func() string { return "#" }},
		{name: "_BANG", made: func() string { return "!" }},
	}
}

func isNameStart(c byte) bool { return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func isName(c byte) bool      { return isNameStart(c) || c >= '0' && c <= '9' }

// nameAt returns the length of the name that begins at i.
func nameAt(s []byte, i int) int {
	if i >= len(s) || !isNameStart(s[i]) {
		return 0
	}
	n := 1
	for i+n < len(s) && isName(s[i+n]) {
		n++
	}
	return n
}

// defined returns the definition with the name; nil if there is none.
func (r *reader) defined(name string) *definition {
	for _, d := range r.definitions {
		if d.name == name {
			return d
		}
	}
	return nil
}

// set gives a name a value of one line, and makes the name if need be.
func (r *reader) set(name string, value text) *definition {
	d := r.defined(name)
	if d == nil {
		d = &definition{name: name}
		r.definitions = append(r.definitions, d)
	}
	d.value, d.made = value, nil
	return d
}

// define reads $NAME=VALUE at the start of a line, and says whether that is one. A
// value whose line ends with a backslash goes on in the next one.
func (r *reader) define(t text) bool {
	n := nameAt(t.s, 1)
	if t.s[0] != '$' || n == 0 || 1+n >= len(t.s) || t.s[1+n] != '=' {
		return false
	}
	value := t.from(n + 2).trimLeft()
	d := r.set(string(t.s[1:1+n]), value)
	d.multiline = bytes.HasSuffix(value.s, []byte(`\`))
	if !d.multiline {
		return true
	}
	first := value.slice(0, len(value.s)-1).trimRight()
	d.value = text{}
	if !first.empty() {
		d.value = add(first, lineEnd(value))
	}
	r.defining = d
	return true
}

// lineEnd is the line break that stands for the backslash at the end of the line.
func lineEnd(t text) text { return made("\n", t.at[len(t.at)-1]) }

// extend adds a line to the definition that is being read.
func (r *reader) extend(t text) {
	d := r.defining
	if bytes.HasSuffix(t.s, []byte(`\`)) {
		line := t.slice(0, len(t.s)-1).trimRight()
		if !line.empty() {
			d.value = add(d.value, line, lineEnd(t))
		}
		return
	}
	r.endDefinition()
	d.value = add(d.value, t)
}

func (r *reader) endDefinition() {
	if r.defining != nil && r.defining.value.empty() {
		r.defining.multiline = false
	}
	r.defining = nil
}

// use finds the definition that the $ at i stands for, and the length of what it
// replaces. One of several lines counts at the end of a line only.
func (r *reader) use(s []byte, i int) (*definition, int) {
	start, braces := i+1, false
	if start < len(s) && s[start] == '{' {
		start, braces = start+1, true
	}
	n := nameAt(s, start)
	if n == 0 {
		return nil, 0
	}
	end := start + n
	closing := end
	for braces && closing < len(s) && s[closing] == ' ' {
		closing++ // it looks behind blanks for the brace, and then leaves as many characters
	}
	switch {
	case braces && (closing == len(s) || s[closing] != '}'):
		return nil, 0
	case !braces && end < len(s) && !strings.ContainsRune(" \t,)", rune(s[end])):
		return nil, 0
	}
	d := r.defined(string(s[start:end]))
	if braces {
		end++
	}
	if d != nil && d.multiline && braces && closing >= end {
		return nil, 0
	}
	if d == nil || d.multiline && end < len(s) {
		return nil, 0
	}
	return d, end - i
}

// substitute puts the values of definitions in, and says whether there was one.
// What has been put in is looked through again.
func (r *reader) substitute(t text) (text, bool) {
	found := false
	for i, left := 0, mostUses; ; {
		n := bytes.IndexByte(t.s[i:], '$')
		if n < 0 || i+n+1 >= len(t.s) {
			return t, found
		}
		i += n
		d, size := r.use(t.s, i)
		if d == nil {
			i++
			continue
		}
		if left--; left < 0 || len(t.s) >= longestLine {
			r.warn(t.at[i:i+1], "$"+d.name+" is put in without end", "a definition that holds itself stops Keepalived; let it hold something else")
			return t, false
		}
		value := r.valueOf(d, t.at[i])
		if len(t.s)-size+len(value.s) >= longestLine {
			r.warn(t.at[i:i+1], "with the value of $"+d.name+" the line would be too long",
				"Keepalived leaves the name as it is: write shorter lines")
			return t, false
		}
		found = true
		t = add(t.slice(0, i), value, t.from(i+size))
		if value.trimLeft().s != nil && bytes.HasPrefix(value.trimLeft().s, []byte("~")) {
			return t, true
		}
	}
}

// valueOf returns the first line of a definition's value. The others are what is
// read next.
func (r *reader) valueOf(d *definition, at int) text {
	if d.made != nil {
		return made(d.made(), at)
	}
	if !d.multiline {
		return d.value
	}
	if r.next != nil {
		r.pending = append(r.pending, pending{r.next, r.depth})
	}
	r.depth = len(r.sequences)
	first, rest := d.value, text{}
	if i := bytes.IndexByte(d.value.s, '\n'); i >= 0 {
		first, rest = d.value.slice(0, i), d.value.from(i+1)
	}
	r.next = &rest
	return first
}

// pending are the lines of a definition that go on when those of one inside it are
// over, and the number of sequences that were open then.
type pending struct {
	lines *text
	depth int
}

// nextOfDefinition takes the next line of the definition that is being put in.
func (r *reader) nextOfDefinition() text {
	line := *r.next
	if i := bytes.IndexByte(line.s, '\n'); i >= 0 {
		rest := line.from(i + 1)
		r.next = &rest
		return line.slice(0, i)
	}
	r.next, r.depth = nil, 0
	if n := len(r.pending); n > 0 {
		r.next, r.depth = r.pending[n-1].lines, r.pending[n-1].depth
		r.pending = r.pending[:n-1]
	}
	return line
}
