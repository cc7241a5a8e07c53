package compare

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"github.com/lbgen/lbgen/internal/artifact"
)

// verdict is what comparing the content of one file came to.
type verdict struct {
	same        bool
	old         []string // its lines as they may be shown, where it is not the same
	hidden      bool     // nothing of it may be shown
	note        string
	differ      []string // model paths of the secrets that differ
	words       []secretWord
	notCompared []string // model paths of the secrets that are not known
}

// secretWord is a secret that differs and the first word of its line.
type secretWord struct{ path, word string }

// trust says what is known of the content of a file found on the disk.
type trust int

const (
	doubted trust = iota // it may hold secrets anywhere
	edited               // made without secrets by lbgen, and changed by somebody
	clean                // as lbgen made it, without secrets
)

// line is one line of a file that lbgen made.
type line struct {
	text    string   // with secrets masked
	parts   []string // what stands before, between and behind the secrets
	values  []string
	secrets []artifact.Secret
}

// differs ends a line of the old text whose secret differs: with the secrets
// masked it would be the same as the new one, and not be shown. No other line
// holds this character.
const differs = "\x01"

// linesOf cuts a file into its lines. It returns nil if a secret spans
// several: such a file cannot be compared line by line.
func linesOf(f artifact.File) []line {
	var all []line
	at, next := 0, 0
	for at <= len(f.Data) { // what is behind the last newline is a line too, and mostly empty
		end := len(f.Data)
		if i := bytes.IndexByte(f.Data[at:], '\n'); i >= 0 {
			end = at + i
		}
		l, n, ok := cut(f, at, end, next)
		if !ok {
			return nil
		}
		all, next, at = append(all, l), n, end+1
	}
	return all
}

// cut returns the line Data[at:end], whose first secret is the one numbered
// next, and the number of the first secret behind it.
func cut(f artifact.File, at, end, next int) (l line, _ int, ok bool) {
	for next < len(f.Secrets) && f.Secrets[next].Start <= end {
		s := f.Secrets[next]
		if s.End > end {
			return l, next, false
		}
		l.parts = append(l.parts, string(f.Data[at:s.Start]))
		l.values = append(l.values, string(f.Data[s.Start:s.End]))
		l.secrets = append(l.secrets, s)
		at, next = s.End, next+1
	}
	l.parts = append(l.parts, string(f.Data[at:end]))
	l.text = strings.Join(l.parts, artifact.Mask)
	return l, next, true
}

// match returns what the text has where the line has its secrets, and whether
// it is the same line otherwise.
func (l line) match(text string) (values []string, ok bool) {
	if len(l.secrets) == 0 {
		return nil, text == l.parts[0]
	}
	rest, ok := strings.CutPrefix(text, l.parts[0])
	if !ok {
		return nil, false
	}
	for _, part := range l.parts[1 : len(l.parts)-1] {
		value, behind, ok := strings.Cut(rest, part)
		if !ok {
			return nil, false
		}
		values, rest = append(values, value), behind
	}
	value, ok := strings.CutSuffix(rest, l.parts[len(l.parts)-1])
	return append(values, value), ok
}

// againstFile compares two files that lbgen made.
func againstFile(was oldFile, f artifact.File) verdict {
	v := verdict{notCompared: append(unknown(*was.made), unknown(f)...)}
	if v.same = was.made.Absent() || f.Absent(); v.same {
		return v
	}
	v.compareSecrets(*was.made, f)
	v.same = bytes.Equal(was.made.Masked(), f.Masked()) && len(v.differ) == 0
	if v.same {
		return v
	}
	for _, l := range linesOf(*was.made) {
		if slices.ContainsFunc(l.secrets, func(s artifact.Secret) bool { return slices.Contains(v.differ, s.Path) }) {
			l.text += differs
		}
		v.old = append(v.old, l.text)
	}
	if v.old == nil {
		v.hidden, v.note = true, severalLines
	}
	return v
}

const severalLines = "it holds a secret of several lines, so it is not shown"

// compareSecrets notes which secrets differ, each found by its model path.
func (v *verdict) compareSecrets(was, f artifact.File) {
	before := map[string]string{}
	for _, s := range was.Secrets {
		if s.Known {
			before[s.Path] = string(was.Data[s.Start:s.End])
		}
	}
	for _, s := range f.Secrets {
		if old, there := before[s.Path]; s.Known && there && old != string(f.Data[s.Start:s.End]) {
			start := bytes.LastIndexByte(f.Data[:s.Start], '\n') + 1
			v.add(s.Path, string(f.Data[start:s.Start]))
		}
	}
}

func (v *verdict) add(path, text string) {
	if !slices.Contains(v.differ, path) {
		v.differ = append(v.differ, path)
		v.words = append(v.words, secretWord{path, keyword(text)})
	}
}

// againstDisk compares a file on the disk with the one that lbgen made.
func againstDisk(was oldFile, f artifact.File) verdict {
	v := verdict{notCompared: unknown(f)}
	if f.Absent() || bytes.Equal(was.data, f.Data) {
		v.same = true
		return v
	}
	lines, old := linesOf(f), split(was.data)
	if lines == nil {
		v.hidden, v.note = true, severalLines
		return v
	}
	if v.aligned(old, lines) {
		v.same = len(v.differ) == 0
		return v
	}
	v.scattered(old, lines, was.trust)
	return v
}

// aligned compares line by line, and says whether all is the same but for
// secrets.
func (v *verdict) aligned(old []string, lines []line) bool {
	if len(old) != len(lines) {
		return false
	}
	for i, l := range lines {
		if _, ok := l.match(old[i]); !ok {
			return false
		}
	}
	for i, l := range lines {
		values, _ := l.match(old[i])
		text := l.text
		for j, s := range l.secrets {
			if s.Known && values[j] != l.values[j] {
				v.add(s.Path, l.text)
				text = l.text + differs
			}
		}
		v.old = append(v.old, text)
	}
	return true
}

// scattered compares where other text has changed too.
func (v *verdict) scattered(old []string, lines []line, trust trust) {
	m := newMask(lines, trust)
	for _, text := range old {
		v.old = append(v.old, m.show(text))
	}
	for _, l := range lines {
		for i, s := range l.secrets {
			if s.Known && m.held(l, i, old) == elsewhere {
				v.add(s.Path, l.text)
			}
		}
	}
}

// mask shows lines found on the disk without the secrets in them. When in
// doubt it hides.
type mask struct {
	trust   trust
	literal map[string]bool // the new lines that hold no secret
	words   map[string]bool // their first words
	secret  []line          // the new lines that hold one
	hidden  map[string]bool // their first words
}

func newMask(lines []line, trust trust) mask {
	m := mask{trust: trust, literal: map[string]bool{}, words: map[string]bool{}, hidden: map[string]bool{}}
	for _, l := range lines {
		if len(l.secrets) > 0 {
			m.secret, m.hidden[keyword(l.text)] = append(m.secret, l), true
			continue
		}
		m.literal[l.text], m.words[keyword(l.text)] = true, true
	}
	if len(m.secret) > 0 && trust == edited {
		m.trust = doubted
	}
	return m
}

// show returns the line as it may be shown.
func (m mask) show(text string) string {
	if m.literal[text] {
		return text // the new file holds it in the open
	}
	for _, l := range m.secret {
		if values, ok := l.match(text); ok {
			return m.marked(l, values)
		}
	}
	if m.mayHold(text) {
		return printable(m.hide(text))
	}
	return printable(text)
}

// marked returns the line with its secrets masked, and with the mark if they
// are not the secrets of any such line now.
func (m mask) marked(l line, values []string) string {
	for _, now := range m.secret {
		if now.text == l.text && (slices.Equal(now.values, values) ||
			slices.ContainsFunc(now.secrets, func(s artifact.Secret) bool { return !s.Known })) {
			return l.text
		}
	}
	return l.text + differs
}

// mayHold says whether the line may hold a secret.
func (m mask) mayHold(text string) bool {
	text = strings.TrimSpace(text)
	word := keyword(text)
	switch {
	case !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }):
		return false
	case m.holdsKnown(text):
		return true
	case m.trust == clean:
		return false
	case m.hidden[word]:
		return true
	case text == "auth_type PASS" || text == "auth_type AH":
		return false // the word for a secret, and none
	case sensitive(text):
		return true
	case isAddress(word) || matters(word) || strings.HasSuffix(text, " {"):
		return false // Keepalived's own words, which matter most in a diff
	default:
		return m.trust == doubted && !m.words[word]
	}
}

func isAddress(word string) bool {
	address, _, _ := strings.Cut(word, "/")
	_, err := netip.ParseAddr(address)
	return err == nil
}

// holdsKnown says whether one of the secrets stands somewhere in the text.
// Those so short that they stand everywhere count as whole words only.
func (m mask) holdsKnown(text string) bool {
	for _, l := range m.secret {
		for i, s := range l.secrets {
			value := l.values[i]
			if s.Known && value != "" && (slices.Contains(strings.Fields(text), value) || len(value) >= 4 && strings.Contains(text, value)) {
				return true
			}
		}
	}
	return false
}

// sensitive says whether the text has a word that stands beside secrets.
func sensitive(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc([]string{"pass", "pw", "auth", "secret", "token", "key", "credential", "private", "community", "user", "login"},
		func(w string) bool { return strings.Contains(text, w) })
}

// hide returns the line's first word, if it is one that the new file has too,
// and the mask.
func (m mask) hide(text string) string {
	indent := text[:len(text)-len(strings.TrimLeft(text, " \t"))]
	if word := keyword(text); m.words[word] || m.hidden[word] {
		return indent + word + " " + artifact.Mask
	}
	return indent + artifact.Mask
}

// keyword returns what the line is about: its first word, or the first two
// where HAProxy has many lines that begin with the first.
func keyword(text string) string {
	w := strings.Fields(text)
	switch {
	case len(w) == 0:
		return ""
	case len(w) > 1 && (w[0] == "stats" || w[0] == "tcp-check"):
		return w[0] + " " + w[1]
	default:
		return w[0]
	}
}

// printable shows control characters, which lbgen never writes, as pictures:
// what stands on the disk must not steer a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < ' ' && r != '\t':
			return r + '\u2400'
		case r == 0x7f || r >= 0x80 && r < 0xa0:
			return unicode.ReplacementChar
		default:
			return r
		}
	}, text)
}

type found int

const (
	nowhere   found = iota // no line of this kind: it is new as a whole
	elsewhere              // such a line, with another secret
	there
)

// held says whether one of the old lines holds the i-th secret of the line.
func (m mask) held(l line, i int, old []string) found {
	result := nowhere
	for _, text := range old {
		values, ok := l.match(text)
		switch {
		case ok && values[i] == l.values[i]:
			return there
		case ok:
			result = elsewhere
		}
	}
	return result
}

// whole returns the lines of a file that is to be removed as they may be
// shown, and whether none may.
func whole(was oldFile) (lines []string, hidden bool) {
	if was.made != nil {
		return textOf(*was.made), false
	}
	m := newMask(nil, was.trust)
	for _, text := range split(was.data) {
		lines = append(lines, m.show(text))
	}
	return lines, was.trust == doubted
}

// textOf returns the lines of a file that lbgen made, with secrets masked.
func textOf(f artifact.File) []string { return split(f.Masked()) }

func split(data []byte) []string { return strings.Split(string(data), "\n") }
