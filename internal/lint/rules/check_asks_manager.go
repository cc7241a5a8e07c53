package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func checkAsksManager() lint.Rule {
	return lint.Rule{
		ID: "LB1010", Name: "check-asks-manager", Severity: diag.Warning, Since: "0.1",
		Title: "The check asks a manager of services, which may not answer",
		Text: `` + "`systemctl`, `docker`, `podman`, `kubectl` and `crictl`" + ` ask another daemon over a socket of its own.
SELinux and D-Bus refuse that to Keepalived on many systems, a script_user other than root is refused on all, and a
daemon that is busy or restarted answers late: the virtual IPs then leave a node whose service is well. And what
they tell is that something was started. Ask the service itself, by its port or its socket.`,
		Bad: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    track:
      scripts: [{name: own, command: §[/usr/bin/systemctl, is-active, --quiet, named]}]
`,
		Good: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    track:
      scripts: [{name: own, command: [/usr/bin/dig, +time=1, '@127.0.0.1', example.com]}]
`,
		Run: func(p *lint.Pass) {
			ownScripts(p, func(path diag.Path, words []string) {
				if name := program(words); slices.Contains(strings.Fields("systemctl service docker podman kubectl crictl"), name) {
					p.Report(lint.Finding{Path: path, Summary: fmt.Sprintf("%s asks another daemon, and may be refused or wait", name),
						Detail: "ask the service itself, by its port or its socket"})
				}
			})
		},
	}
}
