package view

import "strings"

// logFormat returns a text that HAProxy reads back as it is where it expects a
// log-format: there a single % begins something else.
func logFormat(text string) string { return strings.ReplaceAll(text, "%", "%%") }
