package render

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/view"
)

// notifyBox is a box with the notify script of the site's first node, its
// keepalived.conf, and stand-ins for sendmail, which keeps the mails in
// /run/mail, and for logger, which keeps the lines in /run/syslog.
func notifyBox(t *testing.T, site string) *box {
	t.Helper()
	b := newBox(t)
	b.ownUsr()
	set, dir := siteSets(t, site)[0], t.TempDir()
	for _, path := range []string{view.NotifyScript[1:], "etc/keepalived/keepalived.conf"} {
		f := fileOf(t, set, path)
		write(t, filepath.Join(dir, path), string(f.Data), f.Mode)
		b.must(`install -D -m "$3" "$1/$2" "/$2"`, dir, path, "755")
	}
	b.must("chmod 640 /etc/keepalived/keepalived.conf")
	write(t, filepath.Join(dir, "sendmail"), "#!/bin/sh\n{ echo \"arguments: $*\"; cat; echo; } >>/run/mail\n", 0o755)
	b.must(`install -m 755 "$1/sendmail" /usr/sbin/sendmail`, dir)
	b.standIn("logger", `echo "$*" >>/run/syslog`)
	return b
}

// ownUsr has whatever is written to /usr be gone in the end, as newBox does for
// /etc.
func (b *box) ownUsr() {
	b.t.Helper()
	b.must("mkdir /run/usr.up /run/usr.work && mount -t overlay -o lowerdir=/usr,upperdir=/run/usr.up,workdir=/run/usr.work box /usr")
}

// waitFor waits until the file of the box has the text.
func (b *box) waitFor(file, text string) {
	b.t.Helper()
	for range 300 {
		if strings.Contains(b.run(`cat "$1" 2>/dev/null`, file).out, text) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	b.t.Fatalf("%q is not in %s:\n%s\nKeepalived says:\n%s", text, file, b.run(`cat "$1"`, file).out, b.run("tail -n 20 /run/log").out)
}

// TestKeepalivedSendsMails runs a real Keepalived with a process named haproxy,
// which dies and comes back.
func TestKeepalivedSendsMails(t *testing.T) {
	t.Parallel()
	needRoot(t)
	needTools(t, "keepalived", "killall")
	b := notifyBox(t, "../../examples/alarms.yaml")
	b.must(`ip link add eth0 type veth peer name peer0 && ip addr add 192.168.66.11/24 dev eth0 && ip link set peer0 up && ip link set eth0 up
		cp /bin/sleep /run/haproxy && { /run/haproxy 1000 >/dev/null 2>&1 & }
		mkdir -p /run/keepalived && { keepalived -n -l -D -f /etc/keepalived/keepalived.conf >/run/log 2>&1 & }`)

	for _, want := range []string{
		"arguments: -t -i\nFrom: keepalived@example.org\nTo: ops@example.org, root@localhost\nSubject: [alarms] haproxy1: HA_1 is MASTER\n",
		"\n\nhaproxy1 holds 192.168.66.10 from now on.", "Priority:     100\n", "Nodes:        haproxy1 (priority 100), haproxy2 (priority 90)\n",
	} {
		b.waitFor("/run/mail", want)
	}
	b.must("killall haproxy")
	b.waitFor("/run/mail", "HA_1 is FAULT")
	b.must("{ /run/haproxy 1000 >/dev/null 2>&1 & }")
	b.waitFor("/run/mail", "HA_1 is BACKUP\n")
	b.must("killall keepalived")
	b.waitFor("/run/syslog", "-t lbgen-notify -p local0.notice -- HA_1 is STOP (priority 100)")
	if mail := b.must("cat /run/mail"); strings.Contains(mail, "STOP") || strings.Count(mail, "Subject:") != strings.Count(mail, "arguments:") {
		t.Errorf("mails that were not asked for:\n%s", mail)
	}
}

// TestNotifyNeverFails: Keepalived and the site's own script go on whatever
// becomes of the mail.
func TestNotifyNeverFails(t *testing.T) {
	t.Parallel()
	needRoot(t)
	text, err := os.ReadFile("../../examples/alarms.yaml")
	if err != nil {
		t.Fatal(err)
	}
	site := filepath.Join(t.TempDir(), "alarms.yaml")
	write(t, site, strings.Replace(string(text), "notify: {", "notify: {script: /usr/local/bin/tell, ", 1), 0o644)
	b := notifyBox(t, site)
	b.must(`printf '#!/bin/sh\necho "$# $*" >>/run/told\nexit 7\n' >/usr/local/bin/tell && chmod 755 /usr/local/bin/tell
		printf '#!/bin/sh\ncat >/dev/null; echo "no mail today" >&2; exit 75\n' >/usr/sbin/sendmail`)
	notify := func(args ...string) {
		if r := b.run(view.NotifyScript+` "$@"`, args...); r.code != 0 || r.out+r.err != "" {
			t.Errorf("%q: %s", args, r)
		}
	}
	notify("INSTANCE", "HA_1", "FAULT", "100")
	notify("INSTANCE", "HA_1", "STOP", "100")
	notify("INSTANCE", "another", "FAULT", "100")
	if told := b.must("cat /run/told"); told != "4 INSTANCE HA_1 FAULT 100\n4 INSTANCE HA_1 STOP 100\n" {
		t.Errorf("the site's own script was told %q", told)
	}
	if said := b.must("cat /run/syslog"); strings.Count(said, "could not be sent: no mail today") != 1 {
		t.Errorf("syslog has\n%s", said)
	}
	if r := b.run(view.NotifyScript); r.code != 2 || !strings.Contains(r.err, "usage") {
		t.Errorf("without arguments: %s", r)
	}
}

// TestInstallNotify: the script is installed, corrected and taken away like any
// other file, and what it and the checks run has to be there.
func TestInstallNotify(t *testing.T) {
	t.Parallel()
	b := lightBox(t)
	b.ownUsr()
	b.must(`rm -f /usr/sbin/sendmail; mkdir -p /usr/libexec/keepalived; echo mine >/usr/libexec/keepalived/mine`)
	conf := strings.Replace(keepalivedConf, "vrrp_instance", "vrrp_script chk {\n    script \"/usr/bin/curl -sf http://127.0.0.1:8405/alive\"\n}\nvrrp_instance", 1)
	tr := prslb().keepalived(conf)
	conf = strings.Replace(conf, "state BACKUP", "state BACKUP\n    notify \""+view.NotifyScript+"\"", 1)
	tr.keepalived(conf)
	tr[view.NotifyScript[1:]] = artifact.File{Path: view.NotifyScript[1:], Mode: 0o755, Owner: "root", Group: "root", Action: artifact.None, Data: []byte("#!/bin/sh\n\tscript='/usr/local/bin/tell'\n/usr/sbin/sendmail -t\n")}
	wantCode(t, "no mail program", b.run(install, tr.ship(t)), 1, "sendmail is missing: install the package postfix (or another")
	b.must(`cp /bin/true /usr/sbin/sendmail; mv /usr/bin/curl /run/curl`)
	wantCode(t, "no curl", b.run(install, tr.ship(t)), 1, "curl is missing: install the package curl")
	b.must(`mv /run/curl /usr/bin/curl`)
	wantCode(t, "no script of the site's own", b.run(install, tr.ship(t)), 1, "/usr/local/bin/tell is missing, or cannot be run")
	b.must(`cp /bin/true /usr/local/bin/tell`)
	wantCode(t, "first install", b.run(install, tr.ship(t)), 0, "new       "+view.NotifyScript)
	if got := b.must(`stat -c '%a %U:%G' "$1"`, view.NotifyScript); got != "755 root:root\n" {
		t.Errorf("the script is %s", got)
	}
	wantCode(t, "second install", b.run(install, tr.ship(t)), 0, "nothing to do")
	b.must(`chmod 777 "$1"`, view.NotifyScript)
	wantCode(t, "another mode", b.run(install, tr.ship(t)), 0, "mode      "+view.NotifyScript)
	delete(tr, view.NotifyScript[1:])
	wantCode(t, "without notify", b.run(install, tr.ship(t)), 0, "remove    "+view.NotifyScript)
	b.must(`[ ! -e "$1" ] && grep -q mine /usr/libexec/keepalived/mine`, view.NotifyScript)
}

// TestHAProxyIsAskedOverHTTP runs the real daemons of a node whose servers are
// all down: that moves no address, and a HAProxy that hangs does.
func TestHAProxyIsAskedOverHTTP(t *testing.T) {
	t.Parallel()
	needRoot(t)
	needTools(t, "haproxy", "keepalived", "curl")
	text, err := os.ReadFile("../../examples/ha-http-check.yaml")
	if err != nil {
		t.Fatal(err)
	}
	site, dir := filepath.Join(t.TempDir(), "site.yaml"), t.TempDir()
	write(t, site, strings.Replace(string(text), "interval: 5s", "interval: 1s\n        timeout: 1s", 1), 0o644)
	set, b := siteSets(t, site)[0], newBox(t)
	for _, path := range []string{"etc/haproxy/haproxy.cfg", "etc/keepalived/keepalived.conf"} {
		write(t, filepath.Join(dir, path), string(fileOf(t, set, path).Data), 0o640)
		b.must(`install -D -m 640 "$1/$2" "/$2"`, dir, path)
	}
	b.must(`ip link add ens32 type veth peer name peer0 && ip addr add 192.168.171.129/24 dev ens32 && ip link set peer0 up && ip link set ens32 up
		echo 1 >/proc/sys/net/ipv4/ip_nonlocal_bind; mkdir -p /run/haproxy /run/keepalived /var/lib/haproxy
		haproxy -W -D -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid
		{ keepalived -n -l -D -f /etc/keepalived/keepalived.conf >/run/log 2>&1 & }`)
	held := func(want bool) {
		t.Helper()
		for range 300 {
			if strings.Contains(b.must("ip -br addr show dev ens32"), "192.168.171.250/") == want {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Fatalf("that the node holds the address is not %v. Keepalived says:\n%s", want, b.run("tail -n 20 /run/log").out)
	}
	held(true)
	for range 50 { // until both servers are marked down
		if b.run(`curl -s -o /dev/null -w '%{http_code}' http://192.168.171.250/`).out == "503" {
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	time.Sleep(3 * time.Second) // two checks more
	held(true)
	b.must("killall -STOP haproxy")
	held(false)
	b.must("killall -CONT haproxy")
	held(true)
}
