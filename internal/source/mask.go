package source

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/lbgen/lbgen/internal/diag"
)

// span is a stretch of the text, in bytes.
type span struct{ from, to int }

// Masked returns a line as it may be shown: passwords that are written out are
// replaced character by character, so that columns stay true.
func (f *File) Masked(n int) string {
	line := f.Line(n)
	if line == "" {
		return line
	}
	start := f.lines[n-1]
	var b strings.Builder
	done := 0
	for _, s := range f.hiddenIn(start, start+len(line)) {
		from, to := max(s.from-start, done), min(s.to-start, len(line))
		b.WriteString(line[done:from])
		b.WriteString(strings.Repeat("*", utf8.RuneCountInString(line[from:to])))
		done = to
	}
	b.WriteString(line[done:])
	return b.String()
}

// Hides says whether the range holds a part of a password, so that nothing of
// it may be repeated in a message.
func (f *File) Hides(r diag.Range) bool {
	if r.Start.Line < 1 || r.Start.Line > len(f.lines) {
		return false
	}
	line := f.Line(r.Start.Line)
	at := f.lines[r.Start.Line-1] + len(line) - len(f.tail(line, r.Start.Column))
	return len(f.hiddenIn(at, at+1)) > 0
}

// hiddenIn returns the hidden spans that touch a stretch of the text.
func (f *File) hiddenIn(from, to int) []span {
	f.hideOnce.Do(f.hide)
	first, _ := slices.BinarySearchFunc(f.hidden, from, func(s span, from int) int {
		if s.to <= from {
			return -1
		}
		return 1
	})
	last := first
	for last < len(f.hidden) && f.hidden[last].from < to {
		last++
	}
	return f.hidden[first:last]
}

// hide finds what has to be hidden. It looks at the text alone and so works on
// a file that is not even YAML, and hides rather too much than too little; the
// tree only adds what an alias brings from elsewhere.
func (f *File) hide() {
	h := &hider{file: f, secretForms: secretFormsOnce()}
	c := &credentials{hider: h, credentialForms: credentialFormsOnce()}
	for n := 1; n <= len(f.lines); n++ {
		h.line(n)
		c.line(n)
	}
	h.aliases(f.tree)
	slices.SortFunc(h.found, func(a, b span) int { return a.from - b.from })
	for _, s := range h.found {
		if last := len(f.hidden) - 1; last >= 0 && s.from <= f.hidden[last].to {
			f.hidden[last].to = max(f.hidden[last].to, s.to)
		} else {
			f.hidden = append(f.hidden, s)
		}
	}
}

type hider struct {
	*secretForms
	file  *File
	found []span
}

// secretForms are what secrets are known by in a text.
type secretForms struct {
	words *wordSet // one of them is on each line with such a key

	key   *regexp.Regexp // a key that may name a secret, with what stands behind it
	ref   *regexp.Regexp // {file: PATH} or {env: NAME}, also without its braces
	pem   *regexp.Regexp // the name of a file with a key, in {cert: FILE, key: FILE}
	env   *regexp.Regexp // the name of an environment variable, and not a password in its place
	next  *regexp.Regexp // the next key of a flow mapping
	close *regexp.Regexp // the closing brackets at the end of a line
	entry *regexp.Regexp // a line that begins with a key
}

// secretFormsOnce makes them for all files: they cost as much as a small file itself.
var secretFormsOnce = sync.OnceValue(func() *secretForms {
	return &secretForms{
		words: newWordSet(secretWords()),
		key:   regexp.MustCompile(`(?i)[\w.-]*(?:` + strings.Join(secretWords(), "|") + `)[\w.-]*["']?[ \t]*([:=][ \t]*|[ \t]+)`),
		ref:   regexp.MustCompile(`^\{?[ \t]*["']?(file|env)["']?[ \t]*:[ \t]+("[^"]*"|'[^']*'|[^\s,{}"']+)[ \t]*(?:\}|(?:#.*)?$)`),
		pem:   regexp.MustCompile(`^[\w./-]+\.(?:key|pem)(?:[ \t]*[,}]|[ \t]*$)`),
		env:   regexp.MustCompile(`^["']?[A-Za-z_][A-Za-z0-9_]*["']?$`),
		next:  regexp.MustCompile(`[ \t}\]]*,[ \t{\[]*["']?[A-Za-z_][\w-]*["']?[ \t]*:(?:[ \t]|$)`),
		close: regexp.MustCompile(`[ \t]*[}\]][}\], \t]*$`),
		entry: regexp.MustCompile(`^(?:[-?][ \t]+)*["']?[\w.-]+["']?[ \t]*:(?:[ \t]|$)`),
	}
})

// add hides the part of line n from one byte to another.
func (h *hider) add(n, from, to int) {
	if start := h.file.lines[n-1]; from < to {
		h.found = append(h.found, span{start + from, start + to})
	}
}

func (h *hider) line(n int) {
	line := h.file.Line(n)
	if !h.words.in(line) { // a quick look before the slow one
		return
	}
	for from := 0; from < len(line); {
		m := h.key.FindStringSubmatchIndex(line[from:])
		if m == nil {
			return
		}
		key, sep, value := from+m[0], line[from+m[2]:from+m[3]], from+m[1]
		block := strings.Trim(line[:key], " \t-?\"'") == ""
		if !block && !strings.ContainsAny(sep, ":=") {
			from = value // a word in a text
			continue
		}
		from = h.value(n, key, value, block)
	}
}

// secretWords are parts of keys that name a secret, whether the model has such a
// key or not: people write what they think of first.
func secretWords() []string {
	return []string{"pas", "pw", "secret", "auth", "token", "dynamic", "key", "cred", "psk", "hmac", "bearer", "jwt", "geheim", "kennwort"}
}

// value hides the value that begins at a byte of line n, and returns where to
// look on.
func (h *hider) value(n, key, at int, block bool) int {
	line := h.file.Line(n)
	rest := line[at:]
	if strings.HasPrefix(rest, "{") {
		if m := h.ref.FindStringSubmatchIndex(rest); m != nil {
			h.reference(n, at, m)
			return at + m[1]
		}
	}
	switch {
	case strings.TrimRight(line[key:at], ": \t") == "key" && h.pem.MatchString(rest):
		return at + 1
	case strings.Trim(rest, "{ \t") == "":
		h.below(n, key, true)
	case rest[0] == '"' || rest[0] == '\'':
		return h.quoted(n, at, block)
	case block:
		h.add(n, at, len(line))
		h.below(n, key, strings.ContainsAny(rest[:1], "|>&!#"))
	default:
		end := at + h.flowEnd(rest)
		h.add(n, at, end)
		return end
	}
	return len(line)
}

// flowEnd returns where a value in a flow mapping ends for certain: before the
// next key, or before the brackets that close the line.
func (h *hider) flowEnd(rest string) int {
	if m := h.next.FindStringIndex(rest); m != nil {
		return m[0]
	}
	if m := h.close.FindStringIndex(rest); m != nil {
		return m[0]
	}
	return len(rest)
}

// reference leaves {file: PATH} and {env: NAME} to be read, but not what
// stands there and is no name: somebody took env for the password itself.
func (h *hider) reference(n, at int, m []int) {
	line := h.file.Line(n)
	kind, value := line[at+m[2]:at+m[3]], line[at+m[4]:at+m[5]]
	if kind == "env" && !h.env.MatchString(value) {
		h.add(n, at+m[4], at+m[5])
	}
}

// quoted hides a text in quotes up to its end, on whatever line that is. Where
// something stands behind the closing quote that cannot, it is hidden too: it
// may be a quote inside the password.
func (h *hider) quoted(n, at int, block bool) int {
	line := h.file.Line(n)
	token := quotedToken(line[at:])
	closed := len(token) > 1 && token[len(token)-1] == token[0]
	end := at + len(token)
	after := line[end:]
	switch text := strings.TrimLeft(after, " \t"); {
	case closed && (text == "" || text[0] == '#' && len(text) < len(after)):
		h.add(n, at, end)
		return end
	case closed && !block:
		end += h.flowEnd(after)
		h.add(n, at, end)
		return end
	}
	h.add(n, at, len(line))
	for k := n + 1; !closed && k <= len(h.file.lines); k++ {
		next := h.file.Line(k)
		h.add(k, 0, len(next))
		closed = strings.IndexByte(next, line[at]) >= 0
	}
	return len(line)
}

// below hides what stands under a key: the lines that are indented deeper, and,
// if the key's own line has no value, the next line in any case unless it is
// the next key. A reference to a file or variable is left to be read.
func (h *hider) below(n, key int, first bool) {
	for k := n + 1; k <= len(h.file.lines); k++ {
		line := h.file.Line(k)
		text := strings.TrimLeft(line, " \t")
		indent := len(line) - len(text)
		if text == "" {
			continue
		}
		if indent <= key && (!first || h.entry.MatchString(text)) {
			return
		}
		if m := h.ref.FindStringSubmatchIndex(text); m != nil && first {
			h.reference(k, indent, m)
			return
		}
		h.add(k, indent, len(line))
		if indent <= key {
			return
		}
		first = false
	}
}

// aliases hides a value that does not stand behind its key: what an alias
// stands for, and what has its key on another line.
func (h *hider) aliases(y *yaml.Node) {
	if y == nil || y.Kind == yaml.AliasNode {
		return
	}
	for i, c := range y.Content {
		if y.Kind == yaml.MappingNode && i%2 == 1 {
			key, value := y.Content[i-1], follow(c)
			if value.Kind == yaml.ScalarNode && value.Line != key.Line && h.words.in(key.Value) {
				line := h.file.Line(value.Line)
				h.add(value.Line, len(line)-len(h.file.tail(line, value.Column)), len(line))
				h.below(value.Line, value.Column-1, false)
			}
		}
		h.aliases(c)
	}
}
