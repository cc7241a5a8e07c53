package render

import (
	"bytes"
	"fmt"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/view"
)

// Templates print marks beside the text: where a line comes from, and where a
// secret begins and ends. They are control characters, which no value of a
// site file can hold, and unmark takes them out again.
const (
	markOrigin = view.OriginMark // \x01 path \x01: this line comes from path
	markSecret = '\x02'          // \x02 k|u path \x02 quoted \x02: a secret, known or unknown
)

// keepalivedSecret prints a password, quoted for keepalived.conf, between marks.
func keepalivedSecret(s *view.Secret) string { return marked(s, quoteKeepalived(s.Value)) }

// haproxySecret is the same for haproxy.cfg. Quotes stand around plain words
// too, so that install.sh knows where a password ends.
func haproxySecret(s *view.Secret) string { return marked(s, quotes(s.Value)) }

// redisSecret prints a password as an argument of a tcp-check's send, in Redis'
// own protocol: its length, which is nobody's business either, and its bytes.
func redisSecret(s *view.Secret) string {
	return marked(s, fmt.Sprintf(`'$%d'\r\n%s\r\n`, len(s.Value), quotes(s.Value)))
}

func marked(s *view.Secret, quoted string) string {
	known := "u"
	if s.Known {
		known = "k"
	}
	m := string(markSecret)
	return m + known + s.Path + m + quoted + m
}

// unmark moves the marks of text into the file, and a copy of the rest into its
// Data.
func unmark(text []byte, f *artifact.File) error {
	if nextMark(text) < 0 {
		f.Data = bytes.Clone(text)
		return nil
	}
	f.Data = make([]byte, 0, len(text))
	f.Origins = make([]string, 0, bytes.Count(text, []byte("\n")))
	for len(text) > 0 {
		line := text
		if i := bytes.IndexByte(text, '\n'); i >= 0 {
			line = text[:i+1]
		}
		text = text[len(line):]
		if err := unmarkLine(line, f); err != nil {
			return err
		}
	}
	return nil
}

func unmarkLine(line []byte, f *artifact.File) error {
	origin := ""
	for {
		i := nextMark(line)
		if i < 0 {
			break
		}
		f.Data = append(f.Data, line[:i]...)
		mark := line[i : i+1]
		path, rest, ok := bytes.Cut(line[i+1:], mark)
		if ok && mark[0] == markSecret {
			var quoted []byte
			quoted, rest, ok = bytes.Cut(rest, mark)
			addSecret(f, path, quoted)
		} else if ok {
			origin = string(path)
		}
		if !ok {
			return fmt.Errorf("line %d: a mark without its end", len(f.Origins)+1)
		}
		line = rest
	}
	f.Data = append(f.Data, line...)
	f.Origins = append(f.Origins, origin)
	return nil
}

// nextMark returns where the first mark stands, -1 if there is none.
func nextMark(text []byte) int {
	i, j := bytes.IndexByte(text, markOrigin), bytes.IndexByte(text, markSecret)
	if i < 0 || j >= 0 && j < i {
		return j
	}
	return i
}

// addSecret appends a secret; path is led by k for known or u for unknown.
func addSecret(f *artifact.File, path, quoted []byte) {
	start := len(f.Data)
	f.Data = append(f.Data, quoted...)
	f.Secrets = append(f.Secrets, artifact.Secret{Start: start, End: len(f.Data), Path: string(path[1:]), Known: path[0] == 'k'})
}
