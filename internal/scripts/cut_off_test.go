package scripts_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/testbox"
	"github.com/lbgen/lbgen/internal/testenv"
)

// cuts is how often an installation is cut off. INSTALL_CUTS=210 is for whoever
// has changed the order of its steps: each takes about a second.
const cuts = 60

// cutter stands before each program that writes something. The call that
// /run/at names is where the run is cut off: by KILL, which is what a power cut
// looks like, by TERM, which the script may answer, or by a disk that is full
// from then on. A copy is cut in its middle. What the script answers, putting back, is
// cut off by KILL in turn, where /run/at says after how many calls.
const cutter = `read -r n </run/count
echo $((n + 1)) >/run/count
read -r at how then </run/at
[ "${then:-0}" -eq 0 ] || [ "$n" -ne "$((at + then))" ] || { at=$n; how=KILL; }
if [ "$n" -eq "$at" ]; then
	case $how in
	KILL) [ "$me" != cp ] || { for to; do :; done; echo half >"$to"; } 2>/dev/null; kill -KILL 0 ;;
	TERM) read -r main </run/pid; kill -TERM "$main" ;;
	full) head -c 4M /dev/zero >/run/image/fill 2>/dev/null || : ;;
	esac
fi
exec "/usr/bin/$me" "$@"
`

// cutOff installs $1, into a copy of the old machine where $4 says fresh, is cut
// off at call $2 by $3, and killed $5 calls later, and says how it ended.
const cutOff = `[ "$4" != fresh ] || { rm -rf /run/image/*; cp -a /run/old/. /run/image; }
echo 0 >/run/count; echo "$2 $3 ${5:-0}" >/run/at
setsid -w sh -c 'echo $$ >/run/pid; exec sh "$@" --root /run/image' sh "$1" >/run/said 2>&1 && code=0 || code=$?
echo "-1 never" >/run/at; rm -f /run/image/fill; echo "$code"`

// live is all that is installed, but for what stands beside a file's place.
const live = `cd /run/image; find etc ! -type d ! -name '.*.lbgen-new' \( -printf '%p %y %m %U:%G %l\n' -o -true \) \
	-type f -exec sha256sum {} + | sort`

// image is a scratch root: the old machine is in /run/old, the one that is
// installed into in /run/image, which is small.
func image(t *testing.T) *testbox.Box {
	t.Helper()
	b := testbox.New(t)
	b.Must(`mkdir -p /run/image /run/old/etc/haproxy /run/old/etc/keepalived /run/old/var/lib; mount -t tmpfs -o size=1m image /run/image
		cd /run/old/etc; cp /etc/os-release .; ln -s nowhere haproxy/linked; seq 20000 >haproxy/haproxy.cfg;
		seq 900 >keepalived/keepalived.conf; chmod 600 keepalived/keepalived.conf
		echo 0 >/run/count; echo '-1 never' >/run/at`)
	b.Stub("unshare", "exit 1") // no daemon is asked here: that changes nothing
	b.Stub("systemctl", "exit 0")
	b.Must(`mkdir /run/light; cp "$1/unshare" "$1/systemctl" /run/light`, b.Bin)
	for _, name := range []string{"cp", "mv", "rm", "mkdir", "chmod", "chown", "sync", "cmp", "sha256sum"} {
		b.Stub(name, "me="+name+"\n"+cutter)
	}
	return b
}

func smallTree(text string) tree {
	tr := tree{}.put("etc/haproxy/haproxy.cfg", strings.Repeat(text, 9000), artifact.ReloadHAProxy)
	tr.put("etc/haproxy/linked", text, artifact.None)
	tr.put("etc/haproxy/new/"+text[:3], text, artifact.None)
	return tr.put("etc/keepalived/keepalived.conf", "pw "+text, artifact.ReloadKeepalived).hide("etc/keepalived/keepalived.conf", text[:3])
}

// TestInstallSurvivesBeingCutOff cuts an installation off at random calls. Each
// live file is the old one or the new one then, as a whole; where the script
// could answer, all are as before; and the next run finishes, or goes back.
func TestInstallSurvivesBeingCutOff(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("INSTALL_SEED"); text != "" {
		seed, _ = strconv.ParseUint(text, 10, 64)
	}
	rounds := testenv.Number(t, "INSTALL_CUTS", cuts)
	t.Logf("INSTALL_SEED=%d INSTALL_CUTS=%d repeats this", seed, rounds)
	random := rand.New(rand.NewPCG(seed, 0))
	b := image(t)
	first, second := smallTree("one two\n").ship(t), smallTree("two three\n").ship(t)
	// The old machine has an earlier version of the site, in half of the rounds.
	for _, before := range []string{"", first} {
		b.Must(`rm -rf /run/image/*; cp -a /run/old/. /run/image; [ -z "$1" ] || sh "$1" --root /run/image; rm -rf /run/old;
			cp -a /run/image /run/old`, before)
		old := b.Must(live)
		if code := b.Must(cutOff, second, "-1", "never", "fresh"); code != "0\n" {
			t.Fatalf("uncut: %s%s", code, b.Must("cat /run/said"))
		}
		done := b.Must(live)
		calls, err := strconv.Atoi(strings.TrimSpace(b.Must("cat /run/count")))
		if err != nil || calls < 40 {
			t.Fatal(calls, err)
		}
		ends := map[string]int{}
		fresh := true
		for i := range rounds / 2 {
			c := cut{b: b, how: []string{"KILL", "TERM", "full"}[random.IntN(3)], at: random.IntN(calls), fresh: fresh, old: old, done: done}
			if c.how != "KILL" && random.IntN(2) == 0 {
				c.then = 1 + random.IntN(20)
			}
			ends[c.String()+" "+c.try(t, second)]++
			// Some are cut off once more, and some of those again.
			if fresh = random.IntN(3) == 0 || i == rounds/2-1; fresh {
				c.finish(t, second, random.IntN(3) == 0)
			}
			if t.Failed() {
				return
			}
		}
		t.Log(ends)
	}
}

// cut is one installation that is cut off.
type cut struct {
	b         *testbox.Box
	how       string
	at        int
	then      int    // after so many calls more it is killed; 0: never
	fresh     bool   // no earlier one was cut off before
	old, done string // what is live before and after
}

func (c cut) String() string {
	if c.then > 0 {
		return c.how + " then KILL"
	}
	return c.how
}

func (c cut) fails(t *testing.T, format string, args ...any) {
	t.Helper()
	said := c.b.Must("cat /run/said; ls -R /run/image/var/lib/lbgen 2>/dev/null; cat /run/image/var/lib/lbgen/applying 2>/dev/null || :")
	t.Errorf("%s at call %d, then %d, fresh: %v: "+format+"\n%s", append(append([]any{c.how, c.at, c.then, c.fresh}, args...), said)...)
}

// try cuts it off and returns how it ended.
func (c cut) try(t *testing.T, sh string) string {
	t.Helper()
	fresh := ""
	if c.fresh {
		fresh = "fresh"
	}
	code := strings.TrimSpace(c.b.Must(cutOff, sh, strconv.Itoa(c.at), c.how, fresh, strconv.Itoa(c.then)))
	now := c.b.Must(live)
	for line := range strings.Lines(now) {
		if !strings.Contains(c.old, line) && !strings.Contains(c.done, line) {
			c.fails(t, "code %s: neither old nor new: %s", code, line)
		}
	}
	for _, path := range []string{"etc/haproxy/haproxy.cfg", "etc/keepalived/keepalived.conf", "etc/haproxy/linked"} {
		if !strings.Contains(now, path+" ") {
			c.fails(t, "code %s: %s is gone", code, path)
		}
	}
	want := map[string]string{"0": c.done, "3": c.old}
	if c.fresh {
		want["1"] = c.old
	}
	if state, known := want[code]; c.how != "KILL" && known && now != state {
		c.fails(t, "code %s: live is\n%s", code, diffLines(state, now))
	}
	return code
}

// finish lets the next run finish, some after --undo.
func (c cut) finish(t *testing.T, sh string, undo bool) {
	t.Helper()
	if undo {
		r := c.b.Run(`PATH=/run/light:/usr/bin:/bin; [ ! -e /run/image/var/lib/lbgen/applying ] || sh "$1" --root /run/image --undo`, sh)
		if now := c.b.Must(live); r.Code != 0 || now != c.old && now != c.done {
			c.fails(t, "--undo left\n%s%s", diffLines(c.old, now), r)
		}
	}
	if r := c.b.Run(`PATH=/run/light:/usr/bin:/bin; sh "$1" --root /run/image`, sh); r.Code != 0 {
		c.fails(t, "the next run does not finish: %s", r)
	}
	if now := c.b.Must(live + `; find . -name '*.lbgen-new' -o -name .new -o -name .gone -o -name applying`); now != c.done {
		c.fails(t, "the next run left\n%s", diffLines(c.done, now))
	}
}

// TestInstallUndo goes back to what was before the last run, and then further.
func TestInstallUndo(t *testing.T) {
	t.Parallel()
	b := image(t)
	b.Must(`cp -a /run/old/. /run/image`)
	states := []string{b.Must(live)}
	var trees []string
	for _, text := range []string{"one two\n", "two three\n", "three four\n"} {
		sh := smallTree(text).ship(t)
		trees = append(trees, sh)
		b.Must(`sh "$1" --root /run/image`, sh)
		states = append(states, b.Must(live))
	}
	sh := trees[0]
	if out := b.Must(`sh "$1" --root /run/image --list`, sh); strings.Count(out, "files, site prslb\n") != 3 {
		t.Error(out)
	}
	for i, state := range slices.Backward(states[:3]) {
		before := b.Must(live)
		wantCode(t, "--undo --dry-run", b.Run(`sh "$1" --root /run/image --undo --dry-run`, sh), 0, "put back  /etc/haproxy/haproxy.cfg")
		if b.Must(live) != before {
			t.Error("--undo --dry-run has changed something")
		}
		wantCode(t, "--undo", b.Run(`sh "$1" --root /run/image --undo`, sh), 0, "this node is as it was before the run that made")
		if now := b.Must(live); now != state {
			t.Errorf("%d: --undo left\n%s", i, diffLines(state, now))
		}
	}
	// The machine as it was before lbgen is kept for good.
	wantCode(t, "the first backup", b.Run(`ls /run/image/var/lib/lbgen/backup`), 0, "000001-")
	wantCode(t, "installed again", b.Run(`sh "$1" --root /run/image`, trees[2]), 0, "000002-")
	b.Must(`echo "site other" >/run/image/var/lib/lbgen/applying; echo "backup 000002-x" >>/run/image/var/lib/lbgen/applying`)
	wantCode(t, "cut off for another site", b.Run(`sh "$1" --root /run/image`, sh), 1,
		"an installation of site other was cut off on this machine")
}

// TestInstallNeverForgetsTheNewest: not with a clock that is behind, and the last
// line names the backup that was made.
func TestInstallNeverForgetsTheNewest(t *testing.T) {
	t.Parallel()
	b := image(t)
	b.Must(`cp -a /run/old/. /run/image`)
	for i := range 8 {
		b.Stub("date", fmt.Sprintf("echo %d0261129T000000Z", 9-i))
		r := b.Run(`sh "$1" --root /run/image`, smallTree(strconv.Itoa(i)+"23 four\n").ship(t))
		want := fmt.Sprintf("%06d-%d0261129T000000Z", i+1, 9-i)
		wantCode(t, "run", r, 0, "done; what was replaced is in /run/image/var/lib/lbgen/backup/"+want)
		b.Must(`[ -e "/run/image/var/lib/lbgen/backup/$1/list" ]`, want)
	}
	got := b.Must(`cd /run/image/var/lib/lbgen/backup; ls; head -n 1 000001-*/etc/haproxy/haproxy.cfg`)
	if want := "000001-90261129T000000Z\n000004-60261129T000000Z\n000005-50261129T000000Z\n" +
		"000006-40261129T000000Z\n000007-30261129T000000Z\n000008-20261129T000000Z\n1\n"; got != want {
		t.Errorf("kept are\n%s", got)
	}
}

// TestInstallRefusesAnotherPlatform: it says which one the site file should have.
func TestInstallRefusesAnotherPlatform(t *testing.T) {
	t.Parallel()
	b := image(t)
	b.Must(`cp -a /run/old/. /run/image`)
	sh := smallTree("one two\n").ship(t)
	before := b.Must(live)
	for release, says := range map[string]string{
		"ID=\"rocky\"\nVERSION_ID=\"9.5\"\n": "is rocky 9.5: write platform: rocky9 in the site file",
		"ID=fedora\nVERSION_ID=41\n":         "is fedora 41, which lbgen has no platform for: --any-platform installs it all the same",
		"ID=debian\nVERSION_ID=\"13\"\n":     "is debian 13, which lbgen has no platform for", // the table knows two
		"NAME=$(touch /run/executed)\n":      "does not say what it is (os-release)",
	} {
		b.Must(`printf %s "$1" >/run/image/etc/os-release`, release)
		wantCode(t, release, b.Run(`sh "$1" --root /run/image`, sh), 1, "the tree", "debian12", says, "nothing was changed")
	}
	b.Must(`[ ! -e /run/executed ]; cp /etc/os-release /run/image/etc`)
	if now := b.Must(live); now != before {
		t.Error(diffLines(before, now))
	}
	b.Must(`printf 'ID=fedora\nVERSION_ID=41\n' >/run/image/etc/os-release`)
	wantCode(t, "--any-platform", b.Run(`sh "$1" --root /run/image --any-platform`, sh), 0, "done;")
}

// TestInstallReadsTablesAsData: what is not a row of lbgen's is refused, and
// nothing in a table is ever run.
func TestInstallReadsTablesAsData(t *testing.T) {
	t.Parallel()
	b := image(t)
	b.Must(`cp -a /run/old/. /run/image`)
	for _, row := range []string{
		"site $(touch${IFS}/run/executed)", "site ../x", "site a b", "node `touch /run/executed`", "config /etc/../x", "config etc",
		"program ./x",
		"address eth0 $(touch)", "address eth0", "vip -x 1.2.3.4", "port bind 8a", "port listen 80", "peer ;", "agreed a;b", "nonsense x",
		"known *",
	} {
		sh := smallTree("one two\n").ship(t)
		b.Must(`printf '%s\n' "$2" >>"${1%/*}/node.table"`, sh, row)
		wantCode(t, row, b.Run(`sh "$1" --root /run/image`, sh), 1, "node.table is damaged at: ", "nothing was changed")
	}
	for _, row := range []string{"rule dmz", "rule $(x) rule x", "interface dmz $(touch)", "-forward dmz", "site a b", "nonsense dmz x"} {
		sh := smallTree("one two\n").ship(t)
		b.Must(`printf '%s\n' "$2" >>"${1%/*}/firewalld.table"`, sh, row)
		r := b.Run(`sh "$1" --root /run/image`, filepath.Join(filepath.Dir(sh), "firewalld.sh"))
		wantCode(t, row, r, 1, "firewalld.table is damaged at: ")
	}
	b.Must(`[ ! -e /run/executed ]`)
}
