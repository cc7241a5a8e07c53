package scripts_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/testbox"
)

// packets are what is sent to node lb1 of testdata/sites/nftables.yaml, and whether its
// table lets it in.
var packets = [...]struct {
	packet string
	open   bool
}{
	{"tcp 192.0.2.99 192.0.2.10 80", true},
	{"tcp 192.0.2.99 192.0.2.10 8000", true},
	{"tcp 192.0.2.99 192.0.2.10 8001", true},
	{"tcp 2001:db8::99 2001:db8::10 80", true},
	{"tcp 2001:db8::99 2001:db8::10 8000", false}, // no bind of the IPv6 address
	{"tcp 192.0.2.99 192.0.2.11 80", false},       // the node's own address
	{"tcp 2001:db8::99 2001:db8::11 80", false},
	{"tcp 192.0.2.99 192.0.2.10 22", false}, // ssh is removed there
	{"tcp 2001:db8::99 2001:db8::11 22", false},
	{"tcp 192.0.2.99 192.0.2.10 9999", false},
	{"udp 192.0.2.99 192.0.2.11 9999", false},
	{"udp 2001:db8::99 2001:db8::10 9999", false},
	{"tcp 198.51.100.99 198.51.100.11 22", true},
	{"tcp 198.51.100.99 198.51.100.11 8404", true},
	{"tcp 203.0.113.9 198.51.100.11 8404", false}, // not of stats.allow
	{"tcp 198.51.100.12 198.51.100.11 10001", true},
	{"tcp 198.51.100.99 198.51.100.11 10001", false}, // no node
	{"tcp 198.51.100.99 198.51.100.11 9100", true},
	{"tcp 203.0.113.9 198.51.100.11 9100", false},
	{"udp 203.0.113.9 198.51.100.11 161", true},
	{"udp 198.51.100.99 198.51.100.11 9999", false},
	{"tcp 198.51.100.99 198.51.100.11 8080", false}, // a bind on a NIC is closed
	{"tcp 10.0.2.99 10.0.2.11 9999", true},          // that NIC has no zone
	{"vrrp 192.0.2.12 224.0.0.18 out0", true},
	{"vrrp 192.0.2.99 224.0.0.18 out0", false}, // no node
	{"vrrp fe80::99 ff02::12 out0", true},
	{"vrrp 2001:db8::99 ff02::12 out0", false},
}

// packetBox is a box that is node lb1, and network namespace out, which is everybody
// else: a cable each, on eth0, eth1 and eth2.
func packetBox(t *testing.T) *testbox.Box {
	t.Helper()
	b := testbox.New(t)
	b.Must(`ip netns add out
		for n in 0 1 2; do
			ip link add eth$n type veth peer name out$n netns out
			ip link set eth$n up
			ip -n out link set out$n up
		done
		ip -n out link set lo up
		for a in 192.0.2.11/24 192.0.2.10/24; do ip addr add $a dev eth0; done
		for a in 2001:db8::11/64 2001:db8::10/64; do ip addr add $a dev eth0 nodad; done
		ip addr add 198.51.100.11/24 dev eth1
		ip addr add 10.0.2.11/24 dev eth2
		for a in 192.0.2.12/24 192.0.2.99/24; do ip -n out addr add $a dev out0; done
		for a in 2001:db8::99/64 fe80::99/64; do ip -n out addr add $a dev out0 nodad; done
		for a in 198.51.100.12/24 198.51.100.99/24 203.0.113.9/32; do ip -n out addr add $a dev out1; done
		ip -n out addr add 10.0.2.99/24 dev out2
		ip route add 203.0.113.9/32 dev eth1`)
	return b
}

// ask sends the packets from namespace out and returns what became of each.
func ask(t *testing.T, b *testbox.Box, py string, all ...string) []string {
	t.Helper()
	return strings.Fields(b.Must(`py=$1; shift; ip netns exec out python3 "$py" ask "$@"`, append([]string{py}, all...)...))
}

// TestPackets sends real packets at a node with the table of a golden tree: without
// the table all arrive, with it what must, and each rule is needed.
func TestPackets(t *testing.T) {
	t.Parallel()
	testbox.NeedRoot(t)
	testbox.NeedTools(t, "nft", "python3")
	b := packetBox(t)
	py, err := filepath.Abs("testdata/packets.py")
	if err != nil {
		t.Fatal(err)
	}
	table, err := filepath.Abs("../../testdata/golden/nftables/lb1/etc/nftables.d/lbgen.nft")
	if err != nil {
		t.Fatal(err)
	}
	b.Must(`for where in "" "ip netns exec out"; do
			device=eth0
			[ -z "$where" ] || device=out0
			: >/run/served
			$where python3 "$1" serve $device >/run/served 2>&1 </dev/null &
			for _ in $(seq 100); do grep -q ready /run/served && break; sleep 0.1; done
			grep -q ready /run/served || { cat /run/served; exit 1; }
		done
		ip netns exec out python3 "$1" hold 192.0.2.99 192.0.2.11 22 >/run/held 2>&1 </dev/null &
		for _ in $(seq 100); do grep -q held /run/held && break; sleep 0.1; done`, py)
	var all []string
	for _, p := range packets {
		all = append(all, p.packet)
	}
	for i, got := range ask(t, b, py, all...) {
		if got != "open" {
			t.Errorf("without a table: %s is %s", all[i], got)
		}
	}
	b.Must(`nft -f "$1"`, table)
	for i, got := range ask(t, b, py, all...) {
		if want := map[bool]string{true: "open", false: "closed"}[packets[i].open]; got != want {
			t.Errorf("%s is %s, want %s", all[i], got, want)
		}
	}
	if got := b.Must(`: >/run/go; for _ in $(seq 100); do grep -e open -e closed /run/held && break; sleep 0.1; done`); got != "open\n" {
		t.Errorf("a connection from before the table was there is %s", got)
	}
	out := `python3 "$1" ask "udp 192.0.2.11 192.0.2.12 161" "udp 2001:db8::11 2001:db8::99 161" "tcp 192.0.2.11 192.0.2.99 9999"`
	if got := b.Must(out, py); got != "open\nopen\nopen\n" {
		t.Errorf("what the node asks for is not answered: %s", got)
	}
	for _, tt := range []struct{ without, packet string }{
		{"l4proto { 1, 2, 58 }", "tcp 2001:db8::99 2001:db8::10 80"}, // no neighbour is found
		{"l4proto 112", "vrrp 192.0.2.12 224.0.0.18 out0"},
		{"dport 22", "tcp 198.51.100.99 198.51.100.11 22"},
	} {
		b.Must(`grep -v "$2" "$1" >/run/table.nft; nft -f /run/table.nft; ip -6 neigh flush all; ip -n out -6 neigh flush all`, table, tt.without)
		if got := ask(t, b, py, tt.packet); got[0] != "closed" {
			t.Errorf("%s is %s without the rule for it", tt.packet, got)
		}
	}
	b.Must(`grep -v "ct state" "$1" >/run/table.nft; nft -f /run/table.nft`, table)
	if got := b.Must(out, py); got != "closed\nclosed\nopen\n" {
		t.Errorf("without connections the node's UDP is answered: %s", got)
	}
}
