package scripts_test

import (
	"os"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/testbox"
)

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
	broken.put("etc/keepalived/keepalived.conf", strings.ReplaceAll(keepalivedConf, "auth_type PASS", "auth_tipe s3cr3tpw"),
		artifact.ReloadKeepalived)
	refused("broken keepalived.conf", broken.hide("etc/keepalived/keepalived.conf", "s3cr3tpw").ship(t), "", "keepalived -t says", "auth_tipe")
	const quoted = `'s3cr3tpw'\''x' '`
	inHAProxy := prslb().put("etc/haproxy/haproxy.cfg", haproxyCfg+"    stats auth a:"+quoted+"\n", artifact.ReloadHAProxy)
	refused("a line with a password", inHAProxy.hide("etc/haproxy/haproxy.cfg", quoted).ship(t), "", "haproxy -c says",
		"stats auth a:'********")
	refused("broken rsyslog file", prslb().put("etc/rsyslog.d/49-haproxy.conf", "module(load=\"nosuch\")\n",
		artifact.RestartRsyslog).ship(t), "", "rsyslogd -N1 says", "nosuch")
	refused("broken logrotate file", prslb().put("etc/logrotate.d/haproxy", "/x {\n dayly\n}\n", artifact.None).ship(t), "",
		"unknown option 'dayly'")
	refused("unknown sysctl key", prslb().put("etc/sysctl.d/99-nonlocal_bind.conf", "net.ipv4.nosuch = 1\n", artifact.Sysctl).ship(t), "",
		"this kernel has no net.ipv4.nosuch")
	if _, err := os.Stat("/lib/systemd/system/haproxy.service"); err == nil {
		refused("broken drop-in", prslb().put("etc/systemd/system/haproxy.service.d/override.conf", "[Unit]\nBefor=x\n",
			artifact.DaemonReload).ship(t), "", "systemd-analyze verify says", "Befor")
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
	for _, cut := range []string{`: >$c`, `sed -i '/^vrrp_instance/,$d' $c`, `sed -i '$d' $c`, `truncate -s -1 $c`,
		`sed -i 's/    auth_pass/   auth_pass/' $c`, `echo >>$c`, `sed -i '/auth_pass/d' $c`} {
		damage("a file with a secret: "+cut, `c=etc/keepalived/keepalived.conf; `+cut, "keepalived.conf is not what lbgen wrote")
	}
	damage("a link", `mv etc/logrotate.d/haproxy x; ln -s ../../x etc/logrotate.d/haproxy`, "logrotate.d/haproxy is missing")
	damage("no MANIFEST", `rm MANIFEST`, "no MANIFEST")
	damage("another node's MANIFEST", `sed -i 's/prslb01/prslb02/' MANIFEST`, "not that of site prslb, node prslb01")
	damage("a path that leaves /etc", `echo "0644 root:root none - etc/../x" >>MANIFEST; echo >x`, "MANIFEST is damaged")
	damage("a damaged sum", `sed -i 's/ [0-9a-f]\{64\} / abc /' MANIFEST`, "does not agree with its MANIFEST")

	damage("a certificate that the node has not", `was=$(sha256sum <node.table); echo "needs /etc/haproxy/certs/shop.pem" >>node.table
		is=$(sha256sum <node.table); sed -i "s/${was%% *}/${is%% *}/" MANIFEST`, "shop.pem is not here", "docs/certificates.md")

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
	wantCode(t, "no daemons", b.Run(install, prslb().ship(t)), 1, "keepalived is missing: install the package keepalived",
		"install the package rsyslog")
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

// A check that runs as another user: Keepalived 2.2.7 looks at such a file, and ends itself with SIGTERM.
func TestInstallChecksAnotherUsersScript(t *testing.T) {
	t.Parallel()
	b := nodeBox(t)
	testbox.NeedTools(t, "curl")
	const check = "vrrp_script chk {\n    script \"/usr/bin/curl -sf http://127.0.0.1:8405/alive\"\n    user nobody\n}\nvrrp_instance"
	text := strings.Replace(keepalivedConf, "vrrp_instance", check, 1)
	text = strings.Replace(text, "    virtual_ipaddress", "    track_script {\n        chk\n    }\n    virtual_ipaddress", 1)
	text = strings.Replace(text, "router_id LB_01", "router_id LB_01\n    enable_script_security\n    script_user root", 1)
	wantCode(t, "a check of nobody's", b.Run(install+" --dry-run", prslb().keepalived(text).ship(t)), 0, "etc/keepalived/keepalived.conf")
	broken := strings.Replace(text, "virtual_router_id 1", "virtual_rooter_id 1", 1)
	nobody := strings.Replace(text, "user nobody", "user nosuchuser", 1)
	wantCode(t, "a user that is not there", b.Run(install+" --dry-run", prslb().keepalived(nobody).ship(t)), 1, "keepalived -t says",
		"Unable to set uid/gid")
	wantCode(t, "the same with a fault", b.Run(install+" --dry-run", prslb().keepalived(broken).ship(t)), 1, "keepalived -t says",
		"virtual_rooter_id")
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
