package scripts_test

import (
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/testbox"
)

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
	b.Must(`mkdir /run/old; cd /etc; cp -a passwd group nsswitch.conf alternatives os-release /run/old;
		mount -t tmpfs -o mode=0755 etc /etc; mv /run/old/* /etc
		mkdir /etc/default /etc/haproxy; echo 'old options' >/etc/default/keepalived; ln -s nowhere /etc/haproxy/haproxy.cfg;
		: >/run/ports; systemctl start rsyslog.service`)
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
