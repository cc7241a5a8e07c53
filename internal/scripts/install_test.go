package scripts_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/compare"
	conf "github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/render/keepalived"
	"github.com/lbgen/lbgen/internal/scripts"
	"github.com/lbgen/lbgen/internal/testbox"
)

func prslbInstall() render.Install {
	return render.Install{
		Addresses: []render.Address{{Device: "ens192", IP: "172.16.10.71"}, {Device: "ens224", IP: "172.16.110.71"}},
		VIPs:      []render.Address{{Device: "ens224", IP: "172.16.110.70"}},
		Peers:     []string{"prslb02"},
		Ports:     []render.Port{{Number: 80, Bind: true}, {Number: 8080}, {Number: 8404, Bind: true}},
		Known:     "debian12,rocky9",
		Words: &render.Words{
			Agreed: strings.Join(conf.Agreed(), ","), Decides: strings.Join(conf.Decides(), ","), Lists: strings.Join(conf.Lists(), ","),
			Usual: strings.ReplaceAll(strings.Join(conf.Defaults(), ","), " ", ":"),
		},
	}
}

const (
	haproxyCfg = `global
    user haproxy
    group haproxy
    chroot /var/lib/haproxy
defaults
    mode http
    timeout connect 3s
    timeout client 5s
    timeout server 5s
    errorfile 503 /etc/haproxy/pages/sorry.http
frontend main
    bind 172.16.110.70:80
    default_backend app
frontend stats
    bind 172.16.10.71:8404
    stats enable
backend app
    server a 192.168.50.61:8080 check
`
	keepalivedConf = `global_defs {
    router_id LB_01
}
vrrp_instance VI_1 {
    state BACKUP
    interface ens224
    virtual_router_id 1
    priority 100
    authentication {
        auth_type PASS
        auth_pass s3cr3tpw
    }
    virtual_ipaddress {
        172.16.110.70/24
    }
}
`
)

// tree is a node's tree in the making: path -> file.
type tree map[string]artifact.File

func (tr tree) put(path, text string, action artifact.Action) tree {
	tr[path] = artifact.File{Path: path, Mode: 0o644, Owner: "root", Group: "root", Action: action, Data: []byte(text)}
	return tr
}

// prslb is a tree with a file of each action.
func prslb() tree {
	tr := tree{}
	tr.put("etc/haproxy/haproxy.cfg", haproxyCfg, artifact.ReloadHAProxy)
	tr.put("etc/haproxy/pages/sorry.http", "HTTP/1.0 503 Sorry\r\n\r\nsorry\n", artifact.ReloadHAProxy)
	tr.put("etc/keepalived/keepalived.conf", keepalivedConf, artifact.ReloadKeepalived)
	tr.put("etc/default/keepalived", "DAEMON_ARGS=\"-D -S 0\"\n", artifact.RestartKeepalived)
	tr.put("etc/sysctl.d/99-nonlocal_bind.conf", "net.ipv4.ip_nonlocal_bind = 1\n", artifact.Sysctl)
	tr.put("etc/rsyslog.d/49-haproxy.conf", "local2.* /var/log/haproxy/haproxy.log\n", artifact.RestartRsyslog)
	tr.put("etc/logrotate.d/haproxy", "/var/log/haproxy/haproxy.log {\n daily\n missingok\n}\n", artifact.None)
	tr.put("etc/tmpfiles.d/lbgen.conf", "d /var/log/haproxy 0750 root adm -\n", artifact.Tmpfiles)
	tr.put("etc/systemd/system/haproxy.service.d/override.conf", "[Unit]\nBefore=keepalived.service\n", artifact.DaemonReload)
	return tr.hide("etc/keepalived/keepalived.conf", "s3cr3tpw")
}

// hide makes the first place where the file has the text a secret.
func (tr tree) hide(path, text string) tree {
	f := tr[path]
	at := strings.Index(string(f.Data), text)
	f.Mode, f.Secrets = 0o600, []artifact.Secret{{Start: at, End: at + len(text), Known: true}}
	tr[path] = f
	return tr
}

// ship writes the tree with its scripts and MANIFEST as scp would leave it, all
// modes wrong, and returns the path of install.sh.
func (tr tree) ship(t *testing.T, zones ...render.Zone) string {
	t.Helper()
	platform, _ := model.PlatformNamed("debian12")
	node := render.Node{Site: "prslb", Name: "prslb01", Platform: platform, Install: prslbInstall(), Firewall: render.Firewall{Zones: zones}}
	tr.put("install.sh", string(scripts.Install()), artifact.Tool)
	tr.put("firewalld.sh", string(scripts.Firewalld()), artifact.Tool)
	tr.put("node.table", table(t, "install/node.table.tmpl", node), artifact.Tool)
	tr.put("firewalld.table", table(t, "firewalld/firewalld.table.tmpl", node), artifact.Firewall)
	var files []artifact.File
	for _, f := range tr {
		files = append(files, f)
	}
	set, err := artifact.New("prslb", "prslb01", artifact.Host{}, files)
	if err != nil {
		t.Fatal(err)
	}
	return shipSet(t, set)
}

func shipSet(t *testing.T, set artifact.Set) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range set.Files {
		testbox.Write(t, filepath.Join(dir, f.Path), string(f.Data), 0o640)
	}
	testbox.Write(t, filepath.Join(dir, artifact.ManifestName), string(set.Manifest()), 0o640)
	return filepath.Join(dir, "install.sh")
}

// systemctlScript stands in for systemd, which does not run here: it notes
// what it is asked, remembers what is enabled and active in files, and starts
// and reloads the real HAProxy; Keepalived and rsyslogd are active by name only.
const systemctlScript = `PATH=/usr/sbin:/usr/bin:/sbin:/bin
exec 9>&-
mkdir -p /run/units
verb= unit=
for a; do case $a in --*) ;; *) if [ -z "$verb" ]; then verb=$a; else unit=$a; fi;; esac; done
case $verb in is-*|reset-failed) ;; *) echo "$verb${unit:+ ${unit%.service}}" >>/run/asked ;; esac
cfg=$(sed -n 's/^ExecStart=.* -f \([^ ]*\) .*/\1/p' /etc/systemd/system/haproxy.service 2>/dev/null)
haproxy_start() { haproxy -W -D -f "${cfg:-/etc/haproxy/haproxy.cfg}" -p /run/haproxy.pid; }
haproxy_stop() { [ ! -e /run/haproxy.pid ] || { kill "$(cat /run/haproxy.pid)"; rm /run/haproxy.pid; }; }
case "$verb $unit" in
"is-active haproxy.service") [ -e /run/haproxy.pid ] && kill -0 "$(cat /run/haproxy.pid)" ;;
"start haproxy.service") haproxy_start ;;
"stop haproxy.service") haproxy_stop ;;
"restart haproxy.service") haproxy_stop; haproxy_start ;;
"reload haproxy.service") kill -USR2 "$(cat /run/haproxy.pid)" ;;
is-active*) [ -e "/run/units/$unit" ] ;;
start*|restart*) : >"/run/units/$unit" ;;
stop*) rm -f "/run/units/$unit" ;;
"reload "*) [ -e "/run/units/$unit" ] ;;
is-enabled*) [ -e "/run/units/on.$unit" ] ;;
enable*) : >"/run/units/on.$unit" ;;
disable*) rm -f "/run/units/on.$unit" ;;
esac
`

// nodeBox is a box with the addresses of prslb01, the real daemons and a
// stub for systemd.
func nodeBox(t *testing.T) *testbox.Box {
	t.Helper()
	testbox.NeedRoot(t)
	testbox.NeedTools(t, "haproxy", "keepalived", "rsyslogd", "logrotate", "ss", "flock", "systemd-tmpfiles", "sysctl")
	b := testbox.New(t)
	b.Stub("systemctl", systemctlScript)
	b.Stub("journalctl", "echo 'the journal is not here'")
	b.Must(`for n in 192 224; do ip link add ens$n type veth peer name peer$n; ip link set ens$n up; done
		ip addr add 172.16.10.71/24 dev ens192; ip addr add 172.16.110.71/24 dev ens224
		mkdir /run/haproxy # as systemd-tmpfiles does for Debian's package at boot
		rm -rf /var/log/haproxy /etc/firewalld/zones/*; : >/run/asked; systemctl start rsyslog.service; : >/run/asked`)
	return b
}

const install = `sh "$1"`

// state is all that install.sh may change.
func state(b *testbox.Box) string {
	return b.Files("/etc", "/var/lib/lbgen", "/var/log/haproxy") +
		b.Must(`cat /proc/sys/net/ipv4/ip_nonlocal_bind; ls /run/units; systemctl is-active haproxy.service && echo up || echo down`)
}

// asked returns what systemd was asked to do since the last call.
func asked(b *testbox.Box) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(b.Must(`cat /run/asked; : >/run/asked`), " ", ":")), " ")
}

func wantCode(t *testing.T, what string, r testbox.Result, code int, says ...string) {
	t.Helper()
	if r.Code != code {
		t.Errorf("%s: exit code %d was expected: %s", what, code, r)
	}
	for _, text := range says {
		if !strings.Contains(r.Out+r.Err, text) {
			t.Errorf("%s: it does not say %q: %s", what, text, r)
		}
	}
	if strings.Contains(r.Out+r.Err, "s3cr3tpw") {
		t.Errorf("%s: it gives the secret away: %s", what, r)
	}
}

func wantAsked(t *testing.T, b *testbox.Box, want string) {
	t.Helper()
	if got := asked(b); got != want {
		t.Errorf("systemd was asked to do\n%s, expected\n%s", got, want)
	}
}

func TestInstall(t *testing.T) {
	t.Parallel()
	b := nodeBox(t)
	testbox.NeedTools(t, "firewall-offline-cmd")
	serveFirewalld(b)
	tr := prslb()
	sh := tr.ship(t, dmz(webRule))
	empty := state(b)

	plan := b.Run(install+` --dry-run`, sh)
	wantCode(t, "dry run", plan, 0, "change    /etc/haproxy/haproxy.cfg", "new       /etc/haproxy/pages/sorry.http", "start     haproxy", "ip_nonlocal_bind 0 -> 1", "zone dmz: add")
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
	wantCode(t, "imudp twice", b.Run(install, prslb().put("etc/rsyslog.d/49-haproxy.conf", rules, artifact.RestartRsyslog).ship(t)), 0, "done; what was replaced is in")
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
	step(tr.put("etc/haproxy/haproxy.cfg", haproxyCfg+"# new\n", artifact.ReloadHAProxy), "reload:haproxy", "change    /etc/haproxy/haproxy.cfg")
	step(tr.put("etc/logrotate.d/haproxy", "/var/log/haproxy/haproxy.log {\n weekly\n missingok\n}\n", artifact.None), "")
	tr.put("etc/haproxy/haproxy.cfg", haproxyCfg, artifact.ReloadHAProxy)
	tr.put("etc/rsyslog.d/49-haproxy.conf", "local3.* /var/log/haproxy/haproxy.log\n", artifact.RestartRsyslog)
	step(tr.put("etc/keepalived/keepalived.conf", keepalivedConf+"# new\n", artifact.ReloadKeepalived), "restart:rsyslog reload:haproxy reload:keepalived")

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
	b.Must(`[ ! -e /etc/haproxy/pages/old.http ] && grep -q mine /etc/haproxy/pages/mine.http && grep -q old /var/lib/lbgen/backup/*/etc/haproxy/pages/old.http`)

	for _, path := range []string{"etc/keepalived/keepalived.conf", "etc/default/keepalived"} {
		delete(tr, path)
	}
	wantCode(t, "a site without VRRP", b.Run(install, tr.ship(t)), 0, "stop      keepalived", "disable   keepalived")
	wantAsked(t, b, "disable:keepalived stop:keepalived")
}

// A tree that the daemons, or this machine, do not agree with is refused, and
// nothing has changed then.
func TestInstallRefuses(t *testing.T) {
	t.Parallel()
	b := nodeBox(t)
	before := state(b)
	refused := func(what string, sh string, args string, says ...string) {
		t.Helper()
		wantCode(t, what, b.Run(install+args, sh), 1, append(says, "nothing was changed")...)
		if state(b) != before {
			t.Errorf("%s: something has changed", what)
		}
		wantAsked(t, b, "")
	}
	haproxy := func(text string) string {
		return prslb().put("etc/haproxy/haproxy.cfg", text, artifact.ReloadHAProxy).ship(t)
	}
	refused("broken haproxy.cfg", haproxy(haproxyCfg+"nonsense\n"), "", "unknown keyword 'nonsense'")
	refused("a page that is missing", haproxy(strings.ReplaceAll(haproxyCfg, "sorry.http", "gone.http")), "", "gone.http")
	refused("a warning", haproxy(strings.ReplaceAll(haproxyCfg, "    timeout client 5s\n", "")), "", "missing timeouts", "--allow-warnings")
	broken := prslb()
	broken.put("etc/keepalived/keepalived.conf", strings.ReplaceAll(keepalivedConf, "auth_type PASS", "auth_tipe s3cr3tpw"), artifact.ReloadKeepalived)
	refused("broken keepalived.conf", broken.hide("etc/keepalived/keepalived.conf", "s3cr3tpw").ship(t), "", "keepalived -t says", "auth_tipe")
	const quoted = `'s3cr3tpw'\''x' '`
	inHAProxy := prslb().put("etc/haproxy/haproxy.cfg", haproxyCfg+"    stats auth a:"+quoted+"\n", artifact.ReloadHAProxy)
	refused("a line with a password", inHAProxy.hide("etc/haproxy/haproxy.cfg", quoted).ship(t), "", "haproxy -c says", "stats auth a:'********")
	refused("broken rsyslog file", prslb().put("etc/rsyslog.d/49-haproxy.conf", "module(load=\"nosuch\")\n", artifact.RestartRsyslog).ship(t), "", "rsyslogd -N1 says", "nosuch")
	refused("broken logrotate file", prslb().put("etc/logrotate.d/haproxy", "/x {\n dayly\n}\n", artifact.None).ship(t), "", "unknown option 'dayly'")
	refused("unknown sysctl key", prslb().put("etc/sysctl.d/99-nonlocal_bind.conf", "net.ipv4.nosuch = 1\n", artifact.Sysctl).ship(t), "", "this kernel has no net.ipv4.nosuch")
	if _, err := os.Stat("/lib/systemd/system/haproxy.service"); err == nil {
		refused("broken drop-in", prslb().put("etc/systemd/system/haproxy.service.d/override.conf", "[Unit]\nBefor=x\n", artifact.DaemonReload).ship(t), "", "systemd-analyze verify says", "Befor")
	}
	owner := prslb()
	f := owner["etc/logrotate.d/haproxy"]
	f.Owner = "nobodyknows"
	owner["etc/logrotate.d/haproxy"] = f
	refused("unknown owner", owner.ship(t), "", "there is no user nobodyknows")

	damage := func(what, text string, says ...string) {
		t.Helper()
		sh := prslb().ship(t)
		b.Must(`cd "${1%/*}"; `+text, sh)
		refused(what, sh, "", says...)
	}
	damage("a changed file", `echo >>etc/haproxy/haproxy.cfg`, "etc/haproxy/haproxy.cfg is not what lbgen wrote")
	damage("a changed script", `echo >>firewalld.sh`, "firewalld.sh is not what lbgen wrote")
	damage("a missing file", `rm etc/haproxy/haproxy.cfg`, "haproxy.cfg is missing")
	for _, cut := range []string{`: >$c`, `sed -i '/^vrrp_instance/,$d' $c`, `sed -i '$d' $c`, `truncate -s -1 $c`, `sed -i 's/    auth_pass/   auth_pass/' $c`, `echo >>$c`, `sed -i '/auth_pass/d' $c`} {
		damage("a file with a secret: "+cut, `c=etc/keepalived/keepalived.conf; `+cut, "keepalived.conf is not what lbgen wrote")
	}
	damage("a link", `mv etc/logrotate.d/haproxy x; ln -s ../../x etc/logrotate.d/haproxy`, "logrotate.d/haproxy is missing")
	damage("no MANIFEST", `rm MANIFEST`, "no MANIFEST")
	damage("another node's MANIFEST", `sed -i 's/prslb01/prslb02/' MANIFEST`, "not that of site prslb, node prslb01")
	damage("a path that leaves /etc", `echo "0644 root:root none - etc/../x" >>MANIFEST; echo >x`, "MANIFEST is damaged")
	damage("a damaged sum", `sed -i 's/ [0-9a-f]\{64\} / abc /' MANIFEST`, "does not agree with its MANIFEST")

	b.Must(`ip addr del 172.16.110.71/24 dev ens224`)
	refused("another machine", prslb().ship(t), "", "this is not prslb01: no interface has its address 172.16.110.71 (ens224)")
	b.Must(`ip addr add 172.16.110.71/24 dev ens192`)
	refused("another device", prslb().ship(t), "", "172.16.110.71 is on ens192, where the site file says ens224")
	b.Must(`ip addr del 172.16.110.71/24 dev ens192; ip addr add 172.16.110.71/24 dev ens224`)

	b.Must(`flock /run sh -c ': >/run/locked; sleep 60' >/dev/null 2>&1 & while [ ! -e /run/locked ]; do sleep 0.05; done`)
	refused("a second install.sh at once", prslb().ship(t), "", "another install.sh is running")
}

func TestInstallAllowsWarnings(t *testing.T) {
	t.Parallel()
	b := nodeBox(t)
	cfg := strings.ReplaceAll(haproxyCfg, "    timeout client 5s\n", "")
	sh := prslb().put("etc/haproxy/haproxy.cfg", cfg, artifact.ReloadHAProxy).ship(t)
	wantCode(t, "--allow-warnings", b.Run(install+` --allow-warnings`, sh), 0, "missing timeouts")
}

func TestInstallNamesPackages(t *testing.T) {
	t.Parallel()
	b := nodeBox(t)
	b.Hide("keepalived", "rsyslogd")
	wantCode(t, "no daemons", b.Run(install, prslb().ship(t)), 1, "keepalived is missing: install the package keepalived", "install the package rsyslog")
}

func TestInstallUsage(t *testing.T) {
	t.Parallel()
	b := nodeBox(t)
	sh := prslb().ship(t)
	for _, args := range []string{" --nonsense", " --root", " --root /nosuch", " --root /"} {
		wantCode(t, args, b.Run(install+args, sh), 2)
	}
	wantCode(t, "--help", b.Run(install+` --help`, sh), 0, "Usage: ")
	testbox.NeedTools(t, "setpriv")
	wantCode(t, "not root", b.Run(`setpriv --reuid 65534 --clear-groups sh -s -- --dry-run <"$1"`, sh), 2, "has to run as root")
}

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
	b.Stub("systemctl", `case "$*" in restart*haproxy*) [ -e /run/tried ] || { : >/run/tried; echo "Job for haproxy.service failed" >&2; exit 1; };; esac; exec systemctl.real "$@"`)
	sh := prslb().put("etc/default/haproxy", "EXTRAOPTS=\"-S /run/haproxy-master.sock -L prslb01\"\n", artifact.RestartHAProxy).ship(t)
	wantCode(t, "HAProxy does not restart", b.Run(install, sh), 3, "systemctl restart haproxy failed", "Job for haproxy.service failed", "prslb01 is as it was before")
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
	b.Stub("systemctl", `case "$*" in *start*keepalived*) echo "Job for keepalived.service failed" >&2; exit 1;; esac; exec systemctl.real "$@"`)
	r := b.Run(install, prslb().ship(t, render.Zone{Name: "public", RichRules: []render.RichRule{{Rule: statsRule}}}))
	wantCode(t, "Keepalived does not start", r, 3, "systemctl start keepalived failed", "Job for keepalived.service failed", "the journal is not here", "prslb01 is as it was before")
	if after := state(b); after != before {
		t.Errorf("not as before:\n%s", diffLines(before, after))
	}
	if b.Must(nextZones) != zonesBefore {
		t.Error("the firewall is not as before")
	}
}

// diffLines names the lines that only one of the texts has.
func diffLines(a, b string) string {
	var out strings.Builder
	for _, side := range []struct{ mark, in, other string }{{"-", a, b}, {"+", b, a}} {
		for line := range strings.Lines(side.in) {
			if !strings.Contains(side.other, line) {
				out.WriteString(side.mark + line)
			}
		}
	}
	return out.String()
}

// lightBox is a nodeBox whose daemons are all stubs that are content with
// everything, with next to nothing in /etc: for tests that run it many times.
func lightBox(t *testing.T) *testbox.Box {
	t.Helper()
	b := nodeBox(t)
	for _, name := range []string{"haproxy", "keepalived", "rsyslogd", "logrotate", "systemd-analyze"} {
		b.Stub(name, "")
	}
	b.Stub("ss", `echo 'users:(("haproxy",pid=1,fd=1))'`)
	b.Stub("systemctl", strings.ReplaceAll(systemctlScript, ` haproxy.service"`, ` no-such"`))
	b.Stub("firewall-cmd", "exit 252")
	b.Stub("firewall-offline-cmd", "")
	b.Stub("selinuxenabled", "")
	b.Stub("restorecon", "")
	b.Stub("getsebool", `echo "haproxy_connect_any --> off"`)
	b.Stub("semanage", semanageScript)
	b.Must(`mkdir /run/old; cd /etc; cp -a passwd group nsswitch.conf alternatives os-release /run/old; mount -t tmpfs -o mode=0755 etc /etc; mv /run/old/* /etc
		mkdir /etc/default /etc/haproxy; echo 'old options' >/etc/default/keepalived; ln -s nowhere /etc/haproxy/haproxy.cfg; : >/run/ports; systemctl start rsyslog.service`)
	return b
}

// semanageScript stands in for SELinux's tool: it keeps the labels in a file.
const semanageScript = `case "$*" in
"port -l") printf 'http_port_t                    tcp      80, 81, 443, 488, 8008, 8009, 8443, 9000\n'
	printf 'unreserved_port_t              tcp      61001-65535, 1024-32767\n'
	printf 'mysqld_port_t                  tcp      1186, 3306, 63132-63164\n'
	cat /run/ports ;;
"port -a -t http_port_t -p tcp "*) printf 'http_port_t  tcp  %s\n' "$7" >>/run/ports ;;
"port -d -p tcp "*) sed -i "/ $5\$/d" /run/ports ;;
esac
`

// mutators are the programs by which install.sh changes anything.
var mutators = [...]string{"cp", "mv", "rm", "chown", "chmod", "mkdir", "sync", "systemctl", "systemd-tmpfiles", "sysctl", "semanage", "restorecon"}

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
	testbox.Write(t, stop, before+"\n\tset | grep '^[a-z_]*=' >/run/variables; cp -a \"$work\" /run/work; exit\n"+after+"\ndir=$(cd "+start, 0o755)
	testbox.Write(t, resume, functions+`
. /run/variables
work=$(mktemp -d)
trap finish EXIT
trap interrupted HUP INT TERM
cp -a /run/work/. "$work"
apply
`, 0o755)
	b.Must(`rm -rf /run/work; sh "$1"`+args+`; [ -e /run/work/plan ]`, stop)
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

// upgraded is a tree in which every kind of change is due after prslb.
func upgraded() tree {
	tr := prslb()
	delete(tr, "etc/logrotate.d/haproxy")
	tr.put("etc/haproxy/haproxy.cfg", haproxyCfg+"# new\n", artifact.ReloadHAProxy)
	tr.put("etc/default/keepalived", "new\n", artifact.RestartKeepalived)
	tr.put("etc/rsyslog.d/49-haproxy.conf", "local3.* /x\n", artifact.RestartRsyslog)
	tr.put("etc/haproxy/more/new.http", "new\n", artifact.ReloadHAProxy)
	tr.put("etc/sysctl.d/99-nonlocal_bind.conf", "net.ipv4.ip_nonlocal_bind = 0\n", artifact.Sysctl)
	return tr.put("etc/tmpfiles.d/lbgen.conf", "d /var/log/haproxy 0700 root root -\n", artifact.Tmpfiles)
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
	if got := b.Must(`ls /var/lib/lbgen/backup | wc -l; cat /var/lib/lbgen/backup/*/etc/haproxy/n; echo; stat -c %a /var/lib/lbgen/backup/*`); got != "6\n34567\n700\n700\n700\n700\n700\n700\n" {
		t.Errorf("backups:\n%s", got)
	}
}

// An image is written with its own user numbers, and this machine is left alone.
func TestInstallRoot(t *testing.T) {
	t.Parallel()
	b := nodeBox(t)
	testbox.NeedTools(t, "firewall-offline-cmd")
	serveFirewalld(b)
	b.Must(`mkdir -p /run/image/etc; cp /etc/os-release /run/image/etc; echo haproxy:x:777:778::/:/bin/false >/run/image/etc/passwd; echo haproxy:x:778: >/run/image/etc/group
		cp -r /etc/firewalld /run/image/etc; ip addr del 172.16.110.71/24 dev ens224`)
	before := state(b)
	tr := prslb()
	f := tr["etc/haproxy/haproxy.cfg"]
	f.Owner, f.Group, f.Mode = "haproxy", "haproxy", fs.FileMode(0o640)
	tr["etc/haproxy/haproxy.cfg"] = f
	sh := tr.ship(t, render.Zone{Name: "public", RichRules: []render.RichRule{{Rule: statsRule}}})
	r := b.Run(install+` --root /run/image`, sh)
	wantCode(t, "--root", r, 0, "not checked: there is no haproxy in /run/image", "new       /etc/haproxy/haproxy.cfg", "zone public: add")
	if state(b) != before {
		t.Error("--root has changed this machine")
	}
	wantAsked(t, b, "")
	if got := b.Must(`stat -c '%a %u:%g' /run/image/etc/haproxy/haproxy.cfg /run/image/etc/keepalived/keepalived.conf /run/image/etc/haproxy`); got != "640 777:778\n600 0:0\n755 0:0\n" {
		t.Errorf("modes and owners in the image:\n%s", got)
	}
	wantCode(t, "--root again", b.Run(install+` --root /run/image`, sh), 0, "nothing to do")
}

// keepalived is the tree with another keepalived.conf; its passwords are secrets.
func (tr tree) keepalived(text string) tree {
	tr.put("etc/keepalived/keepalived.conf", text, artifact.ReloadKeepalived)
	f := tr["etc/keepalived/keepalived.conf"]
	_, after, _ := strings.Cut(text, "auth_pass ")
	value, _, _ := strings.Cut(after, "\n")
	at := len(text) - len(after)
	f.Mode, f.Secrets = 0o600, []artifact.Secret{{Start: at, End: at + len(value), Known: true}}
	tr["etc/keepalived/keepalived.conf"] = f
	return tr
}

// diffOf is what lbgen diff says of another keepalived.conf.
func diffOf(t *testing.T, old, new string) compare.Node {
	t.Helper()
	var sets [2][]artifact.Set
	for i, text := range []string{old, new} {
		f := tree{}.keepalived(text)["etc/keepalived/keepalived.conf"]
		set, err := artifact.New("prslb", "prslb01", artifact.Host{}, []artifact.File{f})
		if err != nil {
			t.Fatal(err)
		}
		sets[i] = []artifact.Set{set}
	}
	return compare.Sets(sets[0], sets[1]).Nodes[0]
}

// vipOnly returns a script that says where the address goes when Keepalived is
// reloaded, and looks at nothing else: a whole plan takes a hundred times as long.
func vipOnly(t *testing.T, sh string) string {
	t.Helper()
	functions, start, ok := strings.Cut(string(scripts.Install()), "\ndir=$(cd ")
	variables, _, found := strings.Cut(start, "\ncase ${1:-} in\n")
	if !ok || !found {
		t.Fatal("install.sh does not begin as it did")
	}
	path := filepath.Join(filepath.Dir(sh), "vip.sh")
	testbox.Write(t, path, functions+"\ndir=$(cd "+variables+`
parse_arguments "$@"
set_up
read_table
echo "reload keepalived reload" >"$work/services"
find_vip
print_vip
`, 0o755)
	return path
}

// A reload leaves the address where it is only if it changes nothing that
// decides about it; and an address is held though the new version lacks it.
func TestInstallSaysWhereTheAddressGoes(t *testing.T) {
	t.Parallel()
	b := lightBox(t)
	// 172.16.110.75 is in no list of the new tree's own.
	old := strings.Replace(keepalivedConf, "172.16.110.70/24", "172.16.110.75/24 dev ens224", 1)
	old = strings.Replace(old, "vrrp_instance", "vrrp_script chk {\n    script \"/bin/true\"\n    interval 2\n}\nvrrp_instance", 1)
	b.Must(install, prslb().keepalived(old).ship(t))
	const together = "must be the same on all nodes: change prslb02 too"
	tests := []struct {
		name, was, is string
		moves         string // what is said to change
		shared        string // and what of it all nodes have to agree on
	}{
		{name: "comment", was: "priority 100", is: "priority 100 # as ever"},
		{name: "spelling", was: "vrrp_instance VI_1 {\n    state BACKUP", is: "vrrp_instance VI_1\n{\n    advert_int 1 ! {"},
		{name: "one line", was: "virtual_ipaddress {\n        172.16.110.75/24 dev ens224\n    }", is: "virtual_ipaddress { 172.16.110.75/24 }"},
		{name: "blank line", was: "virtual_ipaddress {", is: "virtual_ipaddress\n    {\n\n    # the address"},
		{name: "device of the address", was: " dev ens224", is: ""},
		{name: "device of another address", was: "/24 dev ens224", is: "/24 dev ens192", moves: "interface"},
		{name: "quotes", was: "s3cr3tpw", is: `"s3cr3tpw"`},
		{name: "something else", was: "router_id LB_01", is: "router_id LB_02"},
		{name: "interface", was: "interface ens224", is: "interface ens192", moves: "interface"},
		{name: "router id", was: "virtual_router_id 1", is: "virtual_router_id 2", moves: "virtual_router_id", shared: "virtual_router_id"},
		{name: "priority", was: "priority 100", is: "priority 101", moves: "priority"},
		{name: "state", was: "state BACKUP", is: "state MASTER", moves: "state"},
		{name: "nopreempt", was: "state BACKUP", is: "nopreempt", moves: "nopreempt"},
		{name: "interval", was: "priority 100", is: "advert_int 2", moves: "advert_int", shared: "advert_int"},
		{name: "version", was: "priority 100", is: "version 3", moves: "version", shared: "version"},
		{name: "password", was: "s3cr3tpw", is: `"s3cr3tpw x"`, moves: "auth_pass", shared: "auth_pass"},
		{name: "address", was: "172.16.110.75/24 dev ens224", is: "172.16.110.70/24", moves: "virtual_ipaddress", shared: "virtual_ipaddress"},
		{name: "peer", was: "priority 100", is: "unicast_peer {\n        172.16.110.72\n    }", moves: "unicast_peer", shared: "unicast_peer"},
		{name: "source", was: "priority 100", is: "mcast_src_ip 172.16.110.71", moves: "mcast_src_ip", shared: "mcast_src_ip"},
		{name: "delay", was: "priority 100", is: "preempt_delay 30", moves: "preempt_delay"},
		{name: "label", was: " dev ens224", is: " dev ens224 label ens224:vip"},
		{name: "group", was: "vrrp_instance VI_1", is: "vrrp_sync_group g {\n    group {\n        VI_1\n        VI_2\n    }\n}\nvrrp_instance VI_1", moves: "group", shared: "group"},
		{name: "name", was: "VI_1", is: "VI_2", moves: "vrrp_instance"},
		// The node did not see these two, and lbgen diff did.
		{name: "weight of a check", was: "interval 2", is: "interval 2\n    weight -60", moves: "weight"},
		{name: "down_timer_adverts", was: "priority 100", is: "down_timer_adverts 4", moves: "down_timer_adverts", shared: "down_timer_adverts"},
		{name: "interval of a check", was: "interval 2", is: "interval 3"},
	}
	for _, tt := range tests {
		new := strings.Replace(old, tt.was, tt.is, 1)
		diff := diffOf(t, old, new)
		moves, shared := len(diff.MayMove)+len(diff.Together) > 0, len(diff.Together) > 0
		switch tt.name {
		case "quotes": // lbgen diff compares secrets as they are written, which is always with quotes
		case "device of another address": // it sees an interface in its own line only
		case "name": // it goes by the names of the instances, the node by their order
			shared = false
			fallthrough
		default:
			if moves != (tt.moves != "") || shared != (tt.shared != "") {
				t.Errorf("%s: the node says %q and %q, lbgen diff %v and %v", tt.name, tt.moves, tt.shared, diff.MayMove, diff.Together)
			}
		}
		sh := prslb().keepalived(new).ship(t)
		where := vipOnly(t, sh)
		b.Must(`ip addr del 172.16.110.75/24 dev ens224 2>/dev/null || :`)
		away := b.Run(install+` --keep-vip`, where)
		wantCode(t, tt.name+", address elsewhere", away, 0, "vip: this node holds no virtual address")
		b.Must(`ip addr add 172.16.110.75/24 dev ens224`)
		r := b.Run(install, where)
		keep := b.Run(install+` --keep-vip`, where)
		if tt.moves == "" {
			wantCode(t, tt.name, r, 0, "vip: 172.16.110.75 stays on this node")
			wantCode(t, tt.name+" --keep-vip", keep, 0)
		} else {
			wantCode(t, tt.name, r, 0, "vip: 172.16.110.75 may move: the reload of Keepalived changes "+tt.moves+",", "do prslb02 first")
			wantCode(t, tt.name+" --keep-vip", keep, 1, "172.16.110.75 may leave this node", "changes "+tt.moves+" (do prslb02 first)", "nothing was changed")
		}
		for _, r := range []testbox.Result{away, r} {
			if says := strings.Contains(r.Out, "vip: "+tt.shared+" "+together); says != (tt.shared != "") {
				t.Errorf("%s: that all nodes change together is said: %v: %s", tt.name, says, r)
			}
		}
	}

	none := prslb()
	delete(none, "etc/keepalived/keepalived.conf")
	delete(none, "etc/default/keepalived")
	wantCode(t, "Keepalived is stopped", b.Run(install+` --dry-run`, none.ship(t)), 0, "172.16.110.75 MOVES")
	wantCode(t, "Keepalived is stopped", b.Run(install+` --dry-run --keep-vip`, none.ship(t)), 1, "172.16.110.75 would leave this node: Keepalived needs a stop")
	b.Must(`echo keepalived-reload >/var/lib/lbgen/prslb.pending`)
	wantCode(t, "after a run that was cut off", b.Run(install+` --dry-run --keep-vip`, prslb().keepalived(old).ship(t)), 1, "an earlier run was cut off")
}

// A password is masked as a whole, whatever it holds.
func TestInstallMasksAnyPassword(t *testing.T) {
	t.Parallel()
	b := lightBox(t)
	b.Stub("keepalived", `cat /etc/keepalived/keepalived.conf; exit 1`)
	for _, password := range []string{`"it's 12"`, `"a b  c"`, `"'x y'"`, `"my auth_pass 1"`, `" z#{}"`, `plain*12`} {
		text := strings.Replace(keepalivedConf, "s3cr3tpw", password, 1)
		masked := strings.Replace(password, strings.Trim(password, `"`), "********", 1)
		wantCode(t, password, b.Run(install, prslb().keepalived(text).ship(t)), 1, "        auth_pass "+masked+"\n", "interface ens224")
	}
	b.Stub("haproxy", `cat /etc/haproxy/haproxy.cfg; exit 1`)
	for line, masked := range map[[2]string]string{
		{`    stats auth a:`, `'it'\''s #1'`}:                                  `    stats auth a:'********'`,
		{`    stats auth a:`, `'my stats auth x:y'`}:                           `    stats auth a:'********'`,
		{`    user a password `, `'$6$abc$def/.' groups x,y`}:                  `    user a password '********' groups x,y`,
		{`    user a insecure-password `, `'my password x'`}:                   `    user a insecure-password '********'`,
		{`    dynamic-cookie-key `, `'a b'`}:                                   `    dynamic-cookie-key '********'`,
		{`    tcp-check send *2\r\n$4\r\nAUTH\r\n`, `'$6'\r\n'p'\''w #1'\r\n`}: `    tcp-check send *2\r\n$4\r\nAUTH\r\n'$6'\r\n'********'\r\n`,
	} {
		tr := prslb().put("etc/haproxy/haproxy.cfg", haproxyCfg+line[0]+line[1]+"\n", artifact.ReloadHAProxy)
		secret, _, _ := strings.Cut(line[1], " groups")
		wantCode(t, line[0], b.Run(install, tr.hide("etc/haproxy/haproxy.cfg", secret).ship(t)), 1, masked+"\n")
	}
}

// rename makes the tree shipped that of another site.
func rename(b *testbox.Box, sh, site string) string {
	b.Must(`cd "${1%/*}"
		for f in node.table firewalld.table; do
			old=$(sha256sum <$f); sed -i "s/^site .*/site $2/" $f; new=$(sha256sum <$f)
			sed -i "s/${old%% *}/${new%% *}/" MANIFEST
		done
		sed -i "1s/site prslb/site $2/" MANIFEST`, sh, site)
	return sh
}

// Two sites on one machine would take from each other what both need.
func TestInstallReplacesAnotherSite(t *testing.T) {
	t.Parallel()
	b := nodeBox(t)
	testbox.NeedTools(t, "firewall-offline-cmd")
	serveFirewalld(b)
	public := render.Zone{Name: "public", RichRules: []render.RichRule{{Rule: statsRule}}}
	zonesBefore := b.Must(nextZones)
	b.Must(install, prslb().put("etc/haproxy/pages/old.http", "old\n", artifact.ReloadHAProxy).ship(t, public))
	before := state(b)
	same := func(what string) {
		t.Helper()
		if after := state(b); after != before {
			t.Errorf("%s: not as before:\n%s", what, diffLines(before, after))
		}
	}
	sh := rename(b, prslb().put("etc/haproxy/new.http", "new\n", artifact.ReloadHAProxy).ship(t), "other")
	wantCode(t, "another site", b.Run(install, sh), 1, "site prslb is installed on this machine: --replace prslb", "nothing was changed")
	wantCode(t, "a name that is not there", b.Run(install+` --replace typo`, sh), 1, "site prslb is installed on this machine")
	wantCode(t, "no name", b.Run(install+` --replace`, sh), 2, "--replace needs the name of a site")
	wantCode(t, "a path", b.Run(install+` --replace ../x`, sh), 2, "--replace needs the name of a site")
	same("refused")
	dry := b.Run(install+` --replace prslb --dry-run`, sh)
	wantCode(t, "dry run", dry, 0, "replace   site prslb", "remove    /etc/haproxy/pages/old.http", "zone public: remove")
	same("dry run")
	b.Stub("ss", `exit 0`)
	wantCode(t, "a failure", b.Run(install+` --replace prslb`, sh), 3, "HAProxy does not listen", "prslb01 is as it was before")
	b.Must(`rm "$1"`, b.Bin+"/ss")
	same("a failure")

	wantCode(t, "--replace", b.Run(install+` --replace prslb`, sh), 0, dry.Out)
	if got := b.Must(`cd /var/lib/lbgen; ls -d *.*; [ ! -e /etc/haproxy/pages/old.http ] || echo a file of the old site`); got != "other.firewalld\nother.firewalld.undo\nother.manifest\n" {
		t.Errorf("left behind:\n%s", got)
	}
	if after := b.Must(nextZones); after != zonesBefore {
		t.Errorf("the old site's rules are still there:\n%s", diffLines(zonesBefore, after))
	}
	wantCode(t, "again", b.Run(install, sh), 0, "nothing to do")
	wantCode(t, "again with --replace", b.Run(install+` --replace prslb`, sh), 0, "nothing to do")

	// A tree that differs in its name only is installed too: the notes change.
	third := rename(b, prslb().put("etc/haproxy/new.http", "new\n", artifact.ReloadHAProxy).ship(t), "third")
	wantCode(t, "the same files", b.Run(install+` --replace other`, third), 0, "replace   site other", "done")
	b.Must(`cd /var/lib/lbgen; [ -e third.manifest ] && [ ! -e other.manifest ] && cp third.manifest other.manifest
		echo "0644 root:root none - etc/haproxy/stale" >>other.manifest; : >/etc/haproxy/stale`)
	wantCode(t, "both are there", b.Run(install+` --replace other`, third), 1, "third.manifest: site third has been on this machine beside other")
	// The way out in docs/install.md.
	b.Must(`cd /var/lib/lbgen; grep -v '^#' other.manifest >>third.manifest; rm -f other.*`)
	wantCode(t, "after both", b.Run(install, third), 0, "remove    /etc/haproxy/stale")
}

func TestInstallReplaceFailsAtEachStep(t *testing.T) {
	t.Parallel()
	b := lightBox(t)
	b.Bash()
	b.Must(install, rename(b, prslb().ship(t), "other"))
	b.Must(`echo "# Made by hand" >/var/lib/lbgen/other.firewalld; echo daemon-reload >/var/lib/lbgen/other.pending`)
	sh := upgraded().ship(t)
	saboteur(b, `echo "made to fail" >&2; exit 1`)
	failsEverywhere(t, b, sh, " --replace other", 1, 2)
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
	conf := strings.Replace(keepalivedConf, "vrrp_instance", "vrrp_script chk {\n    script \"/usr/bin/curl -sf http://127.0.0.1:8405/alive\"\n}\nvrrp_instance", 1)
	tr := prslb().keepalived(conf)
	conf = strings.Replace(conf, "state BACKUP", "state BACKUP\n    notify \""+keepalived.NotifyScript+"\"", 1)
	tr.keepalived(conf)
	tr[keepalived.NotifyScript[1:]] = artifact.File{Path: keepalived.NotifyScript[1:], Mode: 0o755, Owner: "root", Group: "root", Action: artifact.None, Data: []byte("#!/bin/sh\n\tscript='/usr/local/bin/tell'\n/usr/sbin/sendmail -t\n")}
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
