package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/testbox"
	"github.com/lbgen/lbgen/internal/testenv"
)

// sshd is a box with a real sshd on 127.0.0.1, and what ssh needs to get in.
const sshd = `
mkdir -p /run/sshd /run/home/.ssh /root/.ssh
ssh-keygen -q -t ed25519 -N '' -f /run/home/host
ssh-keygen -q -t ed25519 -N '' -f /run/home/key
cp /run/home/key.pub /root/.ssh/authorized_keys
chmod 700 /root/.ssh; chmod 600 /root/.ssh/authorized_keys
cat >/run/home/sshd_config <<-EOF
	ListenAddress 127.0.0.1
	HostKey /run/home/host
	PidFile none
	PermitRootLogin prohibit-password
	UsePAM no
EOF
/usr/sbin/sshd -f /run/home/sshd_config -E /run/home/log
printf '127.0.0.1 %s\n' "$(cat /run/home/host.pub)" >/run/home/known
cat >/run/home/config <<-EOF
	Host lb1 lb1.example.com
	    HostName 127.0.0.1
	    User root
	    HostKeyAlias 127.0.0.1
	    IdentityFile /run/home/key
	    UserKnownHostsFile /run/home/known
	    BatchMode yes
EOF
sed 's/known$/other/' /run/home/config >/run/home/config.unknown
`

// live is a node with a configuration, and with what is not to leave it.
const live = `
rm -rf /etc/haproxy /etc/keepalived
mkdir -p /etc/haproxy/certs /etc/keepalived
printf 'defaults\n    mode http\nfrontend web\n    bind 192.0.2.10:80\n    default_backend app\n' >/etc/haproxy/haproxy.cfg
printf 'backend app\n    server a 10.0.0.1:80 check\n' >>/etc/haproxy/haproxy.cfg
echo SECRET >/etc/haproxy/certs/site.pem
printf 'vrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id 7\n    virtual_ipaddress {\n' >/etc/keepalived/keepalived.conf
printf '        192.0.2.10\n    }\n}\n' >>/etc/keepalived/keepalived.conf
chmod 600 /etc/keepalived/keepalived.conf
`

func TestCollect(t *testing.T) {
	testenv.Programs(t, "sshd", "ssh", "ssh-keygen", "tar")
	b := testbox.New(t)
	b.Must(sshd)
	b.Must(live)
	lbgen, err := exec.LookPath("lbgen") // the test's own binary
	if err != nil {
		t.Fatal(err)
	}
	before := b.Files("/etc/haproxy", "/etc/keepalived")
	run := func(args string) testbox.Result {
		return b.Run(`cd /run/home && umask 022 && ` + lbgen + ` collect --ssh-config config ` + args)
	}

	if r := run("lb1.example.com -o pair"); r.Code != 0 || !strings.Contains(r.Err, "pair/lb1.tar: 1 file of HAProxy, 1 file of Keepalived") {
		t.Fatalf("%+v", r)
	}
	got := b.Must(`cd /run/home; stat -c '%a' pair pair/lb1.tar; tar -tf pair/lb1.tar | grep haproxy/ | sort; ls -A pair; ` + lbgen +
		` prove pair | head -n 1`)
	want := "700\n600\netc/haproxy/\netc/haproxy/certs/\netc/haproxy/haproxy.cfg\n"
	if !strings.HasPrefix(got, want) || strings.Contains(got, "site.pem") || !strings.Contains(got, "VI_1") {
		t.Errorf("got\n%s", got)
	}
	if b.Files("/etc/haproxy", "/etc/keepalived") != before {
		t.Error("the node was changed")
	}
	// What is printed does the same by hand.
	b.Must(`cd /run/home; ` + lbgen + ` collect --ssh-config config --print lb1 -o hand | sh && cmp hand/lb1.tar pair/lb1.tar`)

	// What goes wrong leaves no file, and what was there stays.
	sum := b.Must(`sha256sum /run/home/pair/lb1.tar`)
	for args, says := range map[string]string{
		"lb1 -o pair --ssh-config config.unknown": "lb1: ssh ended with 255: Host key verification failed.",
		"nobody.invalid -o pair":                  "nobody: ssh ended with 255: ssh: Could not resolve hostname",
		"lb1 -o pair --sudo":                      "lb1: ssh ended with ",
	} {
		if strings.Contains(args, "--sudo") {
			b.Hide("sudo")
		}
		if r := run(args); r.Code != 3 || !strings.Contains(r.Err, says) {
			t.Errorf("%s: %+v", args, r)
		}
	}
	b.Must(`rm -rf /etc/haproxy /etc/keepalived`)
	if r := run("lb1 -o pair"); r.Code != 3 || !strings.Contains(r.Err, "lb1: there is neither haproxy.cfg nor keepalived.conf") {
		t.Errorf("%+v", r)
	}
	if b.Must(`sha256sum /run/home/pair/lb1.tar`) != sum || b.Must(`ls -A /run/home/pair`) != "lb1.tar\n" {
		t.Error("a failure left something, or took something away")
	}
	if r := run("a=lb1 a=lb1"); r.Code != 2 || !strings.Contains(r.Err, "would both be a.tar") {
		t.Errorf("%+v", r)
	}
	if r := run("-- -oProxyCommand=x"); r.Code != 2 || !strings.Contains(r.Err, "is no host") && !strings.Contains(r.Err, "no name") {
		t.Errorf("%+v", r)
	}
}
