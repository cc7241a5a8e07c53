package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/booted"
	"github.com/lbgen/lbgen/internal/cli"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/site"
	"github.com/lbgen/lbgen/internal/status"
	"github.com/lbgen/lbgen/internal/testbox"
	"github.com/lbgen/lbgen/internal/testenv"
)

const statusSite = `version: 1
site: shop
platform: debian12
nics: {web: {device: ens192, subnet: 172.16.10.0/24}, client: {device: ens224, subnet: 172.16.110.0/24}}
nodes:
  - {name: lb1, priority: 100, addresses: {web: 172.16.10.71, client: 172.16.110.71}}
  - {name: lb2, priority: 90, addresses: {web: 172.16.10.72, client: 172.16.110.72}}
vrrp:
  - {name: VI_1, nic: client, virtual_router_id: 7, vips: [172.16.110.70], auth_pass: {file: pass}, track: {nics: [web]}}
frontends:
  - name: main
    binds: [{vip: VI_1, port: 80}, {vip: VI_1, port: 443, tls: {certificate: /etc/haproxy/shop.pem}}]
    default_backend: app
backends:
  - name: app
    health: {http: {uri: /ready, expect: 200}, inter: 500ms, fall: 2, rise: 2}
    servers: [{name: a, address: 172.16.10.61:8080}, {name: b, address: 172.16.10.61:8081}]
`

// statusNodes are two booted nodes with that site.
type statusNodes struct {
	*testing.T
	*booted.Cluster
	dir string
}

func (n *statusNodes) sh(node, text string) string {
	n.Helper()
	r, err := n.Node(node).Run(context.Background(), "sh", "-c", askHAProxy+text)
	if err != nil || r.Code != 0 {
		n.Fatalf("%s: %s: %v, %s", node, text, err, r)
	}
	return r.Out
}

func (n *statusNodes) lbgen(args ...string) (out, talk string, code int) {
	var o, e bytes.Buffer
	code = cli.Run(context.Background(), args, cli.Streams{Out: &o, Err: &e, Getenv: os.LookupEnv})
	return o.String(), e.String(), code
}

// status returns the kinds of trouble there are, each with its nodes, and all that is said.
func (n *statusNodes) status(site string) (kinds, text string) {
	n.Helper()
	out, talk, code := n.lbgen("status", "--format", "json", "--ssh-config", n.SSHConfig(), filepath.Join(n.dir, site))
	var r status.Result
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != min(1, len(r.Troubles)) {
		n.Fatalf("exit code %d, %v\n%s%s", code, err, out, talk)
	}
	var all []string
	for _, t := range r.Troubles {
		all = append(all, t.Kind+":"+strings.Join(t.Nodes, "+"))
	}
	for _, u := range r.Unseen {
		all = append(all, "not looked at: "+u.What+": "+u.Why)
	}
	slices.Sort(all)
	return strings.Join(all, " "), out
}

// pemOf makes a certificate with its key, good from now until then.
func pemOf(t *testing.T, until time.Duration) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	number, _ := rand.Int(rand.Reader, big.NewInt(1<<62))
	tmpl := &x509.Certificate{SerialNumber: number, Subject: pkix.Name{CommonName: "shop.example.com"}, DNSNames: []string{"shop.example.com"},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(until)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})) +
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
}

func (n *statusNodes) certificate(node string, until time.Duration) {
	n.Helper()
	r, err := n.Node(node).Feed(context.Background(), strings.NewReader(pemOf(n.T, until)), "sh", "-c",
		"umask 077; mkdir -p /etc/haproxy; cat >/etc/haproxy/shop.pem")
	if err != nil || r.Code != 0 {
		n.Fatal(err, r)
	}
}

// server is what the site balances to, in the box that the nodes are in.
func (n *statusNodes) server(address string) net.Listener {
	n.Helper()
	l, err := n.Listen(context.Background(), address)
	if err != nil {
		n.Fatal(err)
	}
	go func() { _ = http.Serve(l, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})) }() //nolint:gosec // it ends with the test
	n.Cleanup(func() { _ = l.Close() })
	return l
}

// askHAProxy is for what tests do at HAProxy's socket.
const askHAProxy = `ask() { perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0) && connect(S, pack_sockaddr_un($ARGV[0])) or die;
syswrite(S, "$ARGV[1]\n"); print while <S>' /run/haproxy/admin.sock "$1"; }
`

const year = 365 * 24 * time.Hour

func startStatusNodes(t *testing.T) *statusNodes {
	t.Helper()
	testenv.Programs(t, "haproxy", "keepalived", "tcpdump", "arping", "ssh", "sshd")
	nic := func(network, device, address string) booted.NIC {
		return booted.NIC{Network: network, Device: device, Addresses: []netip.Prefix{netip.MustParsePrefix(address)}}
	}
	c := testbox.Boot(t, booted.Options{
		Nodes: []booted.Node{
			{Name: "lb1", NICs: []booted.NIC{nic("web", "ens192", "172.16.10.71/24"), nic("client", "ens224", "172.16.110.71/24")}},
			{Name: "lb2", NICs: []booted.NIC{nic("web", "ens192", "172.16.10.72/24"), nic("client", "ens224", "172.16.110.72/24")}},
		},
		Here: []booted.NIC{nic("web", "", "172.16.10.61/24"), nic("client", "", "172.16.110.9/24")},
	})
	n := &statusNodes{t, c, t.TempDir()}
	testbox.Write(t, filepath.Join(n.dir, "site.yaml"), statusSite, 0o644)
	testbox.Write(t, filepath.Join(n.dir, "other.yaml"), strings.Replace(statusSite, "expect: 200", "expect: 204", 1), 0o644)
	testbox.Write(t, filepath.Join(n.dir, "pass"), "s3cr3tpw", 0o600)
	for _, node := range []string{"lb1", "lb2"} {
		n.certificate(node, year)
		n.sh(node, "rm -rf /etc/keepalived /etc/haproxy/haproxy.cfg /root/.bashrc") // what this machine does at a login takes time
	}
	return n
}

// until waits for something that daemons need a moment for.
func (n *statusNodes) until(node, text string) {
	n.Helper()
	n.sh(node, "for i in $(seq 100); do { "+text+"; } >/dev/null 2>&1 && exit 0; sleep 0.2; done; exit 1")
}

// TestStatus plants troubles on booted nodes. Each has to be told, and nothing else.
func TestStatus(t *testing.T) {
	n := startStatusNodes(t)
	n.server("172.16.10.61:8080")
	second := n.server("172.16.10.61:8081")
	if kinds, text := n.status("site.yaml"); !strings.Contains(kinds, "not-installed:lb1+lb2") {
		t.Errorf("before the first installation: %s\n%s", kinds, text)
	}
	if out, talk, code := n.lbgen("deploy", "--ssh-config", n.SSHConfig(), filepath.Join(n.dir, "site.yaml")); code != 0 {
		t.Fatalf("%s%s", out, talk)
	}
	up := func(node string) {
		t.Helper()
		n.until(node, `[ "$(ask 'show stat' | grep -c '^app,[ab],.*,UP,')" = 2 ]`)
	}
	n.until("lb1", "ip addr show ens224 | grep -q 172.16.110.70/")
	up("lb1")
	up("lb2")
	if out, talk, code := n.lbgen("status", "--ssh-config", n.SSHConfig(), filepath.Join(n.dir, "site.yaml")); code != 0 ||
		out != "shop: all is well: 2 nodes, 1 virtual IP, 2 servers\n" || talk != "" {
		t.Fatalf("a healthy site: exit code %d, %s%s", code, out, talk)
	}
	n.record()
	if os.Getenv("STATUS_REAL") == "" {
		n.sh("lb2", "systemctl stop keepalived")
		if kinds, text := n.status("site.yaml"); kinds != "keepalived-stopped:lb2" {
			t.Errorf("Keepalived is stopped: %s\n%s", kinds, text)
		}
		t.Log("the other planted troubles take minutes: make status-real")
		return
	}

	for _, tt := range []struct {
		name, plant, kinds, says, mend string
	}{
		{"what is read only", `cp -a /etc/logrotate.d/haproxy /root/kept; rm /etc/logrotate.d/haproxy; chmod 666 /etc/haproxy/haproxy.cfg
			systemctl disable -q haproxy; sysctl -qw net.ipv4.ip_nonlocal_bind=0; chmod 644 /etc/haproxy/shop.pem
			echo 'site shop' >/var/lib/lbgen/applying; : >/var/lib/lbgen/other.manifest`,
			"cut-off:lb2 file-missing:lb2 file-mode:lb2 key-readable:lb2 not-enabled:lb2 other-site:lb2 sysctl:lb2",
			"net.ipv4.ip_nonlocal_bind is 0, and 1 where /etc/sysctl.d/99-nonlocal_bind.conf has it",
			`mv /root/kept /etc/logrotate.d/haproxy; chmod 644 /etc/haproxy/haproxy.cfg; systemctl enable -q haproxy
			sysctl -qw net.ipv4.ip_nonlocal_bind=1; chmod 600 /etc/haproxy/shop.pem; rm /var/lib/lbgen/applying /var/lib/lbgen/other.manifest`},
		{"HAProxy is stopped", "systemctl stop haproxy", "haproxy-stopped:lb2", "HAProxy does not run: inactive", "systemctl start haproxy"},
		{"Keepalived is stopped", "systemctl stop keepalived", "keepalived-stopped:lb2", "Keepalived does not run: inactive",
			"systemctl start keepalived"},
		{"an edited file", "cp -a /etc/haproxy/haproxy.cfg /root/kept; sleep 1; echo '# by hand' >>/etc/haproxy/haproxy.cfg",
			"changed-by-hand:lb2 not-reloaded:lb2", `-# by hand\n`, "cp -a /root/kept /etc/haproxy/haproxy.cfg"},
		{"both are masters", `cp -a /etc/keepalived/keepalived.conf /root/kept; sed -i s/s3cr3tpw/other4me/ /etc/keepalived/keepalived.conf
			systemctl reload keepalived; for i in $(seq 50); do ip addr show ens224 | grep -q 110.70/ && break; sleep 0.2; done`,
			"other-secret:lb2 vip-twice:lb1+lb2", "172.16.110.70 is on lb1 and lb2 at the same time",
			`cp -a /root/kept /etc/keepalived/keepalived.conf; systemctl reload keepalived
			for i in $(seq 50); do ip addr show ens224 | grep -q 110.70/ || break; sleep 0.2; done`},
		{"an address by hand", "ip addr add 172.16.110.70/32 dev ens192", "vip-twice:lb1+lb2 vip-wrong-device:lb2",
			"is on ens192, and belongs on ens224",
			"ip addr del 172.16.110.70/32 dev ens192"},
		{"older programs",
			`printf '#!/bin/sh\necho HAProxy version 2.4.22 2023/02/14\n' >/usr/local/sbin/haproxy; chmod 755 /usr/local/sbin/haproxy
			cp -a /usr/sbin/keepalived /usr/sbin/k; mv /usr/sbin/k /usr/sbin/keepalived`,
			"old-version:lb2 program-replaced:lb2", "HAProxy is 2.4.22, and the files are made for 2.6",
			"rm /usr/local/sbin/haproxy; systemctl restart keepalived"},
		{"a server out of service", "ask 'set server app/b state maint'", "server-maintenance:lb2",
			"server app/b was taken out of service by hand (MAINT)", "ask 'set server app/b state ready'; sleep 2"},
	} {
		n.sh("lb2", tt.plant)
		kinds, text := n.status("site.yaml")
		if kinds != tt.kinds || !strings.Contains(text, tt.says) {
			t.Errorf("%s: %s, want %s and %q\n%s", tt.name, kinds, tt.kinds, tt.says, text)
		}
		if strings.Contains(text, "s3cr3tpw") || strings.Contains(text, "other4me") || strings.Contains(text, "PRIVATE") {
			t.Errorf("%s: a secret is shown:\n%s", tt.name, text)
		}
		n.sh("lb2", tt.mend)
	}
	want := func(name, site, kinds, says string) {
		t.Helper()
		got, text := n.status(site)
		if got != kinds || !strings.Contains(text, says) {
			t.Errorf("%s: %s, want %s and %q\n%s", name, got, kinds, says, text)
		}
	}
	up("lb2")
	want("all mended", "site.yaml", "", "")
	want("another site file", "other.yaml", "other-version:lb1+lb2", "/etc/haproxy/haproxy.cfg differs")

	for _, tt := range []struct {
		name  string
		until time.Duration
		load  string
		kinds string
		says  string
	}{
		{"it was renewed, and HAProxy was not told", year, "", "certificate-not-loaded:lb2", "HAProxy still shows another certificate"},
		{"it expires soon", 48 * time.Hour, "systemctl reload haproxy; sleep 1", "certificate-expires:lb2", "the certificate expires on "},
		{"it has expired", -time.Hour, "systemctl reload haproxy; sleep 1", "certificate-expired:lb2", "the certificate has expired on "},
		{"it is gone", 0, "mv /etc/haproxy/shop.pem /root/shop.pem", "certificate-missing:lb2", "/etc/haproxy/shop.pem is not there"},
	} {
		if tt.until != 0 {
			n.certificate("lb2", tt.until)
		}
		n.sh("lb2", tt.load)
		up("lb2")
		want(tt.name, "site.yaml", tt.kinds, tt.says)
	}
	n.certificate("lb2", year)
	n.sh("lb2", "systemctl reload haproxy; sleep 1")

	// The node that has the address loses it, and does not take it back: that is as the site has it.
	n.sh("lb1", "systemctl stop keepalived")
	n.until("lb2", "ip addr show ens224 | grep -q 172.16.110.70/")
	n.sh("lb1", "systemctl start keepalived")
	up("lb2")
	want("nopreempt", "site.yaml", "", "")

	n.sh("lb2", "systemctl stop haproxy")
	n.sh("lb1", "systemctl stop haproxy")
	n.until("lb1", "! ip addr show ens224 | grep -q 172.16.110.70/")
	n.until("lb2", "! ip addr show ens224 | grep -q 172.16.110.70/")
	want("nobody", "site.yaml", "haproxy-stopped:lb1+lb2 vip-nowhere:lb1+lb2",
		"172.16.110.70 is on no node, as far as could be asked, and none can have it")
	n.sh("lb1", "systemctl start haproxy")
	n.sh("lb2", "systemctl start haproxy")
	n.until("lb1", "ip addr show ens224 | grep -q 172.16.110.70/")
	up("lb1")
	up("lb2")

	n.strangers(want)

	_ = second.Close()
	n.until("lb1", "ask 'show stat' | grep -q '^app,b,.*,DOWN,'")
	n.until("lb2", "ask 'show stat' | grep -q '^app,b,.*,DOWN,'")
	want("a server is down", "site.yaml", "server-down:lb1+lb2", "server app/b is down (L4CON Connection refused")
	n.server("172.16.10.61:8081")
	up("lb1")
	if err := n.Node("lb2").Plug(context.Background(), "ens192", false); err != nil {
		t.Fatal(err)
	}
	n.until("lb2", "[ $(ask 'show stat' | grep -c '^app,[ab],.*,DOWN,') = 2 ]")
	got, text := n.status("site.yaml")
	if got != "backend-down:lb2 link-down:lb2 server-down:lb2 server-down:lb2" || !strings.Contains(text, "ens192 (web) has no link") {
		t.Errorf("no link: %s\n%s", got, text)
	}
	if err := n.Node("lb2").Cut(context.Background()); err != nil {
		t.Fatal(err)
	}
	got, text = n.status("site.yaml")
	if !strings.HasPrefix(got, "unreachable:lb2") {
		t.Errorf("a node without power: %s\n%s", got, text)
	}
}

// record writes what healthy nodes answer to the folder that LBGEN_RECORD names: the
// tests of internal/status have it in testdata.
func (n *statusNodes) record() {
	dir := os.Getenv("LBGEN_RECORD")
	if dir == "" {
		return
	}
	written, _, found := model.Load("site.yaml", []byte(statusSite))
	if found.HasErrors() {
		n.Fatal(found)
	}
	s := site.Resolve(written)
	sets, err := render.New().Sets(s, model.Inputs{})
	if err != nil {
		n.Fatal(err)
	}
	testbox.Write(n.T, filepath.Join(dir, "site.yaml"), statusSite, 0o644)
	for _, set := range sets {
		r, err := n.Node(set.Node).Feed(context.Background(), bytes.NewReader(status.Program(s, set)), "sh", "-s")
		if err != nil || r.Code != 0 {
			n.Fatal(err, r)
		}
		testbox.Write(n.T, filepath.Join(dir, set.Node+".txt"), r.Out, 0o644)
	}
}

// strangers has another machine, in the nodes' network, that answers for the virtual IP,
// and one that uses the virtual_router_id with another password.
func (n *statusNodes) strangers(want func(name, site, kinds, says string)) {
	n.Helper()
	here := func(argv ...string) string {
		n.Helper()
		r, err := n.Exec(context.Background(), argv...)
		if err != nil || r.Code != 0 {
			n.Fatal(argv, err, r)
		}
		return r.Out
	}
	device := strings.Fields(here("sh", "-c", "ip -o addr | grep 172.16.110.9/"))[1]
	here("ip", "addr", "add", "172.16.110.70/32", "dev", device)
	// A node without the address hears whoever is the first to answer.
	got, text := n.status("site.yaml")
	if !strings.HasPrefix(got, "foreign-address:lb1") || !strings.Contains(text, "answers for 172.16.110.70: ") {
		n.Errorf("another answers: %s\n%s", got, text)
	}
	here("ip", "addr", "del", "172.16.110.70/32", "dev", device)

	here("sh", "-c", `mkdir -p /run/stranger; printf '
		vrrp_instance OTHER { \n state MASTER \n interface %s \n virtual_router_id 7 \n priority 200 \n advert_int 1
		authentication { \n auth_type PASS \n auth_pass strange \n }
		virtual_ipaddress { \n 172.16.110.99/24 \n } \n }\n' "$1" >/run/stranger/keepalived.conf
		keepalived -f /run/stranger/keepalived.conf -p /run/stranger/pid -r /run/stranger/vrrp -c /run/stranger/check
		for i in $(seq 50); do ip addr show "$1" | grep -q 110.99/ && exit 0; sleep 0.2; done; exit 1`, "sh", device)
	want("a foreign virtual_router_id", "site.yaml", "foreign-vrid:lb1+lb2",
		"172.16.110.9 (")
	here("sh", "-c", `kill "$(cat /run/stranger/pid)"`)
}
