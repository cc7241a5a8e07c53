package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/booted"
	"github.com/lbgen/lbgen/internal/cli"
	"github.com/lbgen/lbgen/internal/testenv"
)

// bootable is a pair without a firewall, as Debian has none by itself.
const bootable = `version: 1
site: bootable
platform: debian12
nics:
  front: {device: ens224, subnet: 172.16.110.0/24}
  web: {device: ens256, subnet: 192.168.50.0/24}
nodes:
  - {name: lb1, priority: 150, addresses: {front: 172.16.110.71, web: 192.168.50.71}}
  - {name: lb2, priority: 100, addresses: {front: 172.16.110.72, web: 192.168.50.72}}
vrrp:
  - {name: VI_1, nic: front, virtual_router_id: 1, vips: [172.16.110.70], auth_pass: {env: LBGEN_BOOT_TEST}, track: {haproxy: WATCH}}
frontends: [{name: web, binds: [{vip: VI_1, port: 80}], default_backend: app}]
backends:
  - {name: app, servers: [{name: s1, address: 192.168.50.61:80}, {name: s2, address: 192.168.50.62:80}]}
`

// rehearsed is what --format json prints of drills.
type rehearsed struct {
	Stubs  []string
	Drills []struct {
		Drill, Verdict, Why string
		Steps               []struct {
			Title, Verdict string
			Requests       int
			After          []struct{ Nodes []string }
		}
	}
	Daemons []struct{ Program string }
}

// boots rehearses the site with nodes that boot, and returns the exit code and what came of it.
func boots(t *testing.T, watch string, drills ...string) (int, rehearsed) {
	t.Helper()
	testenv.Machine(t)
	testenv.Programs(t, "haproxy", "keepalived", "rsyslogd")
	for _, missing := range booted.Missing() {
		unable(t, "nodes cannot boot here: %s", missing)
	}
	dir := t.TempDir()
	program, site := filepath.Join(dir, "lbgen"), filepath.Join(dir, "site.yaml")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.WriteFile(site, []byte(strings.Replace(bootable, "WATCH", watch, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"rehearse", "--boot", "--quiet", "--format", "json", "--drill", strings.Join(drills, ","), site}
	c := exec.CommandContext(t.Context(), program, args...)
	var talk strings.Builder
	c.Stderr = &talk
	out, _ := c.Output()
	var r rehearsed
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("%v: %s%s", err, out, talk.String())
	}
	return c.ProcessState.ExitCode(), r
}

// TestRehearseBoot has the nodes boot, an installation on them undone under load, and the
// master rebooted.
func TestRehearseBoot(t *testing.T) {
	code, r := boots(t, "{interval: 2s, fall: 2}", "reboot-lb1", "undo")
	if len(r.Drills) != 2 || len(r.Drills[0].Steps) != 2 || len(r.Drills[1].Steps) != 4 {
		t.Fatalf("exit code %d: %+v", code, r)
	}
	busy := code == cli.ExitInconclusive
	if code != cli.ExitOK && !busy {
		t.Errorf("exit code %d", code)
	}
	for _, d := range r.Drills {
		if d.Verdict != "passed" && !busy {
			t.Errorf("%s %s: %s", d.Drill, d.Verdict, d.Why)
		}
		for _, s := range d.Steps {
			if s.Requests == 0 {
				t.Errorf("%s: nobody has asked", s.Title)
			}
		}
	}
	if after := r.Drills[0].Steps[0].After; !busy && (len(after) != 1 || strings.Join(after[0].Nodes, " ") != "lb2") {
		t.Errorf("master after lb1 has gone down: %v", after)
	}
	for _, s := range r.Stubs {
		if strings.Contains(s, "systemd") || strings.Contains(s, "rsyslog") {
			t.Errorf("simulated: %s", s)
		}
	}
	if len(r.Daemons) != 4 || r.Daemons[0].Program != "lb1" {
		t.Errorf("what ran: %v", r.Daemons)
	}
	if busy {
		t.Skip("this machine was too busy to judge")
	}
}

// TestRehearseBootFails has a pair whose HAProxy may end without anybody taking over: the
// weight of its check is less than what lies between the priorities.
func TestRehearseBootFails(t *testing.T) {
	code, r := boots(t, "{interval: 1s, fall: 2, weight: -10}", "haproxy-stopped")
	if code != cli.ExitFindings || r.Drills[0].Verdict != "failed" || !strings.Contains(r.Drills[0].Why, "does not serve") {
		t.Errorf("exit code %d: %+v", code, r)
	}
}

// TestRehearseBootRefuses says why nodes do not boot.
func TestRehearseBootRefuses(t *testing.T) {
	dir := t.TempDir()
	site := filepath.Join(dir, "site.yaml")
	if err := os.WriteFile(site, []byte(strings.Replace(bootable, "WATCH", "{interval: 2s}", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(dir, "root", "etc")
	if err := os.MkdirAll(root, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "os-release"), []byte("ID=\"rocky\"\nVERSION_ID=\"9.5\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"--root lb1=/", cli.ExitUsage, "--root is of use with --boot only"},
		{"--boot --clean", cli.ExitUsage, "--clean"},
		{"--boot --haproxy /usr/sbin/haproxy", cli.ExitUsage, "--haproxy goes without --boot"},
		{"--boot --root lb9=/", cli.ExitUsage, "the site has no node lb9"},
		{"--boot --root /", cli.ExitUsage, "NAME=DIR|TAR"},
		{"--boot --drill vrrp-blocked-front", cli.ExitUsage, "this site has no drill"},
		{"--boot --root lb1=" + filepath.Dir(root), cli.ExitFailure, "lb1 is for debian12, and " + filepath.Dir(root) + " is rocky 9.5"},
	} {
		args := append([]string{"rehearse"}, strings.Fields(c.args)...)
		if !strings.Contains(c.args, "--clean") {
			args = append(args, site)
		}
		var said strings.Builder
		code := cli.Run(t.Context(), args, cli.Streams{In: strings.NewReader(""), Out: &said, Err: &said, Getenv: os.LookupEnv})
		if missing := strings.Join(booted.Missing(), "; "); c.code == cli.ExitFailure && missing != "" {
			c.want = "nodes cannot boot here: " + missing
		}
		if code != c.code || !strings.Contains(said.String(), c.want) {
			t.Errorf("%s: exit code %d, want %d with %q:\n%s", c.args, code, c.code, c.want, said.String())
		}
	}
}
