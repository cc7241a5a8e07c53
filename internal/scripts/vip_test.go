package scripts_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/compare"
	"github.com/lbgen/lbgen/internal/scripts"
	"github.com/lbgen/lbgen/internal/testbox"
)

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
		{name: "group", was: "vrrp_instance VI_1", is: "vrrp_sync_group g {\n    group {\n        VI_1\n        VI_2\n    " +
			"}\n}\nvrrp_instance VI_1", moves: "group", shared: "group"},
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
			wantCode(t, tt.name+" --keep-vip", keep, 1, "172.16.110.75 may leave this node", "changes "+tt.moves+" (do prslb02 first)",
				"nothing was changed")
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
	wantCode(t, "Keepalived is stopped", b.Run(install+` --dry-run --keep-vip`, none.ship(t)), 1,
		"172.16.110.75 would leave this node: Keepalived needs a stop")
	b.Must(`echo keepalived-reload >/var/lib/lbgen/prslb.pending`)
	wantCode(t, "after a run that was cut off", b.Run(install+` --dry-run --keep-vip`, prslb().keepalived(old).ship(t)), 1,
		"an earlier run was cut off")
}
