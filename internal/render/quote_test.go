package render

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/testbox"
)

// nasty are words that some grammar gives a meaning to.
var nasty = []string{
	"plain", "a b", "a#b", "#", "a'b", "'", "''", `a"b`, `"`, `a\b`, `\`, `\\n`, "$HOME", "${HOME}", "$", "a$", "%[path]",
	"{ x }", "if", "a;b", "a!b", "!", "日本", "a\u00a0b", " lead", "trail ", "a  b", "@include", "~SEQ(1,3)", "<<", "[*]", "%%", "x=1,y",
}

// unprintable are words that a TCP check sends, and that only an escape can
// write.
var unprintable = []string{"PING\r\n", "\r", "it's\n", "a\tb \x7f\xff\x01'", "\ufffd", "\xe6\x97"}

// readHAProxy splits a line as HAProxy's manual says (configuration.txt 2.2),
// for the fuzz target; TestHAProxyReadsTheWord asks HAProxy itself.
func readHAProxy(line string) []string {
	var words []string
	var word strings.Builder
	started, quote := false, byte(0)
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quote == '\'' && c != '\'':
			word.WriteByte(c)
		case c == '\'' && quote == 0, c == '"' && quote == 0:
			quote, started = c, true
		case c == quote:
			quote = 0
		case c == '\\' && i+1 < len(line):
			i++
			if end := strings.IndexByte("rnt", line[i]); end >= 0 {
				word.WriteByte("\r\n\t"[end])
			} else if n, err := strconv.ParseUint(line[i+1:min(i+3, len(line))], 16, 8); line[i] == 'x' && err == nil {
				word.WriteByte(byte(n))
				i += 2
			} else {
				word.WriteByte(line[i])
			}
			started = true
		case quote == 0 && (c == ' ' || c == '\t'):
			if started {
				words = append(words, word.String())
			}
			word.Reset()
			started = false
		case quote == 0 && c == '#':
			i = len(line)
		default:
			word.WriteByte(c)
			started = true
		}
	}
	if started {
		words = append(words, word.String())
	}
	return words
}

func FuzzQuoteHAProxy(f *testing.F) {
	for _, w := range append(slices.Clone(nasty), unprintable...) {
		f.Add(w)
	}
	f.Fuzz(func(t *testing.T, word string) {
		line := "uri " + quoteHAProxy(word) + " next"
		if strings.ContainsAny(line, "\x00\r\n") {
			t.Errorf("%q becomes %q", word, line)
		}
		if got := readHAProxy(line); !slices.Equal(got, []string{"uri", word, "next"}) {
			t.Errorf("%q is read as %q", word, got)
		}
	})
}

// TestHAProxyReadsTheWord has a real HAProxy send back each word that its
// configuration holds.
func TestHAProxyReadsTheWord(t *testing.T) {
	testbox.NeedTools(t, "haproxy")
	dir, err := os.MkdirTemp("", "lbgen") // a socket's path has 107 bytes at most
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	var cfg strings.Builder
	fmt.Fprintf(&cfg, "global\n    maxconn 100\ndefaults\n    mode http\n    timeout client 5s\n    timeout server 5s\n    timeout connect 5s\nfrontend f\n    bind unix@%s/s\n", dir)
	words := append(slices.Clone(nasty), unprintable...)
	for i, w := range words {
		fmt.Fprintf(&cfg, "    http-request return status 200 content-type text/plain string %s if { path /%d }\n", quoteHAProxy(w), i)
	}
	file := filepath.Join(dir, "cfg")
	if err := os.WriteFile(file, []byte(cfg.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	stop := startHAProxy(t, file, filepath.Join(dir, "s"))
	defer stop()
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(dir, "s"))
		},
	}}
	for i, w := range words {
		res, err := client.Get(fmt.Sprintf("http://haproxy/%d", i))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if string(body) != w {
			t.Errorf("%q is read as %q", w, body)
		}
	}
}

// startHAProxy starts HAProxy and waits for its socket.
func startHAProxy(t *testing.T, file, socket string) (stop func()) {
	t.Helper()
	cmd := exec.Command("haproxy", "-db", "-f", file)
	var talk strings.Builder
	cmd.Stderr = &talk
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := os.Stat(socket); err == nil {
			return func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }
		}
		time.Sleep(50 * time.Millisecond)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	t.Fatalf("HAProxy does not start:\n%s", talk.String())
	return nil
}

// TestKeepalivedReadsThePassword has a real Keepalived say which passwords it
// holds: those that the model lets through arrive as they were.
func TestKeepalivedReadsThePassword(t *testing.T) {
	testbox.NeedRoot(t)
	testbox.NeedTools(t, "keepalived")
	var passwords []string
	for _, w := range append(slices.Clone(nasty), "passw123", "~LST(a)", "x\\ty", "include", "8 bytes!") {
		if model.CheckAuthPass(w) == "" {
			passwords = append(passwords, w)
		}
	}
	var cfg strings.Builder
	for i, p := range passwords {
		fmt.Fprintf(&cfg, "vrrp_instance V%d {\n state BACKUP\n interface eth0\n virtual_router_id %d\n priority 100\n authentication {\n auth_type PASS\n auth_pass %s\n }\n virtual_ipaddress {\n 192.0.2.%d/24\n }\n}\n",
			i, i+1, quoteKeepalived(p), i+10)
	}
	file := filepath.Join(t.TempDir(), "keepalived.conf")
	if err := os.WriteFile(file, []byte(cfg.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("unshare", "-mn", "sh", "testdata/keepalived.sh", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range regexp.MustCompile(`(?m)^ +Password = (.*)$`).FindAllStringSubmatch(string(out), -1) {
		got = append(got, m[1])
	}
	if !slices.Equal(got, passwords) {
		t.Errorf("Keepalived holds\n%q, want\n%q", got, passwords)
	}
}
