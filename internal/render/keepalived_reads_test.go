package render

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/testbox"
)

// commandSite has a script of its own with the arguments %s.
const commandSite = `version: 1
site: a
platform: debian12
nics: {lan: {device: eth0, subnet: 192.0.2.0/24}}
nodes: [{name: a, priority: 2, addresses: {lan: 192.0.2.1}}, {name: b, priority: 1, addresses: {lan: 192.0.2.2}}]
vrrp:
  - name: v
    nic: lan
    virtual_router_id: 7
    auth_pass: hunter2
    vips: [192.0.2.9]
    track: {haproxy: false, scripts: [{name: s, command: [/usr/bin/true, %s]}]}
frontends: [{name: http, binds: [{nic: lan, ports: [80]}], default_backend: app}]
backends: [{name: app, servers: [{name: app1, address: 192.0.2.21:80}]}]
`

// TestKeepalivedReadsTheCommand has a real Keepalived say what it runs: the
// arguments that the model lets through arrive as they were, each as one.
func TestKeepalivedReadsTheCommand(t *testing.T) {
	testbox.NeedRoot(t)
	testbox.NeedTools(t, "keepalived")
	var arguments, written []string
	for _, w := range slices.Concat(nasty, []string{"~LST(a)", "include", "}", "{", "${X}", "-", "--", "a\tb", "<", "*", "@^a", "!x"}) {
		text := fmt.Sprintf("%q", w)
		if _, _, found := model.Load("site.yaml", []byte(fmt.Sprintf(commandSite, text))); !found.HasErrors() {
			arguments, written = append(arguments, "'"+w+"'"), append(written, text)
		}
	}
	if len(arguments) < 10 {
		t.Fatalf("only %q are let through", arguments)
	}
	site, _, found := model.Load("site.yaml", []byte(fmt.Sprintf(commandSite, strings.Join(written, ", "))))
	if found.HasErrors() {
		t.Fatal(found)
	}
	file := filepath.Join(t.TempDir(), "keepalived.conf")
	if err := os.WriteFile(file, fileOf(t, setsFor(t, site)[0], "etc/keepalived/keepalived.conf").Data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("unshare", "-mn", "sh", "testdata/keepalived.sh", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	if want := "Command = '/usr/bin/true' " + strings.Join(arguments, " ") + "\n"; !strings.Contains(string(out), want) {
		t.Errorf("Keepalived does not run\n%s\n%s", want, out)
	}
}
