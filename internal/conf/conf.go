// Package conf names what the lines of all daemons' files have in common, for
// whoever prints them. Lines are made in the packages below: one for each
// daemon's grammar.
package conf

import "github.com/lbgen/lbgen/internal/conf/internal/word"

type (
	// Word is one word, or several that belong together, quoted.
	Word = word.Word
	// Line is one line: a keyword and the words behind it.
	Line = word.Line
	// Raw is a line of the user's own, as it was written.
	Raw = word.Raw
	// Stretch is where in a word or line a secret stands.
	Stretch = word.Stretch
)
