package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/cli"
	"github.com/lbgen/lbgen/internal/testenv"
)

// shop is a site with a certificate beside it.
const shop = `version: 1
site: shop
platform: debian12
nics: {lan: {device: eth0, subnet: 192.0.2.0/24}}
nodes: [{name: lb1, priority: 100, addresses: {lan: 192.0.2.1}}, {name: lb2, priority: 50, addresses: {lan: 192.0.2.2}}]
vrrp: [{name: web, nic: lan, virtual_router_id: 23, vips: [192.0.2.10]}]
frontends:
  - name: main
    binds: [{vip: web, port: 443, tls: {certificate: CERTIFICATE}}]
    routes: [{when: [{host: www.example.com}], backend: app}]
    default_backend: app
backends: [{name: app, servers: [{name: a1, address: 198.51.100.11:80}]}]
defaults: {profile: rhel, timeouts: {check: 3s}}
`

// openssl runs it in a folder.
func openssl(t *testing.T, dir string, args ...string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "openssl", args...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// authorities makes a root and an intermediate authority in a folder.
func authorities(t *testing.T, dir string) {
	t.Helper()
	ca := []string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-x509", "-days", "3000",
		"-addext", "basicConstraints=critical,CA:TRUE"}
	openssl(t, dir, append([]string{"req", "-keyout", "root.key", "-out", "root.crt", "-subj", "/CN=root"}, ca...)...)
	openssl(t, dir, append([]string{"req", "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=ca", "-CA", "root.crt", "-CAkey", "root.key"},
		ca...)...)
}

// issue has the intermediate authority sign NAME.crt for a host, with its key in NAME.key.
func issue(t *testing.T, dir, name, host string, more ...string) {
	t.Helper()
	key := []string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"}
	if len(more) > 0 {
		key = more
	}
	openssl(t, dir, append([]string{"req", "-x509", "-nodes", "-keyout", name + ".key", "-out", name + ".crt", "-subj", "/CN=" + host,
		"-days", "90", "-CA", "ca.crt", "-CAkey", "ca.key", "-addext", "basicConstraints=critical,CA:FALSE", "-addext",
		"subjectAltName=DNS:" + host, "-addext", "authorityInfoAccess=caIssuers;URI:http://ca.example.net/ca.der"}, key...)...)
}

// join writes files one behind the other into another one.
func join(t *testing.T, dir, to string, from ...string) {
	t.Helper()
	var all []byte
	for _, name := range from {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data...)
	}
	write(t, filepath.Join(dir, to), string(all))
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// on runs a command line on a day so far from today.
func on(t *testing.T, later time.Duration, args ...string) (code int, all string) {
	t.Helper()
	var out bytes.Buffer
	code = cli.Run(t.Context(), args, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &out,
		Getenv: func(string) (string, bool) { return "", false }, Now: func() time.Time { return time.Now().Add(later) }})
	return code, out.String()
}

// TestCertificateFindings: what lint and validate say of certificates that openssl has made.
func TestCertificateFindings(t *testing.T) {
	testenv.Programs(t, "openssl")
	dir := t.TempDir()
	authorities(t, dir)
	issue(t, dir, "shop", "www.example.com")
	issue(t, dir, "other", "other.example.com")
	issue(t, dir, "weak", "www.example.com", "-newkey", "rsa:1024")
	openssl(t, dir, "ec", "-in", "shop.key", "-aes128", "-passout", "pass:secret", "-out", "locked.key")
	join(t, dir, "shop.pem", "shop.crt", "ca.crt", "shop.key")
	join(t, dir, "turned.pem", "shop.crt", "root.crt", "ca.crt", "shop.key")
	join(t, dir, "leaf.pem", "shop.crt", "shop.key")
	join(t, dir, "chain.pem", "shop.crt", "ca.crt")
	const day = 24 * time.Hour
	for _, tt := range []struct {
		certificate string
		later       time.Duration
		code        int
		says        string
	}{
		{"{file: shop.pem}", 0, 0, "no findings"},
		{"{cert: chain.pem, key: shop.key}", 0, 0, "no findings"},
		{"{file: missing.pem}", 0, 0, "no findings"},
		{"{cert: chain.pem, key: missing.key}", 0, 0, "no findings"},
		{"{file: shop.pem}", 61 * day, 1, "certificate shop.pem: the certificate expires on "},
		{"{file: shop.pem}", 91 * day, 1, "certificate shop.pem: the certificate has expired on "},
		{"{file: shop.pem}", -2 * day, 1, "is good from "},
		{"{cert: chain.pem, key: missing.key}", 91 * day, 1, "[LB3007 certificate-expired]"},
		{"{file: leaf.pem}", 0, 1, "the one that has signed it is missing"},
		{"{file: turned.pem}", 0, 1, "certificate 2 in it has not signed the one before it"},
		{"{cert: other.crt, key: other.key}", 0, 1, "no certificate of frontend \"main\" is for www.example.com"},
		{"{cert: weak.crt, key: weak.key}", 0, 1, "the certificate has an RSA key of 1024 bits"},
		{"{file: chain.pem}", 0, 1, "site.yaml:9:54: error: certificate chain.pem cannot be used: there is no private key [bad-certificate]"},
		{"{cert: chain.pem, key: other.key}", 0, 1, "the private key is not that of the certificate"},
		{"{cert: chain.pem, key: locked.key}", 0, 1, "the private key has a pass phrase"},
		{"{file: shop.key}", 0, 1, "there is no certificate in it"},
		{"{file: site.yaml}", 0, 1, "there is no certificate in it"},
	} {
		write(t, filepath.Join(dir, "site.yaml"), strings.Replace(shop, "CERTIFICATE", tt.certificate, 1))
		code, all := on(t, tt.later, "lint", filepath.Join(dir, "site.yaml"))
		if code != tt.code || !strings.Contains(all, tt.says) {
			t.Errorf("%s: exit code %d\n%s", tt.certificate, code, all)
		}
		hidden(t, dir, all)
	}
}

// hidden wants no line of any key in what was said.
func hidden(t *testing.T, dir, said string) {
	t.Helper()
	keys, _ := filepath.Glob(filepath.Join(dir, "*.key"))
	for _, name := range keys {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			if line = strings.TrimSpace(line); len(line) > 20 && !strings.HasPrefix(line, "-----") && strings.Contains(said, line) {
				t.Errorf("a line of %s is shown:\n%s", filepath.Base(name), said)
			}
		}
	}
}

// TestCertificateOnItsWay: the tree has it for root alone, the real HAProxy reads it, a renewal is
// a reload, and nothing that lbgen prints has the key in it.
func TestCertificateOnItsWay(t *testing.T) {
	testenv.Machine(t)
	testenv.Programs(t, "openssl", "haproxy")
	dir := t.TempDir()
	authorities(t, dir)
	issue(t, dir, "shop", "www.example.com")
	join(t, dir, "chain.pem", "shop.crt", "ca.crt")
	site, out := filepath.Join(dir, "site.yaml"), filepath.Join(dir, "out")
	write(t, site, strings.Replace(shop, "CERTIFICATE", "{cert: chain.pem, key: shop.key}", 1))
	run := func(code int, says string, args ...string) {
		t.Helper()
		got, all := on(t, 0, args...)
		if got != code || !strings.Contains(all, says) {
			t.Errorf("lbgen %s: exit code %d, want %d and %q\n%s", strings.Join(args, " "), got, code, says, all)
		}
		hidden(t, dir, all)
	}
	run(0, "files written", "render", site, "-o", out)
	file := filepath.Join(out, "lb1/etc/haproxy/tls/chain.pem")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
	join(t, dir, "together", "shop.crt", "ca.crt", "shop.key")
	want, _ := os.ReadFile(filepath.Join(dir, "together"))
	if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v\n%s", err, got)
	}
	for _, node := range []string{"lb1", "lb2"} { // the one rule for all files of HAProxy
		manifest, _ := os.ReadFile(filepath.Join(out, node, "MANIFEST"))
		if !strings.Contains(string(manifest), "0600 root:root haproxy-reload ") ||
			!strings.Contains(string(manifest), ":0:0 etc/haproxy/tls/chain.pem\n") {
			t.Errorf("%s", manifest)
		}
	}
	run(0, "", "render", "--check", site, "-o", out)
	run(0, "", "check", site)

	issue(t, dir, "shop", "www.example.com") // renewed, with a new key
	join(t, dir, "chain.pem", "shop.crt", "ca.crt")
	run(1, "etc/haproxy/tls/chain.pem: differs: it holds a secret of several lines, so it is not shown", "diff", site, "-o", out)
	run(0, "files written", "render", site, "-o", out)

	if err := os.Remove(filepath.Join(dir, "shop.key")); err != nil {
		t.Fatal(err)
	}
	run(1, "there is no certificate shop.key", "render", site, "-o", out)
	run(0, "", "render", "--check", site, "-o", out)
	run(0, "certificate /etc/haproxy/tls/chain.pem is not on this machine: replaced by a self-signed one", "check", site)
}
