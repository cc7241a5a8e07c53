package word

import "github.com/lbgen/lbgen/internal/diag"

// Line is one line of a file: a keyword and the words behind it.
type Line struct {
	from diag.Path
	word Word
}

// NewLine returns the line of these words. from is the path of the value that
// the line came from, "" where it came from none.
func NewLine(from diag.Path, key Keyword, words ...Word) Line {
	return Line{from, join(" ", Key(key), words)}
}

// Bare returns a line that begins with a value of the user's, as those of a list
// in a block of Keepalived's do.
func Bare(from diag.Path, words ...Word) Line { return Line{from, Phrase(words...)} }

// From returns the path that the line came from.
func (l Line) From() diag.Path { return l.from }

// Text returns the bytes of the line, without indentation and line break.
func (l Line) Text() string { return l.word.text }

// Secrets returns where in Text secrets stand.
func (l Line) Secrets() []Stretch { return l.word.secrets }

// Raw is a line of the user's own, as it was written. The model has seen to it
// that it stays in its section.
type Raw struct {
	from    diag.Path
	text    string
	secrets []Stretch
}

// NewRaw returns a line of the raw field at the path. Of secrets each is where one
// begins and ends, in bytes.
func NewRaw(from diag.Path, text string, secrets [][2]int) Raw {
	return Raw{from: from, text: text, secrets: stretches(from, secrets)}
}

// stretches are where secrets stand in a raw field.
func stretches(from diag.Path, secrets [][2]int) []Stretch {
	var all []Stretch
	for _, s := range secrets {
		all = append(all, Stretch{s[0], s[1], from, true})
	}
	return all
}

// From returns the path of the raw field.
func (r Raw) From() diag.Path { return r.from }

// Text returns the bytes of the line, without indentation and line break.
func (r Raw) Text() string { return r.text }

// Secrets returns where in Text secrets stand.
func (r Raw) Secrets() []Stretch { return r.secrets }
