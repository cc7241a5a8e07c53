// Package word holds what the lines of all daemons' files are made of: words as
// they stand in the file, quoted, each of which was a keyword, a text or a
// secret. Only the packages of the grammars beside it can import it. So a bare
// string becomes a word nowhere else, and nothing else quotes.
package word

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

// Keyword is one or several words of a daemon's own language, with a blank
// between each two. Only untyped constants become keywords by themselves; a test
// finds every conversion of anything else (internal/architecture_test.go).
type Keyword string

// Word is one word, or several that belong together, in the bytes that the file
// holds. The zero Word is none: a line leaves it out.
type Word struct {
	text    string
	secrets []Stretch
}

// Stretch is where in a word or line a secret stands, as quoted.
type Stretch struct {
	Start, End int
	Path       diag.Path // of the secret
	// Known is false where the secret was not to be had and a placeholder is there.
	Known bool
}

// Key returns a keyword as a word.
func Key(k Keyword) Word { return Word{text: string(k)} }

// Final returns the word of these bytes, which have been quoted by the caller.
func Final(text string) Word { return Word{text: text} }

// Hidden returns the word of these bytes, all of which are a secret.
func Hidden(text string, path diag.Path, known bool) Word {
	return Word{text, []Stretch{{0, len(text), path, known}}}
}

// Own returns words of the user's own, of the raw field at the path. Of secrets each
// is where one begins and ends, in bytes.
func Own(from diag.Path, text string, secrets [][2]int) Word {
	return Word{text, stretches(from, secrets)}
}

// Int returns a number.
func Int(n int) Word { return Word{text: strconv.Itoa(n)} }

// Addr returns an address.
func Addr(a netip.Addr) Word { return Word{text: a.String()} }

// AddrPort returns an address with a port, that of IPv6 in brackets.
func AddrPort(a netip.AddrPort) Word { return Word{text: a.String()} }

// Prefix returns a network, or an address with the length of its network.
func Prefix(p netip.Prefix) Word { return Word{text: p.String()} }

// Text returns the bytes of the word, secrets included.
func (w Word) Text() string { return w.text }

// Secrets returns where in Text secrets stand.
func (w Word) Secrets() []Stretch { return w.secrets }

// IsZero says whether there is no word.
func (w Word) IsZero() bool { return w.text == "" }

// Concat returns the words as one, with nothing between them.
func Concat(words ...Word) Word { return join("", Word{}, words) }

// Phrase returns the words with a blank between each two. Where one of them is
// none, there is one blank less.
func Phrase(words ...Word) Word { return join(" ", Word{}, words) }

func join(between string, first Word, words []Word) Word {
	size := len(first.text)
	for i := range words {
		size += len(between) + len(words[i].text)
	}
	var b strings.Builder
	b.Grow(size)
	b.WriteString(first.text)
	secrets := first.secrets
	for i := range words {
		if words[i].text == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(between)
		}
		for _, s := range words[i].secrets {
			s.Start, s.End = s.Start+b.Len(), s.End+b.Len()
			secrets = append(secrets, s)
		}
		b.WriteString(words[i].text)
	}
	return Word{b.String(), secrets}
}
