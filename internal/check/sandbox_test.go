//go:build unix

package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/testenv"
)

// TestNothingReachesTheMachine has a script of the set, the only thing in it
// that is really run, try what it can as root.
func TestNothingReachesTheMachine(t *testing.T) {
	t.Parallel()
	mark := fmt.Sprintf("lbgen-escaped-%d", os.Getpid())
	places := []string{"/etc/", "/usr/", "/usr/libexec/keepalived/", "/etc/firewalld/", "/var/lib/", "/run/", "/tmp/", "/dev/", "/"}
	domain, err := os.ReadFile("/proc/sys/kernel/domainname")
	if err != nil {
		missing(t, err.Error())
	}
	var script strings.Builder
	script.WriteString("#!/bin/sh\nmount -o remount,rw,bind /machine/usr\nmount -o remount,rw,bind /proc\n")
	for _, p := range places {
		fmt.Fprintf(&script, "echo > %s%s\necho > /machine%s%s\n", p, mark, p, mark)
	}
	fmt.Fprintf(&script, "echo %s > /proc/sys/kernel/domainname\n", mark)
	script.WriteString("ip link add lbgenesc type veth peer name lbgenesc2\n")
	script.WriteString("(setsid sleep 300.125 >/dev/null 2>&1 &)\nexit 0\n")
	set := goodSet(t)
	for i, f := range set.Files {
		if f.Path == "firewalld.sh" {
			set.Files[i] = goodFile(f.Path, []byte(script.String()))
		}
	}

	only(t, set, "firewalld")

	for _, p := range places {
		if _, err := os.Lstat(p + mark); err == nil {
			t.Errorf("%s%s was made on the machine", p, mark)
			os.Remove(p + mark)
		}
	}
	if now, _ := os.ReadFile("/proc/sys/kernel/domainname"); !bytes.Equal(now, domain) {
		t.Errorf("the machine's domain name is %s now", now)
		os.WriteFile("/proc/sys/kernel/domainname", domain, 0)
	}
	if _, err := os.Stat("/sys/class/net/lbgenesc"); err == nil {
		t.Error("a device was made in the machine's network")
	}
	if running("300.125") {
		t.Error("a process of the script lives on")
	}
}

// TestPathsStayInside: what haproxy.cfg names is replaced by a stub, and never
// written anywhere but in the scratch root.
func TestPathsStayInside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	up := strings.Repeat("/..", 12) + dir
	set := broken(t, "etc/haproxy/haproxy.cfg", "option httpchk", "option httpchk\n"+
		"    errorfile 502 "+up+"/page.http\n    http-request deny if { src -f "+up+"/list } # /var"+up+"/state/x /run"+up+"/x.log")
	set.Host.Chroot = up + "/chroot"
	rep := only(t, set, "haproxy")
	if len(rep.Stubs) != 2 || len(rep.Findings) != 0 {
		t.Errorf("got %+v", rep)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("written outside: %v", left)
	}
}

// running says whether a process of this machine has the argument.
func running(arg string) bool {
	names, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	return slices.ContainsFunc(names, func(n string) bool {
		data, _ := os.ReadFile(n)
		return slices.Contains(strings.Split(string(data), "\x00"), arg) && !strings.Contains(string(data), "sh\x00")
	})
}

// quick are the checkers that take no time: firewalld's take a second.
func quick() []string {
	return slices.DeleteFunc(Names(), func(name string) bool { return name == "firewalld" })
}

func TestScratchIsRemoved(t *testing.T) {
	requires(t, "haproxy")
	for name, ctx := range map[string]func() (context.Context, context.CancelFunc){
		"at the end": func() (context.Context, context.CancelFunc) { return context.WithCancel(t.Context()) },
		"when it takes long": func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(t.Context(), 40*time.Millisecond)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			ctx, cancel := ctx()
			defer cancel()
			Run(ctx, goodSet(t), Options{Only: quick(), TempDir: dir})
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestCancelledCheckerCouldNotRun(t *testing.T) {
	requires(t, "haproxy")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := Run(ctx, goodSet(t), Options{Only: []string{"haproxy"}})
	if rep := r.Reports[0]; rep.Status != CouldNotRun || rep.Reason == "" {
		t.Errorf("got %+v", rep)
	}
	if len(r.Unchecked()) != 1 {
		t.Errorf("Unchecked: %+v", r.Unchecked())
	}
}

func TestResultsAreInOrderAndRepeatable(t *testing.T) {
	t.Parallel()
	requires(t, "haproxy")
	set := broken(t, "etc/haproxy/haproxy.cfg", "balance roundrobin", "balanse roundrobin\n    timeout client 3s")
	first := fmt.Sprint(Run(t.Context(), set, Options{Only: quick()}))
	r := Run(t.Context(), set, Options{Only: quick()})
	if again := fmt.Sprint(r); again != first {
		t.Errorf("two runs differ:\n%s\n%s", first, again)
	}
	for i, name := range quick() {
		if r.Reports[i].Checker != name {
			t.Errorf("report %d is of %s, want %s", i, r.Reports[i].Checker, name)
		}
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	requires(t, "firewall-offline-cmd")
	set := broken(t, "firewalld.sh", "set -eu", "sleep 300.25")
	rep := Run(t.Context(), set, Options{Only: []string{"firewalld"}, Timeout: 100 * time.Millisecond}).Reports[0]
	if rep.Status != CouldNotRun || !rep.Late || rep.Reason != "sh /firewalld.sh --offline: did not end within 100ms" {
		t.Errorf("got %+v", rep)
	}
	if running("300.25") {
		t.Error("the script lives on")
	}
}

func TestUnknownWayIn(t *testing.T) {
	t.Parallel()
	requires(t, "keepalived")
	set := goodSet(t)
	set.Host.Devices[0].Name = "a-name-too-long-for-a-device"
	rep := Run(t.Context(), set, Options{Only: []string{"keepalived"}}).Reports[0]
	if rep.Status != CouldNotRun || !strings.Contains(rep.Reason, "no scratch root could be entered") {
		t.Errorf("got %+v", rep)
	}
}

func TestAbsentIsSaid(t *testing.T) {
	t.Parallel()
	for _, c := range checkers() {
		c.program = "lbgen-no-such-program"
		rep := c.report(t.Context(), &job{set: goodSet(t), scratch: t.TempDir()})
		if rep.Status != Absent || !strings.Contains(rep.Reason, "install "+c.debian) || !strings.Contains(rep.Reason, c.rhel) {
			t.Errorf("got %+v", rep)
		}
	}
	c := checker{debian: "procps", rhel: "procps-ng"}
	if got := c.pkg(); got != "procps (Debian, Ubuntu) or procps-ng (RHEL, Rocky)" {
		t.Errorf("got %s", got)
	}
}

func TestNotApplicable(t *testing.T) {
	set, err := artifact.New("small", "lb01", artifact.Host{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := Run(t.Context(), set, Options{})
	for _, rep := range r.Reports {
		if rep.Status != NotApplicable {
			t.Errorf("%s: %s", rep.Checker, rep.Status)
		}
	}
	if len(r.Reports) != len(Names()) || len(r.Unchecked()) != 0 {
		t.Errorf("%d reports, unchecked %v", len(r.Reports), r.Unchecked())
	}
}

func TestWithoutNamespacesItCouldNotRun(t *testing.T) {
	requires(t, "haproxy")
	no := func() isolation { return isolation{err: errors.New("the kernel does not let it")} }
	for _, c := range checkers() {
		dir := filepath.Join(t.TempDir(), c.name)
		rep := c.report(t.Context(), &job{set: goodSet(t), scratch: dir, isolation: no, opts: Options{Timeout: DefaultTimeout}})
		if rep.Status == Absent || c.name == "sh" || c.name == "shellcheck" {
			continue
		}
		if rep.Status != CouldNotRun || rep.Reason != "the kernel does not let it" {
			t.Errorf("%s: %s: %s", c.name, rep.Status, rep.Reason)
		}
	}
}

// TestWithoutRoot runs the checks on good and broken sets again as a user who
// has no rights, in user namespaces.
func TestWithoutRoot(t *testing.T) {
	t.Parallel()
	testenv.Machine(t)
	if os.Geteuid() != 0 {
		t.Skip("this is how the other tests run already")
	}
	dir, err := os.MkdirTemp("", "lbgen-test-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "check.test")
	data, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	tmp := filepath.Join(dir, "tmp")
	if err := errors.Join(os.Chmod(dir, 0o755), os.Mkdir(tmp, 0), os.Chmod(tmp, 0o777), os.WriteFile(binary, data, 0o755),
		os.CopyFS(filepath.Join(dir, "testdata"), os.DirFS("testdata"))); err != nil {
		t.Fatal(err)
	}
	const nobody = 65534
	// slow
	cmd := exec.CommandContext(t.Context(), binary, "-test.v",
		"-test.run=^(TestGoodSetHasNoFindings|TestBrokenSet|TestStubs|TestMachinesOwn)$", "-test.skip=^TestBrokenSet$/^firewalld")
	// no /usr/sbin, as users have it
	cmd.Dir, cmd.Env = dir, []string{"PATH=/usr/bin:/bin", "HOME=/"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("as nobody: %v\n%s", err, out)
	}
	if i := bytes.Index(out, []byte("it needs root")); i >= 0 {
		missing(t, string(out[i:min(len(out), i+200)]))
	}
}

func TestSecretsAreMasked(t *testing.T) {
	t.Parallel()
	const conf, cfg = "etc/keepalived/keepalived.conf", "etc/haproxy/haproxy.cfg"
	for _, tt := range []struct{ checker, path, old, new string }{
		// Each daemon quotes what it does not understand.
		{"haproxy", cfg, "stats auth admin:correct-horse", "correct-horse"},
		{"haproxy", cfg, "stats auth admin:correct-horse", `stats auth "admin:correct-horse`},
		{"keepalived", conf, `auth_pass "hunter22"`, `"hunter22"`},
	} {
		rep := only(t, broken(t, tt.path, tt.old, tt.new), tt.checker)
		text := fmt.Sprintf("%+v", rep)
		if len(rep.Findings) == 0 {
			t.Errorf("%s says nothing of %s", tt.checker, tt.new)
		}
		for _, secret := range []string{"hunter22", "correct-horse", "correct"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s: %q is in %s", tt.checker, secret, text)
			}
		}
	}
}

func TestMask(t *testing.T) {
	m := masker{secrets: []string{`"hunter\"22"`, `hunter"22`}}
	for in, want := range map[string]string{
		"unknown 'hunter\"22' here": "unknown '********' here",
		"cut to hunter":             "cut to ********",
		"unter\"22":                 "********",
		"a hunt is on":              "a hunt is on",
	} {
		if got := m.text(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestStubs(t *testing.T) {
	const conf, cfg = "etc/keepalived/keepalived.conf", "etc/haproxy/haproxy.cfg"
	for _, tt := range []struct{ checker, path, old, new, want string }{
		{"haproxy", cfg, "user haproxy", "user lbnosuch", "user lbnosuch is not on this machine: replaced by a stub"},
		{"haproxy", cfg, "group haproxy", "group lbnosuch", "group lbnosuch is not on this machine: replaced by a stub"},
		{
			"haproxy", cfg, "bind 172.16.110.70:80", "bind 172.16.110.70:443 ssl crt /etc/haproxy/certs/site.pem ca-file /srv/ca.pem",
			"certificate /etc/haproxy/certs/site.pem is not on this machine: replaced by a self-signed one",
		},
		{
			"haproxy", cfg, "bind 172.16.110.70:80", "bind 172.16.110.70:443 ssl crt /srv/certs/",
			"certificate /srv/certs/ is not on this machine: replaced by a self-signed one",
		},
		{
			"haproxy", cfg, "option httpchk", "option httpchk\n    errorfile 502 /srv/502.http",
			"page /srv/502.http is not on this machine: replaced by a stub",
		},
		{
			"haproxy", cfg, "default_backend app", "use_backend %[src,map(/srv/hosts.map)] if { src -f /srv/nets.lst }\n    default_backend app",
			"list /srv/hosts.map is not on this machine: replaced by an empty one",
		},
		{
			"haproxy", cfg, "192.168.50.61:80", "web01.lbgen.invalid:80",
			"host name web01.lbgen.invalid is for the node to look up: replaced by 127.0.0.1",
		},
		{
			"keepalived", conf, "/usr/libexec/keepalived/check-haproxy", "/usr/bin/lbnosuch -0 haproxy",
			"program /usr/bin/lbnosuch is not on this machine: replaced by a stub",
		},
		{"logrotate", "etc/logrotate.d/haproxy", "create 0640 root adm", "create 0640 root lbnosuch",
			"group lbnosuch is not on this machine: replaced by a stub"},
		{"tmpfiles", "etc/tmpfiles.d/lbgen.conf", "root adm", "lbnosuch adm", "user lbnosuch is not on this machine: replaced by a stub"},
	} {
		t.Run(tt.want, func(t *testing.T) {
			t.Parallel()
			rep := only(t, broken(t, tt.path, tt.old, tt.new), tt.checker)
			if !slices.Contains(rep.Stubs, tt.want) {
				t.Errorf("stubs: %q", rep.Stubs)
			}
			for _, d := range rep.Findings {
				t.Errorf("%s: %s", d.Related[0].Range, d.Summary)
			}
		})
	}
}

// TestMachinesOwn: what the machine has is used, wherever it lies, and not
// replaced by a stub. Without root, Keepalived tells an untruth of it.
func TestMachinesOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"check": "#!/bin/sh\n", "page.http": "HTTP/1.0 502 X\r\n\r\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct{ checker, path, old, new string }{
		{"keepalived", "etc/keepalived/keepalived.conf", "/usr/libexec/keepalived/check-haproxy", "/usr/bin/env true"},
		{"keepalived", "etc/keepalived/keepalived.conf", "/usr/libexec/keepalived/check-haproxy", dir + "/check"},
		{"haproxy", "etc/haproxy/haproxy.cfg", "option httpchk", "option httpchk\n    errorfile 502 " + dir + "/page.http"},
	} {
		rep := only(t, broken(t, tt.path, tt.old, tt.new), tt.checker)
		if len(rep.Stubs)+len(rep.Findings) > 0 {
			t.Errorf("%s: %+v", tt.new, rep)
		}
	}
}

// TestCipherProfile: PROFILE=SYSTEM is fatal with TLS where OpenSSL is not
// RHEL's, and the lines behind it keep their numbers.
func TestCipherProfile(t *testing.T) {
	t.Parallel()
	set := broken(t, "etc/haproxy/haproxy.cfg", "bind 172.16.110.70:80", "bind 172.16.110.70:443 ssl crt /srv/site.pem\n    balance source")
	rep := only(t, set, "haproxy")
	if len(rep.Findings) != 1 || rep.Findings[0].Related[0].Range.Start.Line != 22 {
		t.Errorf("findings: %+v", rep.Findings)
	}
	if _, err := os.Stat("/etc/crypto-policies/back-ends/opensslcnf.config"); err == nil {
		t.Skip("OpenSSL here knows the profile")
	}
	if len(rep.Stubs) != 2 || !strings.Contains(rep.Stubs[1], "PROFILE=SYSTEM") {
		t.Errorf("stubs: %q", rep.Stubs)
	}
}

func TestUnitIsStoodIn(t *testing.T) {
	t.Parallel()
	set := goodSet(t)
	for i, f := range set.Files {
		if strings.Contains(f.Path, "keepalived.service.d") {
			f.Path = "etc/systemd/system/lbnosuch.service.d/override.conf"
			f.Data = append(f.Data, "Nonsense=1\n"...)
			set.Files[i] = f
		}
	}
	slices.SortFunc(set.Files, func(a, b artifact.File) int { return strings.Compare(a.Path, b.Path) })
	rep := only(t, set, "systemd")
	want := "unit lbnosuch.service is not on this machine: its drop-ins were checked on a small stub"
	if !slices.Contains(rep.Stubs, want) {
		t.Errorf("stubs: %q", rep.Stubs)
	}
	if len(rep.Findings) != 1 || rep.Findings[0].Related[0].Range.Start.Line != 8 {
		t.Errorf("findings: %+v", rep.Findings)
	}
}

// TestDiagnostic looks at one finding whole.
func TestDiagnostic(t *testing.T) {
	t.Parallel()
	rep := only(t, broken(t, "etc/keepalived/keepalived.conf", "auth_pass", "auth_pas"), "keepalived")
	if runtime.GOOS != "linux" || len(rep.Findings) == 0 {
		t.Fatalf("got %+v", rep)
	}
	d := rep.Findings[0]
	want := diag.Related{
		Message: "in the generated file",
		Range:   diag.Range{File: "lb01/etc/keepalived/keepalived.conf", Start: diag.Pos{Line: 27}},
		Text:    "        auth_pas ********",
	}
	if d.Path != "etc/keepalived/keepalived.conf#7" || d.Code != "check-keepalived" || d.Related[0] != want {
		t.Errorf("got %+v", d)
	}
}
