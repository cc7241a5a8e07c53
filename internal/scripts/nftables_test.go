package scripts_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/scripts"
	"github.com/lbgen/lbgen/internal/testbox"
)

const nftFile = "etc/nftables.d/lbgen.nft"

// nftables is the tree with a table that has the zones.
func (tr tree) nftables(t *testing.T, zones ...render.Zone) tree {
	t.Helper()
	platform, _ := model.PlatformNamed("debian12")
	node := render.Node{Site: "prslb", Name: "prslb01", Platform: platform, Firewall: render.Firewall{Nftables: zones}}
	return tr.put(nftFile, table(t, "nftables/lbgen.nft.tmpl", node), artifact.Nftables)
}

// loaded returns lbgen's table as the kernel has it, "" where it has none.
func loaded(b *testbox.Box) string {
	return b.Must(`nft -s list table inet lbgen 2>/dev/null || :`)
}

// both are the zones of the node's two NICs; dmz has no ssh.
func both() (admin, dmz render.Zone) {
	admin = render.Zone{Name: "admin", Interfaces: []string{"ens192"}}
	dmz = render.Zone{Name: "dmz", Interfaces: []string{"ens224"}, RemoveServices: []string{"ssh"},
		Openings: []render.Opening{{Nft: "ip daddr 172.16.110.70 tcp dport 80 accept"}}}
	return admin, dmz
}

// The table is loaded, loaded again where somebody has changed it, and taken away
// with its file; and each of these goes back.
func TestInstallNftables(t *testing.T) {
	t.Parallel()
	b := lightBox(t)
	testbox.NeedTools(t, "nft")
	admin, dmz := both()
	b.Must(`nft add table inet others`)
	sh := prslb().nftables(t, admin, dmz).ship(t)
	wantCode(t, "dry run", b.Run(`sh "$1" --dry-run`, sh), 0, "nftables  table inet lbgen: load", "new       /"+nftFile)
	if loaded(b) != "" {
		t.Error("a dry run has loaded the table")
	}
	wantCode(t, "installation", b.Run(install, sh), 0, "done")
	first := loaded(b)
	if !strings.Contains(first, `iifname "ens224" jump zone_dmz`) || !strings.Contains(first, "ip daddr 172.16.110.70 tcp dport 80 accept") {
		t.Fatalf("loaded is:\n%s", first)
	}
	wantCode(t, "once more", b.Run(install, sh), 0, "nothing to do")
	program := filepath.Join(t.TempDir(), "status.sh")
	testbox.Write(t, program, string(scripts.Status())+"tell_nftables "+nftFile+"\n", 0o644)
	tells := func(want string) {
		t.Helper()
		if got := b.Must(`sh "$1"`, program); got != "nftables "+want+"\n" {
			t.Errorf("it tells %q, want %s", got, want)
		}
	}
	tells("loaded")
	for change, state := range map[string]string{
		"delete table inet lbgen": "absent", "insert rule inet lbgen zone_dmz tcp dport 23 accept": "changed",
	} {
		b.Must(`nft "$1"`, change)
		tells(state)
		wantCode(t, change, b.Run(install, sh), 0, "nftables  table inet lbgen: load")
		if got := loaded(b); got != first {
			t.Errorf("%s: loaded is then:\n%s", change, got)
		}
	}
	without := prslb().ship(t)
	wantCode(t, "without the table", b.Run(install, without), 0, "nftables  table inet lbgen: unload", "remove    /"+nftFile)
	if got := loaded(b); got != "" {
		t.Errorf("the table is still there:\n%s", got)
	}
	wantCode(t, "undo", b.Run(`sh "$1" --undo`, without), 0, "this node is as it was before")
	if got := loaded(b); got != first {
		t.Errorf("after --undo loaded is:\n%s", got)
	}
	b.Must(`nft list table inet others`)
}

// A step that fails behind it takes the table back: the one before it, or none.
func TestInstallPutsNftablesBack(t *testing.T) {
	t.Parallel()
	b := lightBox(t)
	testbox.NeedTools(t, "nft")
	admin, dmz := both()
	fails := func(sh string) {
		t.Helper()
		b.Must(`mv "$1/systemctl" "$1/systemctl.real"`, b.Bin)
		b.Stub("systemctl", `case "$*" in *start*keepalived*) [ -e /run/tried ] || { : >/run/tried; exit 1; };; esac; exec systemctl.real "$@"`)
		wantCode(t, "Keepalived does not start", b.Run(install, sh), 3, "prslb01 is as it was before")
		b.Must(`rm /run/tried; mv "$1/systemctl.real" "$1/systemctl"`, b.Bin)
	}
	fails(prslb().nftables(t, admin, dmz).ship(t))
	if got := loaded(b) + b.Must(`ls -d /etc/nftables.d 2>/dev/null || :`); got != "" {
		t.Errorf("left is:\n%s", got)
	}
	b.Must(install, prslb().nftables(t, admin, dmz).ship(t))
	first := loaded(b)
	dmz.Openings = nil
	fails(upgraded().nftables(t, admin, dmz).ship(t))
	if got := loaded(b); got != first {
		t.Errorf("loaded is then:\n%s", got)
	}
}

// What nft refuses is not installed, and neither is what lets nobody log in any more.
func TestInstallRefusesNftables(t *testing.T) {
	t.Parallel()
	b := lightBox(t)
	testbox.NeedTools(t, "nft")
	b.Stub("sshd", "echo port 22; echo port 2222")
	admin, dmz := both()
	refused := func(name string, sh string, says ...string) {
		t.Helper()
		wantCode(t, name, b.Run(install, sh), 1, append(says, "nothing was changed")...)
		if loaded(b) != "" {
			t.Errorf("%s: the table is there", name)
		}
	}
	refused("sshd's other port", prslb().nftables(t, admin, dmz).ship(t), "sshd listens on port 2222", "open_ports: [{port: 2222}]")
	none := admin
	none.RemoveServices = []string{"ssh"}
	b.Stub("sshd", "echo port 22")
	refused("no ssh", prslb().nftables(t, none, dmz).ship(t), "sshd listens on port 22,")
	broken := dmz
	broken.Openings = []render.Opening{{Nft: "ip daddr nonsense accept"}}
	refused("nonsense", prslb().nftables(t, admin, broken).ship(t), "nft -c says:", "nonsense")
	// A NIC that is not filtered is a way in.
	wantCode(t, "one NIC is open", b.Run(`SSH_CONNECTION="172.16.110.9 4711 172.16.110.71 22" sh "$1" --dry-run`,
		prslb().nftables(t, dmz).ship(t)), 0, "you are logged in through ens224: this connection stays, but there will be no new one")
}
