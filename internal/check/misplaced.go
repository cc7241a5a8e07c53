package check

import (
	"bytes"
	"strings"
)

// late are the lines that HAProxy reads when it has come to the end of the
// configuration, and what it says then. It names a line of the section, and not always
// that one.
var late = lazy(`failed to parse (log-format-sd|error-log-format|log-format|unique-id)(?:-format)?\b(?:.*<([^>]+)>)?`)

// misplaced returns the line that a message of HAProxy is about, where that is not the
// one which it has named: the line of the same section that begins with what the
// message speaks of, or else that of defaults.
func misplaced(data []byte, line int, message string) int {
	m := late().FindStringSubmatch(message)
	if m == nil {
		return line
	}
	keyword, part := m[1], m[2]
	if keyword == "unique-id" {
		keyword = "unique-id-format"
	}
	own, shared, section, at := 0, 0, "", 0
	for text := range bytes.Lines(data) {
		at++
		switch words := strings.Fields(string(text)); {
		case len(words) == 0 || strings.HasPrefix(words[0], "#"):
		case text[0] != ' ' && text[0] != '\t':
			if own > 0 && at > line {
				return own
			}
			section, own = words[0], 0
		case words[0] != keyword || part != "" && !strings.Contains(string(text), part):
		case at == line:
			return line
		case section == "defaults":
			shared = at
		default:
			own = at
		}
	}
	switch {
	case own > 0:
		return own
	case shared > 0:
		return shared
	default:
		return line
	}
}
