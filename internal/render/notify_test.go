package render

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/render/keepalived"
	"github.com/lbgen/lbgen/internal/testbox"
)

// notifyBox is a box with the notify script of the site's first node, its
// keepalived.conf, and placeholders for sendmail, which keeps the mails in
// /run/mail, and for logger, which keeps the lines in /run/syslog.
func notifyBox(t *testing.T, site string) *testbox.Box {
	t.Helper()
	b := testbox.New(t)
	b.OwnUsr()
	set, dir := siteSets(t, site)[0], t.TempDir()
	for _, path := range []string{keepalived.NotifyScript[1:], "etc/keepalived/keepalived.conf"} {
		f := fileOf(t, set, path)
		testbox.Write(t, filepath.Join(dir, path), string(f.Data), f.Mode)
		b.Must(`install -D -m "$3" "$1/$2" "/$2"`, dir, path, "755")
	}
	b.Must("chmod 640 /etc/keepalived/keepalived.conf")
	testbox.Write(t, filepath.Join(dir, "sendmail"), "#!/bin/sh\n{ echo \"arguments: $*\"; cat; echo; } >>/run/mail\n", 0o755)
	b.Must(`install -m 755 "$1/sendmail" /usr/sbin/sendmail`, dir)
	b.Stub("logger", `echo "$*" >>/run/syslog`)
	return b
}

// waitFor waits until the file of the box has the text.
func waitFor(t *testing.T, b *testbox.Box, file, text string) {
	t.Helper()
	for range 300 {
		if strings.Contains(b.Run(`cat "$1" 2>/dev/null`, file).Out, text) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("%q is not in %s:\n%s\nKeepalived says:\n%s", text, file, b.Run(`cat "$1"`, file).Out, b.Run("tail -n 20 /run/log").Out)
}

// TestKeepalivedSendsMails runs a real Keepalived with a process named haproxy,
// which dies and comes back.
func TestKeepalivedSendsMails(t *testing.T) {
	t.Parallel()
	testbox.NeedRoot(t)
	testbox.NeedTools(t, "keepalived", "killall")
	b := notifyBox(t, "../../examples/alarms.yaml")
	b.Must(`ip link add eth0 type veth peer name peer0 && ip addr add 192.168.66.11/24 dev eth0 && ip link set peer0 up && ip link set eth0 up
		cp /bin/sleep /run/haproxy && { /run/haproxy 1000 >/dev/null 2>&1 & }
		mkdir -p /run/keepalived && { keepalived -n -l -D -f /etc/keepalived/keepalived.conf >/run/log 2>&1 & }`)

	for _, want := range []string{
		"arguments: -t -i\nFrom: keepalived@example.org\nTo: ops@example.org, root@localhost\nSubject: [alarms] haproxy1: HA_1 is MASTER\n",
		"\n\nhaproxy1 holds 192.168.66.10 from now on.", "Priority:     100\n", "Nodes:        haproxy1 (priority 100), haproxy2 (priority 90)\n",
	} {
		waitFor(t, b, "/run/mail", want)
	}
	b.Must("killall haproxy")
	waitFor(t, b, "/run/mail", "HA_1 is FAULT")
	b.Must("{ /run/haproxy 1000 >/dev/null 2>&1 & }")
	waitFor(t, b, "/run/mail", "HA_1 is BACKUP\n")
	b.Must("killall keepalived")
	waitFor(t, b, "/run/syslog", "-t lbgen-notify -p local0.notice -- HA_1 is STOP (priority 100)")
	if mail := b.Must("cat /run/mail"); strings.Contains(mail, "STOP") ||
		strings.Count(mail, "Subject:") != strings.Count(mail, "arguments:") {
		t.Errorf("mails that were not asked for:\n%s", mail)
	}
}

// TestNotifyNeverFails: Keepalived and the site's own script go on whatever
// becomes of the mail.
func TestNotifyNeverFails(t *testing.T) {
	t.Parallel()
	testbox.NeedRoot(t)
	text, err := os.ReadFile("../../examples/alarms.yaml")
	if err != nil {
		t.Fatal(err)
	}
	site := filepath.Join(t.TempDir(), "alarms.yaml")
	testbox.Write(t, site, strings.Replace(string(text), "notify: {", "notify: {script: /usr/local/bin/tell, ", 1), 0o644)
	b := notifyBox(t, site)
	b.Must(`printf '#!/bin/sh\necho "$# $*" >>/run/told\nexit 7\n' >/usr/local/bin/tell && chmod 755 /usr/local/bin/tell
		printf '#!/bin/sh\ncat >/dev/null; echo "no mail today" >&2; exit 75\n' >/usr/sbin/sendmail`)
	notify := func(args ...string) {
		if r := b.Run(keepalived.NotifyScript+` "$@"`, args...); r.Code != 0 || r.Out+r.Err != "" {
			t.Errorf("%q: %s", args, r)
		}
	}
	notify("INSTANCE", "HA_1", "FAULT", "100")
	notify("INSTANCE", "HA_1", "STOP", "100")
	notify("INSTANCE", "another", "FAULT", "100")
	if told := b.Must("cat /run/told"); told != "4 INSTANCE HA_1 FAULT 100\n4 INSTANCE HA_1 STOP 100\n" {
		t.Errorf("the site's own script was told %q", told)
	}
	if said := b.Must("cat /run/syslog"); strings.Count(said, "could not be sent: no mail today") != 1 {
		t.Errorf("syslog has\n%s", said)
	}
	if r := b.Run(keepalived.NotifyScript); r.Code != 2 || !strings.Contains(r.Err, "usage") {
		t.Errorf("without arguments: %s", r)
	}
}

// mailServer is a small one in the box, which keeps what it is told.
const mailServer = `import socket
def talk(c):
    f, data = c.makefile("rw", newline=""), False
    def say(text):
        f.write(text + "\r\n"); f.flush()
    say("220-mail.example.org"); say("220 ready")
    for line in f:
        open("/run/smtp", "a").write(line.replace("\r\n", "|\n"))
        if data and line == ".\r\n":
            data = False; say("250 taken")
        elif data:
            pass
        elif line.startswith("DATA"):
            data = True; say("354 go on")
        elif line.startswith("QUIT"):
            return
        else:
            say("250-yes"); say("250 indeed")
s = socket.create_server(("192.0.2.25", 25))
while True:
    c, _ = s.accept()
    try:
        talk(c)
    except OSError:
        pass
    c.close()
`

// TestMailsGoToTheMailServer: what the site file names, and not the node's own.
func TestMailsGoToTheMailServer(t *testing.T) {
	t.Parallel()
	testbox.NeedRoot(t)
	testbox.NeedTools(t, "python3", "bash")
	text, err := os.ReadFile("../../examples/alarms.yaml")
	if err != nil {
		t.Fatal(err)
	}
	site := filepath.Join(t.TempDir(), "alarms.yaml")
	testbox.Write(t, site, strings.Replace(string(text), "email: {", "email: {smtp_server: 192.0.2.25, ", 1), 0o644)
	b := notifyBox(t, site)
	if conf := b.Must("cat /etc/keepalived/keepalived.conf"); strings.Contains(conf, "smtp") || strings.Contains(conf, "email") {
		t.Errorf("keepalived.conf has lines about mails that it does not send:\n%s", conf)
	}
	server := filepath.Join(t.TempDir(), "mail.py")
	testbox.Write(t, server, mailServer, 0o644)
	b.Must(`ip link set lo up; ip addr add 192.0.2.25/32 dev lo; cp "$1" /run/mail.py; { python3 /run/mail.py >/run/log 2>&1 & }`, server)
	for range 50 {
		if b.Run("bash -c 'exec 3<>/dev/tcp/192.0.2.25/25'").Code == 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	b.Must(keepalived.NotifyScript + " INSTANCE HA_1 FAULT 100")
	waitFor(t, b, "/run/smtp", "QUIT|")
	for _, want := range []string{"MAIL FROM:<keepalived@example.org>|\nRCPT TO:<ops@example.org>|\nRCPT TO:<root@localhost>|\nDATA|\n",
		"Subject: [alarms] haproxy1: HA_1 is FAULT|\n", "\n.|\nQUIT|"} {
		waitFor(t, b, "/run/smtp", want)
	}
	if r := b.Run("test ! -e /run/mail"); r.Code != 0 {
		t.Error("sendmail was asked, too")
	}
	b.Must("ip addr del 192.0.2.25/32 dev lo")
	b.Must(keepalived.NotifyScript + " INSTANCE HA_1 BACKUP 100")
	waitFor(t, b, "/run/syslog", "HA_1 is BACKUP, and the mail could not be sent")
}

// TestHAProxyIsAskedOverHTTP runs the real daemons of a node whose servers are
// all down: that moves no address, and a HAProxy that hangs does.
func TestHAProxyIsAskedOverHTTP(t *testing.T) {
	t.Parallel()
	testbox.NeedRoot(t)
	testbox.NeedTools(t, "haproxy", "keepalived", "curl")
	text, err := os.ReadFile("../../examples/ha-http-check.yaml")
	if err != nil {
		t.Fatal(err)
	}
	site, dir := filepath.Join(t.TempDir(), "site.yaml"), t.TempDir()
	testbox.Write(t, site, strings.Replace(string(text), "interval: 5s", "interval: 1s\n        timeout: 1s", 1), 0o644)
	set, b := siteSets(t, site)[0], testbox.New(t)
	for _, path := range []string{"etc/haproxy/haproxy.cfg", "etc/keepalived/keepalived.conf"} {
		testbox.Write(t, filepath.Join(dir, path), string(fileOf(t, set, path).Data), 0o640)
		b.Must(`install -D -m 640 "$1/$2" "/$2"`, dir, path)
	}
	b.Must(`ip link add ens32 type veth peer name peer0 && ip addr add 192.168.171.129/24 dev ens32 && ip link set peer0 up &&
		ip link set ens32 up
		echo 1 >/proc/sys/net/ipv4/ip_nonlocal_bind; mkdir -p /run/haproxy /run/keepalived /var/lib/haproxy
		haproxy -W -D -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid
		{ keepalived -n -l -D -f /etc/keepalived/keepalived.conf >/run/log 2>&1 & }`)
	held := func(want bool) {
		t.Helper()
		for range 300 {
			if strings.Contains(b.Must("ip -br addr show dev ens32"), "192.168.171.250/") == want {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Fatalf("that the node holds the address is not %v. Keepalived says:\n%s", want, b.Run("tail -n 20 /run/log").Out)
	}
	held(true)
	for range 50 { // until both servers are marked down
		if b.Run(`curl -s -o /dev/null -w '%{http_code}' http://192.168.171.250/`).Out == "503" {
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	time.Sleep(3 * time.Second) // two checks more
	held(true)
	b.Must("killall -STOP haproxy")
	held(false)
	b.Must("killall -CONT haproxy")
	held(true)
}
