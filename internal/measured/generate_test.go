//go:build linux

package measured

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// maker makes up sites.
type maker struct{ *rand.Rand }

func pick[T any](m maker, list ...T) T { return list[m.IntN(len(list))] }

func (m maker) oneIn(n int) bool { return m.IntN(n) == 0 }

// site is the text of a site file.
func (m maker) site() string {
	var b strings.Builder
	b.WriteString("version: 1\nsite: t\nplatform: debian12\nnics:\n" +
		"  front: {device: eth0, subnet: [10.9.0.0/24, \"fd00:9::/64\"]}\n  back: {device: eth1, subnet: 10.9.1.0/24}\nnodes:\n")
	priorities := m.priorities()
	for i, p := range priorities {
		fmt.Fprintf(&b, "  - {name: n%d, priority: %d, addresses: {front: [10.9.0.%d, \"fd00:9::%d\"], back: 10.9.1.%d}}\n", i+1, p, 11+i, 11+i,
			11+i)
	}
	b.WriteString("vrrp:\n")
	// Instances that have one state, those of a sync group or of both families, take no
	// weights: the model refuses them.
	sync, both := m.oneIn(4), m.oneIn(5)
	preempt, track := m.preempt(), m.track(!sync && !both, priorities[0]-priorities[1])
	if sync {
		for i := range 2 {
			fmt.Fprintf(&b, "  - {name: V%d, nic: front, sync_group: G, virtual_router_id: %d, vips: [%s]%s%s, track: %s}\n", i+1, 50+i,
				vips(i, both), m.adverts(), preempt, track)
		}
	} else {
		fmt.Fprintf(&b, "  - {name: V1, nic: front, virtual_router_id: 50, vips: [%s]%s%s, track: %s}\n", vips(0, both), m.adverts(),
			preempt, track)
	}
	if m.oneIn(10) {
		fmt.Fprintf(&b, "keepalived: {vrrp_startup_delay: %ds}\n", 1+m.IntN(3))
	}
	b.WriteString("frontends: [{name: main, binds: [{vip: V1, ports: [80]}], default_backend: app}]\n" +
		"backends: [{name: app, servers: [{name: web, address: 10.9.1.50:80}]}]\n")
	return b.String()
}

// plain is a site without weights, sync groups and start-up delays: what is of interest
// is the change.
func (m maker) plain() string {
	for {
		text := m.site()
		if !strings.Contains(text, "weight:") && !strings.Contains(text, "sync_group") && !strings.Contains(text, "startup") &&
			!strings.Contains(text, "priority: 254") && strings.Count(text, "fd00:9::100") == 0 && !strings.Contains(text, "version: 3") {
			return text
		}
	}
}

func (m maker) priorities() []int {
	n := pick(m, 2, 2, 2, 3, 3, 4)
	switch m.IntN(5) {
	case 0: // close ones
		first := 60 + m.IntN(180)
		return []int{first, first - 1, first - 3, first - 4}[:n]
	case 1: // high ones, where weights reach the end
		return []int{254, 253, 240, 200}[:n]
	default:
		p, all := 250-m.IntN(60), []int(nil)
		for range n {
			all = append(all, p)
			p -= 5 + m.IntN(50)
		}
		return all
	}
}

func vips(i int, both bool) string {
	if both {
		return fmt.Sprintf("10.9.0.%d, \"fd00:9::%d\"", 100+i, 100+i)
	}
	return fmt.Sprintf("10.9.0.%d", 100+i)
}

func (m maker) adverts() string {
	return pick(m, "", "", ", advert_int: 2s", ", version: 3, advert_int: 500ms", ", version: 3, advert_int: 300ms", ", version: 3")
}

func (m maker) preempt() string {
	return pick(m, "", "", ", preempt: true", ", preempt: true", fmt.Sprintf(", preempt: true, preempt_delay: %ds", 1+m.IntN(5)))
}

// track is with or without weights, of both signs. The scripts look for files: the
// one that watches HAProxy, and one of the admin's own.
func (m maker) track(weights bool, gap int) string {
	weight := func() string {
		switch {
		case !weights:
			return ""
		case m.oneIn(8): // a tie
			return fmt.Sprintf(", weight: -%d", gap)
		}
		return pick(m, "", "", fmt.Sprintf(", weight: -%d", 1+m.IntN(120)), fmt.Sprintf(", weight: %d", 1+m.IntN(120)))
	}
	script := func(name, more string) string {
		return fmt.Sprintf("{name: %s, command: [/usr/bin/test, \"!\", -e, /run/%s.bad], interval: 1s, timeout: 1s, rise: %d, fall: %d%s%s}",
			name, name, 1+m.IntN(2), 1+m.IntN(3), weight(), more)
	}
	scripts := []string{script("haproxy", ", watches: haproxy")}
	if m.oneIn(3) {
		scripts = append(scripts, script("own", ""))
	}
	nics := ""
	if m.oneIn(2) {
		nics = fmt.Sprintf(", nics: [{nic: back%s}]", weight())
	}
	return fmt.Sprintf("{haproxy: false, scripts: [%s]%s}", strings.Join(scripts, ", "), nics)
}
