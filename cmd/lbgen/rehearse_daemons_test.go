//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/cli"
)

// quick is a pair whose failovers take tenths of a second.
const quick = `version: 1
site: quick
platform: debian12
nics: {front: {device: eth0, subnet: 192.0.2.0/24}}
nodes:
  - {name: lb1, priority: 150, addresses: {front: 192.0.2.11}}
  - {name: lb2, priority: 100, addresses: {front: 192.0.2.12}}
vrrp:
  - {name: VI, nic: front, virtual_router_id: 7, version: 3, advert_int: 100ms, vips: [192.0.2.10], track: {haproxy: {interval: 1s}}}
frontends: [{name: web, binds: [{vip: VI, port: 80}], default_backend: app}]
backends: [{name: app, servers: [{name: s1, address: 192.0.2.21:80}]}]
`

// script writes a program in the place of a daemon.
func script(t *testing.T, dir, name, text string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
		t.Fatal(err)
	}
	return file
}

// otherDaemons rehearses with a HAProxy of PATH, and a Keepalived that ends at once.
func otherDaemons(t *testing.T, r rehearsal) {
	dir := t.TempDir()
	script(t, dir, "haproxy", "[ \"$1\" != -v ] || { echo 'HAProxy version 9.8.7-x 2030/01/02'; exit; }\nexec /usr/sbin/haproxy \"$@\"\n")
	broken := script(t, dir, "broken", "echo 'the library that it wants is not here' >&2\nexit 3\n")
	c := exec.CommandContext(t.Context(), r.program, "rehearse", "--keepalived", broken, "--drill", "steady", r.site)
	c.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
	code, text := ran(t, c)
	for _, want := range []string{
		"Keepalived on prslb01 does not start (exit status 3): the library that it wants is not here",
		"ran: haproxy 9.8.7-x (" + dir + "/haproxy)\n", "ran: keepalived of unknown version (" + broken + ")\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if code != cli.ExitFindings || t.Failed() {
		t.Errorf("exit code %d\n%s", code, text)
	}
}

// inconclusive rehearses with a Keepalived that does not do what its file says,
// which is red where the kernel tells of no task that waits for a processor, and
// is not where it tells that some do all the time.
func inconclusive(t *testing.T, r rehearsal) {
	dir := t.TempDir()
	site := filepath.Join(dir, "site.yaml")
	if err := os.WriteFile(site, []byte(quick), 0o644); err != nil {
		t.Fatal(err)
	}
	slow := script(t, dir, "keepalived", "[ \"$1\" != -v ] || exit 0\nsed 's/advert_int .*/advert_int 1/' /etc/keepalived/keepalived.conf "+
		">/tmp/slow.conf\n"+
		"exec /usr/sbin/keepalived -n -f /tmp/slow.conf\n")
	args := []string{"rehearse", "--keepalived", slow, "--drill", "node-lost", site}
	pressure := filepath.Join(dir, "pressure")
	told := func(since time.Duration) {
		us := since.Microseconds()
		if err := os.WriteFile(pressure, []byte(fmt.Sprintf("some avg10=99.00 avg60=99.00 avg300=99.00 total=%d\n", us)), 0o644); err != nil {
			t.Error(err)
		}
	}
	in := append([]string{"--mount", "sh", "-c", `mount --bind "$0" /proc/pressure/cpu && exec "$@"`, pressure, r.program}, args...)
	told(time.Hour)
	if code, text := ran(t, exec.CommandContext(t.Context(), "unshare", in...)); code != cli.ExitFindings {
		t.Errorf("quiet: exit code %d\n%s", code, text)
	}
	stop, stopped, begin := make(chan struct{}), make(chan struct{}), time.Now()
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
				told(time.Hour + time.Since(begin))
			}
		}
	}()
	defer func() { close(stop); <-stopped }()
	code, text := ran(t, exec.CommandContext(t.Context(), "unshare", in...))
	if code != cli.ExitInconclusive || !strings.Contains(text, "1 inconclusive") {
		t.Errorf("busy: exit code %d\n%s", code, text)
	}
}
