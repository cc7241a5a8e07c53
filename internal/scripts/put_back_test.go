package scripts_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/scripts"
	"github.com/lbgen/lbgen/internal/testbox"
)

// HAProxy does not come up with a port that somebody else holds: a reload that
// fails leaves the old process and an active unit, so this has to be looked at.
func TestInstallSeesAFailedReload(t *testing.T) {
	t.Parallel()
	b := nodeBox(t)
	b.Must(install, prslb().ship(t))
	before := state(b)
	b.Stub("ss", `case "$*" in *8404*) ;; *) exec /usr/bin/ss "$@";; esac`)
	sh := prslb().put("etc/haproxy/haproxy.cfg", haproxyCfg+"# new\n", artifact.ReloadHAProxy).ship(t)
	wantCode(t, "a port that HAProxy did not get", b.Run(install, sh), 3, "HAProxy does not listen on: 8404", "prslb01 is as it was before")
	if state(b) != before {
		t.Error("it was not put back")
	}
}

// A restart that fails is done once more, with the files as they were.
func TestInstallPutsBackAfterAFailedRestart(t *testing.T) {
	t.Parallel()
	b := nodeBox(t)
	b.Must(install, prslb().ship(t))
	before := state(b)
	asked(b)
	b.Stub("systemctl.real", systemctlScript)
	b.Stub("systemctl", `case "$*" in restart*haproxy*) [ -e /run/tried ] || { : >/run/tried; echo "Job for haproxy.service failed" >&2;
		exit 1; };; esac; exec systemctl.real "$@"`)
	sh := prslb().put("etc/default/haproxy", "EXTRAOPTS=\"-S /run/haproxy-master.sock -L prslb01\"\n", artifact.RestartHAProxy).ship(t)
	wantCode(t, "HAProxy does not restart", b.Run(install, sh), 3, "systemctl restart haproxy failed", "Job for haproxy.service failed",
		"prslb01 is as it was before")
	wantAsked(t, b, "restart:haproxy")
	b.Must(`rm /run/tried`)
	if after := state(b); after != before {
		t.Errorf("not as before:\n%s", diffLines(before, after))
	}
}

// A failing daemon's own words are shown, and every step before it is undone:
// the firewall, the kernel's values, what is enabled, what runs.
func TestInstallPutsBack(t *testing.T) {
	t.Parallel()
	b := nodeBox(t)
	b.Bash()
	testbox.NeedTools(t, "firewall-offline-cmd")
	serveFirewalld(b)
	before, zonesBefore := state(b), b.Must(nextZones)
	b.Stub("systemctl.real", systemctlScript)
	b.Stub("systemctl", `case "$*" in *start*keepalived*) echo "Job for keepalived.service failed" >&2; exit 1;; esac;
		exec systemctl.real "$@"`)
	r := b.Run(install, prslb().ship(t, render.Zone{Name: "public", Openings: []render.Opening{{Rich: statsRule}}}))
	wantCode(t, "Keepalived does not start", r, 3, "systemctl start keepalived failed", "Job for keepalived.service failed",
		"the journal is not here", "prslb01 is as it was before")
	if after := state(b); after != before {
		t.Errorf("not as before:\n%s", diffLines(before, after))
	}
	if b.Must(nextZones) != zonesBefore {
		t.Error("the firewall is not as before")
	}
}

// mutators are the programs by which install.sh changes anything.
var mutators = [...]string{"cp", "mv", "rm", "chown", "chmod", "mkdir", "sync", "systemctl", "systemd-tmpfiles", "sysctl", "semanage",
	"restorecon"}

// saboteur puts itself before each mutator. At the call number /run/at it does
// what text says. The calls that only ask something do not count, nor those on
// scratch files, which change nothing; and of calls that differ only in the
// file, the first two stand for all.
func saboteur(b *testbox.Box, text string) {
	for _, name := range mutators {
		real := strings.TrimSpace(b.Must(`command -v "$1"`, name))
		if strings.HasPrefix(real, b.Bin) {
			b.Must(`mv "$1" "$1.real"`, real)
			real += ".real"
		}
		b.Stub(name, `case "$*" in
is-*|reset-failed*|"port -l"|*/stage/*|"-rf /run/tmp/"*) exec `+real+` "$@" ;;
*/backup/*) kind="`+name+` backup" ;;
*/var/lib/lbgen*) kind="`+name+` notes" ;;
*/etc/*) kind="`+name+` file" ;;
*) kind="`+name+` $*" ;;
esac
all=1 same=0
while read -r line; do
	all=$((all + 1))
	[ "$line" != "$kind" ] || same=$((same + 1))
done </run/count
if [ "$same" -lt 2 ]; then
	echo "$kind" >>/run/count
	read -r at </run/at
	if [ "$all" -eq "$at" ]; then echo "`+name+` $*" >/run/hit; `+text+`; fi
fi
exec `+real+` "$@"
`)
	}
}

func lightState(b *testbox.Box) string { return state(b) + b.Must(`cat /run/ports`) }

// checkpoint runs install.sh up to the moment at which it begins to change
// something, and returns a script that goes on from there, as often as one likes:
// what comes before is the same each time, and takes most of the time.
func checkpoint(t *testing.T, b *testbox.Box, sh, args string) string {
	t.Helper()
	functions, start, ok := strings.Cut(string(scripts.Install()), "\ndir=$(cd ")
	before, after, found := strings.Cut(functions, "\n\tapply\n")
	if !ok || !found {
		t.Fatal("install.sh does not call apply where it did")
	}
	stop, resume := filepath.Join(filepath.Dir(sh), "stop.sh"), filepath.Join(filepath.Dir(sh), "resume.sh")
	const keep = "\n\tset | grep '^[a-z_]*=' >/run/variables; cp -a \"$work\" /run/checkpoint; exit\n"
	testbox.Write(t, stop, before+keep+after+"\ndir=$(cd "+start, 0o755)
	testbox.Write(t, resume, functions+`
. /run/variables
work=$(mktemp -d)
trap finish EXIT
trap interrupted HUP INT TERM
cp -a /run/checkpoint/. "$work"
apply
`, 0o755)
	b.Must(`rm -rf /run/checkpoint; sh "$1"`+args+`; [ -e /run/checkpoint/plan ]`, stop)
	return resume
}

// failsEverywhere has install.sh fail at each call in turn. As long as the
// saboteur strikes, everything has to be as it was before.
func failsEverywhere(t *testing.T, b *testbox.Box, sh, args string, first, step int) {
	t.Helper()
	before := lightState(b)
	b.Must(`echo -1 >/run/at; : >/run/count; : >/run/hit`)
	sh = checkpoint(t, b, sh, args)
	struck := 0
	for n := first; !t.Failed(); n += step {
		b.Must(`echo "$1" >/run/at; : >/run/count; : >/run/hit`, strconv.Itoa(n))
		r := b.Run(install, sh)
		hit := b.Must(`cat /run/hit`)
		after := lightState(b)
		if hit == "" {
			if r.Code != 0 || after == before || struck < 4 {
				t.Errorf("the loop ended after %d failures: %s", struck, r)
			}
			t.Logf("%d failures, all put back", struck)
			return
		}
		struck++
		if r.Code == 0 {
			t.Errorf("call %d, %swas made to fail, and it went on: %s", n, hit, r)
		}
		if after != before {
			t.Errorf("call %d, %swas made to fail; left behind:\n%s%s", n, hit, diffLines(before, after), r)
		}
	}
}

// The first install is undone as well; what it has in common with an upgrade
// is tried there at each call.
func TestInstallFailsAtStepsOfTheFirst(t *testing.T) {
	t.Parallel()
	b := lightBox(t)
	saboteur(b, `echo "made to fail" >&2; exit 1`)
	failsEverywhere(t, b, prslb().ship(t), "", 1, 2)
}

func TestInstallFailsAtEachStep(t *testing.T) {
	t.Parallel()
	b := lightBox(t)
	b.Must(install, prslb().ship(t))
	saboteur(b, `echo "made to fail" >&2; exit 1`)
	failsEverywhere(t, b, upgraded().ship(t), "", 1, 1)
}

func TestInstallInterrupted(t *testing.T) {
	t.Parallel()
	b := lightBox(t)
	b.Bash()
	b.Must(install, prslb().ship(t))
	saboteur(b, `kill -TERM "$PPID"`)
	failsEverywhere(t, b, upgraded().ship(t), "", 3, 5)
}

// A run that was killed could not put anything back; the next one does all
// that was left undone, although the files look up to date.
func TestInstallAfterKill(t *testing.T) {
	t.Parallel()
	b := lightBox(t)
	b.Stub("systemd-tmpfiles", `kill -KILL "$PPID"`)
	old := prslb().put("etc/haproxy/old.http", "old\n", artifact.None)
	if r := b.Run(install, old.ship(t)); r.Code == 0 {
		t.Fatalf("it was to be killed: %s", r)
	}
	if err := os.Remove(filepath.Join(b.Bin, "systemd-tmpfiles")); err != nil {
		t.Fatal(err)
	}
	b.Must(`[ -e /etc/haproxy/old.http ] && : >/run/asked`)
	wantCode(t, "the next run", b.Run(install, prslb().ship(t)), 0, "remove    /etc/haproxy/old.http")
	wantAsked(t, b, "restart:rsyslog daemon-reload enable:haproxy start:haproxy enable:keepalived start:keepalived")
	wantCode(t, "the run after it", b.Run(install, prslb().ship(t)), 0, "nothing to do")
}
