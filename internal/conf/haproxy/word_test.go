package haproxy

import (
	"context"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/testenv"
)

// nasty are words that some grammar gives a meaning to.
func nasty() []string {
	return []string{
		"plain", "a b", "a#b", "#", "a'b", "'", "''", `a"b`, `"`, `a\b`, `\`, `\\n`, "$HOME", "${HOME}", "$", "a$", "%[path]",
		"{ x }", "if", "a;b", "a!b", "!", "日本", "a\u00a0b", " lead", "trail ", "a  b", "@include", "~SEQ(1,3)", "<<", "[*]", "%%", "x=1,y",
	}
}

// unprintable are words that a TCP check sends, and that only an escape can
// write.
func unprintable() []string {
	return []string{"PING\r\n", "\r", "it's\n", "a\tb \x7f\xff\x01'", "\ufffd", "\xe6\x97"}
}

// FuzzText: what is written is read as it was.
func FuzzText(f *testing.F) {
	for _, w := range append(nasty(), unprintable()...) {
		f.Add(w)
	}
	f.Fuzz(func(t *testing.T, text string) {
		line := NewLine("", "uri", Text(text), Key("next")).Text()
		if strings.ContainsAny(line, "\x00\r\n") {
			t.Errorf("%q becomes %q", text, line)
		}
		s := split(line, nil)
		var got []string
		for _, p := range s.pieces {
			got = append(got, p.text)
		}
		// HAProxy sees nothing of a word behind a zero byte; no text of a site file has one.
		if want := []string{"uri", text, "next"}; !strings.Contains(text, "\x00") && !slices.Equal(got, want) {
			t.Errorf("%q is read as %q", text, got)
		}
	})
}

// TestHAProxyReadsTheWord has a real HAProxy send back each text that its
// configuration holds: as a word, as a log-format, and as an argument of a
// function.
func TestHAProxyReadsTheWord(t *testing.T) {
	texts := append(nasty(), unprintable()...)
	arguments := append(nasty(), "a)", "a) b", "a(b", "a,b", "")
	formats := append(nasty(), "100%", "%[src]", "%ci", "%{+Q}o")
	var lines, want []string
	add := func(text, action string, words ...Word) {
		path := Condition{Sample: Key("path"), Values: []string{fmt.Sprintf("/%d", len(want))}}
		lines = append(lines, NewLine("", Keyword(action), append(words, If(path))...).Text())
		want = append(want, text)
	}
	for _, text := range texts {
		add(text, "http-request return status 200 content-type text/plain string", Text(text))
	}
	for _, text := range formats {
		add(text, "http-request return status 200 content-type text/plain lf-string", Plain(text))
	}
	for _, text := range arguments {
		add(text, "http-request set-var(txn.a)", Call("str", text))
	}
	lines = append(lines, NewLine("", "http-request return status 200 content-type text/plain lf-string", Sample("var(txn.a)")).Text())
	client := serve(t, lines)
	for i, w := range want {
		res, err := client.Get(fmt.Sprintf("http://haproxy/%d", i))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if string(body) != w {
			t.Errorf("%s: %q is read as %q", lines[i], w, body)
		}
	}
}

// serve runs a HAProxy with the lines in its frontend, and returns a client of it.
func serve(t *testing.T, lines []string) *http.Client {
	t.Helper()
	haproxy, err := exec.LookPath("haproxy")
	if err != nil {
		testenv.Lacks(t, "%v", err)
	}
	dir, err := os.MkdirTemp("", "lbgen") // a socket's path has 107 bytes at most
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	cfg := "global\n    maxconn 100\ndefaults\n    mode http\n    timeout client 5s\n    timeout server 5s\n    timeout connect 5s\n" +
		"frontend f\n    bind unix@" + dir + "/s\n    " + strings.Join(lines, "\n    ") + "\n"
	file := filepath.Join(dir, "cfg")
	if err := os.WriteFile(file, []byte(cfg), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(haproxy, "-db", "-f", file)
	var talk strings.Builder
	cmd.Stderr = &talk
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for range 200 {
		if _, err := os.Stat(filepath.Join(dir, "s")); err == nil {
			return &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
				DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
					return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(dir, "s"))
				},
			}}
		}
		time.Sleep(50 * time.Millisecond)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	t.Fatalf("HAProxy does not start:\n%s", talk.String())
	return nil
}

func TestWords(t *testing.T) {
	for _, c := range []struct {
		word Word
		want string
	}{
		{Time(90 * time.Second), "90s"}, {Time(2 * time.Minute), "2m"}, {Time(48 * time.Hour), "2d"}, {Time(1500 * time.Millisecond), "1500ms"},
		{Time(10 * time.Microsecond), "10us"}, {Time(0), "0us"}, {Seconds(time.Hour), "3600s"},
		{Bind(netip.IPv4Unspecified(), 80, 80), "*:80"}, {Bind(netip.IPv6Unspecified(), 80, 80), "[::]:80 v6only"},
		{Bind(netip.MustParseAddr("2001:db8::1"), 443, 443), "[2001:db8::1]:443"},
		{Call("req.hdr_ip", "X-Real-IP", "-1"), "req.hdr_ip(X-Real-IP,-1)"}, {Call("str", "a b"), `'str('\''a b'\'')'`},
		{Texts([]string{"a", "b c"}), "a 'b c'"}, {List([]string{"h2", "http/1.1"}), "h2,http/1.1"}, {Text(""), "''"},
		{When(false, Key("x")), ""}, {If(), ""}, {Hex([]byte{0, 255}), "00ff"},
		{If(Condition{Not: true, ACL: "a"}, Condition{Sample: Key("path_beg"), Values: []string{"/a b"}}), "if !a { path_beg '/a b' }"},
		{Unless(Condition{Sample: Key("ssl_fc")}), "unless { ssl_fc }"},
		{Concat(Text("joe"), Key(":"), Secret("it's", "a", true)), `joe:'it'\''s'`},
		{RedisAuth("secret", "a", true), `'*2'\r\n'$4'\r\nAUTH\r\n'$6'\r\n'secret'\r\n`},
	} {
		if got := c.word.Text(); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// TestFreeTextIsNoDirective compiles what somebody might write: a text of the
// user's becomes a word by Text and by nothing that does not quote it.
func TestFreeTextIsNoDirective(t *testing.T) {
	sources := importer.ForCompiler(token.NewFileSet(), "source", nil) // reads packages, each once
	for _, c := range []struct {
		statement string
		compiles  bool
	}{
		{`h.NewLine("a", "option httplog")`, true},
		{`h.NewLine("a", "mode", h.Text(user))`, true},
		{`h.NewLine("a", "mode " + user)`, false},
		{`h.NewLine("a", user)`, false},
		{`h.NewLine("a", "mode", user)`, false},
		{`h.NewLine("a", "mode", h.Key(user))`, false},
		{`h.NewLine("a", "balance", h.Call(user, "x"))`, false},
		{`h.NewLine("a", "mode", h.Word{text: user})`, false},
		{`h.NewLine("a", "mode", h.Word(user))`, false},
		{`_ = h.Condition{Sample: user}`, false},
		{`var k h.Keyword = user; _ = k`, false},
		{`_ = []h.Line{h.NewRaw("a", user, nil)}`, false},
	} {
		if err := compile(t, sources, c.statement); (err == nil) != c.compiles {
			t.Errorf("%s: %v", c.statement, err)
		}
	}
}

func compile(t *testing.T, sources types.Importer, statement string) error {
	t.Helper()
	files := token.NewFileSet()
	text := "package made_up\n\nimport h \"github.com/lbgen/lbgen/internal/conf/haproxy\"\n\nfunc f(user string) {\n\t" + statement + "\n}\n"
	file, err := parser.ParseFile(files, "made_up.go", text, 0)
	if err != nil {
		t.Fatal(err)
	}
	config := types.Config{Importer: sources}
	_, err = config.Check("github.com/lbgen/lbgen/internal/made_up", files, []*ast.File{file}, nil)
	return err
}
