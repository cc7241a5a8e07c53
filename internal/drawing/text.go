// Package drawing is what all pictures of lbgen have in common: how wide a text
// is, where a long one is broken or cut, and what a length is printed as.
package drawing

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Visible spells out what would change how the text around it reads: controls
// of the terminal, and those that turn the direction of writing.
func Visible(s string) string {
	var b strings.Builder
	for _, r := range s { // a byte that is no UTF-8 comes as U+FFFD
		if hidden(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func hidden(r rune) bool {
	switch {
	case r == '\n', r == '\t':
		return false
	case r < ' ', r >= 0x7f && r < 0xa0:
		return true
	case r == 0xfffe, r == 0xffff: // which XML does not take
		return true
	case r == 0x061c, r == 0x200e, r == 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return true
	default:
		return false
	}
}

// Face is how a text in a picture is set.
type Face struct {
	Size       float64
	Bold, Mono bool
}

// Fit cuts a text down to a width, with an ellipsis where something is missing.
func Fit(s string, width float64, f Face) string {
	s = Visible(s)
	if f.Width(s) <= width {
		return s
	}
	room, end := width-f.Width("…"), 0
	for i, r := range s {
		if room -= f.advance(r); room < 0 {
			break
		}
		end = i + utf8.RuneLen(r)
	}
	return strings.TrimRight(s[:end], " ") + "…"
}

// Width is what the text takes in a wide font (DejaVu Sans): a reader's own
// font is not known, and text that is a bit narrower does no harm.
func (f Face) Width(s string) float64 {
	sum := 0.0
	for _, r := range s {
		sum += f.advance(r)
	}
	return sum
}

func (f Face) advance(r rune) float64 {
	em := proportional(r)
	switch {
	case f.Mono && r < 0x1100:
		em = 0.61
	case f.Bold:
		em *= 1.12
	}
	return em * f.Size
}

func proportional(r rune) float64 {
	switch {
	case strings.ContainsRune("ijl' |I", r):
		return 0.33
	case strings.ContainsRune(".,:;!()[]/\\-ftr", r):
		return 0.42
	case strings.ContainsRune("mMwWQO@%→…", r):
		return 1
	case r >= 'A' && r <= 'Z':
		return 0.72
	case r < 0x80:
		return 0.64
	case r < 0x1100:
		return 0.85
	default: // what may be as wide as it is high
		return 1.1
	}
}

// PX is a length in a picture.
type PX float64

func (p PX) String() string {
	return strconv.FormatFloat(float64(int64(float64(p)*100+half(p)))/100, 'f', -1, 64)
}

func half(p PX) float64 {
	if p < 0 {
		return -0.5
	}
	return 0.5
}

// Wrap breaks a text into lines of a width, between its words where that is
// possible. What would be more than so many lines is cut, with an ellipsis.
func Wrap(s string, width float64, f Face, most int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Split(Visible(s), " ") {
		joined := word
		if line != "" {
			joined = line + " " + word
		}
		if f.Width(joined) <= width {
			line = joined
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for f.Width(word) > width {
			n := f.fits(word, width)
			lines, word = append(lines, word[:n]), word[n:]
		}
		line = word
	}
	if line != "" {
		lines = append(lines, line)
	}
	if len(lines) > most {
		lines = lines[:most]
		lines[most-1] = Fit(lines[most-1]+"…", width, f)
	}
	return lines
}

// fits is how many bytes of a text have room in a width: a character at least.
func (f Face) fits(s string, width float64) int {
	end := 0
	for i, r := range s {
		if width -= f.advance(r); width < 0 && i > 0 {
			break
		}
		end = i + utf8.RuneLen(r)
	}
	return end
}
