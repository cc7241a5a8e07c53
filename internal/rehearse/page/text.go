package page

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

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
