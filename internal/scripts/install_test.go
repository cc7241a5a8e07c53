package scripts_test

import (
	"bytes"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/render/keepalived"
	"github.com/lbgen/lbgen/internal/testbox"
)

func TestInstall(t *testing.T) {
	t.Parallel()
	b := nodeBox(t)
	testbox.NeedTools(t, "firewall-offline-cmd")
	serveFirewalld(b)
	tr := prslb()
	sh := tr.ship(t, dmz(webRule))
	empty := state(b)

	plan := b.Run(install+` --dry-run`, sh)
	wantCode(t, "dry run", plan, 0, "change    /etc/haproxy/haproxy.cfg", "new       /etc/haproxy/pages/sorry.http", "start     haproxy",
		"ip_nonlocal_bind 0 -> 1", "zone dmz: add")
	if state(b) != empty {
		t.Error("--dry-run has changed something")
	}
	r := b.Run(install, sh)
	wantCode(t, "first install", r, 0, plan.Out)
	wantAsked(t, b, "restart:rsyslog daemon-reload enable:haproxy start:haproxy enable:keepalived start:keepalived")
	for path, want := range map[string]string{
		"/etc/haproxy/haproxy.cfg": "644 root:root", "/etc/keepalived/keepalived.conf": "600 root:root",
		"/etc/haproxy/pages": "755 root:root", "/var/log/haproxy": "750 root:adm", "/var/lib/lbgen": "700 root:root",
	} {
		if got := strings.TrimSpace(b.Must(`stat -c '%a %U:%G' "$1"`, path)); got != want {
			t.Errorf("%s is %s, expected %s", path, got, want)
		}
	}
	if b.Must(`cat /proc/sys/net/ipv4/ip_nonlocal_bind`) != "1\n" {
		t.Error("the sysctl file was not loaded")
	}
	done := state(b)
	wantCode(t, "second install", b.Run(install, sh), 0, "nothing to do")
	if state(b) != done {
		t.Error("a second run has changed something")
	}
	wantAsked(t, b, "")
}

// What is rendered from a whole site file is what the scripts can install.
func TestInstallTheSites(t *testing.T) {
	t.Parallel()
	for _, site := range []string{"../../examples/prslb.yaml", "../../testdata/sites/debian12.yaml", "../../testdata/sites/prefix.yaml"} {
		t.Run(filepath.Base(site), func(t *testing.T) {
			t.Parallel()
			b := nodeBox(t)
			b.Must(`mount -t tmpfs none /home; mkdir -p /home/ha/haproxy/sbin; ln -s /usr/sbin/haproxy /home/ha/haproxy/sbin
				echo 'ha:x:5001:5001::/home/ha:/bin/false' >>/etc/passwd; echo 'ha:x:5001:' >>/etc/group`)
			testbox.NeedTools(t, "firewall-offline-cmd", "killall")
			serveFirewalld(b)
			set := siteSets(t, site)[0]
			if version, rocky := strings.CutPrefix(set.Host.Platform, "rocky"); rocky { // where a box is Debian 12
				b.Must(`printf 'ID="rocky"\nVERSION_ID="%s.5"\n' "$1" >/etc/os-release`, version)
			}
			b.Must(`ip link del ens192; ip link del ens224`)
			for i, d := range set.Host.Devices {
				b.Must(`ip link add "$1" type veth peer name "peer$2"; ip link set "$1" up; ip link set "peer$2" up`, d.Name, strconv.Itoa(i))
				for _, a := range d.Addresses {
					b.Must(`ip addr add "$2" dev "$1"`, d.Name, a.String())
				}
			}
			for i, f := range set.Files {
				if len(f.Data) == 0 { // a page: siteSets does not read the user's files
					set.Files[i].Data = []byte("<html></html>\n")
				}
				set.Files[i].Data = forTheBox(set.Files[i].Data)
			}
			sh, start := shipSet(t, set), "start     haproxy"
			if set.Host.Program != "" { // what runs reads no other file until it is started anew
				b.Must(`systemctl start haproxy.service`)
				start = "restart   haproxy"
			}
			wantCode(t, "first install", b.Run(install, sh), 0, start, "done; what was replaced is in")
			wantCode(t, "second install", b.Run(install, sh), 0, "nothing to do")
			for _, f := range set.Files {
				if strings.Contains(f.Path, "/") {
					want := strconv.FormatUint(uint64(f.Mode.Perm()), 8) + " " + f.Owner + ":" + f.Group + "\n"
					if got := b.Must(`stat -c '%a %U:%G' "/$1"`, f.Path); got != want {
						t.Errorf("/%s is %s, want %s", f.Path, got, want)
					}
				}
			}
		})
	}
}

// rsyslog says that it has imudp already where its own configuration loads it
// too, and goes on; anything else that it says counts.
func TestInstallWhereImudpIsLoaded(t *testing.T) {
	t.Parallel()
	b := nodeBox(t)
	b.Must(`sed -i '1i module(load="imudp")' /etc/rsyslog.conf`)
	const rules = "module(load=\"imudp\")\ninput(type=\"imudp\" address=\"127.0.0.1\" port=\"514\")\nlocal2.* /var/log/haproxy/haproxy.log\n"
	wantCode(t, "imudp twice", b.Run(install, prslb().put("etc/rsyslog.d/49-haproxy.conf", rules, artifact.RestartRsyslog).ship(t)), 0,
		"done; what was replaced is in")
	bad := prslb().put("etc/rsyslog.d/49-haproxy.conf", rules+"input(type=\"nothing\")\n", artifact.RestartRsyslog)
	wantCode(t, "imudp twice and a fault", b.Run(install, bad.ship(t)), 1, "rsyslogd -N1 says", "nothing was changed")
}

// forTheBox takes out a kernel setting that only the machine's own network has,
// and more connections than a test machine may have files for.
func forTheBox(data []byte) []byte {
	data = bytes.ReplaceAll(data, []byte("net.ipv4.tcp_max_orphans = 60000\n"), nil)
	return bytes.ReplaceAll(data, []byte("maxconn 30000"), []byte("maxconn 3000"))
}

// Only what changed is reloaded, HAProxy always before Keepalived.
func TestInstallChanges(t *testing.T) {
	t.Parallel()
	b := nodeBox(t)
	b.Must(install, prslb().ship(t))
	asked(b)
	step := func(tr tree, asked string, says ...string) {
		t.Helper()
		wantCode(t, asked, b.Run(install, tr.ship(t)), 0, says...)
		wantAsked(t, b, asked)
	}
	tr := prslb()
	step(tr.put("etc/haproxy/haproxy.cfg", haproxyCfg+"# new\n", artifact.ReloadHAProxy), "reload:haproxy",
		"change    /etc/haproxy/haproxy.cfg")
	step(tr.put("etc/logrotate.d/haproxy", "/var/log/haproxy/haproxy.log {\n weekly\n missingok\n}\n", artifact.None), "")
	tr.put("etc/haproxy/haproxy.cfg", haproxyCfg, artifact.ReloadHAProxy)
	tr.put("etc/rsyslog.d/49-haproxy.conf", "local3.* /var/log/haproxy/haproxy.log\n", artifact.RestartRsyslog)
	step(tr.put("etc/keepalived/keepalived.conf", keepalivedConf+"# new\n", artifact.ReloadKeepalived),
		"restart:rsyslog reload:haproxy reload:keepalived")

	b.Must(`ip addr add 172.16.110.70/24 dev ens224`) // as if Keepalived had put it there
	tr.put("etc/default/keepalived", "DAEMON_ARGS=\"-D -S 1\"\n", artifact.RestartKeepalived)
	wantCode(t, "--keep-vip", b.Run(install+` --keep-vip`, tr.ship(t)), 1, "172.16.110.70 would leave this node")
	step(tr, "restart:keepalived", "172.16.110.70 MOVES from this node to prslb02", "do prslb02 first")
	peers := haproxyCfg + "peers lbgen\n    peer prslb01 172.16.110.71:10001\n    peer prslb02 172.16.110.72:10001\n"
	tr.put("etc/haproxy/haproxy.cfg", peers, artifact.ReloadHAProxy)
	wantCode(t, "peers without -L", b.Run(install, tr.ship(t)), 1, "Removing incomplete section 'peers lbgen'")
	tr.put("etc/default/haproxy", "EXTRAOPTS=\"-S /run/haproxy-master.sock -L prslb01\"\n", artifact.RestartHAProxy)
	step(tr, "restart:haproxy", "the restart of HAProxy cuts the connections")
	delete(tr, "etc/default/haproxy")
	step(tr.put("etc/haproxy/haproxy.cfg", haproxyCfg, artifact.ReloadHAProxy), "restart:haproxy", "remove    /etc/default/haproxy")
	b.Must(`chmod 666 /etc/keepalived/keepalived.conf`)
	step(tr, "", "mode      /etc/keepalived/keepalived.conf")
	b.Must(`sysctl -qw net.ipv4.ip_nonlocal_bind=0`)
	step(tr, "", "ip_nonlocal_bind 0 -> 1")
}

// What an earlier version installed and this one does not is removed; what
// lbgen never installed is not touched.
func TestInstallRemoves(t *testing.T) {
	t.Parallel()
	b := nodeBox(t)
	b.Bash()
	b.Must(`mkdir /etc/haproxy/pages; echo mine >/etc/haproxy/pages/mine.http`)
	tr := prslb().put("etc/haproxy/pages/old.http", "old\n", artifact.ReloadHAProxy)
	b.Must(install, tr.ship(t))
	asked(b)
	delete(tr, "etc/haproxy/pages/old.http")
	wantCode(t, "removal", b.Run(install, tr.ship(t)), 0, "remove    /etc/haproxy/pages/old.http")
	wantAsked(t, b, "reload:haproxy")
	b.Must(`[ ! -e /etc/haproxy/pages/old.http ] && grep -q mine /etc/haproxy/pages/mine.http &&
		grep -q old /var/lib/lbgen/backup/*/etc/haproxy/pages/old.http`)

	for _, path := range []string{"etc/keepalived/keepalived.conf", "etc/default/keepalived"} {
		delete(tr, path)
	}
	wantCode(t, "a site without VRRP", b.Run(install, tr.ship(t)), 0, "stop      keepalived", "disable   keepalived")
	wantAsked(t, b, "disable:keepalived stop:keepalived")
}

func TestInstallSELinux(t *testing.T) {
	t.Parallel()
	b := lightBox(t)
	b.Stub("restorecon", `echo "$*" >>/run/contexts`)
	b.Stub("setsebool", `echo "$*" >>/run/booleans`)
	r := b.Run(install, prslb().ship(t))
	wantCode(t, "ports without a type", r, 0, "tcp port 8404 becomes an http_port_t", "tcp port 8080 becomes an http_port_t")
	if got := b.Must(`cat /run/ports`); got != "http_port_t  tcp  8080\nhttp_port_t  tcp  8404\n" {
		t.Errorf("ports that were labelled:\n%s", got)
	}
	if got := b.Must(`cat /run/contexts`); !has(got, "/etc/haproxy/haproxy.cfg") {
		t.Errorf("contexts that were restored:\n%s", got)
	}
	wantCode(t, "second run", b.Run(install, prslb().ship(t)), 0, "nothing to do")

	b.Must(`echo 'transproxy_port_t  tcp  8404' >/run/ports`)
	wantCode(t, "a port of somebody else's", b.Run(install, prslb().ship(t)), 0, "haproxy_connect_any is switched on")
	if got := b.Must(`cat /run/booleans`); got != "-P haproxy_connect_any 1\n" {
		t.Errorf("booleans:\n%s", got)
	}
	b.Stub("getsebool", `echo "haproxy_connect_any --> on"`)
	wantCode(t, "with the boolean on", b.Run(install, prslb().ship(t)), 0, "nothing to do")
}

func TestInstallKeepsFewBackups(t *testing.T) {
	t.Parallel()
	b := lightBox(t)
	for i := range 9 {
		b.Must(install, prslb().put("etc/haproxy/n", strconv.Itoa(i), artifact.None).ship(t))
	}
	if got := b.Must(`ls /var/lib/lbgen/backup | wc -l; cat /var/lib/lbgen/backup/*/etc/haproxy/n; echo;
		stat -c %a /var/lib/lbgen/backup/*`); got != "6\n34567\n700\n700\n700\n700\n700\n700\n" {
		t.Errorf("backups:\n%s", got)
	}
}

// An image is written with its own user numbers, and this machine is left alone.
func TestInstallRoot(t *testing.T) {
	t.Parallel()
	b := nodeBox(t)
	testbox.NeedTools(t, "firewall-offline-cmd")
	serveFirewalld(b)
	b.Must(`mkdir -p /run/image/etc; cp /etc/os-release /run/image/etc; echo haproxy:x:777:778::/:/bin/false >/run/image/etc/passwd;
		echo haproxy:x:778: >/run/image/etc/group
		cp -r /etc/firewalld /run/image/etc; ip addr del 172.16.110.71/24 dev ens224`)
	before := state(b)
	tr := prslb()
	f := tr["etc/haproxy/haproxy.cfg"]
	f.Owner, f.Group, f.Mode = "haproxy", "haproxy", fs.FileMode(0o640)
	tr["etc/haproxy/haproxy.cfg"] = f
	sh := tr.ship(t, render.Zone{Name: "public", Openings: []render.Opening{{Rich: statsRule}}})
	r := b.Run(install+` --root /run/image`, sh)
	wantCode(t, "--root", r, 0, "not checked: there is no haproxy in /run/image", "new       /etc/haproxy/haproxy.cfg", "zone public: add")
	if state(b) != before {
		t.Error("--root has changed this machine")
	}
	wantAsked(t, b, "")
	if got := b.Must(`stat -c '%a %u:%g' /run/image/etc/haproxy/haproxy.cfg /run/image/etc/keepalived/keepalived.conf \
		/run/image/etc/haproxy`); got != "640 777:778\n600 0:0\n755 0:0\n" {
		t.Errorf("modes and owners in the image:\n%s", got)
	}
	wantCode(t, "--root again", b.Run(install+` --root /run/image`, sh), 0, "nothing to do")
}

// SELinux may keep rsyslog from making HAProxy's log socket: rsyslog goes on,
// and so does the install, but not without a word.
func TestInstallLooksForTheLogSocket(t *testing.T) {
	t.Parallel()
	b := lightBox(t)
	const path = "etc/rsyslog.d/49-haproxy.conf"
	socket := func(text string) tree {
		return prslb().put(path, "input(type=\"imuxsock\" Socket=\"/run/hap/dev/log\")\n# "+text+"\n", artifact.RestartRsyslog)
	}
	const warning = "rsyslog has not made the socket /run/hap/dev/log"
	wantCode(t, "no socket", b.Run(install, socket("1").ship(t)), 0, warning, "ausearch -m avc -c rsyslogd",
		"semanage fcontext -a -t device_t '/run/hap/dev'", "restorecon -R /run/hap/dev", "systemctl restart rsyslog", "done;")
	quiet := func(what string, tr tree) {
		t.Helper()
		r := b.Run(install, tr.ship(t))
		wantCode(t, what, r, 0)
		if strings.Contains(r.Err, warning) {
			t.Errorf("%s: it warns: %s", what, r)
		}
	}
	quiet("rsyslog is not restarted", socket("1").put("etc/haproxy/n", "n\n", artifact.None))
	testbox.NeedTools(t, "python3")
	b.Must(`mkdir -p /run/hap/dev; python3 -c 'import socket; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).bind("/run/hap/dev/log")'`)
	quiet("the socket is there", socket("2"))
	b.Must(`rm /run/hap/dev/log`)
	b.Stub("selinuxenabled", "exit 1")
	quiet("no SELinux", socket("3"))
}

// TestInstallNotify: the script is installed, corrected and taken away like any
// other file, and what it and the checks run has to be there.
func TestInstallNotify(t *testing.T) {
	t.Parallel()
	b := lightBox(t)
	b.OwnUsr()
	b.Must(`rm -f /usr/sbin/sendmail; mkdir -p /usr/libexec/keepalived; echo mine >/usr/libexec/keepalived/mine`)
	conf := strings.Replace(keepalivedConf, "vrrp_instance", "vrrp_script chk {\n    script \"/usr/bin/curl -sf "+
		"http://127.0.0.1:8405/alive\"\n}\nvrrp_instance", 1)
	tr := prslb().keepalived(conf)
	conf = strings.Replace(conf, "state BACKUP", "state BACKUP\n    notify \""+keepalived.NotifyScript+"\"", 1)
	tr.keepalived(conf)
	tr[keepalived.NotifyScript[1:]] = artifact.File{Path: keepalived.NotifyScript[1:], Mode: 0o755, Owner: "root", Group: "root",
		Action: artifact.None, Data: []byte("#!/bin/sh\n\tscript='/usr/local/bin/tell'\n/usr/sbin/sendmail -t\n")}
	wantCode(t, "no mail program", b.Run(install, tr.ship(t)), 1, "sendmail is missing: install the package postfix (or another")
	b.Must(`cp /bin/true /usr/sbin/sendmail; mv /usr/bin/curl /run/curl`)
	wantCode(t, "no curl", b.Run(install, tr.ship(t)), 1, "curl is missing: install the package curl")
	b.Must(`mv /run/curl /usr/bin/curl`)
	wantCode(t, "no script of the site's own", b.Run(install, tr.ship(t)), 1, "/usr/local/bin/tell is missing, or cannot be run")
	b.Must(`cp /bin/true /usr/local/bin/tell`)
	wantCode(t, "first install", b.Run(install, tr.ship(t)), 0, "new       "+keepalived.NotifyScript)
	if got := b.Must(`stat -c '%a %U:%G' "$1"`, keepalived.NotifyScript); got != "755 root:root\n" {
		t.Errorf("the script is %s", got)
	}
	wantCode(t, "second install", b.Run(install, tr.ship(t)), 0, "nothing to do")
	b.Must(`chmod 777 "$1"`, keepalived.NotifyScript)
	wantCode(t, "another mode", b.Run(install, tr.ship(t)), 0, "mode      "+keepalived.NotifyScript)
	delete(tr, keepalived.NotifyScript[1:])
	wantCode(t, "without notify", b.Run(install, tr.ship(t)), 0, "remove    "+keepalived.NotifyScript)
	b.Must(`[ ! -e "$1" ] && grep -q mine /usr/libexec/keepalived/mine`, keepalived.NotifyScript)
}
