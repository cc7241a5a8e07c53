package scratch

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
)

// made returns a scratch root for one file, and a list that fills with what is said of
// stubs.
func made(t *testing.T, opts Options, file artifact.File) (*Root, *[]string) {
	t.Helper()
	file.Mode = 0o640
	host := artifact.Host{User: "root", Group: "root"}
	set, err := artifact.New("small", "lb01", host, []artifact.File{file})
	if err != nil {
		t.Fatal(err)
	}
	said := &[]string{}
	opts.Dir, opts.Set, opts.About = t.TempDir(), set, set.Files
	opts.Note = func(sentence string) { *said = append(*said, sentence) }
	r, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return r, said
}

// text returns what a file of the root holds, and "" for a link out of it.
func (r *Root) text(t *testing.T, path string) string {
	t.Helper()
	if info, err := os.Lstat(r.At(path)); err != nil || !info.Mode().IsRegular() {
		t.Errorf("%s is no file of the root: %v, %v", path, info, err)
		return ""
	}
	data, err := os.ReadFile(r.At(path))
	if err != nil {
		t.Error(err)
	}
	return string(data)
}

// mounted returns the places in the root where something is bound.
func mounted(t *testing.T, r *Root) []string {
	t.Helper()
	mounts, err := r.Mounts()
	if err != nil {
		t.Fatal(err)
	}
	var places []string
	for _, m := range mounts {
		places = append(places, m.To)
		if _, err := os.Stat(r.At(m.To)); err != nil {
			t.Errorf("no place to bind %s: %v", m.From, err)
		}
	}
	return places
}

func TestFilesHaveTheirModes(t *testing.T) {
	t.Parallel()
	r, said := made(t, Options{}, artifact.File{Path: "etc/haproxy/haproxy.cfg",
		Data: []byte("global\n    server-state-base /var/lib/x/state\n    log-file /srv/x.log\n")})
	if info, err := os.Stat(r.At("/etc/haproxy/haproxy.cfg")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info, err)
	}
	if !r.Has("/var/lib/x") || r.text(t, "/srv/x.log") != "" {
		t.Error("no place for the state")
	}
	if places := mounted(t, r); slices.Contains(places, "/proc") || !slices.Contains(places, "/dev/null") {
		t.Errorf("bound: %q", places)
	}
	if len(*said) > 0 {
		t.Errorf("said: %q", *said)
	}
}

// TestSeparateRootHasNothingOfTheMachine gives the machine all that haproxy.cfg opens.
func TestSeparateRootHasNothingOfTheMachine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	site, list := filepath.Join(dir, "site.pem"), filepath.Join(dir, "list")
	for _, name := range []string{site, list} {
		if err := os.WriteFile(name, []byte("the machine's"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg := []byte("frontend main\n    bind :443 ssl crt " + site + " ca-file /srv/ca.pem\n    http-request deny if { src -f " + list +
		" } { src -f " + list + " }\n")
	r, said := made(t, Options{
		Separate:    true,
		Certificate: func(kind, path string) ([]byte, error) { return []byte(kind + " for " + path), nil },
	}, artifact.File{Path: "etc/haproxy/haproxy.cfg", Data: cfg})
	if err := r.HAProxy(cfg); err != nil {
		t.Fatal(err)
	}
	if bound := mounted(t, r); slices.Contains(bound, site) || slices.Contains(bound, list) {
		t.Errorf("brought: %q", bound)
	}
	for path, want := range map[string]string{
		site: "crt for " + site, "/srv/ca.pem": "ca-file for /srv/ca.pem", list: "",
		"/etc/ssl/certs/ca-certificates.crt": "ca-file for /etc/ssl/certs/ca-certificates.crt",
		"/etc/pki/tls/certs/ca-bundle.crt":   "ca-file for /etc/ssl/certs/ca-certificates.crt",
	} {
		if got := r.text(t, path); got != want {
			t.Errorf("%s: %q", path, got)
		}
	}
	want := []string{
		"certificate " + site + " is not among the rendered files: replaced by one made for this run",
		"certificate /srv/ca.pem is not among the rendered files: replaced by one made for this run",
		"list " + list + " is not among the rendered files: replaced by an empty one",
	}
	if !slices.Equal(*said, want) {
		t.Errorf("said: %q", *said)
	}
}

// TestSeparateRootTrustsItsOwn: OpenSSL finds its configuration, and no authority
// but its.
func TestSeparateRootTrustsItsOwn(t *testing.T) {
	t.Parallel()
	r, _ := made(t, Options{Separate: true}, artifact.File{Path: "etc/haproxy/haproxy.cfg"})
	mounted(t, r)
	for _, dir := range []string{"/etc/ssl/certs", "/etc/pki/tls/certs"} {
		entries, err := os.ReadDir(r.At(dir))
		if err != nil || len(entries) != 1 {
			t.Errorf("%s: %v, %v", dir, entries, err)
		}
	}
	for _, path := range []string{"/etc/ssl/private", "/etc/pki/tls/private", "/etc/pki/ca-trust"} {
		if _, err := os.Lstat(r.At(path)); err == nil {
			t.Errorf("%s is there", path)
		}
	}
	for _, conf := range []string{"/etc/ssl/openssl.cnf", "/etc/pki/tls/openssl.cnf"} {
		_, here := os.Lstat(conf)
		if _, there := os.Lstat(r.At(conf)); (here == nil) != (there == nil) {
			t.Errorf("%s: here %v, there %v", conf, here, there)
		}
	}
	if !strings.Contains(r.text(t, "/etc/ssl/certs/ca-certificates.crt"), "BEGIN CERTIFICATE") {
		t.Error("no certificate without Certificate")
	}
}

// TestOneUser: users of the machine and others are root, as nobody else is
// there to become.
func TestOneUser(t *testing.T) {
	t.Parallel()
	cfg := []byte("global\n    user daemon\n    group lbnosuch\n")
	r, said := made(t, Options{OneUser: true}, artifact.File{Path: "etc/haproxy/haproxy.cfg", Data: cfg})
	if got, want := r.text(t, "/etc/passwd"), "root:x:0:0:root:/:/bin/sh\ndaemon:x:0:0::/:/usr/sbin/nologin\n"; got != want {
		t.Errorf("passwd:\n%s", got)
	}
	if got, want := r.text(t, "/etc/group"), "root:x:0:\nlbnosuch:x:0:\n"; got != want {
		t.Errorf("group:\n%s", got)
	}
	want := []string{
		"user daemon is root here: this user namespace has one user",
		"group lbnosuch is root here: this user namespace has one user",
	}
	if !slices.Equal(*said, want) {
		t.Errorf("said: %q", *said)
	}
}

// TestForeignProgramsAreCopied: what leads to the program, and the program, are
// its own, and its neighbours still there.
func TestForeignProgramsAreCopied(t *testing.T) {
	t.Parallel()
	r, said := made(t, Options{Foreign: true}, artifact.File{Path: "etc/keepalived/keepalived.conf"})
	conf := "vrrp_script a {\n    script \"/usr/bin/env true\"\n}\nvrrp_script b {\n    script \"/bin/sh -c true\"\n}\nvrrp_instance v " +
		"{\n    notify /usr/bin/lbnosuch\n}\n"
	if err := r.Scripts([]byte(conf)); err != nil {
		t.Fatal(err)
	}
	bound := mounted(t, r)
	for _, program := range []string{"/usr/bin/env", "/bin/sh"} {
		want, err := os.ReadFile(program)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal([]byte(r.text(t, program)), want) {
			t.Errorf("%s is another program", program)
		}
		if info, err := os.Stat(r.At(program)); err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("%s: %v, %v", program, info, err)
		}
	}
	for _, program := range []string{"/usr/bin/test", "/bin/ls"} { // neighbours
		out, err := os.Readlink(r.At(program))
		if err != nil || !slices.ContainsFunc(bound, func(to string) bool { return strings.HasPrefix(out, to+"/") }) {
			t.Errorf("%s leads to %s: %v", program, out, err)
		}
	}
	if want := []string{"program /usr/bin/lbnosuch is not on this machine: replaced by a stub"}; !slices.Equal(*said, want) {
		t.Errorf("said: %q", *said)
	}
}

func TestDefaultCiphers(t *testing.T) {
	t.Parallel()
	got, did := DefaultCiphers([]byte("a PROFILE=SYSTEM\nb PROFILE=SYSTEM\n"))
	if string(got) != "a DEFAULT\nb DEFAULT\n" || !did {
		t.Errorf("%q, %v", got, did)
	}
	if _, did := DefaultCiphers(got); did {
		t.Error("there was nothing to do")
	}
}

func TestUnresolved(t *testing.T) {
	t.Parallel()
	got := Unresolved([]byte("'server a' : could not resolve address 'web.invalid'.\n… " +
		"could not resolve address 'db.invalid' … could not " +
		"resolve address 'web.invalid'\n"))
	if !slices.Equal(got, []string{"web.invalid", "db.invalid"}) {
		t.Errorf("%q", got)
	}
}
