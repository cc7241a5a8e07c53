package haproxy

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/testenv"
)

// TestJudgements holds what docs/coverage.md says of keywords that lbgen leaves out, or
// has something better for, against the real HAProxy.
func TestJudgements(t *testing.T) {
	testenv.Programs(t, "haproxy")
	t.Parallel()
	for _, c := range []struct{ line, args, says string }{
		{"pidfile /run/second.pid", "", "'pidfile' already specified"},
		{"localpeer x", "-L y", "'localpeer' ignored since it is already set"},
		{"daemon", "", "New worker"}, // it stays in the foreground
	} {
		said, ended := runFor(t, "global\n    "+c.line+"\n"+judged, strings.Fields("-Ws "+c.args), time.Second)
		if ended || !strings.Contains(said, c.says) {
			t.Errorf("%s: ended %v, want %q:\n%s", c.line, ended, c.says, said)
		}
	}
}

const judged = `defaults
    timeout connect 1s
    timeout client 1s
    timeout server 1s
frontend f
    bind abns@lbgen-judged
`

// TestSSLHello: a server that speaks TLS alone is up, and one of clear text is not.
func TestSSLHello(t *testing.T) {
	testenv.Programs(t, "haproxy")
	t.Parallel()
	secure, clear := tls.NewListener(listener(t), &tls.Config{Certificates: []tls.Certificate{selfSigned(t)}}), listener(t)
	go talkTo(secure, func(c net.Conn) { _ = c.(*tls.Conn).Handshake() })
	go talkTo(clear, func(c net.Conn) { _, _ = fmt.Fprint(c, "HTTP/1.0 400 Bad request\r\n\r\n") })
	cfg := fmt.Sprintf("%sbackend b\n    option ssl-hello-chk\n    option log-health-checks\n    server tls %s check inter 200ms\n"+
		"    server clear %s check inter 200ms\n", strings.Replace(judged, "judged", "hello", 1), secure.Addr(), clear.Addr())
	said, _ := runFor(t, cfg, []string{"-d"}, 2*time.Second)
	for _, want := range []string{"server b/tls succeeded, reason: Layer6 check passed", "server b/clear failed"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in\n%s", want, said)
		}
	}
}

// runFor runs HAProxy for a while, and returns what it says and whether it has ended by
// itself.
func runFor(t *testing.T, cfg string, args []string, d time.Duration) (said string, ended bool) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "haproxy.cfg")
	if err := os.WriteFile(file, []byte(cfg), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, "haproxy", append([]string{"-f", file, "-p", filepath.Join(dir, "pid")}, args...)...)
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	_ = cmd.Run()
	return out.String(), ctx.Err() == nil
}

func listener(t *testing.T) net.Listener {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func talkTo(l net.Listener, talk func(net.Conn)) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			talk(c)
			_ = c.Close()
		}()
	}
}

func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
