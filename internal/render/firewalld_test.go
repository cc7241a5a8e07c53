package render

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/view"
)

const (
	webRule   = `rule family="ipv4" destination address="172.16.110.70" port port="80" protocol="tcp" accept`
	tlsRule   = `rule family="ipv4" destination address="172.16.110.70" port port="443" protocol="tcp" accept`
	vrrpRule  = `rule family="ipv4" source address="172.16.110.72" protocol value="vrrp" accept`
	statsRule = `rule family="ipv4" source address="192.168.11.0/24" port port="8404" protocol="tcp" accept`
)

// dmz is a zone of which everything is asked that can be asked.
func dmz(rules ...string) view.Zone {
	z := view.Zone{Name: "dmz", Interfaces: []string{"ens224"}, NoForward: true, RemoveServices: []string{"ssh"}}
	for _, r := range rules {
		z.RichRules = append(z.RichRules, view.RichRule{Rule: r})
	}
	return z
}

// firewalldScript renders firewalld.sh and returns its path.
func firewalldScript(t *testing.T, zones ...view.Zone) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "firewalld.sh")
	node := view.Node{Site: "prslb", Name: "prslb01", Firewall: view.Firewall{Zones: zones}}
	write(t, path, string(script(t, "firewalld/firewalld.sh.tmpl", node)), 0o755)
	return path
}

// fireBox is a box with firewalld's programs in it and nothing running.
func fireBox(t *testing.T) *box {
	t.Helper()
	needRoot(t)
	needTools(t, "firewalld", "firewall-cmd", "firewall-offline-cmd", "dbus-daemon")
	b := newBox(t)
	b.must(`ip link add ens224 type veth peer name peer0; ip addr add 172.16.110.71/24 dev ens224`)
	return b
}

// startFirewalld starts the real firewalld, on a message bus of the box.
func startFirewalld(b *box) {
	b.t.Helper()
	b.must(`mkdir -p /run/dbus; [ -e /run/dbus/system_bus_socket ] || dbus-daemon --system --fork --nopidfile
		firewalld --nopid >/dev/null 2>&1 </dev/null &
		for i in $(seq 100); do firewall-cmd --state >/dev/null 2>&1 && exit; sleep 0.05; done; exit 1`)
}

// The zones as firewalld tells them: what it does now, and what it will do
// after the next start.
const (
	nowZones  = `firewall-cmd --list-all-zones | sed -n '/^dmz/,/^$/p; /^public/,/^$/p'`
	nextZones = `firewall-offline-cmd --list-all-zones | sed -n '/^dmz/,/^$/p; /^public/,/^$/p'`
	remembers = `cat /var/lib/lbgen/prslb.firewalld`
)

// has says whether the text holds all the lines; surrounding blanks are not looked at.
func has(text string, lines ...string) bool {
	for _, want := range lines {
		found := false
		for line := range strings.Lines(text) {
			found = found || strings.TrimSpace(line) == want
		}
		if !found {
			return false
		}
	}
	return true
}

func quiet(t *testing.T, r result) {
	t.Helper()
	if r.code != 0 || r.out != "" || r.err != "" {
		t.Errorf("nothing was to be done or said: %s", r)
	}
}

// The running firewalld is changed without a reload: what a failure in the
// middle leaves behind is nothing, and the admin's own settings live on.
func TestFirewalldOnline(t *testing.T) {
	t.Parallel()
	b := fireBox(t)
	startFirewalld(b)
	b.must(`firewall-cmd --zone=dmz --add-port=9999/tcp`) // the admin's own, at runtime only
	before := b.must(nowZones + ";" + nextZones)
	same := func(what string) {
		t.Helper()
		if after := b.must(nowZones + ";" + nextZones); after != before {
			t.Errorf("%s left\n%s\nwhere there had been\n%s", what, after, before)
		}
		if b.run(remembers).code == 0 {
			t.Errorf("%s left its memory", what)
		}
	}
	sh := firewalldScript(t, dmz(webRule))
	failing(b, "firewall-cmd", 6) // of eight: four changes, now and for the next start
	wantUndone(t, b.run(`sh "$1"`, sh))
	same("a failure")
	b.standIn("firewall-cmd", `exec /usr/bin/firewall-cmd "$@"`)

	b.env = []string{"SSH_CONNECTION=172.16.110.1 40000 172.16.110.71 22"}
	r := b.run(`sh "$1"`, sh)
	b.env = nil
	if r.code != 0 || strings.Count(r.out, "\n") != 4 || !strings.Contains(r.err, "you are logged in through ens224, in zone dmz") {
		t.Errorf("four changes, and a warning to an admin who comes through this zone: %s", r)
	}
	now := b.must(nowZones)
	for _, text := range []string{now, b.must(nextZones)} {
		if !has(text, webRule, "interfaces: ens224", "forward: no", "services:") {
			t.Errorf("this is not what was asked for:\n%s", text)
		}
	}
	if !has(now, "ports: 9999/tcp") {
		t.Error("the admin's own runtime setting is gone")
	}
	quiet(t, b.run(`sh "$1"`, sh))
	b.must(`sh "$1" --remove`, sh)
	same("--remove")
}

func wantUndone(t *testing.T, r result) {
	t.Helper()
	if r.code != 1 || !strings.Contains(r.err, "made to fail") || !strings.Contains(r.err, "nothing has changed") {
		t.Errorf("it was made to fail: %s", r)
	}
}

// A new version of a site takes back what the earlier one did, and only that.
// A failure puts the earlier one back, and so does --undo, which install.sh
// calls when a later step fails.
func TestFirewalldUpgrade(t *testing.T) {
	t.Parallel()
	b := fireBox(t)
	b.must(`firewall-offline-cmd --zone=dmz --add-rich-rule="$1"; firewall-offline-cmd --zone=public --change-interface=ens224`, tlsRule)
	b.must(`sh "$1"`, firewalldScript(t, dmz(webRule, tlsRule)))
	before := b.must(nextZones + ";" + remembers)
	if !has(before, webRule, tlsRule, "interfaces: ens224", "services:") {
		t.Fatalf("this is not what was asked for:\n%s", before)
	}
	same := func(what string) {
		t.Helper()
		if after := b.must(nextZones + ";" + remembers); after != before {
			t.Errorf("%s left\n%s\nwhere there had been\n%s", what, after, before)
		}
	}
	sh := firewalldScript(t, view.Zone{Name: "public", RichRules: []view.RichRule{{Rule: statsRule}}})
	failing(b, "firewall-offline-cmd", 4)
	wantUndone(t, b.run(`sh "$1"`, sh))
	same("a failure")

	failing(b, "firewall-offline-cmd", 0)
	b.must(`sh "$1"`, sh)
	text := b.must(nextZones)
	if !has(text, "services: ssh", "forward: yes", tlsRule, statsRule) {
		t.Errorf("what was taken away, or was the admin's own rule, is not there:\n%s", text)
	}
	if has(text, webRule) {
		t.Errorf("a rule that is no longer asked for is still there:\n%s", text)
	}
	if zone := b.must(`firewall-offline-cmd --get-zone-of-interface=ens224`); zone != "public\n" {
		t.Errorf("the interface was not given back, it is in %s", zone)
	}
	b.must(`sh "$1" --undo`, sh)
	same("--undo")
	quiet(t, b.run(`sh "$1" --undo --offline`, sh))
}

// Written offline, taken back online: what is remembered holds for both.
func TestFirewalldOfflineThenOnline(t *testing.T) {
	t.Parallel()
	b := fireBox(t)
	b.must(`mkdir -p /etc/NetworkManager`)
	before := b.must(nextZones)
	sh := firewalldScript(t, dmz(webRule))
	plan := b.run(`sh "$1" --dry-run`, sh)
	if b.must(nextZones) != before || b.run(remembers).code == 0 {
		t.Error("--dry-run has changed something")
	}
	r := b.run(`sh "$1"`, sh)
	if r.code != 0 || r.out != plan.out || !strings.Contains(r.err, "firewalld is not running") || !strings.Contains(r.err, "NetworkManager is not reached") {
		t.Errorf("it does not say what an offline run leaves open: %s", r)
	}
	quiet(t, b.run(`sh "$1" --offline`, sh))
	if mode := b.must(`stat -c %a /var/lib/lbgen/prslb.firewalld /etc/firewalld/zones/dmz.xml`); mode != "600\n644\n" {
		t.Errorf("modes of the memory and of firewalld's own file: %s", mode)
	}
	startFirewalld(b)
	quiet(t, b.run(`sh "$1"`, sh))
	if r := b.run(`sh "$1" --offline`, sh); r.code != 2 {
		t.Errorf("--offline changes files behind the back of a firewalld that runs: %s", r)
	}
	b.must(`sh "$1" --remove`, sh)
	if now := b.must(nowZones); !has(now, "services: ssh", "forward: yes") || has(now, webRule) {
		t.Errorf("--remove has not reached the running firewalld:\n%s", now)
	}
	if next := b.must(nextZones); next != before {
		t.Errorf("--remove left\n%s\nwhere there had been\n%s", next, before)
	}
}

// failing is a stand-in for a program: it fails when it is called for the n-th
// time with an argument that changes something, and is the real one otherwise.
func failing(b *box, program string, n int) {
	b.t.Helper()
	real, err := exec.LookPath(program)
	if err != nil {
		b.t.Fatal(err)
	}
	count := filepath.Join(b.bin, "count."+program)
	write(b.t, count, "", 0o644)
	b.standIn(program, `case " $*" in *" --add-"*|*" --remove-"*|*" --change-"*)
	echo >>`+count+`
	[ "$(wc -l <`+count+`)" -ne `+strconv.Itoa(n)+` ] || { echo "COMMAND_FAILED: made to fail" >&2; exit 13; };;
esac
exec `+real+` "$@"
`)
}

func TestFirewalldFailsAtEachChange(t *testing.T) {
	t.Parallel()
	b := fireBox(t)
	b.bash()
	sh := firewalldScript(t, dmz(webRule))
	before := b.must(nextZones)
	for n := 1; n <= 4; n++ {
		failing(b, "firewall-offline-cmd", n)
		wantUndone(t, b.run(`sh "$1"`, sh))
		if after := b.must(nextZones); after != before || b.run(remembers).code == 0 {
			t.Errorf("failure at change %d left\n%s\nwhere there had been\n%s", n, after, before)
		}
	}
}

// An image's files are written, this machine's are not.
func TestFirewalldRoot(t *testing.T) {
	t.Parallel()
	b := fireBox(t)
	sh := firewalldScript(t, dmz(webRule))
	before := b.files("/etc/firewalld", "/var/lib/lbgen")
	b.must(`mkdir -p /run/image/etc; cp -r /etc/firewalld /run/image/etc/; sh "$1" --root /run/image`, sh)
	if b.files("/etc/firewalld", "/var/lib/lbgen") != before {
		t.Error("--root has changed this machine")
	}
	if text := b.must(`cat /run/image/etc/firewalld/zones/dmz.xml`); !strings.Contains(text, "172.16.110.70") || strings.Contains(text, "ssh") {
		t.Errorf("the image was not changed:\n%s", text)
	}
	quiet(t, b.run(`sh "$1" --root /run/image`, sh))
}

func TestFirewalldUnknownZone(t *testing.T) {
	t.Parallel()
	b := fireBox(t)
	r := b.run(`sh "$1" --offline`, firewalldScript(t, view.Zone{Name: "nosuch", RemoveServices: []string{"ssh"}}))
	if r.code != 1 || !strings.Contains(r.err, "INVALID_ZONE") {
		t.Errorf("an unknown zone: %s", r)
	}
}

func TestFirewalldUsage(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	sh := firewalldScript(t)
	for _, args := range []string{"--nonsense", "--root", "--root /nosuch", "--root /"} {
		if r := b.run(`sh "$1" `+args, sh); r.code != 2 || r.out != "" {
			t.Errorf("%s: %s", args, r)
		}
	}
	if r := b.run(`sh "$1" --help`, sh); r.code != 0 || !strings.HasPrefix(r.out, "Usage: ") || r.err != "" {
		t.Errorf("--help: %s", r)
	}
}

// Debian and Ubuntu come without firewalld: then the admin has to be told.
func TestFirewalldAbsent(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	sh := firewalldScript(t, dmz(webRule))
	b.hide("firewall-cmd", "firewall-offline-cmd")
	r := b.run(`sh "$1"`, sh)
	if r.code != 0 || r.out != "" || !strings.Contains(r.err, "there is no firewalld") || !has(r.err, "zone dmz: add "+webRule) {
		t.Errorf("no firewalld: %s", r)
	}
}
