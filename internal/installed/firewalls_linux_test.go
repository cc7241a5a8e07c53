package installed_test

import (
	"context"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/testbox"
)

// reaches says whether a connection from here to the address comes about.
func (p *pair) reaches(address string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	c, err := p.Dial(ctx, "tcp", address)
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}

// filtered looks at what a node with the table lets in.
func (p *pair) filtered(t *testing.T, when, last string) {
	t.Helper()
	own := "172.16.110." + last
	for address, want := range map[string]bool{
		vip + ":80": true, "172.16.10." + last + ":22": true,
		own + ":80": false, own + ":22": false, "172.16.10." + last + ":8404": false,
	} {
		if got := p.reaches(address); got != want {
			t.Errorf("%s: %s is reached: %t", when, address, got)
		}
	}
}

// TestNftables: a pair that filters with nftables. The adverts come through, the table is
// there after a boot, and behind a start and a reload of the distribution's own unit.
func TestNftables(t *testing.T) {
	t.Parallel()
	testbox.NeedTools(t, "nft")
	p := newPair(t)
	out := p.render(t, "filtered", prslb(t, "firewall: {zones:", "firewall: {kind: nftables, zones:"))
	for _, node := range []string{"prslb01", "prslb02"} {
		p.install(t, 0, out, node)
		p.well(t, out, node)
	}
	p.becomes(t, "prslb01")
	p.stays(t, "prslb01")
	p.filtered(t, "installed", "71")

	const table = "nft -s list table inet lbgen"
	loaded := p.must(t, "prslb02", table)
	for _, step := range []string{"systemctl start nftables", "systemctl reload nftables", "systemctl restart nftables"} {
		if got := p.must(t, "prslb02", step+" && nft list table inet filter >/dev/null && "+table); got != loaded {
			t.Errorf("%s: loaded is\n%s", step, got)
		}
	}
	p.must(t, "prslb02", "systemctl disable --now nftables")
	p.install(t, 0, out, "prslb02")
	if got := p.must(t, "prslb02", table); got != loaded {
		t.Errorf("installed once more: loaded is\n%s", got)
	}
	if err := p.Node("prslb02").Reboot(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := p.must(t, "prslb02", table); got != loaded {
		t.Errorf("after a boot loaded is\n%s", got)
	}
	p.filtered(t, "after a boot", "72")
	p.stays(t, "prslb01")
	p.well(t, out, "prslb02")

	none := p.render(t, "none", prslb(t, "firewall: {zones:", "firewall: {kind: none, zones:"))
	p.install(t, 0, none, "prslb02")
	p.must(t, "prslb02", `! nft list table inet lbgen 2>/dev/null; [ ! -e /etc/nftables.d ] || rmdir /etc/nftables.d`)
	if !p.reaches("172.16.110.72:80") {
		t.Error("without the table the node's own address is not reached")
	}
	p.stays(t, "prslb01")
}

// TestFirewalld: the same of a pair where firewalld runs, with the zones of the site file.
func TestFirewalld(t *testing.T) {
	t.Parallel()
	testbox.NeedTools(t, "firewall-offline-cmd")
	p := bootPair(t, true)
	out := p.render(t, "zones", prslb(t))
	for _, node := range []string{"prslb01", "prslb02"} {
		p.install(t, 0, out, node)
		p.well(t, out, node)
	}
	p.becomes(t, "prslb01")
	p.stays(t, "prslb01")
	p.filtered(t, "installed", "71")
	p.must(t, "prslb02", "firewall-cmd --reload")
	p.filtered(t, "reloaded", "72")
	if err := p.Node("prslb02").Reboot(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.filtered(t, "after a boot", "72")
	p.stays(t, "prslb01")
}
