package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/cli"
)

// TestSitesOfInit makes twelve sites from flags. No rule has anything to say of one, every
// failure leaves a node that serves, the real daemons read their files, and serve by them.
func TestSitesOfInit(t *testing.T) {
	type kind struct {
		flags []string
		port  string
	}
	// MySQL and PostgreSQL are checked each in a way of its own, and only a web site ends TLS.
	kinds := map[string]kind{
		"web":      {nil, "8080"},
		"web, TLS": {[]string{"--tls", "/etc/haproxy/certs"}, "8080"},
		"tcp":      {[]string{"--kind", "tcp"}, "1883"},
		"k8s-api":  {[]string{"--kind", "k8s-api"}, "6443"}, // TLS goes through
		"mysql":    {[]string{"--kind", "database"}, "3306"},
		"postgres": {[]string{"--kind", "database"}, "5432"},
	}
	type pair struct{ flags, servers []string }
	families := map[string]pair{
		"IPv4": {[]string{"--node", "lb1=10.0.0.11", "--node", "lb2=10.0.0.12", "--vip", "10.0.0.10"}, []string{"10.0.1.21", "10.0.1.22"}},
		"IPv6": {[]string{"--node", "lb1=2001:db8::11", "--node", "lb2=2001:db8::12", "--vip", "2001:db8::10"},
			[]string{"[2001:db8:1::21]", "[2001:db8:1::22]"}},
	}
	dir := t.TempDir()
	var program string
	if !testing.Short() {
		requireNamespaces(t)
		program = newRehearsal(t).program
	}
	for family, pair := range families {
		for kind, k := range kinds {
			t.Run(kind+", "+family, func(t *testing.T) {
				t.Parallel() // as many at a time as there are processors
				site := filepath.Join(dir, strings.NewReplacer(" ", "", ",", "").Replace(kind+family)+".yaml")
				var servers []string
				for _, address := range pair.servers {
					servers = append(servers, address+":"+k.port)
				}
				args := append([]string{"init", "--platform", "debian12", "--backend", "app=" + strings.Join(servers, ",")}, pair.flags...)
				says(t, "", append(append(args, k.flags...), site)...)
				says(t, "app: no findings\n", "lint", "--fail-on", "warning", site)
				says(t, "", "prove", site)
				if program == "" {
					return
				}
				says(t, "haproxy     lb1, lb2  ran: ", "check", site) // warnings count
				steady := exec.CommandContext(t.Context(), program, "rehearse", "--drill", "steady", site)
				if code, out := ran(t, steady); code != cli.ExitOK || !strings.Contains(out, "app: 1 passed") {
					t.Errorf("rehearse: exit code %d\n%s", code, out)
				}
			})
		}
	}
}

// TestInitHasNoOtherKind: a kind more wants a site more above.
func TestInitHasNoOtherKind(t *testing.T) {
	code, out, _ := lbgen(t, "init", "--list")
	if names := strings.Count(out, "\n"); code != cli.ExitOK || names != 4 {
		t.Errorf("exit code %d, %d kinds\n%s", code, names, out)
	}
}
