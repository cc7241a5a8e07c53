package alike

import (
	"regexp"
	"regexp/syntax"
	"strings"
)

// Example returns a text that the expression matches, and whether it is sure to.
func Example(pattern string) (string, bool) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return "", false
	}
	var b strings.Builder
	spell(&b, re)
	whole, err := regexp.Compile(pattern)
	return b.String(), err == nil && whole.MatchString(b.String())
}

// spell writes the shortest of what the expression matches, as far as it is easily had.
func spell(b *strings.Builder, re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		b.WriteRune(plainest(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('x')
	case syntax.OpCapture, syntax.OpConcat, syntax.OpPlus:
		for _, sub := range re.Sub {
			spell(b, sub)
		}
	case syntax.OpAlternate:
		spell(b, re.Sub[0])
	case syntax.OpRepeat:
		for range re.Min {
			spell(b, re.Sub[0])
		}
	default: // it may match nothing, or is a place between characters
	}
}

// plainest is a character of a class, given as pairs of its ranges: a digit, a
// letter or a blank where there is one.
func plainest(ranges []rune) rune {
	for _, want := range "0aA x" {
		for i := 0; i+1 < len(ranges); i += 2 {
			if ranges[i] <= want && want <= ranges[i+1] {
				return want
			}
		}
	}
	return ranges[0]
}
