package render

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/testbox"
)

// TestHAProxyTakesCiphers: what the model lets through HAProxy makes a list of, and
// what HAProxy refuses the model does.
func TestHAProxyTakesCiphers(t *testing.T) {
	testbox.NeedTools(t, "haproxy")
	for _, c := range []struct {
		field, value string
		good         bool
	}{
		{"ciphers", "010", false}, {"ciphers", "abc", false}, {"ciphers", "high", false}, {"ciphers", "!aNULL", false},
		{"ciphers", "FOO-BAR", false},
		{"ciphers", "HIGH", true}, {"ciphers", "HIGH:!aNULL:!MD5", true}, {"ciphers", "ECDHE+AESGCM", true}, {"ciphers", "010:HIGH", true},
		{"ciphers", "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305", true}, {"ciphers", "kECDHE,AES256", true},
		{"ciphers", "DEFAULT:@SECLEVEL=2", true}, {"ciphers", "EECDH+CHACHA20:EECDH+AES128", true},
		{"ciphersuites", "010", false}, {"ciphersuites", "HIGH", false}, {"ciphersuites", "TLS_AES_128_GCM_SHA265", false},
		{"ciphersuites", "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256", true},
		{"ciphersuites", "TLS_AES_128_CCM_8_SHA256", true},
	} {
		site := strings.NewReplacer("ROUTES", "", "BACKEND", "").Replace(credentialSite) +
			fmt.Sprintf("global: {tls: {%s: %q}}\n", c.field, c.value)
		_, _, found := model.Load("site.yaml", []byte(site))
		if found.HasErrors() == c.good {
			t.Errorf("%s %s: the model says %v", c.field, c.value, found)
		}
		file := filepath.Join(t.TempDir(), "haproxy.cfg")
		cfg := fmt.Sprintf("global\n    ssl-default-server-%s %s\ndefaults\n"+
			"    timeout connect 1s\n    timeout client 1s\n    timeout server 1s\n"+
			"listen a\n    bind 127.0.0.1:2\n    server s 127.0.0.1:1 ssl verify none\n", c.field, c.value)
		if err := os.WriteFile(file, []byte(cfg), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("haproxy", "-c", "-f", file).CombinedOutput()
		if (err == nil) != c.good {
			t.Errorf("%s %s: HAProxy says %v, %s", c.field, c.value, err, out)
		}
	}
}
