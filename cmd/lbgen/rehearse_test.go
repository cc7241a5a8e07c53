//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/cli"
	"github.com/lbgen/lbgen/internal/testenv"
)

// TestRehearse runs lbgen itself, as it is installed, and looks from outside at
// what a rehearsal does to the machine: nothing.
func TestRehearse(t *testing.T) {
	requireNamespaces(t)
	r := newRehearsal(t)
	for name, test := range map[string]func(*testing.T, rehearsal){
		"nothing leaves its namespaces":     nothingLeaves,
		"interrupted":                       interrupted,
		"killed":                            killed,
		"clean ends what has no owner":      cleanEndsOrphans,
		"two at once":                       twoAtOnce,
		"without root":                      withoutRoot,
		"without root, with lent ids":       withLentIDs,
		"a program that is not there":       programMissing,
		"an agent is of no use by hand":     agentByHand,
		"what is asked for that is not one": noSuchDrill,
		"other daemons, one ends at once":   otherDaemons,
		"a busy machine is exit code 4":     inconclusive,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, r)
		})
	}
}

// rehearsal is lbgen and a site where every user may read them.
type rehearsal struct{ program, site string }

func newRehearsal(t *testing.T) rehearsal {
	t.Helper()
	dir := t.TempDir()
	for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	r := rehearsal{filepath.Join(dir, "lbgen"), filepath.Join(dir, "examples/prslb.yaml")}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", r.program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.CopyFS(filepath.Dir(r.site), os.DirFS("../../examples")); err != nil {
		t.Fatal(err)
	}
	return r
}

// requireNamespaces skips where no rehearsal is to be had.
func requireNamespaces(t *testing.T) {
	t.Helper()
	testenv.Programs(t, "unshare", "setpriv", "ip", "curl", "haproxy", "keepalived")
	testenv.Root(t) // only root can look at a rehearsal from all sides
	out, err := exec.CommandContext(t.Context(), "unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "true").CombinedOutput()
	if err != nil {
		unable(t, "no namespaces are to be had: %s", bytes.TrimSpace(out))
	}
}

// unable skips the test; where REQUIRE_DAEMONS is set, as in CI, it fails.
func unable(t *testing.T, format string, args ...any) {
	t.Helper()
	testenv.Lacks(t, format, args...)
}

// script runs a shell script in namespaces of its own. In there $lbgen is the
// program, $site the site file.
func (r rehearsal) script(t *testing.T, namespaces, text string, files ...*os.File) (code int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	args := append(strings.Fields(namespaces), "sh", "-c", text)
	cmd := exec.CommandContext(ctx, "unshare", args...)
	cmd.Env = append(os.Environ(), "lbgen="+r.program, "site="+r.site, "TMPDIR="+t.TempDir())
	cmd.ExtraFiles = files
	cmd.WaitDelay = 5 * time.Second
	var out, diag bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &diag
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatalf("%v\n%s", err, diag.String())
	}
	return cmd.ProcessState.ExitCode(), out.String(), diag.String()
}

// nothingLeaves has a way out that counts packets: a rehearsal takes it for none.
func nothingLeaves(t *testing.T, r rehearsal) {
	code, out, diag := r.script(t, "--net --mount --propagation private", `set -e
		echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
		echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
		ip link add out0 type veth peer name out1
		ip link set out1 up
		ip link set out0 up
		ip addr add 192.0.2.1/24 dev out0
		ip route add default via 192.0.2.254
		look() {
			ip -s -o link; ip -o addr; ip route; ip -6 route
			cat /proc/sys/net/ipv4/ip_nonlocal_bind /proc/sys/net/ipv4/ip_forward /proc/self/mountinfo
			hostname; ls -A "$TMPDIR"; echo ----
		}
		look
		"$lbgen" rehearse --drill steady "$site" >&2 &
		for i in 1 2 3 4; do sleep 1; look; done
		wait $!
		look
		curl -s --max-time 0.2 http://198.51.100.1/ || look`)
	if code != 0 {
		t.Fatalf("exit status %d\n%s\n%s", code, out, diag)
	}
	looks := strings.Split(strings.TrimSuffix(out, "----\n"), "----\n")
	if len(looks) != 7 {
		t.Fatalf("%d looks\n%s", len(looks), out)
	}
	last := len(looks) - 1
	for i, l := range looks[:last] {
		if l != looks[0] {
			t.Errorf("look %d: before\n%s\nnow\n%s", i, looks[0], l)
		}
	}
	if looks[last] == looks[0] {
		t.Error("a packet that leaves is not seen: this test sees nothing")
	}
}

// running starts a rehearsal and returns when its daemons run, with the
// namespaces that its processes are in.
func (r rehearsal) running(t *testing.T) (cmd *exec.Cmd, stderr *bytes.Buffer, spaces map[string]bool) {
	t.Helper()
	stderr = new(bytes.Buffer)
	cmd = exec.CommandContext(t.Context(), r.program, "rehearse", "--drill", "steady", r.site)
	cmd.Stdout, cmd.Stderr = io.Discard, stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for begin := time.Now(); time.Since(begin) < 15*time.Second; time.Sleep(50 * time.Millisecond) {
		names := map[string]int{}
		spaces = map[string]bool{}
		for _, pid := range below(cmd.Process.Pid) {
			comm, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
			names[strings.TrimSpace(string(comm))]++
			if space := pidSpace(pid); space != "" && space != pidSpace(os.Getpid()) {
				spaces[space] = true
			}
		}
		if names["haproxy"] >= 4 && names["keepalived"] >= 4 {
			return cmd, stderr, spaces
		}
	}
	t.Fatalf("the daemons did not start\n%s", stderr)
	return nil, nil, nil
}

// below returns all processes that a process has started, and those theirs.
func below(top int) (all []int) {
	children := map[int][]int{}
	for _, pid := range processes() {
		stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if len(fields) > 1 {
			parent, _ := strconv.Atoi(fields[1])
			children[parent] = append(children[parent], pid)
		}
	}
	for next := children[top]; len(next) > 0; next = next[1:] {
		all = append(all, next[0])
		next = append(next, children[next[0]]...)
	}
	return all
}

func processes() (all []int) {
	files, _ := filepath.Glob("/proc/[0-9]*")
	for _, f := range files {
		pid, _ := strconv.Atoi(filepath.Base(f))
		all = append(all, pid)
	}
	return all
}

// pidSpace names the namespace that a process is in; "" for one that has ended.
func pidSpace(pid int) string {
	space, _ := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", pid))
	return space
}

// gone fails the test unless all processes in the namespaces end within two seconds.
func gone(t *testing.T, spaces map[string]bool) {
	t.Helper()
	var left []string
	for begin := time.Now(); time.Since(begin) < 2*time.Second; time.Sleep(50 * time.Millisecond) {
		left = nil
		for _, pid := range processes() {
			if spaces[pidSpace(pid)] {
				line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
				left = append(left, strings.ReplaceAll(string(line), "\x00", " "))
			}
		}
		if len(left) == 0 {
			return
		}
	}
	t.Errorf("still there: %q", left)
}

func interrupted(t *testing.T, r rehearsal) {
	cmd, stderr, spaces := r.running(t)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	_ = cmd.Wait()
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("lbgen ended after %s", took)
	}
	gone(t, spaces)
	if code := cmd.ProcessState.ExitCode(); code != cli.ExitFailure {
		t.Errorf("exit status %d", code)
	}
	// How long it will take, and that it was interrupted.
	if text := stderr.String(); strings.Count(text, "\n") != 2 || !strings.HasPrefix(text, "rehearsing ") ||
		!strings.Contains(text, "interrupt") {
		t.Errorf("it says: %q", text)
	}
}

func killed(t *testing.T, r rehearsal) {
	cmd, _, spaces := r.running(t)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	gone(t, spaces)
}

// cleanEndsOrphans has an agent whose owner is gone and one that works, in a
// world where there are no others.
func cleanEndsOrphans(t *testing.T, r rehearsal) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := os.NewFile(uintptr(fds[0]), "ours"), os.NewFile(uintptr(fds[1]), "theirs")
	defer ours.Close()
	defer theirs.Close()
	code, out, diag := r.script(t, "--pid --fork --mount-proc --kill-child", `
		"$lbgen" rehearse --drill steady "$site" >&2 3>&- 4>&- & running=$!
		sh -c '(sleep 0.2; exec "$lbgen" rehearsal-agent) &'
		sleep 3
		"$lbgen" rehearse --clean
		"$lbgen" rehearse --clean
		wait $running`, theirs, theirs)
	if code != 0 {
		t.Errorf("the rehearsal that runs: exit status %d\n%s", code, diag)
	}
	if want := "1 forgotten rehearsal ended\n0 forgotten rehearsals ended\n"; out != want {
		t.Errorf("%s\n%s", out, diag)
	}
}

func twoAtOnce(t *testing.T, r rehearsal) {
	code, out, diag := r.script(t, "--mount", `
		"$lbgen" rehearse --drill steady "$site" & one=$!
		"$lbgen" rehearse --drill steady "$site" & two=$!
		wait $one && wait $two`)
	if code != 0 || strings.Count(out, "1 passed") != 2 {
		t.Errorf("exit status %d\n%s\n%s", code, out, diag)
	}
}

const asNobody = `setpriv --reuid 65534 --regid 65534 --clear-groups "$lbgen" rehearse --drill steady "$site"`

// stub is what is said where there are no other users than the caller.
const stub = "simulated: user haproxy is root here: this user namespace has one user\n"

// namespacesForAll skips where the kernel gives no namespaces to others than root.
func namespacesForAll(t *testing.T, r rehearsal) {
	t.Helper()
	if code, _, diag := r.script(t, "--mount", "setpriv --reuid 65534 --regid 65534 --clear-groups unshare --user --net true"); code != 0 {
		unable(t, "only root has namespaces here: %s", strings.TrimSpace(diag))
	}
}

// withoutRoot has a machine that lends users, but no groups, which is as good as
// none.
func withoutRoot(t *testing.T, r rehearsal) {
	namespacesForAll(t, r)
	code, out, diag := r.script(t, "--mount", `
		echo 65534:200000:65536 >"$TMPDIR/ranges"
		chmod 644 "$TMPDIR/ranges"
		[ ! -e /etc/subuid ] || mount --bind "$TMPDIR/ranges" /etc/subuid || exit 9
		[ ! -e /etc/subgid ] || mount --bind /dev/null /etc/subgid || exit 9
		`+asNobody)
	if code != 0 || !strings.Contains(out, "1 passed") || !strings.Contains(out, stub) {
		t.Fatalf("exit status %d\n%s\n%s", code, out, diag)
	}
}

// withLentIDs has a machine that lends ids to its users, so that HAProxy can
// become its own user.
func withLentIDs(t *testing.T, r rehearsal) {
	namespacesForAll(t, r)
	if _, err := exec.LookPath("newuidmap"); err != nil {
		unable(t, "%v", err)
	}
	for _, file := range []string{"/etc/subuid", "/etc/subgid"} {
		if _, err := os.Stat(file); err != nil {
			unable(t, "%v", err)
		}
	}
	code, out, diag := r.script(t, "--mount", `
		echo 65534:200000:65536 >"$TMPDIR/ranges"
		chmod 644 "$TMPDIR/ranges"
		mount --bind "$TMPDIR/ranges" /etc/subuid && mount --bind "$TMPDIR/ranges" /etc/subgid || exit 9
		`+asNobody+` & running=$!
		while sleep 0.5 && kill -0 $running 2>/dev/null; do
			awk '/^Name:/ { name = $2 } /^Uid:/ && name == "haproxy" && $2 >= 200000 && $2 < 265536 { print "as its own user" }' \
				/proc/[0-9]*/status 2>/dev/null
		done
		wait $running`)
	if code != 0 || !strings.Contains(out, "1 passed") || strings.Contains(out, stub) {
		t.Fatalf("exit status %d\n%s\n%s", code, out, diag)
	}
	if !strings.Contains(out, "as its own user\n") {
		t.Errorf("HAProxy does not run as a user of its own\n%s", out)
	}
}

func programMissing(t *testing.T, r rehearsal) {
	code, out, diag := r.script(t, "--mount", `
		: >"$TMPDIR/none"
		for p in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin; do
			[ ! -e $p/keepalived ] || mount --bind "$TMPDIR/none" $p/keepalived
		done
		"$lbgen" rehearse "$site"`)
	if code != cli.ExitFailure || diag != "lbgen: keepalived is not on this machine: install keepalived\n" {
		t.Errorf("exit status %d\n%s\n%s", code, out, diag)
	}
}

func agentByHand(t *testing.T, r rehearsal) {
	code, _, diag := r.script(t, "--mount", `"$lbgen" rehearsal-agent`)
	if code != cli.ExitFailure || !strings.Contains(diag, "of no use by hand") {
		t.Errorf("exit status %d\n%s", code, diag)
	}
}

func noSuchDrill(t *testing.T, r rehearsal) {
	code, _, diag := r.script(t, "--mount", `"$lbgen" rehearse --drill earthquake "$site"`)
	if code != cli.ExitUsage || !strings.Contains(diag, "earthquake") {
		t.Errorf("exit status %d\n%s", code, diag)
	}
}
