package scripts_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
)

// certificate is a PEM file with a key, and where the key stands in it.
func certificate(t *testing.T) (text, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"a.example"}}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	keyPEM := string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}))
	lines := strings.Split(strings.TrimSpace(keyPEM), "\n")
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})) + keyPEM, strings.Join(lines[1:len(lines)-1], "\n")
}

const shopPEM = "etc/haproxy/tls/shop.pem"

// withTLS is prslb with a certificate, and a frontend that shows it.
func withTLS(text, key string) tree {
	tr := prslb()
	tr.put("etc/haproxy/haproxy.cfg",
		haproxyCfg+"frontend tls\n    mode http\n    bind 127.0.0.1:8443 ssl crt /"+shopPEM+"\n    default_backend app\n", artifact.ReloadHAProxy)
	return tr.put(shopPEM, text, artifact.ReloadHAProxy).hide(shopPEM, key)
}

// TestCertificate: haproxy -c reads haproxy.cfg with the certificate beside it before either is
// installed, a renewal is a reload and nothing more, and a key is shown nowhere.
func TestCertificate(t *testing.T) {
	t.Parallel()
	b := nodeBox(t)
	serveFirewalld(b)
	text, key := certificate(t)
	all := []string{key}
	run := func(what string, tr tree, code int, says ...string) {
		t.Helper()
		r := b.Run(install, tr.ship(t, dmz(webRule)))
		wantCode(t, what, r, code, says...)
		for _, key := range all {
			for line := range strings.Lines(key) {
				if strings.Contains(r.Out+r.Err, strings.TrimSpace(line)) {
					t.Errorf("%s: it shows a key: %s", what, r)
				}
			}
		}
	}
	installed := func(want string) {
		t.Helper()
		if got := b.Must(`stat -c '%a %U:%G' "/$1"; cat "/$1"`, shopPEM); got != "600 root:root\n"+want {
			t.Errorf("/%s is %s", shopPEM, got)
		}
	}
	run("first install", withTLS(text, key), 0, "new       /"+shopPEM)
	installed(text)
	asked(b)
	run("second install", withTLS(text, key), 0, "nothing to do")
	wantAsked(t, b, "")

	newText, newKey := certificate(t)
	all = append(all, newKey)
	run("renewed", withTLS(newText, newKey), 0, "change    /"+shopPEM, "reload    haproxy")
	installed(newText)
	wantAsked(t, b, "reload:haproxy")

	// The certificate of one, the key of the other: haproxy -c sees them where they will be.
	wrong := strings.Replace(newText, newKey, key, 1)
	run("a wrong key", withTLS(wrong, key), 1, "haproxy -c says", "nothing was changed")
	installed(newText)

	sh := withTLS(newText, newKey).ship(t, dmz(webRule))
	if err := os.WriteFile(filepath.Join(filepath.Dir(sh), shopPEM), []byte(newText[:len(newText)-40]), 0o600); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "cut", b.Run(install, sh), 1, shopPEM+" is not what lbgen wrote", "nothing was changed")
	installed(newText)
}
