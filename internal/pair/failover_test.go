//go:build unix

package pair_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// TestGoldenTreesFailAlike: what is proved of a rendered tree, by its
// keepalived.conf, is what is proved of the site file that it was rendered from.
func TestGoldenTreesFailAlike(t *testing.T) {
	for _, name := range siteFiles(t) {
		tree := filepath.Join("../../testdata/golden", strings.TrimSuffix(filepath.Base(name), ".yaml"))
		if _, err := os.Stat(tree); err != nil {
			continue
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			s := resolve(t, name)
			p := read(tree)
			got := p.Failover()
			if len(p.Found) > 0 || len(got.Found) > 0 {
				t.Fatal(said(p), got.Found)
			}
			want := failover.Groups(s)
			if len(got.Groups) != len(want) {
				t.Fatalf("%d groups, want %d", len(got.Groups), len(want))
			}
			for i := range want {
				if a, b := steps(got.Groups[i], s), steps(want[i], s); !slices.Equal(a, b) {
					t.Errorf("group %s:\n%s\nwant\n%s", want[i].Name, strings.Join(a, "\n"), strings.Join(b, "\n"))
				}
			}
		})
	}
}

func siteFiles(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"../../examples/*.yaml", "../../testdata/sites/*.yaml"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, names...)
	}
	return all
}

func resolve(t *testing.T, name string) *site.Site {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	shared := func(file string) (string, []byte, *diag.Diagnostic) {
		data, err := os.ReadFile(filepath.Join(filepath.Dir(name), file))
		if err != nil {
			t.Fatal(err)
		}
		return file, data, nil
	}
	written, _, found := model.LoadShared(name, data, shared)
	if found.HasErrors() {
		t.Fatal(found)
	}
	return site.Resolve(written)
}

// steps are all events of a group and their windows, sorted; of a NIC the role
// stands for the device.
func steps(g *failover.Group, s *site.Site) []string {
	var all []string
	for _, step := range g.Steps() {
		w := g.Window(step)
		line := fmt.Sprintf("%v %s: %s (%s) %s to %s", g.Names(step.From), g.Event(step), g.Names(step.To), g.Condition(step.From), w.Best,
			w.Worst)
		all = append(all, line)
	}
	for i := range all {
		for _, n := range s.Nodes {
			for _, nic := range n.NICs {
				for _, word := range []string{" of ", " on "} {
					all[i] = strings.ReplaceAll(all[i], "NIC "+nic.Device+word+n.Name, "NIC "+nic.Role+word+n.Name)
				}
			}
		}
	}
	// What is broken is listed in the order in which it is watched, which is another
	// in keepalived.conf.
	for i, line := range all {
		from, to := strings.Index(line, "(")+1, strings.LastIndex(line, ")")
		broken := strings.Split(line[from:to], ", ")
		slices.Sort(broken)
		all[i] = line[:from] + strings.Join(broken, ", ") + line[to:]
	}
	slices.Sort(all)
	return all
}

// vrrp is a node's keepalived.conf with these lines in its instance, and blocks
// before it.
func vrrp(lines string, blocks ...string) string {
	return strings.Join(blocks, "\n") + `
vrrp_script chk_haproxy {
    script "killall -0 haproxy"
    interval 2
    weight 2
}
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass 1111
    }
    virtual_ipaddress {
        192.0.2.10
    }
    ` + strings.ReplaceAll(lines, "; ", "\n    ") + `
}
`
}

const watched = "track_script {; chk_haproxy; }"

// TestPairsAsTheyAre: what people write, and what becomes of it.
func TestPairsAsTheyAre(t *testing.T) {
	for _, c := range []struct{ name, first, second, want string }{
		{"nothing watches HAProxy", vrrp("state MASTER; priority 100"), vrrp("state BACKUP; priority 90"), "nothing on lb1 watches HAProxy"},
		{"a tie that never moves", vrrp("state MASTER; priority 100; " + watched), vrrp("state BACKUP; priority 98; " + watched),
			"the same priority 100 with their weights"},
		{"a weight that is smaller than the gap", vrrp("state MASTER; priority 150; " + watched),
			vrrp("state BACKUP; priority 100; " + watched), "still not below the 102 of lb2"},
		{"the same priority", vrrp("state MASTER; " + watched), vrrp("state BACKUP; " + watched), "the same priority 100"},
		{"nopreempt with a weight", vrrp("nopreempt; priority 101; " + watched), vrrp("priority 100; " + watched),
			"has nopreempt and lets a living master be"},
		{"nopreempt is nothing beside state MASTER", vrrp("state MASTER; nopreempt; priority 101; " + watched),
			vrrp("priority 100; " + watched), ""},
		{"a weight that is large enough", vrrp("state MASTER; priority 101; " + watched), vrrp("state BACKUP; priority 100; " + watched), ""},
		{"another number", vrrp("virtual_router_id 52; " + watched), vrrp("priority 90; " + watched), "virtual_router_id is 52 and 51"},
		{"another password", strings.Replace(vrrp(watched), "1111", "2222", 1), vrrp("priority 90; " + watched), "their passwords differ"},
		{"passwords that differ behind the eighth byte", strings.Replace(vrrp(watched+"; priority 101"), "1111", "abcdefghX", 1),
			strings.Replace(vrrp("priority 100; "+watched), "1111", "abcdefghY", 1), ""},
		{"another list", strings.Replace(vrrp(watched), "192.0.2.10", "192.0.2.10\n192.0.2.11", 1), vrrp("priority 90; " + watched),
			"lists of virtual IPs differ"},
		{"another interval", vrrp("advert_int 2; " + watched), vrrp("priority 90; " + watched), "advert_int is 2s and 1s"},
		{"peers that miss each other", vrrp("unicast_src_ip 192.0.2.1; unicast_peer {; 192.0.2.3; }; " + watched),
			vrrp("priority 90; unicast_src_ip 192.0.2.2; unicast_peer {; 192.0.2.1; }; " + watched),
			"lb2 sends from 192.0.2.2, which is not in unicast_peer of lb1"},
		{"unicast and multicast", vrrp("unicast_peer {; 192.0.2.3; }; " + watched), vrrp("priority 90; " + watched), "by multicast"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := read(write(t, map[string]string{"lb1/keepalived.conf": c.first, "lb2/keepalived.conf": c.second}))
			f := p.Failover()
			var all []string
			for _, d := range f.Found {
				all = append(all, d.Summary)
			}
			for _, g := range f.Groups {
				for _, fault := range g.Prove() {
					all = append(all, fault.Text)
					if f.Places[fault.Path].Start.Line == 0 {
						t.Errorf("%s has no place", fault.Text)
					}
				}
			}
			got := strings.Join(all, "\n")
			if !strings.Contains(got, c.want) || c.want == "" && got != "" {
				t.Errorf("found\n%s\nwant %q\n%s", got, c.want, said(p))
			}
		})
	}
}

// TestDelayBesideMaster: Keepalived clears preempt_delay beside state MASTER.
func TestDelayBesideMaster(t *testing.T) {
	p := read(write(t, map[string]string{"lb1/keepalived.conf": vrrp("state MASTER; preempt_delay 60"),
		"lb2/keepalived.conf": vrrp("state BACKUP; preempt_delay 60; priority 90")}))
	m := p.Routers()[0].Members
	if m[0].Delay != 0 || m[1].Delay != time.Minute {
		t.Errorf("delays %s and %s, want 0 and 1m", m[0].Delay, m[1].Delay)
	}
}

func TestHAProxyIsRecognised(t *testing.T) {
	for script, want := range map[string]bool{
		"killall -0 haproxy": true, "/usr/bin/pgrep -x haproxy": true, "pidof haproxy": true,
		"/usr/bin/systemctl is-active --quiet haproxy":     true,
		"/bin/sh -c 'kill -0 $(cat /var/run/haproxy.pid)'": true, "/etc/keepalived/check_haproxy.sh": true, "/etc/keepalived/check.sh": true,
		"/etc/keepalived/other.sh":            false,
		"/usr/bin/curl -sf http://localhost/": true, "/usr/bin/nc -z 127.0.0.1 8080": false, "/usr/bin/nc -z 127.0.0.1 80": true,
		"/usr/bin/killall -0 nginx": false,
	} {
		p := read(write(t, map[string]string{
			"lb1/etc/keepalived/keepalived.conf": "vrrp_script a {\n    script \"" + script + "\"\n}\n", "lb1/etc/haproxy/haproxy.cfg": cfg,
			"lb1/etc/keepalived/check.sh": "#!/bin/sh\npidof haproxy\n", "lb1/etc/keepalived/other.sh": "#!/bin/sh\npidof nginx\n",
		}))
		n := p.Nodes[0]
		if got := n.AsksHAProxy(n.Keepalived.Block("vrrp_script", "a")); got != want {
			t.Errorf("%s: %t, want %t\n%s", script, got, want, said(p))
		}
	}
}
