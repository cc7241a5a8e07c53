package scripts_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/scripts"
	"github.com/lbgen/lbgen/internal/testbox"
)

const (
	webRule   = `rule family="ipv4" destination address="172.16.110.70" port port="80" protocol="tcp" accept`
	tlsRule   = `rule family="ipv4" destination address="172.16.110.70" port port="443" protocol="tcp" accept`
	vrrpRule  = `rule family="ipv4" source address="172.16.110.72" protocol value="vrrp" accept`
	statsRule = `rule family="ipv4" source address="192.168.11.0/24" port port="8404" protocol="tcp" accept`
)

// dmz is a zone of which everything is asked that can be asked.
func dmz(rules ...string) render.Zone {
	z := render.Zone{Name: "dmz", Interfaces: []string{"ens224"}, NoForward: true, RemoveServices: []string{"ssh"}}
	for _, r := range rules {
		z.Openings = append(z.Openings, render.Opening{Rich: r})
	}
	return z
}

// firewalldScript puts firewalld.sh beside its table and returns its path.
func firewalldScript(t *testing.T, zones ...render.Zone) string {
	t.Helper()
	return firewalldScriptOf(t, "prslb", zones...)
}

func firewalldScriptOf(t *testing.T, site string, zones ...render.Zone) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "firewalld.sh")
	node := render.Node{Site: site, Name: "prslb01", Firewall: render.Firewall{Zones: zones}}
	testbox.Write(t, path, string(scripts.Firewalld()), 0o755)
	testbox.Write(t, filepath.Join(filepath.Dir(path), "firewalld.table"), table(t, "firewalld/firewalld.table.tmpl", node), 0o644)
	return path
}

// fireBox is a box with firewalld's programs in it and nothing running.
func fireBox(t *testing.T) *testbox.Box {
	t.Helper()
	testbox.NeedRoot(t)
	testbox.NeedTools(t, "firewalld", "firewall-cmd", "firewall-offline-cmd", "dbus-daemon")
	b := testbox.New(t)
	serveFirewalld(b)
	b.Must(`ip link add ens224 type veth peer name peer0; ip addr add 172.16.110.71/24 dev ens224`)
	return b
}

// servedFirewalld is where the box has firewalld's programs that start quickly.
const servedFirewalld = "/run/firewalld.programs/"

// serveFirewalld has firewalld's own programs, which are Python, start quickly: the
// same text runs, in processes that have read its modules already.
func serveFirewalld(b *testbox.Box) {
	b.T.Helper()
	for _, program := range []string{"../check/firewalld.py", "testdata/firewalld_server.py"} {
		text, err := os.ReadFile(program)
		if err != nil {
			b.T.Fatal(err)
		}
		testbox.Write(b.T, filepath.Join(b.Bin, filepath.Base(program)), string(text), 0o644)
	}
	b.Must(`mkdir -m 700 $2; python3 -B "$1/firewalld_server.py" $2 >/run/firewalld.log 2>&1 </dev/null &
		for i in $(seq 200); do [ ! -e "$2/ready" ] || exit 0; sleep 0.05; done; cat /run/firewalld.log; exit 1`, b.Bin, servedFirewalld)
	serve(b, "firewall-cmd", "firewall-offline-cmd")
}

// serve has the box find the programs where they start quickly.
func serve(b *testbox.Box, programs ...string) {
	for _, name := range programs {
		b.Stub(name, "exec "+servedFirewalld+name+" \"$@\"")
	}
}

// startFirewalld starts the real firewalld, on a message bus of the box.
func startFirewalld(b *testbox.Box) {
	b.Must(`mkdir -p /run/dbus; [ -e /run/dbus/system_bus_socket ] || dbus-daemon --system --fork --nopidfile
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

func quiet(t *testing.T, r testbox.Result) {
	t.Helper()
	if r.Code != 0 || r.Out != "" || r.Err != "" {
		t.Errorf("nothing was to be done or said: %s", r)
	}
}

// The running firewalld is changed without a reload: what a failure in the
// middle leaves behind is nothing, and the admin's own settings live on.
func TestFirewalldOnline(t *testing.T) {
	t.Parallel()
	b := fireBox(t)
	startFirewalld(b)
	b.Must(`firewall-cmd --zone=dmz --add-port=9999/tcp`) // the admin's own, at runtime only
	before := b.Must(nowZones + ";" + nextZones)
	same := func(what string) {
		t.Helper()
		if after := b.Must(nowZones + ";" + nextZones); after != before {
			t.Errorf("%s left\n%s\nwhere there had been\n%s", what, after, before)
		}
		if b.Run(remembers).Code == 0 {
			t.Errorf("%s left its memory", what)
		}
	}
	sh := firewalldScript(t, dmz(webRule))
	failing(b, "firewall-cmd", 6) // of eight: four changes, now and for the next start
	wantUndone(t, b.Run(`sh "$1"`, sh))
	same("a failure")
	serve(b, "firewall-cmd")

	b.Env = []string{"SSH_CONNECTION=172.16.110.1 40000 172.16.110.71 22"}
	r := b.Run(`sh "$1"`, sh)
	b.Env = nil
	if r.Code != 0 || strings.Count(r.Out, "\n") != 4 || !strings.Contains(r.Err, "you are logged in through ens224, in zone dmz") {
		t.Errorf("four changes, and a warning to an admin who comes through this zone: %s", r)
	}
	now := b.Must(nowZones)
	for _, text := range []string{now, b.Must(nextZones)} {
		if !has(text, webRule, "interfaces: ens224", "forward: no", "services:") {
			t.Errorf("this is not what was asked for:\n%s", text)
		}
	}
	if !has(now, "ports: 9999/tcp") {
		t.Error("the admin's own runtime setting is gone")
	}
	quiet(t, b.Run(`sh "$1"`, sh))
	b.Must(`sh "$1" --remove`, sh)
	same("--remove")
}

func wantUndone(t *testing.T, r testbox.Result) {
	t.Helper()
	if r.Code != 1 || !strings.Contains(r.Err, "made to fail") || !strings.Contains(r.Err, "nothing has changed") {
		t.Errorf("it was made to fail: %s", r)
	}
}

// A new version of a site takes back what the earlier one did, and only that.
// A failure puts the earlier one back, and so does --undo, which install.sh
// calls when a later step fails.
func TestFirewalldUpgrade(t *testing.T) {
	t.Parallel()
	b := fireBox(t)
	b.Must(`firewall-offline-cmd --zone=dmz --add-rich-rule="$1"; firewall-offline-cmd --zone=public --change-interface=ens224`, tlsRule)
	b.Must(`sh "$1"`, firewalldScript(t, dmz(webRule, tlsRule)))
	before := b.Must(nextZones + ";" + remembers)
	if !has(before, webRule, tlsRule, "interfaces: ens224", "services:") {
		t.Fatalf("this is not what was asked for:\n%s", before)
	}
	same := func(what string) {
		t.Helper()
		if after := b.Must(nextZones + ";" + remembers); after != before {
			t.Errorf("%s left\n%s\nwhere there had been\n%s", what, after, before)
		}
	}
	sh := firewalldScript(t, render.Zone{Name: "public", Openings: []render.Opening{{Rich: statsRule}}})
	failing(b, "firewall-offline-cmd", 4)
	wantUndone(t, b.Run(`sh "$1"`, sh))
	same("a failure")

	failing(b, "firewall-offline-cmd", 0)
	b.Must(`sh "$1"`, sh)
	text := b.Must(nextZones)
	if !has(text, "services: ssh", "forward: yes", tlsRule, statsRule) {
		t.Errorf("what was taken away, or was the admin's own rule, is not there:\n%s", text)
	}
	if has(text, webRule) {
		t.Errorf("a rule that is no longer asked for is still there:\n%s", text)
	}
	if zone := b.Must(`firewall-offline-cmd --get-zone-of-interface=ens224`); zone != "public\n" {
		t.Errorf("the interface was not given back, it is in %s", zone)
	}
	b.Must(`sh "$1" --undo`, sh)
	same("--undo")
	quiet(t, b.Run(`sh "$1" --undo --offline`, sh))
}

// Written offline, taken back online: what is remembered holds for both.
func TestFirewalldOfflineThenOnline(t *testing.T) {
	t.Parallel()
	b := fireBox(t)
	b.Must(`mkdir -p /etc/NetworkManager`)
	before := b.Must(nextZones)
	sh := firewalldScript(t, dmz(webRule))
	plan := b.Run(`sh "$1" --dry-run`, sh)
	if b.Must(nextZones) != before || b.Run(remembers).Code == 0 {
		t.Error("--dry-run has changed something")
	}
	r := b.Run(`sh "$1"`, sh)
	if r.Code != 0 || r.Out != plan.Out || !strings.Contains(r.Err, "firewalld is not running") ||
		!strings.Contains(r.Err, "NetworkManager is not reached") {
		t.Errorf("it does not say what an offline run leaves open: %s", r)
	}
	quiet(t, b.Run(`sh "$1" --offline`, sh))
	if mode := b.Must(`stat -c %a /var/lib/lbgen/prslb.firewalld /etc/firewalld/zones/dmz.xml`); mode != "600\n644\n" {
		t.Errorf("modes of the memory and of firewalld's own file: %s", mode)
	}
	startFirewalld(b)
	quiet(t, b.Run(`sh "$1"`, sh))
	if r := b.Run(`sh "$1" --offline`, sh); r.Code != 2 {
		t.Errorf("--offline changes files behind the back of a firewalld that runs: %s", r)
	}
	b.Must(`sh "$1" --remove`, sh)
	if now := b.Must(nowZones); !has(now, "services: ssh", "forward: yes") || has(now, webRule) {
		t.Errorf("--remove has not reached the running firewalld:\n%s", now)
	}
	if next := b.Must(nextZones); next != before {
		t.Errorf("--remove left\n%s\nwhere there had been\n%s", next, before)
	}
}

// failing is a stub for a program: it fails when it is called for the n-th
// time with an argument that changes something, and is the real one otherwise.
func failing(b *testbox.Box, program string, n int) {
	striking(b, program, n, `{ echo "COMMAND_FAILED: made to fail" >&2; exit 13; }`)
}

// striking does what text says in place of the n-th change.
func striking(b *testbox.Box, program string, n int, text string) {
	count := filepath.Join(b.Bin, "count."+program)
	testbox.Write(b.T, count, "", 0o644)
	b.Stub(program, `case " $*" in *" --add-"*|*" --remove-"*|*" --change-"*)
	echo >>`+count+`
	[ "$(wc -l <`+count+`)" -ne `+strconv.Itoa(n)+` ] || `+text+`;;
esac
exec `+servedFirewalld+program+` "$@"
`)
}

func TestFirewalldFailsAtEachChange(t *testing.T) {
	t.Parallel()
	b := fireBox(t)
	b.Bash()
	sh := firewalldScript(t, dmz(webRule))
	before := b.Must(nextZones)
	for n := 1; n <= 4; n++ {
		failing(b, "firewall-offline-cmd", n)
		wantUndone(t, b.Run(`sh "$1"`, sh))
		if after := b.Must(nextZones); after != before || b.Run(remembers).Code == 0 {
			t.Errorf("failure at change %d left\n%s\nwhere there had been\n%s", n, after, before)
		}
	}
}

// An image's files are written, this machine's are not.
func TestFirewalldRoot(t *testing.T) {
	t.Parallel()
	b := fireBox(t)
	sh := firewalldScript(t, dmz(webRule))
	before := b.Files("/etc/firewalld", "/var/lib/lbgen")
	b.Must(`mkdir -p /run/image/etc; cp -r /etc/firewalld /run/image/etc/; sh "$1" --root /run/image`, sh)
	if b.Files("/etc/firewalld", "/var/lib/lbgen") != before {
		t.Error("--root has changed this machine")
	}
	if text := b.Must(`cat /run/image/etc/firewalld/zones/dmz.xml`); !strings.Contains(text, "172.16.110.70") ||
		strings.Contains(text, "ssh") {
		t.Errorf("the image was not changed:\n%s", text)
	}
	quiet(t, b.Run(`sh "$1" --root /run/image`, sh))
}

func TestFirewalldUnknownZone(t *testing.T) {
	t.Parallel()
	b := fireBox(t)
	r := b.Run(`sh "$1" --offline`, firewalldScript(t, render.Zone{Name: "nosuch", RemoveServices: []string{"ssh"}}))
	if r.Code != 1 || !strings.Contains(r.Err, "INVALID_ZONE") {
		t.Errorf("an unknown zone: %s", r)
	}
}

func TestFirewalldUsage(t *testing.T) {
	t.Parallel()
	b := testbox.New(t)
	sh := firewalldScript(t)
	for _, args := range []string{"--nonsense", "--root", "--root /nosuch", "--root /", "--replace", "--replace --undo", "--replace ../x"} {
		if r := b.Run(`sh "$1" `+args, sh); r.Code != 2 || r.Out != "" {
			t.Errorf("%s: %s", args, r)
		}
	}
	if r := b.Run(`sh "$1" --help`, sh); r.Code != 0 || !strings.HasPrefix(r.Out, "Usage: ") || r.Err != "" {
		t.Errorf("--help: %s", r)
	}
}

// Debian and Ubuntu come without firewalld: then the admin has to be told.
func TestFirewalldAbsent(t *testing.T) {
	t.Parallel()
	b := testbox.New(t)
	sh := firewalldScript(t, dmz(webRule))
	b.Hide("firewall-cmd", "firewall-offline-cmd")
	r := b.Run(`sh "$1"`, sh)
	if r.Code != 0 || r.Out != "" || !strings.Contains(r.Err, "there is no firewalld") || !has(r.Err, "zone dmz: add "+webRule) {
		t.Errorf("no firewalld: %s", r)
	}
}
