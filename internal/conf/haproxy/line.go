package haproxy

import (
	"strings"

	"github.com/lbgen/lbgen/internal/conf/internal/word"
	"github.com/lbgen/lbgen/internal/diag"
)

type (
	// Line is one line of a section, as it is written.
	Line = word.Line
	// Raw is a line of the user's own.
	Raw = word.Raw
)

// NewLine returns a line that came from the value at a path; "" where it came
// from none.
func NewLine(from diag.Path, key Keyword, words ...Word) Line {
	return word.NewLine(from, key, words...)
}

// NewRaw returns a line of the raw field at a path, with where its secrets begin and end.
func NewRaw(from diag.Path, text string, secrets [][2]int) Raw {
	return word.NewRaw(from, text, secrets)
}

// Condition is one thing that must hold: an ACL by its name, or a sample with its
// flags and the values, of which one is enough. A sample that is true or false
// has no values.
type Condition struct {
	Not    bool
	ACL    string
	Sample Word
	Values []string
	// Secret is the path of the values where nobody may see them.
	Secret diag.Path
}

// Words returns how many words the condition is at the most.
func (c Condition) Words() int {
	const braces = 2
	return braces + 1 + strings.Count(c.Sample.Text(), " ") + len(c.Values)
}

func (c Condition) word() Word {
	not := Word{}
	if c.Not {
		not = Key("!")
	}
	if c.ACL != "" {
		return Concat(not, Text(c.ACL))
	}
	return Phrase(Concat(not, Key("{")), c.Sample, c.values(c.Values), Key("}"))
}

// values are some of those of the condition.
func (c Condition) values(some []string) Word {
	if c.Secret == "" {
		return Texts(some)
	}
	words := make([]Word, len(some))
	for i, v := range some {
		words[i] = Secret(v, c.Secret, true)
	}
	return Phrase(words...)
}

// If returns the end of a line that counts when all conditions hold; none where
// there are none.
func If(conditions ...Condition) Word { return when("if", conditions) }

// Unless returns the end of a line that counts unless all conditions hold.
func Unless(conditions ...Condition) Word { return when("unless", conditions) }

func when(key Keyword, conditions []Condition) Word {
	if len(conditions) == 0 {
		return Word{}
	}
	words := make([]Word, 0, 1+len(conditions))
	words = append(words, Key(key))
	for _, c := range conditions {
		words = append(words, c.word())
	}
	return Phrase(words...)
}

// ACL returns a line that gives a condition, with some of its values, a name. Lines
// of one name are alternatives.
func ACL(from diag.Path, name string, c Condition, values []string) Line {
	return NewLine(from, "acl", Text(name), c.Sample, c.values(values))
}
