package rules

import "testing"

// TestStrange: what the daemons take for a letter is found where they take words apart,
// and left alone in comments and between plain quotes.
func TestStrange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		line, comments string
		column         int
	}{
		{"bind\u00a0:80", "#", 5},
		{"  server a\u200b 192.0.2.1:80", "#", 11},
		{"script “/usr/bin/killall”", "#!", 8},
		{"auth_pass ‘secret’", "#!", 11},
		{"server a 192.0.2.1:80 –check", "#", 23},
		{`http-request return string "don’t" # “`, "#", 0},
		{`stats realm 'Zürich’s'`, "#", 0},
		{`log-tag "a\"’" ’`, "#", 16},
		{"! don’t edit", "#!", 0},
		{"# don’t edit", "#", 0},
		{"acl x path_beg /\\#’", "#", 19},
		{"auth_pass it's’", "#!", 15},
		{"server a 192.0.2.1:80 check", "#", 0},
		{"stats realm Zürich", "#", 0},
	} {
		if column, _ := strange(c.line, c.comments); column != c.column {
			t.Errorf("%q: column %d, want %d", c.line, column, c.column)
		}
	}
}
