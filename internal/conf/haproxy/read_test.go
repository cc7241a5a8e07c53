package haproxy

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/lbgen/lbgen/internal/diag"
)

func read(text string) *Config {
	return Read(World{Env: envOf(daemonEnv()), Version: "2.6.12"}, File{"h.cfg", []byte(text)})
}

// shown is a configuration on a few lines: sections with their defaults, lines
// with their words.
func shown(c *Config) string {
	var b strings.Builder
	line := func(d *Directive) string {
		words := strings.Join(d.Words(), "|")
		if d.Modifier != "" {
			words = d.Modifier + "!" + words
		}
		if d.Maybe {
			words += " ?"
		}
		if d.Comment != "" {
			words += " # " + d.Comment
		}
		return words
	}
	for _, s := range c.Sections {
		from := ""
		if s.Defaults != nil {
			from = fmt.Sprintf(" < %s@%d", s.Defaults.Name, s.Defaults.Head.Range.Start.Line)
		}
		fmt.Fprintf(&b, "%s(%s)%s\n", s.Kind, s.Name, from)
		for _, d := range s.Lines {
			fmt.Fprintf(&b, "  %s\n", line(d))
		}
	}
	for _, part := range []struct {
		name  string
		lines []*Directive
	}{{"outside", c.Outside}, {"macro", c.Macros}, {"unread", c.Unread}} {
		for _, d := range part.lines {
			fmt.Fprintf(&b, "%s %s\n", part.name, line(d))
		}
	}
	for _, k := range c.Comments {
		fmt.Fprintf(&b, "comment %s: %s\n", k.Range, k.Text)
	}
	for _, d := range c.Found {
		fmt.Fprintf(&b, "%s %s-%d: %s\n", d.Severity, d.Subject, d.Subject.End.Column, d.Summary)
	}
	return b.String()
}

func TestRead(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"sections": {"# top\nglobal # the process\n  log /dev/log local0\n\ndefaults\n  mode http\nfrontend a\n  bind :80\nfrontend a\n" +
			"defaults d2\nbackend b from d2\nlisten c\ndefaults from d2\nbackend x from no\n",
			"global()\n  log|/dev/log|local0\ndefaults()\n  mode|http\nfrontend(a) < @5\n  bind|:80\nfrontend(a) < @5\ndefaults(d2)\n" +
				"backend(b) < d2@10\nlisten(c) < d2@10\n" +
				"defaults() < d2@10\nbackend(x)\ncomment h.cfg:1:1: top\nerror h.cfg:14:16-18: there is no defaults section \"no\" above\n"},
		"modifiers": {"defaults\n no option redispatch\n default option redispatch\n no\n",
			"defaults()\n  no!option|redispatch\n  default!option|redispatch\n  no\n"},
		"byte order mark": {"\ufeff# x\nglobal\n", "global()\noutside \ufeff # x\n" +
			"error h.cfg:1:1-2: the file begins with a byte order mark (U+FEFF), which HAProxy takes for a word\n"},
		"outside": {"maxconn 1\nglobal\n", "global()\noutside maxconn|1\nerror h.cfg:1:1-8: \"maxconn\" stands in no section\n"},
		"places":  {"global\n\tlog 'é語' \"$A\"x#c\n", "global()\n  log|é語|onex # c\n"},
		"crlf": {"global\r\n  maxconn 1\r\n  a\rb c\r\n",
			"global()\n  maxconn|1\n  a\nwarning h.cfg:3:4-5: words behind a carriage return\n"},
		"no end":    {"global", "global()\nerror h.cfg:1:7-7: the last line does not end\n"},
		"zero byte": {"global\n a\x00b\n", "global()\n  a\nerror h.cfg:2:3-3: a zero byte\n"},
		"zero word": {"global\n a\\x00b c\n", "global()\n  a|c\nwarning h.cfg:2:2-3: \\x00 in a word\n"},
		"empty word": {"global\n \"\" maxconn 1\n \"$NONE\"\n",
			"global()\nunread |maxconn|1\nunread \nwarning h.cfg:2:2-3: a line whose first word is empty\nwarning h.cfg:3:2-3: a line whose " +
				"first word is empty\n"},
		"quote":      {"global\n a 'b\n c\n", "global()\n  c\nunread a|b\nerror h.cfg:2:4-5: a quote that nothing closes\n"},
		"not joined": {"global\n a\\\n b\n", "global()\n  a\\\n  b\n"},
		"scope":      {"[x]\nglobal\n [] a\n", "global()\nmacro [x]\nmacro [] a\nerror h.cfg:3:2-6: [ without the name of a scope and ]\n"},
		"own variables": {"global\n a \"$.LINE\" \"${.FILE}\" \"${.SECTION}\"\nbackend b\n a \"${.SECTION}\"\n",
			"global()\n  a|2|h.cfg|global\nbackend(b)\n  a|b\n"},
		"spread": {"global\n a \"${N[*]}\" b\n", "global()\n  a|n1|n2|n3|b\n"},
		"if": {"global\n.if defined(A)\n a\n.elif 1\n b\n.else\n c\n.endif\n.if feature(X)\n d\n.else\n e\n.endif\n f\n.if 0\nbackend " +
			"no\n.warning x\n.if nonsense(\n.endif\n.endif\n.notice \"n\"\n",
			"global()\n  a\n  d ?\n  e ?\n  f\nmacro .if|defined(A)\nmacro .elif|1\nmacro .else\nmacro .endif\nmacro .if|feature(X)\nmacro " +
				".else ?\nmacro .endif ?\nmacro .if|0\nmacro .if|nonsense(\nmacro .endif\nmacro .endif\nmacro .notice|n\n" +
				"unread b\nunread c\nunread backend|no\nunread .warning|x\n"},
		"bad macros": {".if\n.else a\n.else\n.elif 1\n.endif b\n.endif\n.foo\n.notice a b\n.if 1 +\n",
			"macro .if\nmacro .else|a\nmacro .else\nmacro .elif|1\nmacro .endif|b\nmacro .endif\nmacro .foo\nmacro .notice|a|b\nmacro .if|1|+\n" +
				"error h.cfg:2:7-8: words behind .else\nerror h.cfg:3:1-6: .else behind .else\nerror h.cfg:4:1-6: .elif behind .else\nerror " +
				"h.cfg:5:8-9: words behind .endif\nerror h.cfg:6:1-7: .endif without .if\n" +
				"error h.cfg:7:1-5: HAProxy has no \".foo\"\nerror h.cfg:8:11-12: .notice with more than one word behind it\nerror " +
				"h.cfg:9:1-8: a condition that HAProxy does not understand\nerror h.cfg:9:8-8: the file ends before .endif\n"},
	} {
		if got := shown(read(c.text)); got != c.want {
			t.Errorf("%s:\n%swant\n%s", name, got, c.want)
		}
	}
}

// TestWordsOfLines has lines with each kind of quotes.
func TestWordsOfLines(t *testing.T) {
	for line, want := range map[string][]string{
		`    bind  :443 ssl crt "/etc/a b.pem" # note`: {"bind", ":443", "ssl", "crt", "/etc/a b.pem"},
		`acl a path /x\ y 'it"s'`:                      {"acl", "a", "path", "/x y", `it"s`},
		`stats auth "a\"b#c"`:                          {"stats", "auth", `a"b#c`},
		`x ""`:                                         {"x", ""},
	} {
		if got := ReadLine(line).Words(); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	for _, line := range []string{"# nothing", "", "  ", "backend b", `"" a`} {
		if got := ReadLine(line); got != nil {
			t.Errorf("%q: %q", line, got.Words())
		}
	}
}

// TestPlaces: each word has its range in characters.
func TestPlaces(t *testing.T) {
	c := read("global\n\té 'x y'  \"${N[*]}\"#\xff\n")
	var got []string
	for _, token := range c.Sections[0].Lines[0].Tokens {
		got = append(got, fmt.Sprintf("%s-%d %s %v %v", token.Range, token.Range.End.Column, token.Text, token.Quoted, token.Env))
	}
	want := []string{"h.cfg:2:2-3 é false false", "h.cfg:2:4-9 x y true false", "h.cfg:2:11-20 n1 true true", "h.cfg:2:11-20 n2 true true",
		"h.cfg:2:11-20 n3 true true"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestFiles: defaults count in the next file, a section does not go on there.
func TestFiles(t *testing.T) {
	c := Read(World{}, File{"a", []byte("defaults\n mode http\n")}, File{"b", []byte(" maxconn 1\nfrontend f\n")})
	if len(c.Outside) != 1 || len(c.Sections) != 2 || c.Sections[1].Mode() != "http" || c.Sections[1].Head.Range.String() != "b:2:1" {
		t.Errorf("%s", shown(c))
	}
	if got := InFolder([]string{"b.cfg", ".c.cfg", "a.cfg", "a.cfg.old", "x.conf", "a.cfg.cfg", "B.cfg"}); !slices.Equal(got,
		[]string{"B.cfg", "a.cfg", "b.cfg"}) {
		t.Errorf("%q", got)
	}
}

// TestMode: the last line counts, of the section or else of its defaults.
func TestMode(t *testing.T) {
	c := read("defaults a\n mode http\ndefaults b from a\nlisten l\nfrontend f from b\n mode tcp\n mode http\nfrontend g\n mode tcp\n")
	for i, want := range []string{"http", "http", "http", "http", "tcp"} {
		if got := c.Sections[i].Mode(); got != want {
			t.Errorf("%s %s: %s, want %s", c.Sections[i].Kind, c.Sections[i].Name, got, want)
		}
	}
	if got := read("backend b\n").Sections[0].Mode(); got != "tcp" {
		t.Errorf("without any: %s", got)
	}
}

// TestConditions asks a real HAProxy which branch of .if it takes.
func TestConditions(t *testing.T) {
	needHAProxy(t)
	version, err := exec.Command("haproxy", "-v").Output()
	if err != nil {
		t.Fatal(err)
	}
	w := World{Env: envOf(daemonEnv()), Version: strings.Fields(string(version))[2]}
	var together []string // HAProxy reads no other file behind one with a condition that it refuses
	for _, text := range conditions() {
		switch got := taken(w, text); got {
		case "unknown":
		case "refused":
			if is := haproxyTakes(t, text); is[0] != got {
				t.Errorf(".if %s: %s, HAProxy says %s", text, got, is)
			}
		default:
			together = append(together, text)
		}
	}
	for i, is := range haproxyTakes(t, together...) {
		if got := taken(w, together[i]); is != got {
			t.Errorf(".if %s: %s, HAProxy says %s", together[i], got, is)
		}
	}
	t.Logf("%d conditions, of which HAProxy decides %d", len(conditions()), len(together))
}

// taken is which branch the reader takes.
func taken(w World, condition string) string {
	c := Read(w, File{"h.cfg", []byte(ifYes(condition))})
	i := slices.IndexFunc(c.Macros, func(d *Directive) bool { return d.Word(0) == ".notice" })
	switch {
	case c.Found.HasErrors():
		return "refused"
	case c.Macros[i].Maybe:
		return "unknown"
	default:
		return c.Macros[i].Word(1)
	}
}

// haproxyTakes is which branch a real HAProxy takes with each condition.
func haproxyTakes(t *testing.T, conditions ...string) []string {
	t.Helper()
	dir, args := t.TempDir(), []string{"-c"}
	for i, text := range conditions {
		name := filepath.Join(dir, strconv.Itoa(i))
		if err := os.WriteFile(name, []byte(ifYes(text)), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "-f", name)
	}
	cmd := exec.Command("haproxy", args...)
	for name, value := range daemonEnv() {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, _ := cmd.CombinedOutput() // a file without a section is refused
	says := make([]string, len(conditions))
	for i := range says {
		says[i] = "refused"
		if m := regexp.MustCompile(`parsing \[\S*/` + strconv.Itoa(i) + `:\d+\]: '(yes|no)'`).FindSubmatch(out); m != nil {
			says[i] = string(m[1])
		}
	}
	return says
}

func ifYes(condition string) string {
	return ".if " + condition + "\n.notice yes\n.else\n.notice no\n.endif\n"
}

func conditions() []string {
	return []string{
		"", "0", "1", "-1", "00", "0x0", "0x10", "!0", "! ! 1", "1 && 0", "1 || 0", "0 || 0 || 1", "0 && 0 || 1", "1 || 1 && 0",
		"(0 || 1) && 1", "!(1)", "1 && (0)", "( 1 )",
		"defined(A)", "defined(EMPTY)", "defined(NOPE)", "!defined(NOPE)", "streq(a,a)", "streq(a,b)", "strneq(a,b)", `streq("$A",one)`,
		`streq("$NONE",)`, "streq(a , a)",
		"version_atleast(2.4)", "version_atleast(9.1)", "version_before(2.4)", "version_before(9)", "version_atleast(2.6.0)",
		"version_before(2.6.99)", "defined(A)&&defined(EMPTY)",
		"nonsense", "nonsense(1)", "1 1", "(1", "1)", "defined", "&& 1", "1 &&", "||", "a", "feature(OPENSSL)", "openssl_version_atleast(1)",
	}
}

// FuzzRead: whatever the bytes are, every word has a place in the text, and
// nothing panics.
func FuzzRead(f *testing.F) {
	for _, line := range madeUp(200) {
		f.Add("global\n "+line+"\n", true)
	}
	f.Add(".if 1\n.elif x\n[\n\x00\n.endif", false)
	f.Fuzz(func(t *testing.T, text string, again bool) {
		files := []File{{"a", []byte(text)}}
		if again {
			files = append(files, File{"b", []byte(text)})
		}
		c := Read(World{Env: envOf(daemonEnv())}, files...)
		lines := strings.Split(text, "\n")
		for _, s := range c.Sections {
			_ = s.Mode()
			for _, d := range append(s.Lines, s.Head) {
				for _, token := range d.Tokens {
					inside(t, lines, token.Range)
				}
				inside(t, lines, d.Range)
			}
		}
		for _, d := range c.Found {
			inside(t, lines, d.Subject)
		}
	})
}

func inside(t *testing.T, lines []string, r diag.Range) {
	t.Helper()
	if r.Start.Line < 1 || r.Start.Line > len(lines) || r.End.Line != r.Start.Line || r.Start.Column < 1 || r.End.Column < r.Start.Column ||
		r.End.Column > utf8.RuneCountInString(lines[r.Start.Line-1])+1 {
		t.Errorf("there is no %+v", r)
	}
}

// FuzzReadWriteRead: words that were read and are written as texts are read as the
// same words. Texts that HAProxy itself cannot hold, with a zero byte, are none.
func FuzzReadWriteRead(f *testing.F) {
	for _, line := range madeUp(500) {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		first := split(line, envOf(daemonEnv()))
		var b strings.Builder
		for i, p := range first.pieces {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(quote(p.text))
		}
		again := split(b.String(), envOf(nil))
		if again.fault != nil && first.fault == nil || len(again.pieces) != len(first.pieces) {
			t.Fatalf("%q was written as %q and read as %d words (%v)", line, b.String(), len(again.pieces), again.fault)
		}
		for i, p := range again.pieces {
			if p.text != first.pieces[i].text {
				t.Errorf("%q was written as %q and read as %q", first.pieces[i].text, b.String(), p.text)
			}
		}
	})
}
