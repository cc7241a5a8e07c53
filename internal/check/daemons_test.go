package check

import (
	"bytes"
	"context"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/scripts"
	"github.com/lbgen/lbgen/internal/testenv"
)

// requires skips the test where this machine lacks a program. Where all of them
// ought to be there, as in CI, REQUIRE_DAEMONS=1 makes that a failure.
func requires(t *testing.T, programs ...string) {
	t.Helper()
	testenv.Programs(t, programs...)
	if err := findIsolation(context.Background()).err; err != nil {
		missing(t, err.Error())
	}
}

func missing(t *testing.T, why string) {
	t.Helper()
	testenv.Lacks(t, "%s", why)
}

// goodSet returns the set in testdata/good, with its secrets marked.
func goodSet(t *testing.T) artifact.Set {
	t.Helper()
	root := filepath.Join("testdata", "good")
	var files []artifact.File
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		rel, _ := filepath.Rel(root, name)
		files = append(files, goodFile(filepath.ToSlash(rel), data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	program := goodFile("firewalld.sh", scripts.Firewalld())
	program.Action = artifact.Tool
	files = append(files, program)
	host := artifact.Host{
		Platform: "rocky9", Family: "rhel", User: "haproxy", Group: "haproxy", Chroot: "/var/lib/haproxy",
		Devices: []artifact.Device{
			{Name: "ens192", Addresses: []netip.Prefix{netip.MustParsePrefix("172.16.10.71/24")}},
			{Name: "ens224", Addresses: []netip.Prefix{netip.MustParsePrefix("172.16.110.71/24"), netip.MustParsePrefix("fd00:110::71/64")}},
		},
	}
	set, err := artifact.New("small", "lb01", host, files)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func goodFile(path string, data []byte) artifact.File {
	f := artifact.File{Path: path, Mode: 0o644, Owner: "root", Group: "root", Data: data}
	if bytes.HasPrefix(data, []byte("#!")) {
		f.Mode = 0o755
	}
	for i := range bytes.Count(data, []byte("\n")) {
		f.Origins = append(f.Origins, path+"#"+string(rune('0'+(i+1)%10))) // tells one line from its neighbours
	}
	for _, secret := range []string{`"hunter22"`, "correct-horse"} {
		if i := bytes.Index(data, []byte(secret)); i >= 0 {
			f.Secrets = append(f.Secrets, artifact.Secret{Start: i, End: i + len(secret), Known: true})
		}
	}
	return f
}

// broken returns the good set with one text replaced in one file.
func broken(t *testing.T, path, old, new string) artifact.Set {
	t.Helper()
	set := goodSet(t)
	for i, f := range set.Files {
		if f.Path != path {
			continue
		}
		if !bytes.Contains(f.Data, []byte(old)) {
			t.Fatalf("%s has no %q", path, old)
		}
		set.Files[i] = goodFile(path, bytes.Replace(f.Data, []byte(old), []byte(new), 1))
		return set
	}
	t.Fatalf("no file %s", path)
	return set
}

// only runs one checker, which must run.
func only(t *testing.T, set artifact.Set, checker string) Report {
	t.Helper()
	for _, c := range checkers() {
		if c.name == checker {
			requires(t, c.program)
		}
	}
	rep := Run(t.Context(), set, Options{Only: []string{checker}, TempDir: t.TempDir()}).Reports[0]
	if rep.Status != Ran {
		t.Fatalf("%s: %s: %s", checker, rep.Status, rep.Reason)
	}
	return rep
}

func TestGoodSetHasNoFindings(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, d := range only(t, goodSet(t), name).Findings {
				t.Errorf("%s %s: %s", d.Severity, d.Related[0].Range, d.Summary)
			}
		})
	}
}

// TestBrokenSet gives each checker what it must refuse: each also proves that
// its silence on the good set means something.
func TestBrokenSet(t *testing.T) {
	const (
		cfg   = "etc/haproxy/haproxy.cfg"
		conf  = "etc/keepalived/keepalived.conf"
		drop  = "etc/systemd/system/keepalived.service.d/override.conf"
		sys   = "etc/sysctl.d/99-nonlocal_bind.conf"
		alive = "usr/libexec/keepalived/check-haproxy"
	)
	for _, tt := range []struct {
		checker, path, old, new string
		line                    int
		severity                diag.Severity
		summary                 string
	}{
		{"haproxy", cfg, "balance roundrobin", "balanse roundrobin", 25, diag.Error, "unknown keyword 'balanse'"},
		{"haproxy", cfg, "balance roundrobin", "timeout client 3s", 25, diag.Warning, "'timeout client' will be ignored"},
		{"haproxy", cfg, "default_backend app", "default_backend nope", 22, diag.Error, "nope"},
		{"haproxy", cfg, "default_backend app", "log-format '%[path]'\n    http-after-response set-header A b\n    default_backend app", 22,
			diag.Error, "failed to parse log-format"},
		{"haproxy", cfg, "    timeout server 1m\n", "", 23, diag.Warning, "missing timeouts for"},
		{"keepalived", conf, "interface ens224", "interface ens999", 21, diag.Error, "interface ens999 for vrrp_instance VI_1 doesn't exist"},
		{"keepalived", conf, "rise 2", "rize 2", 16, diag.Error, "Unknown keyword 'rize'"},
		{"keepalived", conf, "state BACKUP", "state MASTER", 18, diag.Error, "nopreempt will not work"},
		{"rsyslog", "etc/rsyslog.d/haproxy.conf", "fileCreateMode", "fileCreatMode", 4, diag.Error, "parameter 'fileCreatMode' not known"},
		{"rsyslog", "etc/rsyslog.d/keepalived.conf", "local0.*", "locl0.*", 1, diag.Error, `unknown facility name "locl0"`},
		{"logrotate", "etc/logrotate.d/haproxy", "daily", "dayly", 3, diag.Error, "unknown option 'dayly'"},
		{"firewalld", "firewalld.table", `"8404"`, `"99999"`, 5, diag.Error, "INVALID_PORT: 99999"},
		{"firewalld", "firewalld.table", "interface dmz", "interfaze dmz", 0, diag.Error,
			"exit status 1: firewalld.sh: //firewalld.table is damaged at: interfaze dmz ens224"},
		{"nftables", "etc/nftables.d/lbgen.nft", "dport 80", "dport 99999", 12, diag.Error, "Service out of range"},
		{"nftables", "etc/nftables.d/lbgen.nft", "dport 80", "dprt 80", 12, diag.Error, "syntax error, unexpected string"},
		{"systemd", drop, "RestartSec", "RestartSecs", 7, diag.Warning, "Unknown key 'RestartSecs'"},
		{"tmpfiles", "etc/tmpfiles.d/lbgen.conf", "0755", "0955", 2, diag.Error, "Invalid mode '0955'"},
		{"sysctl", sys, " = ", " ", 2, diag.Error, "invalid syntax"},
		{"sysctl", sys, "nonlocal", "nunlocal", 2, diag.Warning, "no net.ipv4.ip_nunlocal_bind"},
		{"sh", alive, ">/dev/null", ">/dev/null; fi", 3, diag.Error, "yntax error"},
		{"shellcheck", alive, "pidof haproxy", "pidof $1", 3, diag.Warning, "SC2086"},
	} {
		t.Run(tt.checker+" "+tt.summary, func(t *testing.T) {
			t.Parallel()
			rep := only(t, broken(t, tt.path, tt.old, tt.new), tt.checker)
			if len(rep.Findings) == 0 {
				t.Fatal("nothing was found")
			}
			d := rep.Findings[0]
			place := d.Related[0].Range
			if place.File != "lb01/"+tt.path || place.Start.Line != tt.line || d.Severity != tt.severity ||
				!strings.Contains(d.Summary, tt.summary) {
				t.Errorf("got %s %s: %s\nwant %s lb01/%s:%d: ...%s...", d.Severity, place, d.Summary, tt.severity, tt.path, tt.line, tt.summary)
			}
			if d.Code != "check-"+tt.checker {
				t.Errorf("code %s", d.Code)
			}
		})
	}
}
