//go:build unix

package pair_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/lbgen/lbgen/internal/pair"
)

const (
	cfg  = "frontend main\n    bind :80\n    default_backend app\n\nbackend app\n    server a 192.0.2.1:80 check\n"
	conf = "vrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id 23\n    virtual_ipaddress {\n        192.0.2.10/24\n    }\n}\n"
)

// write makes a tree of files below a new folder.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func read(words ...string) *pair.Pair {
	var inputs []pair.Input
	for _, w := range words {
		inputs = append(inputs, pair.ParseInput(w))
	}
	return pair.Read("pair", inputs)
}

// said is all findings as text.
func said(p *pair.Pair) string {
	var b strings.Builder
	for _, d := range append(slices.Clone(p.Found), p.Grammar()...) {
		fmt.Fprintf(&b, "%s %s: %s\n", d.Subject, d.Summary, d.Detail)
	}
	return b.String()
}

// nodes names the nodes, each with how many sections and blocks it has.
func nodes(p *pair.Pair) string {
	var all []string
	for _, n := range p.Nodes {
		blocks := 0
		if n.Keepalived != nil {
			blocks = len(n.Keepalived.Lines)
		}
		all = append(all, fmt.Sprintf("%s %d %d", n.Name, len(n.HAProxy.Sections), blocks))
	}
	return strings.Join(all, ", ")
}

func wants(t *testing.T, p *pair.Pair, want string) {
	t.Helper()
	if got := nodes(p); got != want || len(said(p)) > 0 {
		t.Errorf("read %q, want %q\n%s", got, want, said(p))
	}
}

func TestLayouts(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"a folder for each node": {"lb1/etc/haproxy/haproxy.cfg": cfg, "lb1/etc/keepalived/keepalived.conf": conf,
			"lb2/etc/haproxy/haproxy.cfg": cfg, "lb2/etc/keepalived/keepalived.conf": conf, "README": "no node"},
		"two files for each node": {"lb1/haproxy.cfg": cfg, "lb1/keepalived.conf": conf, "lb2/haproxy.cfg": cfg, "lb2/keepalived.conf": conf},
		"the units say where": {
			"lb1/etc/systemd/system/haproxy.service": "[Service]\nExecStart=/usr/sbin/haproxy -Ws -f /srv/ha.cfg \\\n  -p /run/x\n",
			"lb1/srv/ha.cfg":                         cfg,
			"lb1/etc/default/keepalived":             "DAEMON_ARGS=\"-f /srv/k.conf\"\n", "lb1/srv/k.conf": conf, "lb2/haproxy.cfg": cfg,
			"lb2/keepalived.conf": conf},
		"conf.d": {
			"lb1/etc/sysconfig/haproxy": "OPTIONS=\"\"\n", "lb1/etc/haproxy/haproxy.cfg": "frontend main\n    bind :80\n    default_backend app\n",
			"lb1/etc/haproxy/conf.d/10-app.cfg": "backend app\n    server a 192.0.2.1:80 check\n", "lb1/etc/keepalived/keepalived.conf": conf,
			"lb2/haproxy.cfg": cfg, "lb2/keepalived.conf": conf},
	} {
		t.Run(name, func(t *testing.T) { wants(t, read(write(t, files)), "lb1 2 1, lb2 2 1") })
	}
}

func TestLooseFiles(t *testing.T) {
	dir := write(t, map[string]string{"lb1-haproxy.cfg": cfg, "lb1-keepalived.conf": conf, "b": conf, "c.cfg": cfg})
	at := func(names ...string) string {
		for i := range names {
			names[i] = filepath.Join(dir, names[i])
		}
		return strings.Join(names, ",")
	}
	wants(t, read("x="+at("lb1-haproxy.cfg", "lb1-keepalived.conf"), "y="+at("b", "c.cfg")), "x 2 1, y 2 1")
	p := read("x=" + at("lb1-haproxy.cfg", "c.cfg"))
	if !strings.Contains(said(p), "look like haproxy.cfg") {
		t.Errorf("two files of one daemon: %s", said(p))
	}
}

func TestIncludesStayInTheTree(t *testing.T) {
	secret := write(t, map[string]string{"other.conf": "vrrp_instance X {\n}\n"})
	dir := write(t, map[string]string{
		"lb1/etc/keepalived/keepalived.conf": "include conf.d/*.conf\ninclude /etc/keepalived/extra\ninclude " +
			"" + secret + "/other.conf\ninclude ../../../../other.conf\ninclude link.conf\n",
		"lb1/etc/keepalived/conf.d/a.conf": conf, "lb1/etc/keepalived/extra": "vrrp_script a {\n    script \"/bin/true\"\n}\n",
		"other.conf": "vrrp_instance Y {\n}\n",
	})
	if err := os.Symlink(filepath.Join(secret, "other.conf"), filepath.Join(dir, "lb1/etc/keepalived/link.conf")); err != nil {
		t.Fatal(err)
	}
	p := read(dir)
	if got := nodes(p); got != "lb1 0 2" {
		t.Errorf("read %q\n%s", got, said(p))
	}
	for _, want := range []string{secret + "/other.conf", "keepalived.conf:4:1", "link.conf"} {
		if !strings.Contains(said(p), want) {
			t.Errorf("%s is not told of:\n%s", want, said(p))
		}
	}
	dir = write(t, map[string]string{"lb1/etc/keepalived/keepalived.conf": "include *.conf\n"})
	if got := said(read(dir)); !strings.Contains(got, "too many files") {
		t.Errorf("endless includes: %s", got)
	}
}

// entry is one of a tar file.
type entry struct {
	name, text, link string
	kind             byte
}

func writeTar(t *testing.T, name string, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Typeflag: e.kind, Mode: 0o644, Size: int64(len(e.text)), Linkname: e.link}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestTarFiles(t *testing.T) {
	name := writeTar(t, "lb1.tar.gz", entry{name: "./etc/haproxy/", kind: tar.TypeDir},
		entry{name: "./etc/haproxy/haproxy.cfg", kind: tar.TypeSymlink, link: "/srv/real.cfg"}, entry{name: "./srv/real.cfg", text: cfg,
			kind: tar.TypeReg},
		entry{name: "etc/keepalived/keepalived.conf", text: conf, kind: tar.TypeReg})
	wants(t, read(name), "lb1 2 1")
	wants(t, read("other="+name), "other 2 1")
	both := writeTar(t, "pair.tar", entry{name: "pair/lb1/haproxy.cfg", text: cfg, kind: tar.TypeReg})
	if got := said(read(both)); !strings.Contains(got, "there is no node in") {
		t.Errorf("a node two folders down: %s", got)
	}
}

func TestBadTrees(t *testing.T) {
	locked := write(t, map[string]string{"lb1/haproxy.cfg": cfg})
	dir := write(t, map[string]string{"lb1/haproxy.cfg": cfg, "binary/haproxy.cfg": "global\n\x00\x01", "huge/keepalived.conf": conf,
		"loop/keepalived.conf": conf, "pipe/keepalived.conf": conf, "empty/x": ""})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Truncate(filepath.Join(dir, "huge/keepalived.conf"), 50<<20))
	must(os.Symlink("b", filepath.Join(dir, "loop/a")))
	must(os.Symlink("a", filepath.Join(dir, "loop/b")))
	must(os.Symlink("a", filepath.Join(dir, "loop/haproxy.cfg")))
	must(syscall.Mkfifo(filepath.Join(dir, "pipe/haproxy.cfg"), 0o644))
	must(os.Chmod(filepath.Join(locked, "lb1/haproxy.cfg"), 0))
	for _, c := range []struct {
		words []string
		want  string
	}{
		{[]string{dir + "/binary"}, "byte 0"},
		{[]string{dir + "/huge"}, "50 MiB"},
		{[]string{dir + "/loop"}, "without end"},
		{[]string{dir + "/pipe"}, "named pipe"},
		{[]string{"lb1=" + dir + "/pipe/haproxy.cfg"}, "named pipe"},
		{[]string{dir + "/empty"}, "there is no node in"},
		{[]string{dir + "/none"}, "there is no " + dir + "/none"},
		{[]string{"a=" + dir + "/lb1", "b=" + dir + "/lb1"}, "there twice"},
		{[]string{"a=" + dir + "/lb1", "a=" + dir + "/loop"}, "there twice"},
		{[]string{"a=" + dir}, "several nodes"},
		{[]string{writeTar(t, "x.tar", entry{name: "../etc/haproxy/haproxy.cfg", text: cfg, kind: tar.TypeReg})}, "leads out of the tree"},
		{[]string{writeTar(t, "x.tar", entry{name: "etc/haproxy/haproxy.cfg", kind: tar.TypeChar})}, "a device"},
		{[]string{writeTar(t, "x.tar", entry{name: "haproxy.cfg", kind: tar.TypeSymlink, link: "../../../../../../etc/passwd"})},
			"there is no"},
		{[]string{filepath.Join(write(t, map[string]string{"x.tar.gz": "no tar"}), "x.tar.gz")}, "no tar file"},
	} {
		p := read(c.words...)
		if got := said(p); !strings.Contains(got, c.want) || !p.Found.HasErrors() {
			t.Errorf("%s:\n%swant %q", c.words, got, c.want)
		}
	}
	if got := said(read(locked)); os.Geteuid() != 0 && !strings.Contains(got, "permission denied") {
		t.Errorf("a file without rights: %s", got)
	}
}

// TestSecretsAreHidden: no password is in what is shown of a line.
func TestSecretsAreHidden(t *testing.T) {
	for _, line := range []string{
		"        auth_pass s3cret", "    stats auth admin:s3cret", "    user bob insecure-password s3cret", "    user bob password $6$s3cret",
		"    dynamic-cookie-key s3cret", "    tcp-check send AUTH\\ s3cret\\r\\n", "    http-request set-header Authorization \"Basic s3cret\"",
		"    http-check send hdr X-Api-Key s3cret", "    script \"/bin/mysql --password=s3cret\"",
	} {
		dir := write(t, map[string]string{"lb1/haproxy.cfg": "global\n" + line + "\n"})
		p := read(dir)
		if got := p.Texts[filepath.Join(dir, "lb1/haproxy.cfg")].Masked(2); strings.Contains(got, "s3cret") {
			t.Errorf("%q is shown as %q", line, got)
		}
	}
}
