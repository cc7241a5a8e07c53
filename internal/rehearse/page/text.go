package page

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// visible spells out what would change how the text around it reads: controls
// of the terminal, and those that turn the direction of writing.
func visible(s string) string {
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
	case r == 0x061c, r == 0x200e, r == 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return true
	default:
		return false
	}
}

// face is how a text in a picture is set.
type face struct {
	size       float64
	bold, mono bool
}

// fit cuts a text down to a width, with an ellipsis where something is missing.
func fit(s string, width float64, f face) string {
	s = visible(s)
	if f.width(s) <= width {
		return s
	}
	room, end := width-f.width("…"), 0
	for i, r := range s {
		if room -= f.advance(r); room < 0 {
			break
		}
		end = i + utf8.RuneLen(r)
	}
	return strings.TrimRight(s[:end], " ") + "…"
}

// width is what the text takes in a wide font (DejaVu Sans): a reader's own
// font is not known, and text that is a bit narrower does no harm.
func (f face) width(s string) float64 {
	sum := 0.0
	for _, r := range s {
		sum += f.advance(r)
	}
	return sum
}

func (f face) advance(r rune) float64 {
	em := proportional(r)
	switch {
	case f.mono && r < 0x1100:
		em = 0.61
	case f.bold:
		em *= 1.12
	}
	return em * f.size
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

// px is a length in a picture.
type px float64

func (p px) String() string {
	return strconv.FormatFloat(float64(int64(float64(p)*100+half(p)))/100, 'f', -1, 64)
}

func half(p px) float64 {
	if p < 0 {
		return -0.5
	}
	return 0.5
}

// seconds is a time for a sentence or a cell.
func seconds(d time.Duration) string { return number(d) + " s" }

func number(d time.Duration) string {
	return strings.Replace(strconv.FormatFloat(d.Seconds(), 'f', 2, 64), "-", "−", 1)
}

// between is a stretch of time, or one point where it has no length.
func between(from, to time.Duration) string {
	if number(from) == number(to) {
		return seconds(from)
	}
	return number(from) + " to " + seconds(to)
}

// millis is how long a request took.
func millis(d time.Duration) string {
	if d < time.Second {
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	return seconds(d)
}

// long is a time that people wait for.
func long(d time.Duration) string {
	d = d.Round(time.Second)
	if d < time.Minute {
		return strconv.Itoa(int(d.Seconds())) + " s"
	}
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}

// count is a number with its noun: 1 drill, 3 drills.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// round is a time on an axis, without zeros that say nothing.
func round(d time.Duration) string {
	return strings.Replace(strconv.FormatFloat(d.Seconds(), 'f', -1, 64), "-", "−", 1)
}
