package source

import "strings"

// wordSet looks for words in a text, whatever their case. It goes through the text
// once for all of them: asking for each word took longer than reading the file.
type wordSet struct {
	words map[[2]byte][]string // by their first two bytes
	first [1 << 16]bool        // whether a word begins so, in any case
}

// newWordSet is the set of these words, in lower case and of two bytes at least.
func newWordSet(words []string) *wordSet {
	s := &wordSet{words: map[[2]byte][]string{}}
	for _, w := range words {
		begin := [2]byte{w[0], w[1]}
		s.words[begin] = append(s.words[begin], w)
		for _, a := range bothCases(w[0]) {
			for _, b := range bothCases(w[1]) {
				s.first[int(a)<<8|int(b)] = true
			}
		}
	}
	return s
}

func bothCases(c byte) []byte {
	if 'a' <= c && c <= 'z' {
		return []byte{c, c - 'a' + 'A'}
	}
	return []byte{c}
}

// in says whether one of the words is in the text.
func (s *wordSet) in(text string) bool {
	for i := 1; i < len(text); i++ {
		if s.first[int(text[i-1])<<8|int(text[i])] && s.at(text[i-1:]) {
			return true
		}
	}
	return false
}

// at says whether the text begins with one of the words.
func (s *wordSet) at(text string) bool {
	begin := strings.ToLower(text[:2])
	for _, w := range s.words[[2]byte{begin[0], begin[1]}] {
		if len(text) >= len(w) && strings.EqualFold(text[:len(w)], w) {
			return true
		}
	}
	return false
}
