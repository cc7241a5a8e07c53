package render

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/check"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
	"github.com/lbgen/lbgen/internal/testbox"
	"github.com/lbgen/lbgen/internal/testenv"
)

// meaningful are values that mean something where HAProxy reads a word: flags,
// the ends of conditions, samples. Whether it accepts them is asked.
func meaningful() []string {
	return []string{"' if TRUE", "}", "--", "-i", "or", "%[zzz]", "%", "${HOME}", `a\`, "# x", "/'", strings.Repeat("a", 990)}
}

// hostile are values that some grammar gives a meaning to: quotes, comments,
// escapes, variables. Their words are looked at.
func hostile() []string {
	return slices.Concat(meaningful(), nasty, []string{`\' if TRUE`, `" if TRUE`, "' 'x", "{", "-f", "||",
		"%zz", "%{zz}o", `"${HOME}"`, "${HOME[*]}", "$(id)", "`id`", "|", "&", "*", "?", ",", "()", "[", "=", "<", "@", "^",
		`\x27`, `\0`, `'\'`, `"\"`, "/", "//", "/$x", "/;", "/%20", "; x=y", "a, b; c=d", strings.Repeat("'", 900)})
}

// TestNoStringAddsADirective puts hostile values into every value of a site that
// takes them, and wants a real HAProxy to read the same lines as before, with
// the same words but for the value itself.
func TestNoStringAddsADirective(t *testing.T) {
	testbox.NeedTools(t, "haproxy")
	for _, base := range baseSites(t) {
		for _, value := range hostile() {
			t.Run(fmt.Sprintf("%s/%.20q", filepath.Base(base.name), value), func(t *testing.T) {
				t.Parallel()
				h := base.hostile(t, value)
				base.readAlike(t, h)
				if slices.Contains(meaningful(), value) {
					base.accepted(t, h)
				}
			})
		}
	}
}

// TestEveryFreeFieldIsAttacked wants a field that takes free text to be in one
// of the sites that hostile values are put into, and each to take one.
func TestEveryFreeFieldIsAttacked(t *testing.T) {
	attacked := map[string]bool{}
	for _, base := range baseSites(t) {
		for _, value := range []string{"'", "/'", "!ALL", ":!MD5", "zz(a)", "; x=y"} {
			h := readSlots(t, base.name, base.text)
			h.fill(t, value)
			for _, s := range h.slots {
				if s.form != asItWas {
					attacked[s.name] = true
				}
			}
		}
	}
	for field := range freeFields() {
		if !attacked[field] {
			t.Errorf("%s is never attacked: add it to examples/kitchen-sink.yaml", field)
		}
	}
}

// FuzzInjection is the same with any value. A fuzzer's step has 10 seconds, so
// that languages are left alone where HAProxy's own word is asked for. The words
// of the values that it begins with are looked at in TestNoStringAddsADirective.
func FuzzInjection(f *testing.F) {
	testenv.Programs(f, "haproxy")
	for _, value := range hostile() {
		f.Add(value)
	}
	bases := baseSites(f)
	f.Fuzz(func(t *testing.T, value string) {
		for _, base := range bases {
			h := base.hostile(t, value)
			if !slices.Contains(hostile(), value) {
				base.readAlike(t, h)
			}
			for h.yieldLanguage("") {
				continue
			}
			h.settle(t)
			base.accepted(t, h)
		}
	})
}

// baseSite is a site that hostile values are put into, and its files.
type baseSite struct {
	name string
	text []byte
	cfg  []string // the lines of haproxy.cfg
	sets []artifact.Set
}

// baseSites are sites that have a value in every field that takes free text:
// the kitchen sink, and what others have beside it.
func baseSites(t testing.TB) []*baseSite {
	t.Helper()
	var names []string
	for _, pattern := range []string{"../../examples/kitchen-sink*.yaml", "../../testdata/sites/*.yaml", "../../examples/*.yaml"} {
		more, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(pattern, err)
		}
		names = append(names, more...)
	}
	var bases []*baseSite
	has := map[string]bool{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		fresh := false
		for _, s := range readSlots(t, name, text).slots {
			fresh = fresh || isFree(s) && !has[s.name]
			has[s.name] = true
		}
		if fresh {
			bases = append(bases, newBase(t, name, text))
		}
	}
	return bases
}

func newBase(t testing.TB, name string, text []byte) *baseSite {
	t.Helper()
	site, found := loadBeside(name, text)
	if found.HasErrors() {
		t.Fatal(found)
	}
	b := &baseSite{name: name, text: text, sets: setsFor(t, site)}
	b.cfg = configOf(t, b.sets[0])
	return b
}

func setsFor(t testing.TB, written *model.Site) []artifact.Set {
	t.Helper()
	pages := map[string][]byte{}
	for _, p := range written.PageRefs() {
		pages[p.File] = []byte("<p>sorry</p>")
	}
	sets, err := New().Sets(site.Resolve(written), model.Inputs{Pages: pages})
	if err != nil {
		t.Fatal(err)
	}
	return sets
}

func configOf(t testing.TB, set artifact.Set) []string {
	t.Helper()
	i := slices.IndexFunc(set.Files, func(f artifact.File) bool { return strings.HasSuffix(f.Path, "/haproxy.cfg") })
	if i < 0 {
		t.Fatal("there is no haproxy.cfg")
	}
	return strings.Split(string(set.Files[i].Data), "\n")
}

// hostile puts the value into the site.
func (b *baseSite) hostile(t *testing.T, value string) *hostileSite {
	t.Helper()
	h := readSlots(t, b.name, b.text)
	h.fill(t, value)
	return h
}

// readAlike wants the lines that the value changed to have the words that they
// had, but for the ones that hold the value.
func (b *baseSite) readAlike(t *testing.T, h *hostileSite) {
	t.Helper()
	now := configOf(t, setsFor(t, h.site)[0])
	if len(now) != len(b.cfg) {
		t.Errorf("%q: %d lines, %d before\n%s", h.value, len(now), len(b.cfg), strings.Join(now, "\n"))
		return
	}
	var was, is []string
	for i, line := range now {
		if line != b.cfg[i] && !strings.HasPrefix(line, "#") {
			was, is = append(was, b.cfg[i]), append(is, line)
		}
	}
	if len(is) == 0 {
		return
	}
	words := haproxyReads(t, append(was, is...))
	ends := linesEnd(t, is)
	for i, line := range is {
		if fault := differs(words[i], words[len(is)+i], h.value); fault != "" || !ends[i] {
			t.Errorf("%q: %s\n  %s\n  %q\n  %s\n  %q", h.value, fault, was[i], words[i], line, words[len(is)+i])
		}
	}
}

// differs says what is wrong with the words of a line that had others before.
func differs(was, is []string, value string) string {
	if len(was) == 0 || len(was) != len(is) {
		return "another number of words"
	}
	for i := range is {
		// A header's values are parted at commas unless one of them holds a comma.
		if sameAs(is[i]) != sameAs(was[i]) && !holds(is[i], value) {
			return fmt.Sprintf("word %d is %q", i+1, is[i])
		}
	}
	return ""
}

// checkers are those of the files that changed.
func (b *baseSite) checkers(set artifact.Set) []string {
	var names []string
	for _, f := range set.Files {
		old, ok := b.sets[0].File(f.Path)
		switch {
		case ok && string(old.Data) == string(f.Data):
		case strings.HasSuffix(f.Path, "/haproxy.cfg"):
			names = append(names, "haproxy")
		case strings.HasSuffix(f.Path, "/keepalived.conf"):
			names = append(names, "keepalived")
		case strings.HasSuffix(f.Path, ".sh"):
			names = append(names, "sh")
		case f.Path != "MANIFEST":
			return check.Names()
		}
	}
	return names
}

// accepted wants the daemons to accept the files. In a language of its own, such
// as regular expressions, a value may be wrong: then that is said of its place.
func (b *baseSite) accepted(t *testing.T, h *hostileSite) {
	t.Helper()
	for {
		set := setsFor(t, h.site)[0]
		names := b.checkers(set)
		if len(names) == 0 {
			return
		}
		found := check.Run(t.Context(), set, check.Options{Only: names}).Findings()
		if len(found) == 0 {
			return
		}
		moved := false
		for _, f := range found {
			moved = h.yieldLanguage(string(f.Path)) || moved
		}
		// HAProxy gives some faults of a log-format another line.
		if !moved && !h.yieldLanguage("") {
			t.Errorf("%q: %v", h.value, found)
			return
		}
		h.settle(t)
	}
}

// escape is how a TCP check's text writes a byte.
var escape = regexp.MustCompile(`\\(x[0-9A-Fa-f]{2}|[nrt0\\])`)

// holds says whether a word has the value in it, in one of the ways in which it
// may be written: as it is, with no sign that a log format gives a meaning to, as
// a regular expression for itself, and as the bytes that a TCP check sends.
func holds(word, value string) bool {
	bytes := escape.ReplaceAllStringFunc(value, func(e string) string {
		if e[1] == 'x' {
			n, _ := strconv.ParseUint(e[2:], 16, 8)
			return string([]byte{byte(n)})
		}
		return strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\t`, "\t", `\0`, "\x00", `\\`, `\`).Replace(e)
	})
	for _, v := range []string{value, strings.ReplaceAll(value, "%", "%%"), regexp.QuoteMeta(value), bytes, fmt.Sprintf("%X", bytes)} {
		if strings.Contains(word, v) {
			return true
		}
	}
	return false
}

// sameAs takes two ways to say one thing for one: how HAProxy looks at a header
// whose value holds a comma, and how it sends bytes that are no text.
func sameAs(word string) string {
	return strings.NewReplacer("req.fhdr(", "req.hdr(", "send-binary", "send").Replace(word)
}
