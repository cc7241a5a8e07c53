//go:build linux

package measured

import (
	"context"
	"fmt"
	"strings"

	"github.com/lbgen/lbgen/internal/failover"
)

// do breaks a part, or repairs it.
func (n *network) do(ctx context.Context, p failover.Part, repaired bool, vips []string) error {
	state := map[bool]string{false: "down", true: "up"}[repaired]
	if p.Kind == failover.Adverts {
		return n.part(ctx, !repaired)
	}
	one := n.nodes[p.Node]
	switch p.Kind { //nolint:exhaustive // Adverts are above
	case failover.HAProxy:
		return one.file(ctx, "haproxy", repaired)
	case failover.Script:
		return one.file(ctx, p.Name, repaired)
	case failover.NIC:
		return n.hub.run(ctx, `ip link set $1b $2`, one.name, state)
	case failover.OwnNIC:
		return n.hub.run(ctx, `ip link set $1f $2`, one.name, state)
	case failover.Keepalived:
		if repaired {
			return one.start(ctx)
		}
		return one.stop()
	case failover.Machine:
		return n.power(ctx, one, repaired, state, vips)
	}
	return fmt.Errorf("no such part: %v", p)
}

// part keeps the nodes from hearing each other, or lets them again.
func (n *network) part(ctx context.Context, isolated bool) error {
	state := map[bool]string{true: "on", false: "off"}[isolated]
	for _, one := range n.nodes {
		if err := n.hub.run(ctx, `bridge link set dev $1f isolated $2`, one.name, state); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) file(ctx context.Context, name string, well bool) error {
	if well {
		return n.run(ctx, `rm /run/$1.bad`, name)
	}
	return n.run(ctx, `: >/run/$1.bad`, name)
}

// power takes a machine away, or switches it on: it comes up without what Keepalived
// had added.
func (n *network) power(ctx context.Context, one *node, on bool, state string, vips []string) error {
	links := func() error { return n.hub.run(ctx, `ip link set $1f $2; ip link set $1b $2`, one.name, state) }
	if !on {
		if err := links(); err != nil {
			return err
		}
		return one.kill(ctx)
	}
	for _, v := range vips {
		script := `ip addr show dev eth0 | grep -q " $1/" && ip addr del $1/24 dev eth0 || :`
		if strings.Contains(v, ":") {
			script = `ip addr show dev eth0 | grep -q " $1/" && ip addr del $1/64 dev eth0 || :`
		}
		if err := one.run(ctx, script, v); err != nil {
			return err
		}
	}
	if err := links(); err != nil {
		return err
	}
	return one.start(ctx)
}
