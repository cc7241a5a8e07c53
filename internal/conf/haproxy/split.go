package haproxy

import (
	"strconv"
	"strings"
)

// MaxWords is how many words of a line HAProxy takes (MAX_LINE_ARGS in its
// defaults.h). It refuses a line with more.
const MaxWords = 64

// piece is a word of a line: its text as HAProxy has it, and the bytes of the
// line that it came from.
type piece struct {
	text       string
	start, end int
	quoted     bool
	env        bool
}

// fault is what HAProxy refuses in a line, and the byte at which it says so.
type fault struct {
	at            int
	what, instead string
}

// splitter parts one line into words. It does what parse_line does in HAProxy's
// tools.c (2.4 to 3.4; configuration.txt 2.2 and 2.3).
type splitter struct {
	in   string
	pos  int
	env  func(name string) (string, bool)
	cur  piece
	open bool // a word has begun
	// buf is the word so far where it differs from what stands in the line.
	buf     []byte
	differs bool
	// squote and dquote are where an open quote began, or -1.
	squote, dquote int
	pieces         []piece
	count          int // words as HAProxy counts them: a blank at the end begins one more
	fault          *fault
	cut            bool // a word holds a zero byte, behind which HAProxy sees nothing
	comment        int  // where a comment begins, or -1
}

func split(line string, env func(string) (string, bool)) *splitter {
	s := &splitter{in: line, env: env, squote: -1, dquote: -1, comment: -1}
	for s.step() {
	}
	s.close()
	s.count++
	if at := max(s.squote, s.dquote); at >= 0 && s.fault == nil {
		s.fail(at, "a quote that nothing closes", "close it on its own line: HAProxy reads each line by itself")
	}
	if s.fault == nil && s.count > MaxWords {
		at := len(line)
		if len(s.pieces) > MaxWords {
			at = s.pieces[MaxWords].start
		}
		s.fail(at, "more than "+strconv.Itoa(MaxWords)+" words, blanks at the end counted as one",
			"part the line in two, or keep the values in a file")
	}
	return s
}

// step reads the next character and returns false at the end of the line.
func (s *splitter) step() bool {
	if s.pos == len(s.in) || s.in[s.pos] == '\r' || s.fault != nil {
		return false
	}
	switch c := s.in[s.pos]; {
	case c == '#' && s.squote < 0 && s.dquote < 0:
		s.comment = s.pos
		return false
	case c == '"' && s.squote < 0:
		s.quote(&s.dquote)
	case c == '\'' && s.dquote < 0:
		s.quote(&s.squote)
	case c == '\\' && s.squote < 0:
		s.escape()
	case isBlank(c) && s.squote < 0 && s.dquote < 0:
		s.close()
		s.count++
		for s.pos < len(s.in) && isBlank(s.in[s.pos]) {
			s.pos++
		}
	case c == '$' && s.dquote >= 0:
		s.variable()
	default:
		s.begin()
		if s.differs {
			s.emit(c)
		}
		s.pos++
	}
	return true
}

// isBlank is C's isspace in the C locale.
func isBlank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func (s *splitter) begin() {
	if !s.open {
		s.open, s.cur = true, piece{start: s.pos}
	}
}

// differ notes that the word is not what stands in the line.
func (s *splitter) differ() {
	s.begin()
	if !s.differs {
		s.differs, s.buf = true, append(s.buf[:0], s.in[s.cur.start:s.pos]...)
	}
}

// emit adds a byte to a word that differs from what stands in the line.
func (s *splitter) emit(c byte) { s.buf = append(s.buf, c) }

// close ends the word, if there is one. For HAProxy it ends where a zero byte stands.
func (s *splitter) close() {
	if !s.open {
		return
	}
	text := s.in[s.cur.start:s.pos]
	if s.differs {
		var cut bool
		text, _, cut = strings.Cut(string(s.buf), "\x00")
		s.cut = s.cut || cut
	}
	s.cur.text = text
	s.pieces = append(s.pieces, s.cur)
	for i := len(s.pieces) - 1; i >= 0 && s.pieces[i].start == s.cur.start; i-- {
		s.pieces[i].end = s.pos // several words may have come from one variable
	}
	s.open, s.differs = false, false
}

func (s *splitter) quote(where *int) {
	s.differ()
	s.cur.quoted = true
	if *where < 0 {
		*where = s.pos
	} else {
		*where = -1
	}
	s.pos++
}

func (s *splitter) fail(at int, what, instead string) {
	if s.fault == nil {
		s.fault = &fault{at, what, instead}
	}
}

// escape reads a backslash outside of single quotes. Where no escape begins, it
// stands for itself.
func (s *splitter) escape() {
	s.differ()
	next := byte(0)
	if s.pos+1 < len(s.in) {
		next = s.in[s.pos+1]
	}
	const plain = `\ #'"`
	switch {
	case strings.IndexByte(plain, next) >= 0, next == '$' && s.dquote >= 0:
		s.emit(next)
	case next == 't':
		s.emit('\t')
	case next == 'n':
		s.emit('\n')
	case next == 'r':
		s.emit('\r')
	case next == 'x':
		s.hex()
		return
	default:
		s.emit('\\')
		s.pos--
	}
	s.pos += 2
}

func (s *splitter) hex() {
	if s.pos+4 <= len(s.in) {
		if n, err := strconv.ParseUint(s.in[s.pos+2:s.pos+4], 16, 8); err == nil {
			s.emit(byte(n))
			s.pos += 4
			return
		}
	}
	s.fail(s.pos, `\x without two hexadecimal digits`, `write \\x for a backslash and an x`)
}

// variable reads $NAME, ${NAME}, ${NAME-default} or ${NAME[*]}, which have a
// meaning between double quotes only.
func (s *splitter) variable() {
	s.differ()
	s.cur.env = true
	s.pos++
	brace := -1
	if s.at('{') {
		brace = s.pos
		s.pos++
	}
	name := s.name()
	if s.fault != nil {
		return
	}
	value, set := s.env(name)
	expand := brace >= 0 && s.at('[')
	if expand {
		if !strings.HasPrefix(s.in[s.pos:], "[*]") {
			s.fail(s.pos, "[ behind a variable's name that is not [*]", "write ${"+name+"[*]}")
			return
		}
		s.pos += len("[*]")
	}
	if brace >= 0 {
		end := strings.IndexByte(s.in[s.pos:], '}')
		if end < 0 || end > 0 && !s.at('-') {
			s.fail(brace, "a variable's name whose brace nothing closes", "write ${"+name+"}")
			return
		}
		if end > 0 && !set {
			value = s.in[s.pos+1 : s.pos+end]
		}
		s.pos += end + 1
	}
	s.insert(value, expand)
}

func (s *splitter) at(c byte) bool { return s.pos < len(s.in) && s.in[s.pos] == c }

// name reads the name of a variable. One that begins with a dot is HAProxy's own.
func (s *splitter) name() string {
	start := s.pos
	if s.at('.') {
		s.pos++
	} else if s.pos == len(s.in) || !isLetter(s.in[s.pos]) {
		s.fail(s.pos, "a character that no variable's name begins with", `write \$ for the sign itself`)
		return ""
	}
	for s.pos < len(s.in) && (isLetter(s.in[s.pos]) || s.in[s.pos] >= '0' && s.in[s.pos] <= '9') {
		s.pos++
	}
	name := s.in[start:s.pos]
	if name[0] == '.' && name != ".LINE" && name != ".FILE" && name != ".SECTION" {
		s.fail(start, "a variable that HAProxy does not have", "it has .FILE, .LINE and .SECTION")
	}
	return name
}

func isLetter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }

// insert puts a variable's value into the word, or as several words where it is
// to be expanded.
func (s *splitter) insert(value string, expand bool) {
	for i := 0; i < len(value); i++ {
		if !expand || !isBlank(value[i]) {
			s.emit(value[i])
			continue
		}
		for i+1 < len(value) && isBlank(value[i+1]) {
			i++
		}
		start := s.cur.start
		s.close()
		s.count++
		s.open, s.differs, s.buf = true, true, s.buf[:0]
		s.cur = piece{start: start, env: true, quoted: true}
	}
}

// HasComment says whether a comment stands in the line.
func HasComment(line string) bool {
	return split(line, func(string) (string, bool) { return "", false }).comment >= 0
}

// LineFault says what HAProxy refuses in the text of one line, "has …", whatever its
// keyword, and what to write; both are empty where it splits the line into words.
// A backslash at the end is refused here, too: it looks as if the line went on.
func LineFault(line string) (what, instead string) {
	s := split(strings.TrimLeft(line, " \t"), func(string) (string, bool) { return "", false })
	if s.fault != nil {
		return "has " + s.fault.what, s.fault.instead
	}
	trimmed := strings.TrimRight(line, `\`)
	if s.comment < 0 && (len(line)-len(trimmed))%2 == 1 {
		return "ends with a backslash", "close it on its own line: HAProxy reads each line by itself"
	}
	return "", ""
}
