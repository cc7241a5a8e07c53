package view

import "github.com/lbgen/lbgen/internal/model"

// RawLine is a line of the user's own. The model has seen to it that it stays
// in its section.
type RawLine struct{ Text, Origin string }

// rawLines returns the lines of a raw field; path is the model path of it.
func rawLines(raw model.Raw, path string) []RawLine {
	var list []RawLine
	for _, line := range raw.Lines() {
		list = append(list, RawLine{line, Mark(path)})
	}
	return list
}
