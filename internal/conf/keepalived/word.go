package keepalived

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/conf/internal/word"
	"github.com/lbgen/lbgen/internal/diag"
)

type (
	// Keyword is one or several words of Keepalived's own: an untyped constant.
	Keyword = word.Keyword
	// Word is one word of a line that is written, or several that belong together.
	// The zero Word is none.
	Word = word.Word
	// Line is one line of a block, as it is written.
	Line = word.Line
	// Raw is a line of the user's own.
	Raw = word.Raw
)

// NewLine returns a line that came from the value at a path; "" where it came from
// none.
func NewLine(from diag.Path, key Keyword, words ...Word) Line {
	return word.NewLine(from, key, words...)
}

// NewValue returns a line of a list.
func NewValue(from diag.Path, words ...Word) Line { return word.Bare(from, words...) }

// NewRaw returns a line of the raw field at a path, with where its secrets begin and end.
func NewRaw(from diag.Path, text string, secrets [][2]int) Raw {
	return word.NewRaw(from, text, secrets)
}

// Key returns a keyword as a word.
func Key(k Keyword) Word { return word.Key(k) }

// Name returns a word that Keepalived reads back as this text: between double quotes
// where it needs them. The model refuses a double quote and a backslash, for which
// its versions have no common way (model.CheckAuthPass says why).
func Name(text string) Word { return word.Final(quotePlain(text, true)) }

// Text is Name between double quotes in any case: there every character is taken as
// it is, comment signs included.
func Text(text string) Word { return word.Final(quoted(text)) }

// Password returns a secret as a word. Quotes stand around plain ones too, so that
// install.sh knows where it ends.
func Password(text string, path diag.Path, known bool) Word {
	return word.Hidden(quoted(text), path, known)
}

func quoted(text string) string { return `"` + text + `"` }

// Run returns the word of a program and its arguments, joined as Keepalived takes
// them apart again (tried with 2.2.7, 2.2.8 and 2.4.3): what stands between single
// quotes is one word. The model lets no quote, backslash or $ in.
func Run(words ...string) Word {
	var line []string
	for _, w := range words {
		if w == "" || strings.Trim(w, plainCharacters) != "" {
			w = "'" + w + "'"
		}
		line = append(line, w)
	}
	return Text(strings.Join(line, " "))
}

// Int returns a number.
func Int(n int) Word { return word.Int(n) }

// Address returns an address.
func Address(a netip.Addr) Word { return word.Addr(a) }

// Prefix returns an address with the length of its network.
func Prefix(p netip.Prefix) Word { return word.Prefix(p) }

// Seconds returns a time in seconds, with a fraction if it has one.
func Seconds(d time.Duration) Word {
	return word.Final(strconv.FormatFloat(d.Seconds(), 'f', -1, 64))
}

// Label returns the name of an address: that of its interface, a colon and a name.
func Label(device, label string) Word { return Name(device + ":" + label) }
