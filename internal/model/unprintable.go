package model

import (
	"fmt"
	"unicode"
)

// unprintable names the first character that no configuration file can carry,
// or that a reader does not see.
func unprintable(text string) string {
	for _, r := range text {
		switch {
		case r == '\n':
			return "a line break"
		case r < ' ', r >= 0x7f && r < 0xa0:
			return fmt.Sprintf("the control character U+%04X", r)
		case r >= 0xa0 && !unicode.IsPrint(r):
			return fmt.Sprintf("the invisible character U+%04X", r)
		}
	}
	return ""
}
