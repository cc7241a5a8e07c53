package render

import (
	"bytes"
	"github.com/lbgen/lbgen/internal/view"
)

// Templates print marks beside the text: where a line comes from, and where a
// secret begins and ends. They are control characters, which no value of a
// site file can hold, and the printer takes them out again.
const (
	markOrigin = view.OriginMark // \x01 path \x01: this line comes from path
	markSecret = '\x02'          // \x02 k|u path \x02 quoted \x02: a secret, known or unknown
)

// keepalivedSecret prints a password, quoted for keepalived.conf, between marks.
func keepalivedSecret(s *view.Secret) string { return marked(s, quoteKeepalived(s.Value)) }

func marked(s *view.Secret, quoted string) string {
	known := "u"
	if s.Known {
		known = "k"
	}
	m := string(markSecret)
	return m + known + string(s.Path) + m + quoted + m
}

// nextMark returns where the first mark stands, -1 if there is none.
func nextMark(text []byte) int {
	i, j := bytes.IndexByte(text, markOrigin), bytes.IndexByte(text, markSecret)
	if i < 0 || j >= 0 && j < i {
		return j
	}
	return i
}
