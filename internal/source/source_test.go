package source_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/source"
)

// marked takes the § out of text, of which there is one or two, and returns
// where they stood.
func marked(t *testing.T, text string) (plain string, start, end diag.Pos) {
	t.Helper()
	parts := strings.Split(text, "§")
	at := func(before string) diag.Pos {
		last := before[strings.LastIndexByte(before, '\n')+1:]
		return diag.Pos{Line: strings.Count(before, "\n") + 1, Column: utf8.RuneCountInString(last) + 1}
	}
	switch len(parts) {
	case 2:
		return parts[0] + parts[1], at(parts[0]), diag.Pos{}
	case 3:
		return parts[0] + parts[1] + parts[2], at(parts[0]), at(parts[0] + parts[1])
	default:
		t.Fatalf("%d marks in %q", len(parts)-1, text)
		return "", diag.Pos{}, diag.Pos{}
	}
}

// TestLineRange finds a line of a text, however the text is written.
func TestLineRange(t *testing.T) {
	for _, c := range []struct{ path, line, text string }{
		{"a", "x y", "a: |\n  w\n\n  §x y§\n  z\n"},
		{"a", "x y", "a: |-\n  # x y\n  §x y§\n"},
		{"a.b", "größe", "a:\n  b: >\n    größer\n    §größe§\n  c: größe\n"},
		{"a", "x", "a: §x§\n"},
		{"a", "x", "a: \"§x§\"   # x\n"},
		{"b", "a", "{a: a, b: §a§}\n"},
		{"a[1]", "x", "a:\n  - x\n  - |\n    §x§\n"},
		{"a", "x\ty", "a: §\"x\\ty\"§\n"},
		{"a", "x", "a: §|§\n  y\nb: x\n"},
	} {
		text, start, end := marked(t, c.text)
		f, found := source.Parse("x.yaml", []byte(text))
		if len(found) > 0 {
			t.Fatal(found)
		}
		if got := f.LineRange(diag.Path(c.path), c.line); got.Start != start || got.End != end {
			t.Errorf("%q in %q: %v to %v, want %v to %v", c.line, text, got.Start, got.End, start, end)
		}
	}
}

// TestRange finds the value between the marks by its path.
func TestRange(t *testing.T) {
	for _, c := range []struct{ path, text string }{
		{"a", "a: §value§\n"},
		{"a", "a: §value§   # comment\n"},
		{"a", "a: §'it''s'§\n"},
		{"a", `a: §"say \"x\""§ # c` + "\n"},
		{"a", "a: §\"two\nlines\"\n"},
		{"a", "a: §|§\n  block\n"},
		{"a", "a: §&x 1§\n"},
		{"c", "a: &x 1\nb: 2\nc: §*x§\n"},
		{"größe", "größe: §grün§\n"},
		{"b", "{日本: 語, b: §x§}\n"},
		{"b", "{a: \"\t\t\", b: §x§}\n"},
		{"a[1]", "a: [x, §yy§, z]\n"},
		{"a[1]", "a:\n  - x\n  - §yy§\n"},
		{"a[0].b", "a:\n  - {b: §1§, c: 2}\n"},
		{"a", "a: §{b: 1, c: [2, '}']}§ # c\n"},
		{"a", "a: §[1,\n  2]\n"},
		{"a", "a:\n  §b: 1§  # c\n  c: 2\n"},
		{"a.b", "a.b: §1§\n"},
		{"[a.b]", "a.b: §1§\n"},
		{"m[a.b].c", "m:\n  a.b:\n    c: §1§\n"},
		{"a.b", "a: {b: 1}\na.b: §2§\n"},
		{"a.b.c", "a:\n  b: §1§\n"},
		{"a[7]", "a: §[1, 2]§\n"},
		{"nothing", "§a: 1§\nb: 2\n"},
		{"a", "\ufeffa: §1§\n"},
		{"b", "a: 1\r\nb: §x y§\r\nc: 3\r\n"},
		{"b", "# c\n\n---\n\nb: §1§\n"},
	} {
		if strings.Count(c.text, "§") < 1 {
			t.Fatal(c)
		}
		text, start, end := marked(t, c.text)
		start.Column -= strings.Count(c.text[:strings.Index(c.text, "§")], "\ufeff")
		f, found := source.Parse("f.yaml", []byte(text))
		if len(found) > 0 {
			t.Errorf("%q: %v", text, found)
			continue
		}
		got := f.Range(diag.Path(c.path))
		if end == (diag.Pos{}) {
			end = got.End
		} else {
			end.Column -= strings.Count(c.text[:strings.Index(c.text, "§")], "\ufeff")
		}
		if got.Start != start || got.End != end || got.File != "f.yaml" {
			t.Errorf("%s in %q: got %v to %v, want %v to %v", c.path, text, got.Start, got.End, start, end)
		}
	}
}

func TestKeyRange(t *testing.T) {
	for path, text := range map[diag.Path]string{"a.b": "a: {§b§: 1}\n", "m[x y]": "m:\n  §\"x y\"§: 1\n", "a[0]": "a: [§1§]\n",
		"a[0].c": "a: [{§c§: 1}]\n"} {
		text, start, end := marked(t, text)
		f, _ := source.Parse("f.yaml", []byte(text))
		if got := f.KeyRange(path); got.Start != start || got.End != end {
			t.Errorf("%s in %q: got %v to %v, want %v to %v", path, text, got.Start, got.End, start, end)
		}
	}
}

// TestParseFaults wants one finding, at the mark.
func TestParseFaults(t *testing.T) {
	for _, c := range []struct{ name, text, code, words string }{
		{"nothing", "§", "empty", "the file is empty"},
		{"blanks", "§  \n\n \t\n", "empty", "the file is empty"},
		{"comments", "§# one\n# two\n", "empty", "nothing but comments"},
		{"a marker alone", "§---\n# c\n", "empty", "nothing but comments"},
		{"byte order mark alone", "§\ufeff", "empty", "empty"},
		{"UTF-16", "§\xff\xfea\x00:\x00", "bad-character", "UTF-16"},
		{"Latin-1", "a: gr§\xfcn\n", "bad-character", "byte 0xfc is not UTF-8"},
		{"Latin-1 behind wide characters", "ab: 日本\nc: 日本§\xe9\n", "bad-character", "byte 0xe9"},
		{"cut in a character", "a: x§\xe6\x97", "bad-character", "byte 0xe6"},
		{"NUL", "a: x§\x00y\n", "bad-character", "U+0000"},
		{"escape", "a: §\x1b[31m\n", "bad-character", "U+001B"},
		{"carriage return inside", "a: x§\ry\n", "bad-character", "U+000D"},
		{"next line", "a: x§\u0085y\n", "bad-character", "U+0085"},
		{"line separator", "a: x§\u2028b: y\n", "bad-character", "invisible character U+2028"},
		{"right to left", "a: x§\u202ey\n", "bad-character", "U+202E"},
		{"byte order mark inside", "a: x§\ufeffy\n", "bad-character", "U+FEFF"},
		{"no-break space indents", "v:\n  - a: x\n§\u00a0\u00a0  b: y\n    c: z\n", "bad-character", "a no-break space (U+00A0)"},
		{"no-break space behind the indentation", "n:\n  - a: b\n  §\u00a0 p: 3\n", "bad-character", "plain space"},
		{"no-break space behind a key", "a:§\u00a0\nb:\n  c: d\n", "bad-character", "no-break space"},
		{"no-break space before a value", "a: §b:\u00a0c\n", "bad-character", "no-break space"},
		{"no-break space at the end of a key", "§a\u00a0: b\n", "bad-character", "no-break space"},
		{"no-break space behind a dash", "a:\n  -§\u00a0b: c\n  - d: e\n", "bad-character", "no-break space"},
		{"wide spaces indent", "a:\n  b: c\n§\u3000\u3000d: e\n", "bad-character", "ideographic"},
		{"zero width at the beginning", "§\u200ba: b\n", "bad-character", "without width"},
		{"two documents", "a: 1\n§---\nb: 2\n", "two-documents", "second YAML document"},
		{"two documents, dashes in a text", "a: |\n  x\n  ---\n  y\n§---\nb: 1\n", "two-documents", "second"},
		{"two documents, text behind the dashes", "a: 1\n§--- b\n", "two-documents", "second"},
		{"two documents, the first empty", "---\n§---\na: 1\n", "two-documents", "second"},
		{"two documents, the second empty", "a: 1\n§---\n", "two-documents", "second"},
		{"behind the end", "a: 1\n...\n§b: 2\n", "two-documents", "second"},
		{"directive", "# c\n§%YAML 1.2\n---\na: 1\n", "directive", "directives"},
		{"second flow document", "{a: 1}\n§{b: 2}\n", "syntax", "behind the end"},
		{"tab", "a:\n§\tb: 1\n", "tab", "a tab indents"},
		{"tab behind spaces", "a:\n  §\tb: 1\n", "tab", "put spaces here"},
		{"tab in a list", "a:\n  - b\n§\t- c\n", "tab", "a tab indents"},
		{"tab behind a dash", "-§\tb: 1\n", "tab", "a tab"},
		{"key twice", "a: 1\nb: 2\n§a: 3\n", "duplicate-key", `"a" is defined twice`},
		{"key twice, quoted", "a: 1\n§'a': 3\n", "duplicate-key", "twice"},
		{"key twice in a large mapping", "k: {a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1, j: 1, k: 1, l: 1, m: 1, n: 1, §c: 2}\n",
			"duplicate-key", `"c"`},
		{"merge key", "a: &a {x: 1}\nb:\n  §<<: *a\n", "merge-key", "merge keys"},
		{"key is a list", "§[a]: 1\n", "bad-key", "a plain word"},
		{"key is an alias", "a: &a x\n§*a : 1\n", "bad-key", "a plain word"},
		{"tag", "a: §!!int 5\n", "tag", "tags (!)"},
		{"own tag", "a: §!secret x\n", "tag", "tags (!)"},
		{"alias without anchor", "§a: *nope\n", "syntax", "alias without its anchor"},
		{"alias without anchor, further down", "a: 1\nb:\n  - c: 2\n    §d: *nope\n    e: 3\n", "syntax", "alias without its anchor"},
		{"alias loop", "a: &a [§*a]\n", "alias-loop", "inside its own anchor"},
		{"no colon", "a: 1\n§b\nc: 2\n", "syntax", "key: value"},
		{"colon in a value", "a: 1\n§b: c: d\n", "syntax", "needs quotes"},
		{"wrong indentation", "a:\n  b: 1\n  c: 2\n §d: 3\n", "syntax", "does not fit"},
		{"item where a key belongs", "a: 1\n§- b\n", "syntax", ""},
		{"key where an item belongs", "- a\n- b\n- c\n§b: c\n", "syntax", "list item"},
		{"far below", "a:\n" + strings.Repeat("  - x: 1\n", 300) + "§ b: 2\n", "syntax", "does not fit"},
		{"open list", "a: 1\n§b: [1, 2\nc: 3\n", "syntax", "a list that begins in this line"},
		{"open mapping", "a: 1\nb:\n  §- {x: 1, y: 2\n  - {z: 3}\n", "syntax", "a mapping that begins in this line"},
		{"bracket too many", "a: 1\n§k: [a, b]]\n", "syntax", "does not fit"},
		{"quote in a quote", "a: 1\n§b: 'it's'\nc: 2\n", "syntax", "does not fit"},
		{"at sign", "a: 1\n§b: @x\n", "syntax", "needs quotes"},
		{"escape in quotes", "a: 1\n§b: \"\\q\"\n", "syntax", "escape"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, at, _ := marked(t, c.text)
			if c.name == "far below" {
				at.Column++ // the first character that is no space
			}
			_, found := source.Parse("f.yaml", []byte(text))
			if len(found) != 1 {
				t.Fatalf("%d findings: %+v", len(found), found)
			}
			f := found[0]
			if f.Code != c.code || !strings.Contains(f.Summary+f.Detail, c.words) {
				t.Errorf("got %s: %s (%s)", f.Code, f.Summary, f.Detail)
			}
			if f.Subject.Start != at {
				t.Errorf("at %v, want %v: %s", f.Subject.Start, at, f.Summary)
			}
		})
	}
}

// TestParseFine is what looks like one of the faults above and is none.
func TestParseFine(t *testing.T) {
	for _, text := range []string{
		"a: |\n  ---\n  ...\n", "a: \"x\n\ty\"\n", "a: {\n\tb: 1}\n", "a: 1\t# c\n", "a: 1\n...\n# c\n", "---\na: 1\n", "\ufeffa: 1\n",
		"a: 1\r\n",
		"a: ---\n", "---a: 1\n", "a: 'x: y'\n", "a: \ufffd\n", "&k a: 1\n", "a: &x [1]\nb: *x\n", "a: '!x'\n", "a: 100%\n", "a: 日本\n",
	} {
		if f, found := source.Parse("f.yaml", []byte(text)); len(found) > 0 || f.Root.Kind() == source.Absent {
			t.Errorf("%q: %v", text, found)
		}
	}
}

// TestHostile gives the parser what is small and costs much, or is large. That
// none of it takes long is seen by the test's own time-out: each is far beyond
// what a quadratic step survives.
func TestHostile(t *testing.T) {
	repeat := strings.Repeat
	var bomb, tags, anchors strings.Builder
	bomb.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 40; i++ {
		fmt.Fprintf(&bomb, "a%d: &a%d [%s]\n", i, i, repeat(fmt.Sprintf("*a%d, ", i-1), 10))
	}
	for i := range 50_000 {
		fmt.Fprintf(&tags, "%%TAG !k%d! tag:x%d\n", i, i)
		fmt.Fprintf(&anchors, "- &k%d 1\n- *k%d\n", i, i)
	}
	for _, c := range []struct{ name, text, code string }{
		{"50 MB", repeat("a: b\n", 10<<20), "too-large"},
		{"50 MB in one line", repeat("x", 50<<20), "too-large"},
		{"many values", "[" + repeat("a,", 6_000_000) + "]", "too-large"},
		{"many lines", repeat("\n", 6_000_000) + "a: 1", "too-large"},
		{"a million brackets", repeat("[", 1_000_000), "too-deep"},
		{"a million braces", repeat("{a: ", 1_000_000), "too-deep"},
		{"a million dashes", repeat("- ", 1_000_000), "too-deep"},
		{"a million question marks", repeat("? ", 1_000_000), "too-deep"},
		{"deep, and closed", repeat("[", 5000) + repeat("]", 5000), "too-deep"},
		{"deep by indentation", deepBlock(2000), "too-deep"},
		{"billion laughs", bomb.String(), "too-large"},
		{"tag directives", tags.String() + "---\na: 1\n", "directive"},
		{"tag directives behind", "a: 1\n...\n" + tags.String() + "---\na: 1\n", "two-documents"},
		{"anchors", anchors.String(), ""},
		{"one key 100,000 times", repeat("a: 1\n", 100_000), "duplicate-key"},
		{"the same in one line", "[" + repeat("{b: c, b: d},", 100_000) + "]", "duplicate-key"},
		{"the same in one line, wide", "[日本," + repeat("{b: c, b: d},", 20_000) + "]", "duplicate-key"},
		{"a long line", "a: " + repeat("x", 8<<20), ""},
		{"a long text in quotes", "a: \"" + repeat("x\n", 4<<20>>1) + "\"", ""},
		{"comments", repeat("# c\n", 200_000) + "a: 1\n" + repeat("\n# c\n", 200_000), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, found := source.Parse("f.yaml", []byte(c.text))
			switch {
			case c.code == "" && len(found) > 0:
				t.Errorf("%v", found[0])
			case c.code != "" && (len(found) == 0 || found[0].Code != c.code):
				t.Errorf("got %d findings, want %s: %.3v", len(found), c.code, found)
			case len(found) > source.MaxFindings:
				t.Errorf("%d findings", len(found))
			}
		})
	}
}

func deepBlock(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func TestMasked(t *testing.T) {
	for text, want := range map[string]string{
		"auth_pass: hunter2":                       "auth_pass: *******",
		"auth_pass: 'a b' # c":                     "auth_pass: ***** # c",
		"{auth_pass: hunter2, nic: x}":             "{auth_pass: *******, nic: x}",
		"{nic: x, auth_pass: hünter2}":             "{nic: x, auth_pass: *******}",
		"- {auth_pass: {file: secret}, nic: x}":    "- {auth_pass: {file: secret}, nic: x}",
		"auth_pass: {env: VRRP_PASS}   # c":        "auth_pass: {env: VRRP_PASS}   # c",
		"auth_pass: {env: \"hunter2!\"}":           "auth_pass: {env: **********}",
		"{cert: shop.crt, key: certs/shop.key}":    "{cert: shop.crt, key: certs/shop.key}",
		"key: shop.pem":                            "key: shop.pem",
		"{cert: shop.crt, key: hunter2, x: y}":     "{cert: shop.crt, key: *******, x: y}",
		"dynamic_key: shop.key":                    "dynamic_key: ********",
		"balance: roundrobin":                      "balance: roundrobin",
		"{vip: authweb, ports: [80]}":              "{vip: authweb, ports: [80]}",
		"- {name: pass-1, address: 10.0.0.1:80}":   "- {name: pass-1, address: 10.0.0.1:80}",
		"stats: {auth: {user: a, password: 'b,c'}": "stats: {auth: ***********************", // rather too much
	} {
		f, _ := source.Parse("f.yaml", []byte(text+"\n"))
		if got := f.Masked(1); utf8.RuneCountInString(got) != utf8.RuneCountInString(text) || got != want && !strings.HasSuffix(want, "***") {
			t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
		}
	}
}

// TestMaskedCredentials: what lets somebody in is hidden wherever it may stand,
// under the names that people use.
func TestMaskedCredentials(t *testing.T) {
	for _, text := range []string{
		"pw: hunter2", "cred: hunter2", "api_key: hunter2", "apikey: hunter2", "key: hunter2", "psk: hunter2", "x: {pw: hunter2, a: b}",
		"headers: [{name: Authorization, value: Bearer hunter2}]", "headers: [{value: hunter2, name: X-Api-Key}]",
		"- name: Cookie\n  value: hunter2",
		"- value: hunter2\n  name: Proxy-Authorization", "- name: X-Auth-Token\n  a: b\n  value: |\n    hunter2",
		"set_header:\n  name: authorization\n  value: 'Basic hunter2'", "- {name: Authorization,\n   value: hunter2}",
		"when: [{header: {name: X-Api-Key, value: [hunter2]}}]", "when: [{header: {name: X-Api-Key, regex: 'hunter2'}}]",
		"raw: |\n  http-request set-header Authorization \"Basic hunter2\"", "raw: 'http-check send hdr X-Api-Key hunter2'",
		"raw: http-request add-header Cookie \"a=b; c=hunter2\" if TRUE",
		"raw: |\n  http-request deny unless { req.hdr(x-api-key) -m str hunter2 }",
		"raw: |\n  option httpchk GET / HTTP/1.0\\r\\nAuthorization:\\ Basic\\ hunter2", "raw: |\n  stats auth joe:hunter2",
		"raw: |\n  tcp-check send AUTH\\ hunter2\\r\\n", "tcp: [{send: 'AUTH hunter2\\r\\n'}]",
		"raw: setenv DB_PASSWORD hunter2", "- {nic: lan, port: 443, raw: ca-sign-pass hunter2}", "raw: |\n  auth_pass hunter2",
		"raw: |\n  http-request set-var(txn.a) req.hdr(a),hmac(sha256,hunter2)",
	} {
		f, _ := source.Parse("f.yaml", []byte(text+"\n"))
		shown := ""
		for n := 1; n < 6; n++ {
			shown += f.Masked(n) + "\n"
		}
		if strings.Contains(shown, "hunter2") {
			t.Errorf("%s\nis shown as\n%s", text, shown)
		}
	}
	for _, text := range []string{
		"headers: [{name: Accept, value: text/html}]", "- name: X-Api-Version\n  value: two", "persist: {cookie: {name: SRV, mode: insert}}",
		"set_header: {name: Authorization, sample: req.hdr(x)}", "set_header: {name: Cookie, value: {file: a.secret}}",
		"set_response_header: {name: Access-Control-Allow-Credentials, value: true}", "- name: Cookie\n  sample: src\n- name: b\n  value: seen",
		"raw: http-request set-header X-Real-IP %[src]", "tcp: [{send: 'PING\\r\\n'}]", "http_keep_alive: 10s",
	} {
		f, _ := source.Parse("f.yaml", []byte(text+"\n"))
		for n, line := range strings.Split(text, "\n") {
			if got := f.Masked(n + 1); got != line {
				t.Errorf("%s\nis shown as %s", line, got)
			}
		}
	}
}
